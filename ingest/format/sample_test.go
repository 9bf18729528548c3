package format

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/event"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sampleOptions are those that samples are read with: stamps without a year are of the year before the tenth of January.
var sampleOptions = Options{
	Now:    time.Date(2026, 1, 10, 0, 0, 0, 0, time.UTC).UnixNano(),
	Wanted: event.Wanted{"client", "method", "path", "bytes", "trace.id", "db"},
}

// Every testdata/FORMAT/NAME.log is read as NAME.want says: its format, and what became of each record. Those whose
// stamps are times of day alone have time-only in their names.
func TestSamples(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.log")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, path := range files {
		t.Run(strings.TrimSuffix(strings.TrimPrefix(path, "testdata/"), ".log"), func(t *testing.T) {
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			o := sampleOptions
			if strings.Contains(path, "time-only") {
				o.Reference = time.Date(2025, 10, 14, 12, 0, 0, 0, time.UTC).UnixNano()
			}
			got := describe(t, b, o)
			golden := strings.TrimSuffix(path, ".log") + ".want"
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), got)
		})
	}
}

// describe reads a sample and writes a line on its format and one on each record.
func describe(t *testing.T, b []byte, o Options) string {
	p, err := Recognise(b, o)
	require.NoError(t, err)
	records, cov, used := p.Decoder().Block(b, true)
	require.NoError(t, cov.Check())
	require.Equal(t, len(b), used)
	var out strings.Builder
	fmt.Fprintf(&out, "format %s", p.Format)
	if p.Local {
		out.WriteString(", local times")
	}
	if cov.Unparsed > 0 {
		fmt.Fprintf(&out, ", %d unparsed", cov.Unparsed)
	}
	out.WriteByte('\n')
	for _, n := range p.Notes {
		fmt.Fprintf(&out, "note %s\n", n)
	}
	for i := range records {
		out.WriteString(row(&records[i]))
	}
	return out.String()
}

// row writes a record: time, level, service, logger, host, what is known of a request, fields, lines and message.
func row(r *event.Record) string {
	var out strings.Builder
	if r.Borrowed {
		out.WriteByte('~')
	}
	fmt.Fprintf(&out, "%s %-8s %s %s %s", event.Time(r.Time).Format(time.RFC3339Nano), r.Severity, orDash(r.Service), orDash(r.Logger), orDash(r.Instance))
	if r.Status != 0 {
		fmt.Fprintf(&out, " status=%d", r.Status)
	}
	if r.Duration != 0 {
		fmt.Fprintf(&out, " took=%s", time.Duration(r.Duration))
	}
	for _, f := range r.Fields {
		fmt.Fprintf(&out, " %s=%s", f.Key, f.Value)
	}
	lines := 1
	if len(r.Detail) > 0 {
		lines += bytes.Count(r.Detail, []byte{'\n'}) + 1
	}
	message := r.Message
	if len(message) > 80 {
		message = append(message[:80:80], "..."...)
	}
	fmt.Fprintf(&out, " lines=%d %q\n", lines, message)
	return out.String()
}

func orDash(b []byte) string {
	if len(b) == 0 {
		return "-"
	}
	return string(b)
}
