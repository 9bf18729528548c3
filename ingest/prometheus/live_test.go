package prometheus

import (
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/fetch"
	"github.com/hindcast/hindcast/ingest/ingesttest"
)

// hours is a range from the fake's beginning.
func hours(n float64) event.Range {
	return event.Range{From: from, To: from + int64(n*float64(time.Hour))}
}

// gather reads all that a source gives for a query.
func gather(t *testing.T, s *Source, q ingest.Query) (series []event.Series, events []event.Event, c event.Coverage) {
	t.Helper()
	for b, err := range s.Events(t.Context(), q.Range) {
		require.NoError(t, err)
		events = append(events, b.Events...)
		c.Add(b.Coverage)
	}
	q.Alerts = append(q.Alerts, events...)
	parts, err := s.Parts(t.Context(), q)
	require.NoError(t, err)
	for _, p := range parts {
		for b, err := range p.Read(t.Context()) {
			require.NoError(t, err)
			series = append(series, b.Series...)
			c.Add(b.Coverage)
		}
	}
	require.NoError(t, c.Check())
	return series, events, c
}

func TestPromises(t *testing.T) {
	type fault = func(w http.ResponseWriter, r *http.Request) bool
	open := func(broken fault, patience int) func(t *testing.T) ingest.Source {
		return func(t *testing.T) ingest.Source {
			server := &fake{series: shop(), rules: noRules, fault: broken}
			c := server.start(t)
			c.Transport = fetch.Retry(nil, fetch.Patience{Attempts: patience, Pause: time.Millisecond})
			return New(Options{Name: "metrics", Client: c, Timeout: time.Minute})
		}
	}
	// after lets a number of requests pass.
	after := func(n int32, answer func(w http.ResponseWriter, r *http.Request)) fault {
		var seen atomic.Int32
		return func(w http.ResponseWriter, r *http.Request) bool {
			if seen.Add(1) <= n {
				return false
			}
			answer(w, r)
			return true
		}
	}
	gone := func(_ http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }
	ingesttest.Run(t, ingesttest.Subject{
		Open: open(nil, 1), Query: ingest.Query{Range: hours(2)}, Least: 4000,
		Broken: map[string]func(t *testing.T) ingest.Source{
			"wrong credentials": open(after(0, func(w http.ResponseWriter, _ *http.Request) { refuse(w, 401, "", "no") }), 1),
			"not Prometheus":    open(after(0, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>hello")) }), 1),
			"overloaded":        open(after(6, func(w http.ResponseWriter, _ *http.Request) { refuse(w, 429, "", "slow down") }), 3),
			"killed at once":    open(after(0, gone), 2),
			"killed":            open(after(6, gone), 2),
			"answers break off": open(after(6, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "100000")
				_, _ = w.Write([]byte(`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"up"},"values":[[17604`))
			}), 1),
			"answers are cut": open(after(6, func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write([]byte(`{"status":"success","data":{"resultType":"matrix","result":[`))
			}), 1),
			"partial answers": open(after(6, func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write([]byte(`{"status":"success","warnings":["store a: connection refused"],"data":{"resultType":"matrix","result":[]}}`))
			}), 1),
			"partial answers of VictoriaMetrics": open(after(6, func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write([]byte(`{"status":"success","isPartial":true,"data":{"resultType":"matrix","result":[]}}`))
			}), 1),
		},
		Hangs: open(after(0, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), 1),
	})
}

// sameAsShop holds series to those of the shop, sample by sample.
func sameAsShop(t *testing.T, series []event.Series) {
	t.Helper()
	want := map[string]event.Series{}
	for _, s := range shop() {
		if !isAlert(s.Name) {
			want[s.String()] = s
		}
	}
	require.Len(t, series, len(want))
	for _, s := range series {
		require.Equal(t, want[s.String()].Times, s.Times, s.String())
		require.Equal(t, want[s.String()].Values, s.Values, s.String())
		require.Equal(t, int64(15*time.Second), s.Step)
	}
}

// TestRawSamples holds the series that come through the network to those that are there: same times, same values, no
// sample where one is missing.
func TestRawSamples(t *testing.T) {
	f := &fake{series: shop(), rules: noRules}
	series, events, c := gather(t, New(Options{Name: "metrics", Client: f.start(t)}), ingest.Query{Range: hours(3)})
	require.Empty(t, c.Gaps)
	sameAsShop(t, series)
	require.Len(t, events, 2)
	require.Equal(t, "QueueTooLong", events[0].Name)
	require.Equal(t, "firing", events[0].State)
	require.Equal(t, event.ParseUrgency("critical"), events[0].Severity)
	require.Equal(t, from+300*15e9+6e6, events[0].Time)
	require.Equal(t, int64(15*time.Second), events[0].TimeError)
	require.Equal(t, event.Time(from+300*15e9).Format(time.RFC3339), events[0].Labels["active_since"])
	require.Equal(t, "resolved", events[1].State)
}

