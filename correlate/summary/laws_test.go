package summary

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/correlate/match"
	"github.com/hindcast/hindcast/ingest/event"
)

var hour = int64(3600e9)

func window() event.Window {
	t := int64(1760000000e9)
	return event.Window{
		Range: event.Range{From: t, To: t + hour}, Baseline: event.Range{From: t - 2*hour, To: t}, Lookback: event.Range{From: t - 72*hour, To: t},
	}
}

// randomRecords makes records of a few services with texts of many shapes, some of them with details and statuses.
func randomRecords(r *rand.Rand, n, shapes int) []event.Record {
	w := window()
	words := []string{"alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"}
	out := make([]event.Record, n)
	for i := range out {
		k := r.IntN(shapes)
		msg := fmt.Sprintf("%s %s %s took %d ms", words[k%10], words[k/10%10], words[k/100%10], r.IntN(1000))
		if k%7 == 0 {
			msg = fmt.Sprintf("pool exhausted (total=%d, active=%d) for orders-db:%d", r.IntN(9), r.IntN(99), 5432)
		}
		out[i] = event.Record{
			Time: w.Lookback.From + r.Int64N(w.To-w.Lookback.From), Line: int64(i + 1), Severity: event.Severity(r.IntN(8)),
			Service: fmt.Appendf(nil, "svc-%s", words[r.IntN(4)]), Instance: fmt.Appendf(nil, "host-%s", words[r.IntN(3)]), Message: []byte(msg),
		}
		if r.IntN(5) == 0 {
			out[i].Detail = fmt.Appendf(nil, "java.lang.IllegalStateException: %s\n\tat com.example.App(App.java:%d)", words[r.IntN(10)], r.IntN(100))
		}
		if r.IntN(4) == 0 {
			out[i].Status, out[i].Duration = int16(200+r.IntN(4)*100), r.Int64N(5e9)
		}
	}
	return out
}

// readOut is everything that can be read off a Summary.
type readOut struct {
	Shapes     []Shape
	Components []Component
	Streams    []Stream
	Matches    []Match
	Events     []event.Event
	Series     []event.Series
	Folded     float64
	Outside    int64
}

func read(s *Summary) readOut {
	m := s.Matches()
	for i := range m { // the capture's places are not read
		m[i].in, m[i].before = nil, nil
	}
	return readOut{s.Shapes(), s.Components(), s.Streams(), m, s.Events(), s.Series(), s.Folded(), s.Outside()}
}

func observe(o Options, records []event.Record, batch int) *Summary {
	s := New(o)
	for len(records) > 0 {
		n := min(batch, len(records))
		s.Observe(&event.Batch{Origin: event.Origin{Source: "files", Path: "a.log"}, Records: records[:n], Events: []event.Event{}})
		records = records[n:]
	}
	return s
}

func matchers(t testing.TB) *match.Set {
	set, err := match.Compile([]match.Log{
		{Contains: []string{"pool exhausted"}, Regexp: `total=(?P<total>\d+), active=(?P<active>\d+)\) for (?P<target>[a-z-]+)`},
		{Contains: []string{"IllegalState"}},
		{Contains: []string{"alpha"}, Where: "severity >= 4"},
	})
	require.NoError(t, err)
	return set
}

// TestLaws splits the same records over workers in random ways and orders, and merges them in random orders: the
// result must be the same to the last exemplar, also where the limit on shapes is met.
func TestLaws(t *testing.T) {
	for _, most := range []int{0, 100, 7, 1} {
		t.Run(strconv.Itoa(most), func(t *testing.T) {
			o := Options{Window: window(), Matchers: matchers(t), MaxShapes: most}
			r := rand.New(rand.NewPCG(1, uint64(most)))
			records := randomRecords(r, 3000, 400)
			want := read(observe(o, records, 512))
			require.NotEmpty(t, want.Matches)
			require.Equal(t, most != 0, want.Folded > 0)
			for range 12 {
				r.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
				var parts []*Summary
				rest := records
				for len(rest) > 0 {
					n := 1 + r.IntN(len(rest))
					parts = append(parts, observe(o, rest[:n], 1+r.IntN(600)))
					rest = rest[n:]
				}
				for len(parts) > 1 { // any tree of merges
					i, j := r.IntN(len(parts)), r.IntN(len(parts))
					if i == j {
						continue
					}
					parts[i].Merge(parts[j])
					parts = append(parts[:j], parts[j+1:]...)
				}
				require.Equal(t, want, read(parts[0]))
			}
		})
	}
}

// Documents of a server have ids instead of lines. Of many with the same time the same ones are kept in any order.
func TestLawsForDocuments(t *testing.T) {
	o := Options{Window: window(), Matchers: matchers(t)}
	r := rand.New(rand.NewPCG(3, 7))
	records := randomRecords(r, 500, 20)
	for i := range records {
		records[i].ID, records[i].Line = fmt.Appendf(nil, "doc-%d", i), 0
		records[i].Time = o.Window.From + int64(i%3)*int64(time.Second)
	}
	want := read(observe(o, records, 512))
	for range 12 {
		r.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
		a, b := observe(o, records[:200], 512), observe(o, records[200:], 64)
		b.Merge(a)
		require.Equal(t, want, read(b))
	}
}

func TestBounded(t *testing.T) {
	o := Options{Window: window(), MaxShapes: 50}
	r := rand.New(rand.NewPCG(2, 2))
	s := observe(o, randomRecords(r, 20000, 1000), 512)
	plain := 0
	for _, sh := range s.Shapes() {
		if !sh.Coarse {
			plain++
		}
	}
	require.LessOrEqual(t, plain, 50)
	var n int64
	for _, sh := range s.Shapes() {
		n += sh.Count
	}
	require.Equal(t, int64(20000), n, "folding loses no record")
}

func TestLayout(t *testing.T) {
	w := window()
	l := NewLayout(w)
	for i := range int32(l.Len()) {
		b := l.Bounds(i)
		require.Less(t, b.From, b.To)
		first, ok := l.Index(b.From)
		require.True(t, ok)
		require.Equal(t, i, first)
		last, ok := l.Index(b.To - 1)
		require.True(t, ok)
		require.Equal(t, i, last)
	}
	_, ok := l.Index(w.To)
	require.False(t, ok)
	_, ok = l.Index(w.Lookback.From - 1)
	require.False(t, ok)
	from, to := l.Span(w.Range)
	require.Equal(t, w.From, l.Bounds(from).From)
	require.Equal(t, int32(l.Len()), to)
}

func TestLatencyBins(t *testing.T) {
	for _, ns := range []int64{1000, 5e3, 17e3, 1e6, 250e6, 45e9, 3600e9} {
		got := latencyOf(latencyBin(ns))
		require.InEpsilon(t, float64(ns)/1e9, got, 0.13+500/float64(ns), ns)
	}
	prev := int32(-1)
	for ns := int64(1000); ns < 1e12; ns += ns / 16 {
		b := latencyBin(ns)
		require.GreaterOrEqual(t, b, prev)
		prev = b
	}
}

func BenchmarkObserve(b *testing.B) {
	r := rand.New(rand.NewPCG(3, 3))
	records := randomRecords(r, 4096, 100)
	for i := range records {
		records[i].Detail = nil
		records[i].Time = window().From + int64(i)*int64(1e6)
	}
	batch := &event.Batch{Records: records}
	s := New(Options{Window: window(), Matchers: matchers(b)})
	s.Observe(batch)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		s.Observe(batch)
		n += len(records)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/record")
}
