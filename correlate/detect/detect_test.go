package detect

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"github.com/hindcast/hindcast/correlate/summary"
	"github.com/hindcast/hindcast/ingest/event"
)

// The window of all cases: an hour at noon, three hours before it to compare with, and three days to look back.
var (
	noon   = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	window = event.Window{
		Range:    event.Range{From: noon.UnixNano(), To: noon.Add(time.Hour).UnixNano()},
		Baseline: event.Range{From: noon.Add(-3 * time.Hour).UnixNano(), To: noon.UnixNano()},
		Lookback: event.Range{From: noon.Add(-72 * time.Hour).UnixNano(), To: noon.UnixNano()},
	}
)

// TestCases runs the detectors on every file of testdata: what goes in as "input", what must come out as "want", one
// observation a line: kind, component, onset, end, harm and title. A line of input is one of
//
//	series METRIC{LABELS} FROM STEP VALUES...   values as 5x20 (20 samples), 0..80x40 (a ramp), with ~1 for a scatter of 1
//	log SERVICE LEVEL FROM STEP COUNT MESSAGE    # in the message is a number that differs each time
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			require.NoError(t, err)
			require.Len(t, a.Files, 2)
			s := summary.New(summary.Options{Window: window})
			for line := range strings.Lines(string(a.Files[0].Data)) {
				s.Observe(read(t, strings.TrimSpace(line)))
			}
			got, err := Run(context.Background(), Prepare(s, window))
			require.NoError(t, err)
			var b strings.Builder
			for i := range got {
				b.WriteString(tell(&got[i]))
			}
			if os.Getenv("UPDATE") != "" {
				a.Files[1].Data = []byte(b.String())
				require.NoError(t, os.WriteFile(name, txtar.Format(a), 0o644))
			}
			require.Equal(t, string(a.Files[1].Data), b.String())
		})
	}
}

// tell is an observation on a line.
func tell(o *Observation) string {
	end := "-"
	if o.End != 0 {
		end = event.Time(o.End).Format("15:04:05")
	}
	return fmt.Sprintf("%s %s %s %s %+d %s\n", o.Kind, o.Component.Name, event.Time(o.Onset).Format("Jan02 15:04:05"), end, o.Harm, o.Title)
}

// read turns a line of input into a batch.
func read(t *testing.T, line string) *event.Batch {
	t.Helper()
	b := &event.Batch{Origin: event.Origin{Source: "test", Path: "test"}}
	f := strings.Fields(line)
	switch {
	case line == "" || line[0] == '#':
	case f[0] == "series":
		at := moment(t, f[2])
		s := event.Series{Step: int64(span(t, f[3])), Origin: b.Origin}
		s.Name, s.Labels = metric(t, f[1])
		for _, run := range f[4:] {
			for _, v := range values(t, run, len(s.Values)) {
				s.Times, s.Values = append(s.Times, at), append(s.Values, v)
				at += s.Step
			}
		}
		b.Series = append(b.Series, s)
	case f[0] == "log":
		at, step := moment(t, f[3]), int64(span(t, f[4]))
		n, err := strconv.Atoi(f[5])
		require.NoError(t, err)
		b.Component = event.Component{Name: f[1]}
		for i := range n {
			text := strings.ReplaceAll(strings.Join(f[6:], " "), "#", strconv.Itoa(1000+37*i))
			b.Records = append(b.Records, event.Record{Time: at + int64(i)*step, Line: int64(i + 1), Severity: event.ParseSeverity([]byte(f[2])), Message: []byte(text)})
		}
	default:
		require.Fail(t, "unknown line of input", line)
	}
	return b
}

func moment(t *testing.T, s string) int64 {
	t.Helper()
	days := 0
	if day, rest, ok := strings.Cut(s, "d"); ok {
		n, err := strconv.Atoi(day)
		require.NoError(t, err)
		days, s = n, rest
	}
	clock, err := time.Parse("15:04:05", s)
	require.NoError(t, err)
	return time.Date(2026, 3, 10+days, clock.Hour(), clock.Minute(), clock.Second(), 0, time.UTC).UnixNano()
}

func span(t *testing.T, s string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(s)
	require.NoError(t, err)
	return d
}

func metric(t *testing.T, s string) (string, []event.Label) {
	t.Helper()
	name, rest, _ := strings.Cut(strings.TrimSuffix(s, "}"), "{")
	var labels []event.Label
	for pair := range strings.SplitSeq(rest, ",") {
		if k, v, ok := strings.Cut(pair, "="); ok {
			labels = append(labels, event.Label{Name: k, Value: v})
		}
	}
	slices.SortFunc(labels, func(a, b event.Label) int { return strings.Compare(a.Name, b.Name) })
	return name, labels
}

// values reads one run of samples; offset keeps the scatter of runs apart.
func values(t *testing.T, run string, offset int) []float64 {
	t.Helper()
	head, count, ok := strings.Cut(run, "x")
	require.True(t, ok, run)
	n, err := strconv.Atoi(count)
	require.NoError(t, err)
	head, scatter, _ := strings.Cut(head, "~")
	from, to, ramp := strings.Cut(head, "..")
	a, err := strconv.ParseFloat(from, 64)
	require.NoError(t, err)
	z := a
	if ramp {
		z, err = strconv.ParseFloat(to, 64)
		require.NoError(t, err)
	}
	wide := 0.0
	if scatter != "" {
		wide, err = strconv.ParseFloat(scatter, 64)
		require.NoError(t, err)
	}
	out := make([]float64, n)
	for i := range out {
		noise := math.Mod(math.Abs(math.Sin(float64(offset+i)*12.9898))*43758.5453, 1)*2 - 1
		out[i] = a + (z-a)*float64(i)/float64(max(n, 1)) + wide*noise
	}
	return out
}
