package file

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
)

// now is later than all stamps of these tests.
var now = time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC).UnixNano()

// write puts files into a new folder and returns it.
func write(t testing.TB, files map[string]string) string {
	dir := t.TempDir()
	for name, text := range files {
		p := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(p), 0o755))
		require.NoError(t, os.WriteFile(p, []byte(text), 0o600))
	}
	return dir
}

func open(t testing.TB, o Options, paths ...string) *Source {
	if o.Now == 0 {
		o.Now = now
	}
	s, err := Open(context.Background(), paths, o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// records reads a source and writes each record as a line; the coverage must add up.
func records(t testing.TB, s *Source, q ingest.Query) ([]string, event.Coverage) {
	parts, err := s.Parts(context.Background(), q)
	require.NoError(t, err)
	var list []string
	cov := event.Coverage{Source: s.Name()}
	for _, p := range parts {
		for b, err := range p.Read(context.Background()) {
			require.NoError(t, err)
			require.NoError(t, b.Coverage.Check())
			require.Len(t, b.Records, int(b.Coverage.Kept))
			cov.Add(b.Coverage)
			for i := range b.Records {
				list = append(list, show(b, &b.Records[i]))
			}
		}
	}
	return list, cov
}

// show writes a record in one line.
func show(b *event.Batch, r *event.Record) string {
	service, instance := string(r.Service), string(r.Instance)
	if service == "" && instance == "" {
		service, instance = b.Component.Name, b.Component.Instance
	}
	s := fmt.Sprintf("%s:%d %s %s %s/%s %q", filepath.Base(b.Origin.Path), r.Line, event.Time(r.Time).Format("01-02T15:04:05.999"), r.Severity, service, instance, r.Message)
	if len(r.Detail) > 0 {
		s += fmt.Sprintf(" + %q", r.Detail)
	}
	if r.Borrowed {
		s += " borrowed"
	}
	return s
}

func gz(t testing.TB, text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

func zst(t testing.TB, text string) string {
	w, err := zstd.NewWriter(nil)
	require.NoError(t, err)
	return string(w.EncodeAll([]byte(text), nil))
}

func TestFolder(t *testing.T) {
	dir := write(t, map[string]string{
		"README.md":    "2025-10-14T03:15:22Z not evidence\n",
		"hindcast.yml": "a: b\n",
		"api/orders-7d9f8b6c5-x2x7q.log": `{"@timestamp":"2025-10-14T03:15:22.104Z","log.level":"error","message":"pool exhausted","service.name":"orders","error":{"message":"timeout","stack_trace":"a\n\tat b"}}
{"@timestamp":"2025-10-14T03:15:23Z","log":{"level":"info"},"message":"ok"}
`,
		"gateway.log.gz":         gz(t, "time=2025-10-14T03:15:22Z level=warn msg=\"slow \\\"upstream\\\"\" took=3s\ntime=2025-10-14T03:15:25Z level=info msg=fine\n"),
		"backoffice/sidekiq.log": "2025-10-14T03:15:22.104Z pid=1 tid=abc class=ChargeJob jid=8a1c INFO: start\n",
		"billing.log": `2025-10-14 03:15:22,104 ERROR [main] com.acme.Billing - charge refused
java.lang.IllegalStateException: no connection
	at com.acme.Pool.take(Pool.java:12)
2025-10-14 03:15:23,104 INFO  [main] com.acme.Billing - charged
`,
		"containers/web_shop_web-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.log": `2025-10-14T03:15:22.104566789Z stderr P one
2025-10-14T03:15:22.104566999Z stderr F  line
2025-10-14T03:15:23.104566789Z stdout F two
`,
		"syslog.zst": zst(t, `Oct 14 03:15:22 db-1 kernel: [12345.678901] Out of memory: Killed process 4242 (postgres)
Oct 14 03:15:23 db-1 sshd[881]: error: no more sessions
`),
	})
	got, cov := records(t, open(t, Options{}, dir), ingest.Query{})
	require.Empty(t, cov.Gaps)
	require.Equal(t, []string{
		`orders-7d9f8b6c5-x2x7q.log:1 10-14T03:15:22.104 error orders/ "pool exhausted" + "timeout\na\n\tat b"`,
		`orders-7d9f8b6c5-x2x7q.log:2 10-14T03:15:23 info orders/orders-7d9f8b6c5-x2x7q "ok"`,
		`sidekiq.log:1 10-14T03:15:22.104 info backoffice/ "start"`,
		`billing.log:1 10-14T03:15:22.104 error billing/ "charge refused" + "java.lang.IllegalStateException: no connection\n\tat com.acme.Pool.take(Pool.java:12)"`,
		`billing.log:4 10-14T03:15:23.104 info billing/ "charged"`,
		`web_shop_web-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.log:1 10-14T03:15:22.104 unknown web/web "one line"`,
		`web_shop_web-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.log:3 10-14T03:15:23.104 unknown web/web "two"`,
		`gateway.log.gz:1 10-14T03:15:22 warn gateway/ "slow \"upstream\""`,
		`gateway.log.gz:2 10-14T03:15:25 info gateway/ "fine"`,
		`syslog.zst:1 10-14T03:15:22 unknown kernel/db-1 "Out of memory: Killed process 4242 (postgres)"`,
		`syslog.zst:2 10-14T03:15:23 error sshd/db-1 "error: no more sessions"`,
	}, got)
	require.True(t, strings.HasPrefix(dir, "/"))
}