// TestLargeServer has more of everything than can be asked for: what rules and alerts look at comes first and is narrowed
// by the labels of the alert that fired.
func TestLargeServer(t *testing.T) {
	series := shop()
	for i := range 3000 {
		shop := fmt.Sprintf("shop-%d", i%1000)
		series = append(series,
			every("orders_total", time.Minute, 120, func(k int) float64 { return float64(k) }, "namespace", shop, "pod", strconv.Itoa(i), "state", "failed"),
			every("ready", time.Minute, 120, func(int) float64 { return 1 }, "pod", strconv.Itoa(i), "condition", []string{"true", "false", "unknown"}[i%3]),
			every("other", time.Minute, 120, func(int) float64 { return 1 }, "pod", strconv.Itoa(i)))
	}
	f := &fake{series: series, rules: `{"groups":[{"rules":[
		{"type":"alerting","name":"OrdersFail","query":"rate(job:orders:rate5m[5m]) > 1"},
		{"type":"recording","name":"job:orders:rate5m","query":"sum by (job) (rate(orders_total{state=\"failed\"}[5m]))"},
		{"type":"alerting","name":"Other","query":"other > 1"}]}]}`}
	s := New(Options{Name: "metrics", Client: f.start(t), Expressions: []string{`ready{condition="false"} == 1`, `absent_here > 1`}})
	q := ingest.Query{Range: hours(2), Alerts: []event.Event{{
		Kind: event.Alert, Name: "OrdersFail", State: "firing", Time: from + int64(time.Hour), Labels: map[string]string{"namespace": "shop-7"},
	}}}
	got, _, c := gather(t, s, q)
	count, seen := map[string]int{}, map[string]bool{}
	for _, s := range got {
		if !seen[s.String()] {
			count[s.Name]++
		}
		seen[s.String()] = true
	}
	require.Equal(t, map[string]int{"up": 3, "http_requests_total": 3, "queue_depth": 3, "orders_total": 3, "ready": 1000}, count)
	require.Contains(t, c.Notes, "not asked for: of the metrics that there are besides, 1 have too many series, and no label of an alert that fired narrows them: other")
	require.Contains(t, f.asked, `query count by (__name__) ({__name__=~"orders_total|other",namespace="shop-7"})`)
}

// TestBudget leaves out what is least important when the samples that are allowed do not suffice, and says so.
func TestBudget(t *testing.T) {
	f := &fake{series: shop(), rules: noRules}
	s := New(Options{Name: "metrics", Client: f.start(t), Expressions: []string{"queue_depth > 100"}, MaxSamples: 2000})
	series, _, c := gather(t, s, ingest.Query{Range: hours(2)})
	require.Len(t, series, 3)
	require.Equal(t, "queue_depth", series[0].Name)
	require.Contains(t, c.Notes, "not asked for: of the metrics that show how services do, 2 do not fit into the budget of samples (max_samples): http_requests_total, up")

	s = New(Options{Name: "metrics", Client: f.start(t), Expressions: []string{"queue_depth > 100"}, MaxSamples: 500})
	_, _, c = gather(t, s, ingest.Query{Range: hours(2)})
	require.Len(t, c.Gaps, 1)
	require.Equal(t, "not asked for: of the metrics that rules look at, 1 do not fit into the budget of samples (max_samples): queue_depth", c.Gaps[0].Reason)
}

// TestLongWindow asks for a fortnight: raw samples for what is near, points for the past of gauges, in answers that are
// not too large.
func TestLongWindow(t *testing.T) {
	const days = 14
	f := &fake{rules: noRules}
	for i := range 100 {
		f.series = append(f.series,
			every("queue_depth", time.Minute, days*1440, func(k int) float64 { return float64(k) }, "pod", strconv.Itoa(i)),
			every("served_total", time.Minute, days*1440, func(k int) float64 { return float64(k) }, "pod", strconv.Itoa(i)))
	}
	s := New(Options{Name: "metrics", Client: f.start(t), Step: time.Minute, MaxSamples: 1_000_000})
	r := hours(days * 24)
	window := event.Range{From: r.To - int64(2*time.Hour), To: r.To}
	q := ingest.Query{Range: r, Window: event.Window{
		Range: window, Baseline: event.Range{From: window.From - int64(8*time.Hour), To: window.From}, Lookback: event.Range{From: r.From, To: window.From},
	}}
	series, _, c := gather(t, s, q)
	require.Empty(t, c.Gaps)
	byName := map[string]int{}
	for _, s := range series {
		byName[s.Name] += len(s.Times)
	}
	near := 100 * (10*60 + 10)
	require.Equal(t, near, byName["served_total"])
	require.InDelta(t, near+100*950, byName["queue_depth"], 100*60)
	require.Contains(t, c.Notes, "before 2025-10-27T13:50:00Z, 1 of 2 metrics were asked for, one sample every 20m0s: gauges with at most 300 series")
}

