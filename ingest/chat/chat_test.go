package chat

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/document/documenttest"
)

func TestGolden(t *testing.T) { documenttest.Golden(t, Recognise, Decode) }

func TestNotRecognised(t *testing.T) { documenttest.NotRecognised(t, Recognise) }

// Logs that look like chats are none.
func TestLogsAreNoChats(t *testing.T) {
	for _, head := range []string{
		"2025-10-14 03:15:22 sshd: accepted\n2025-10-14 03:15:23 cron: started\n",
		"2025-10-14 03:15 ERROR: boom\n2025-10-14 03:16 INFO: fine\n",
		"[2025-10-14 03:15:22] <error> boom\n[2025-10-14 03:15:22] <info> fine\n",
		"2025-10-14 03:15:22.104 [error] <0.689.0> Channel error\n",
		"03:15 alice: no day\n03:16 bob: none either\n",
		"Oct 14 03:15:22 web-1 nginx: reload\n",
		"2025-10-14T03:15:22Z app: started\n",
		"2025-10-14 03:15:22 TLS Error: TLS key negotiation failed\n2025-10-14 03:15:23 Initialization Sequence Completed\n",
		"10/14/2025 3:15:22 AM ERROR OrdersService: cannot open database\n",
		"[2025-10-14 03:15:22] Kernel Panic: not syncing\n",
		"prose\nand more prose\n",
	} {
		require.False(t, Recognise([]byte(head)), head)
	}
}

func FuzzDecode(f *testing.F) { documenttest.Fuzz(f, Recognise, Decode) }
