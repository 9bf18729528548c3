package file

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/ingesttest"
)

// promised is a folder with a log that is split, small and packed ones, documents and a series.
func promised(t *testing.T) string {
	var web strings.Builder
	for i := range 300 {
		fmt.Fprintf(&web, "{\"@timestamp\":%q,\"log.level\":\"info\",\"service.name\":\"web\",\"message\":\"order %d taken\"}\n",
			time.Date(2025, 10, 14, 3, 0, i, i*1000, time.UTC).Format(time.RFC3339Nano), i)
	}
	return write(t, map[string]string{
		"billing.log":     large(),
		"web.json":        web.String(),
		"packed.log.gz":   gz(t, strings.Repeat("2025-10-14 03:15:22,104 INFO [main] com.acme.Billing - charged\n", 500)),
		"metrics/up.prom": "# TYPE up gauge\nup{job=\"web\"} 1 1760411000.000\nup{job=\"web\"} 0 1760411600.000\n# EOF\n",
		"deploys.json":    `[{"time":"2025-10-14T03:10:00Z","service":"web","version":"1.2.3","kind":"deploy"}]`,
	})
}

// The files keep the promises of a source.
func TestPromises(t *testing.T) {
	dir := promised(t)
	on := func(dir string) func(t *testing.T) ingest.Source {
		return func(t *testing.T) ingest.Source {
			t.Chdir(dir) // so that origins are the same whichever folder it is
			return open(t, Options{}, ".")
		}
	}
	broken := t.TempDir()
	require.NoError(t, os.CopyFS(broken, os.DirFS(dir)))
	packed, err := os.ReadFile(filepath.Join(broken, "packed.log.gz"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(broken, "packed.log.gz"), packed[:len(packed)-9], 0o600))
	ingesttest.Run(t, ingesttest.Subject{
		Open: on(dir), Least: 90_000 + 300 + 500,
		Find:   func(t *testing.T, o event.Origin) string { return lineOf(t, o.Path, o.Line) },
		Broken: map[string]func(t *testing.T) ingest.Source{"cut gzip": on(broken)},
	})
}

// lineOf gives a line of a file.
func lineOf(t *testing.T, path string, n int64) string {
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	lines := bytes.Split(text, []byte("\n"))
	require.Less(t, int(n), len(lines))
	return string(lines[n-1])
}
