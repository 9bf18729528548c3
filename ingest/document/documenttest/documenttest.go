// Package documenttest holds every decoder of documents to the same promises, on the files of its testdata.
package documenttest

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/event"
)

var update = flag.Bool("update", false, "write the golden files")

// Decode is the function under test.
type Decode func(ctx context.Context, r io.Reader, o event.Origin, emit func(*event.Batch)) error

// Result is all that a decoder gave for one document.
type Result struct {
	Events   []event.Event
	Series   []event.Series
	Coverage event.Coverage
	Err      error
}

// Run decodes a document and checks that its account adds up.
func Run(t testing.TB, decode Decode, r io.Reader, path string) Result {
	t.Helper()
	var res Result
	res.Err = decode(t.Context(), r, event.Origin{Source: "files", Path: path}, func(b *event.Batch) {
		res.Events = append(res.Events, b.Events...)
		res.Series = append(res.Series, b.Series...)
		res.Coverage.Add(b.Coverage)
	})
	require.NoError(t, res.Coverage.Check())
	return res
}

// Golden decodes each file of testdata, compares what comes out with the file beside it that ends in ".golden", and
// checks that recognise takes the file, that small reads change nothing, that a document cut anywhere gives no more
// than the whole, that a reader's error comes back, and that a cancelled context ends it.
func Golden(t *testing.T, recognise func(head []byte) bool, decode Decode) {
	paths, err := filepath.Glob("testdata/*")
	require.NoError(t, err)
	for _, path := range paths {
		if info, err := os.Stat(path); err != nil || info.IsDir() || strings.HasSuffix(path, ".golden") {
			continue
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			doc, err := os.ReadFile(path)
			require.NoError(t, err)
			require.True(t, recognise(doc[:min(len(doc), 256<<10)]), "not recognised")
			res := Run(t, decode, bytes.NewReader(doc), filepath.Base(path))
			got := Print(res)
			if *update {
				require.NoError(t, os.WriteFile(path+".golden", []byte(got), 0o644))
			}
			want, err := os.ReadFile(path + ".golden")
			require.NoError(t, err)
			require.Equal(t, string(want), got)

			slow := Run(t, decode, iotest.OneByteReader(bytes.NewReader(doc)), filepath.Base(path))
			require.Equal(t, got, Print(slow))
			for cut := 0; cut < len(doc); cut += 1 + len(doc)/97 {
				part := Run(t, decode, bytes.NewReader(doc[:cut]), filepath.Base(path))
				require.LessOrEqual(t, part.Coverage.Kept, res.Coverage.Kept)
			}
			cause := errors.New("the disk is gone")
			failed := Run(t, decode, io.MultiReader(bytes.NewReader(doc[:len(doc)/2]), iotest.ErrReader(cause)), filepath.Base(path))
			require.ErrorIs(t, failed.Err, cause)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			require.ErrorIs(t, decode(ctx, bytes.NewReader(doc), event.Origin{}, func(*event.Batch) {}), context.Canceled)
		})
	}
}

// NotRecognised checks that recognise leaves what other decoders read.
func NotRecognised(t *testing.T, recognise func(head []byte) bool) {
	for name, head := range strangers {
		require.False(t, recognise([]byte(head)), name)
	}
}

// strangers are documents and logs that look a little like evidence that is kept whole.
var strangers = map[string]string{
	"nothing":          "",
	"ECS log":          `{"@timestamp":"2025-10-14T03:15:00.000Z","log.level":"ERROR","message":"deploy failed","service":{"name":"orders","version":"1.2.3"},"ecs":{"version":"8.0"}}` + "\n",
	"zap log":          `{"level":"info","ts":1760411700.1,"caller":"a/b.go:1","msg":"started","service":"orders","version":"v1.2.3","commit":"abc1234"}` + "\n",
	"log of alerts":    `{"time":"2025-10-14T03:15:00Z","level":"warn","alertname":"X","labels":{"alertname":"X"},"msg":"notify"}` + "\n",
	"log of deploys":   `{"timestamp":"2025-10-14T03:15:00Z","severity":"INFO","message":"deploying","service":"orders","version":"2.0.0","environment":"prod","status":"ok"}` + "\n",
	"pino log":         `{"level":30,"time":1760411700000,"pid":1,"hostname":"a","type":"message","text":"hello","msg":"x"}` + "\n",
	"Kubernetes audit": `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a","stage":"ResponseComplete","requestURI":"/api/v1/pods","verb":"list","user":{"username":"u"},"objectRef":{"resource":"pods"},"requestReceivedTimestamp":"2025-10-14T03:15:00.000000Z"}` + "\n",
	"access log":       `{"time":"2025-10-14T03:15:00Z","status":200,"request":"GET / HTTP/1.1","service":"web"}` + "\n",
	"logfmt":           "ts=2025-10-14T03:15:00Z level=info msg=\"deploy done\" version=1.2.3\n",
	"syslog":           "Oct 14 03:15:00 db-1 postgres[12]: commit 1234567890 done\n",
	"access":           "10.0.0.1 - - [14/Oct/2025:03:15:00 +0000] \"GET / HTTP/1.1\" 200 12\n",
	"CSV log":          "time,level,service,version,message\n2025-10-14T03:15:00Z,INFO,orders,1.2.3,started\n",
	"PostgreSQL CSV":   "2025-10-14 03:15:00.123 UTC,\"app\",\"orders\",123,\"10.0.0.1:1234\",66f,1,\"idle\",2025-10-14 03:00:00 UTC,3/0,0,FATAL,53300,\"sorry, too many clients already\",,,,,,,,,\"\"\n",
	"Docker log":       `{"log":"hello\n","stream":"stdout","time":"2025-10-14T03:15:00.123456789Z"}` + "\n",
	"package.json":     `{"name":"web","version":"1.0.0","dependencies":{"a":"1"}}`,
	"GeoJSON":          `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"x"}}]}`,
	"kernel":           "[12345.678901] Out of memory: Killed process 123 (java)\n",
	"apt term log":     "Log started: 2025-10-14  06:25:01\n(Reading database ...\nLog ended: 2025-10-14  06:25:09\n",
	"Markdown":         "# HELP me\n\n- item {a=\"b\"} 1\n",
	"counts":           "a 1\nb 2\nc 3\n",
	"INI":              "[Service]\nExecStart=/usr/bin/x\nRestart=always\n",
}

