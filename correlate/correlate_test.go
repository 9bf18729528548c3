package correlate

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/correlate/summary"
	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/ingest/event"
)

const minute = int64(60e9)

// incident makes a small one: a deploy of orders, whose pool then is full, and errors of its caller.
func incident(r *rand.Rand) (event.Window, []event.Record, []event.Event) {
	t := int64(1760000000e9)
	w := event.Window{
		Range: event.Range{From: t, To: t + 30*minute}, Baseline: event.Range{From: t - 60*minute, To: t},
		Lookback: event.Range{From: t - 24*60*minute, To: t}, Source: "from --from and --to",
	}
	var records []event.Record
	add := func(at int64, service string, s event.Severity, format string, args ...any) {
		records = append(records, event.Record{
			Time: at, Line: int64(len(records) + 1), Service: []byte(service), Instance: []byte(service + "-1"), Severity: s, Message: fmt.Appendf(nil, format, args...),
		})
	}
	for at := w.Baseline.From; at < w.To; at += 2e9 + r.Int64N(1e9) {
		add(at, "checkout", event.Info, "order %d placed in %d ms", r.IntN(1e6), 20+r.IntN(30))
		add(at+1e6, "orders", event.Info, "GET /orders/%d 200", r.IntN(1e6))
		if r.IntN(40) == 0 {
			add(at+2e6, "checkout", event.Warn, "slow answer from payments: %d ms", 900+r.IntN(300))
		}
		if at > t+5*minute && at < t+20*minute {
			add(at+3e6, "orders", event.Error, "HikariPool-1 - Connection is not available, request timed out after 30000ms (total=20, active=20, idle=0, waiting=%d)", r.IntN(50))
			add(at+4e6, "checkout", event.Error, "POST http://orders:8080/orders failed: 503 Service Unavailable")
		}
	}
	events := []event.Event{
		{Time: t + 4*minute, Kind: event.Change, Name: "deploy", Component: event.Component{Name: "orders"}, Title: "deploy of orders 2.41.0", ID: "d-1"},
		{Time: t - 20*minute, Kind: event.Change, Name: "deploy", Component: event.Component{Name: "search"}, Title: "deploy of search 7.1.0", ID: "d-0"},
		{Time: t + 7*minute, Kind: event.Alert, Name: "CheckoutErrors", State: "firing", Component: event.Component{Name: "checkout"}, Labels: map[string]string{"severity": "critical"}},
		{Time: t + 21*minute, Kind: event.Alert, Name: "CheckoutErrors", State: "resolved", Component: event.Component{Name: "checkout"}, Labels: map[string]string{"severity": "critical"}},
	}
	return w, records, events
}

func explain(t *testing.T, e *Engine, parts []*summary.Summary) *timeline.Timeline {
	t.Helper()
	out, err := e.Explain(t.Context(), parts, []event.Coverage{{Source: "files", Read: 1, Kept: 1}})
	require.NoError(t, err)
	return out
}

// TestSameBytes splits one incident over workers in many ways: the report must not know.
func TestSameBytes(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	w, records, events := incident(r)
	var topology event.Topology
	topology.AddCall("checkout", "orders")
	e, err := New(Options{Window: w, Topology: topology})
	require.NoError(t, err)
	var want string
	for round := range 6 {
		parts := make([]*summary.Summary, 1+round)
		for i := range parts {
			parts[i] = e.Observer()
		}
		if round > 0 {
			r.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
		}
		parts[len(parts)-1].Observe(&event.Batch{Events: events})
		for i := 0; i < len(records); i += 100 {
			parts[r.IntN(len(parts))].Observe(&event.Batch{Origin: event.Origin{Path: "a.log"}, Records: records[i:min(i+100, len(records))]})
		}
		got, err := json.Marshal(explain(t, e, parts))
		require.NoError(t, err)
		if round == 0 {
			want = string(got)
		}
		require.Equal(t, want, string(got))
	}
}

func TestExplains(t *testing.T) {
	w, records, events := incident(rand.New(rand.NewPCG(6, 6)))
	var topology event.Topology
	topology.AddCall("checkout", "orders")
	e, err := New(Options{Window: w, Topology: topology})
	require.NoError(t, err)
	s := e.Observer()
	s.Observe(&event.Batch{Origin: event.Origin{Path: "a.log"}, Records: records, Events: events})
	got := explain(t, e, []*summary.Summary{s})
	require.Equal(t, timeline.Found, got.Verdict)
	require.NotEmpty(t, got.Suspects)
	require.Equal(t, "orders", got.Suspects[0].Component)
	require.NotNil(t, got.Suspects[0].Change)
	require.Equal(t, "d-1", *got.Suspects[0].Change)
	ids := map[string]bool{}
	for _, ev := range got.Evidence {
		ids[ev.ID] = true
	}
	for _, entry := range got.Entries {
		require.NotEmpty(t, entry.Evidence, entry.Title)
		for _, id := range entry.Evidence {
			require.True(t, ids[id], "evidence %s of %s is there", id, entry.Title)
		}
	}
	for _, sentence := range got.Summary {
		require.NotEmpty(t, sentence.Evidence, sentence.Text)
	}
}

func TestQuiet(t *testing.T) {
	w, records, events := incident(rand.New(rand.NewPCG(7, 7)))
	quiet := records[:0]
	for _, rec := range records {
		if rec.Severity < event.Error {
			quiet = append(quiet, rec)
		}
	}
	e, err := New(Options{Window: w})
	require.NoError(t, err)
	s := e.Observer()
	s.Observe(&event.Batch{Origin: event.Origin{Path: "a.log"}, Records: quiet, Events: events[:2]})
	got := explain(t, e, []*summary.Summary{s})
	require.Equal(t, timeline.NothingUnusual, got.Verdict)
	require.Empty(t, got.Suspects)
}
