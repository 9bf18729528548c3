package alert

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/document/documenttest"
)

func TestGolden(t *testing.T) { documenttest.Golden(t, Recognise, Decode) }

func TestNotRecognised(t *testing.T) { documenttest.NotRecognised(t, Recognise) }

// Logs, changes and requests that speak of alerts are none.
func TestOthersAreNoAlerts(t *testing.T) {
	for _, head := range []string{
		`{"time":"2025-10-14T03:15:00Z","level":"info","msg":"sending","alert":"X"}`,
		`{"@timestamp":"2025-10-14T03:15:00Z","message":"alert X fires","severity":"critical"}`,
		`{"service":"api","version":"1.2","time":"2025-10-14T03:15:00Z","status":"ok"}`,
		`{"name":"api","status":"ok","time":"2025-10-14T03:15:00Z"}`,
		"time,service,version,status\n2025-10-14T03:15:00Z,api,1.2,ok\n",
		"time,level,message\n2025-10-14T03:15:00Z,error,alert\n",
	} {
		require.False(t, Recognise([]byte(head)), head)
	}
}

func FuzzDecode(f *testing.F) { documenttest.Fuzz(f, Recognise, Decode) }