// Print shows what a decoder gave, for a person and for comparison.
func Print(r Result) string {
	var b strings.Builder
	for i := range r.Events {
		printEvent(&b, &r.Events[i])
	}
	for i := range r.Series {
		printSeries(&b, &r.Series[i])
	}
	c := r.Coverage
	fmt.Fprintf(&b, "read %d, kept %d, unparsed %d", c.Read, c.Kept, c.Unparsed)
	for _, reason := range slices.Sorted(maps.Keys(c.Dropped)) {
		fmt.Fprintf(&b, ", %d dropped: %s", c.Dropped[reason], reason)
	}
	b.WriteByte('\n')
	for _, g := range c.Gaps {
		fmt.Fprintf(&b, "gap at %s: %s", g.Origin, g.Reason)
		if !g.Range.IsZero() {
			fmt.Fprintf(&b, " (%s to %s)", stamp(g.Range.From), stamp(g.Range.To))
		}
		if g.Failed {
			b.WriteString(" (failed)")
		}
		b.WriteByte('\n')
	}
	for _, n := range c.Notes {
		fmt.Fprintf(&b, "note: %s\n", n)
	}
	if r.Err != nil {
		fmt.Fprintf(&b, "error: %v\n", r.Err)
	}
	return b.String()
}

func printEvent(b *strings.Builder, e *event.Event) {
	b.WriteString(stamp(e.Time))
	if e.End != 0 {
		b.WriteString(" to " + stamp(e.End))
	}
	if e.TimeError != 0 {
		fmt.Fprintf(b, " ± %s", time.Duration(e.TimeError))
	}
	fmt.Fprintf(b, " %s %q", e.Kind, e.Name)
	for _, f := range [...][2]string{{"state", e.State}, {"component", e.Component.Name}, {"instance", e.Component.Instance}, {"actor", e.Actor}, {"id", e.ID}} {
		if f[1] != "" {
			fmt.Fprintf(b, " %s=%q", f[0], f[1])
		}
	}
	if e.Severity != event.Unknown {
		fmt.Fprintf(b, " severity=%s", e.Severity)
	}
	if e.Pinned {
		b.WriteString(" pinned")
	}
	if e.Count != 0 {
		fmt.Fprintf(b, " count=%d", e.Count)
	}
	fmt.Fprintf(b, " at %s\n    title %q\n", e.Origin, e.Title)
	if e.Text != "" {
		fmt.Fprintf(b, "    text %q\n", e.Text)
	}
	for _, k := range slices.Sorted(maps.Keys(e.Labels)) {
		fmt.Fprintf(b, "    %s=%q\n", k, e.Labels[k])
	}
}

func printSeries(b *strings.Builder, s *event.Series) {
	c := s.Component()
	fmt.Fprintf(b, "%s of %q (%q), step %s, at %s", s, c.Name, c.Instance, time.Duration(s.Step), s.Origin)
	if s.Expr != "" {
		fmt.Fprintf(b, ", from %s", s.Expr)
	}
	b.WriteByte('\n')
	for i, t := range s.Times {
		fmt.Fprintf(b, "    %s %v\n", stamp(t), s.Values[i])
	}
}

func stamp(ns int64) string { return event.Time(ns).Format(time.RFC3339Nano) }

// Fuzz holds decode to never panic and to an account that adds up, beginning from the files of testdata.
func Fuzz(f *testing.F, recognise func(head []byte) bool, decode Decode) {
	paths, err := filepath.Glob("testdata/*")
	require.NoError(f, err)
	for _, path := range paths {
		doc, err := os.ReadFile(path)
		if err == nil && !strings.HasSuffix(path, ".golden") && len(doc) < 64<<10 {
			f.Add(doc)
		}
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		recognise(doc)
		res := Run(t, decode, bytes.NewReader(doc), "fuzz")
		require.NoError(t, res.Err)
		for i := range res.Series {
			s := &res.Series[i]
			if len(s.Values) != len(s.Times) || !slices.IsSorted(s.Times) {
				t.Fatalf("a series out of order: %s", Print(res))
			}
		}
		for i := range res.Events {
			if e := &res.Events[i]; e.Kind == "" || e.Time == 0 {
				t.Fatalf("an event without kind or time: %s", Print(res))
			}
		}
	})
}