// TestServerLimits halves what a server refuses as too much.
func TestServerLimits(t *testing.T) {
	f := &fake{series: shop(), rules: noRules, most: 700}
	whole, _, c := gather(t, New(Options{Name: "metrics", Client: f.start(t)}), ingest.Query{Range: hours(2)})
	require.Empty(t, c.Gaps)
	n := 0
	for _, s := range whole {
		n += len(s.Times)
	}
	require.Equal(t, 3*480*2+3*(480-29), n)
}

// TestOtherServers lack some of what Prometheus has.
func TestOtherServers(t *testing.T) {
	f := &fake{series: shop(), rules: noRules, without: []string{"/api/v1/rules", "/api/v1/label/__name__/values"}}
	series, _, c := gather(t, New(Options{Name: "metrics", Client: f.start(t), Expressions: []string{"queue_depth > 1", "nothing > 1"}}), ingest.Query{Range: hours(2)})
	require.Empty(t, c.Gaps)
	require.Len(t, c.Notes, 2)
	require.Len(t, series, 3)
}

func TestUserQueries(t *testing.T) {
	f := &fake{series: shop(), rules: noRules}
	s := New(Options{Name: "metrics", Client: f.start(t), Queries: []UserQuery{
		{Name: "api:requests", Unit: "per_second", Expr: `sum(rate(http_requests_total[1m]))`}, {Expr: `broken(`},
	}})
	series, _, c := gather(t, s, ingest.Query{Range: hours(2)})
	require.Equal(t, "api:requests_per_second", series[0].Name)
	require.Equal(t, `sum(rate(http_requests_total[1m]))`, series[0].Expr)
	require.Equal(t, from+int64(30*time.Second), series[0].Times[0])
	require.InDelta(t, 3*7/15.0, series[0].Values[3], 0.01)
	require.Len(t, c.Gaps, 1)
	require.Equal(t, "broken(", c.Gaps[0].Origin.Path)
	require.True(t, c.Gaps[0].Failed)
}

// TestEndsWithTheServer does not wait for each request of a server that is gone.
func TestEndsWithTheServer(t *testing.T) {
	var gone atomic.Bool
	var late atomic.Int32
	f := &fake{series: shop(), rules: noRules, fault: func(http.ResponseWriter, *http.Request) bool {
		if gone.Load() {
			late.Add(1)
			panic(http.ErrAbortHandler)
		}
		return false
	}}
	c := f.start(t)
	s := New(Options{Name: "metrics", Client: c, MaxSamples: 10_000_000})
	parts, err := s.Parts(t.Context(), ingest.Query{Range: hours(2)})
	require.NoError(t, err)
	gone.Store(true)
	for range 20 {
		for b, err := range parts[1].Read(t.Context()) {
			require.NoError(t, err)
			require.Len(t, b.Coverage.Gaps, 1)
			require.True(t, b.Coverage.Gaps[0].Failed)
		}
	}
	require.LessOrEqual(t, late.Load(), int32(6), "three, of which the transport itself repeats what fails on a connection that was used before")
}

func TestCheck(t *testing.T) {
	f := &fake{series: shop(), rules: noRules}
	s := New(Options{Name: "metrics", Client: f.start(t)})
	r, err := s.Check(t.Context(), ingest.Query{Range: hours(2)})
	require.NoError(t, err)
	require.Equal(t, "Prometheus 9.8.7", r.Product)
	require.NotZero(t, r.ClockError)
	require.Equal(t, int64(9*481), r.Records)
	require.Len(t, r.Asked, 2)
	require.Equal(t, `{__name__=~"http_requests_total|up|queue_depth"} from 2025-10-14T00:00:00Z to 2025-10-14T02:00:00Z`, r.Asked[1])

	f = &fake{fault: func(w http.ResponseWriter, _ *http.Request) bool { _, _ = w.Write([]byte("hello")); return true }}
	_, err = New(Options{Name: "metrics", Client: f.start(t)}).Check(t.Context(), ingest.Query{})
	require.ErrorContains(t, err, "does not answer like Prometheus")
	f = &fake{fault: func(w http.ResponseWriter, _ *http.Request) bool { refuse(w, 401, "", "who are you?"); return true }}
	_, err = New(Options{Name: "metrics", Client: f.start(t)}).Check(t.Context(), ingest.Query{})
	require.ErrorContains(t, err, "401 Unauthorized")
	require.ErrorContains(t, err, "who are you?")
}
