package prometheus

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"

	memory "github.com/hindcast/hindcast/correlate/query"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/fetch"
)

// fake answers like Prometheus, with Prometheus' own engine, over series in memory.
type fake struct {
	series []event.Series
	store  *memory.Engine
	engine *promql.Engine
	rules  string
	// fault may answer a request before the server does, and says whether it did.
	fault func(w http.ResponseWriter, r *http.Request) bool
	// without are paths that this server does not have.
	without []string
	// most is how many samples an answer may have, 0 for any number.
	most int

	mu    sync.Mutex
	asked []string
}

// start serves and gives a client for it.
func (f *fake) start(t *testing.T) *fetch.Client {
	f.store = memory.New(f.series)
	f.engine = promql.NewEngine(promql.EngineOpts{MaxSamples: 1e7, Timeout: time.Minute, LookbackDelta: 5 * time.Minute, Parser: parser.NewParser(parser.Options{})})
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	base, err := url.Parse(s.URL)
	require.NoError(t, err)
	return &fetch.Client{Base: base}
}

// ServeHTTP answers a request.
func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	f.mu.Lock()
	f.asked = append(f.asked, strings.TrimPrefix(r.URL.Path, "/api/v1/")+" "+r.Form.Get("query"))
	f.mu.Unlock()
	if f.fault != nil && f.fault(w, r) {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	switch {
	case slices.Contains(f.without, r.URL.Path):
		http.NotFound(w, r)
	case r.URL.Path == "/api/v1/label/__name__/values":
		var names []string
		for i := range f.series {
			names = append(names, f.series[i].Name)
		}
		slices.Sort(names)
		f.answer(w, slices.Compact(names))
	case r.URL.Path == "/api/v1/status/buildinfo":
		f.answer(w, map[string]string{"version": "9.8.7"})
	case r.URL.Path == "/api/v1/rules":
		f.answer(w, json.RawMessage(f.rules))
	case r.URL.Path == "/api/v1/query", r.URL.Path == "/api/v1/query_range":
		f.query(r.Context(), w, r.Form)
	default:
		http.NotFound(w, r)
	}
}

func (f *fake) answer(w http.ResponseWriter, data any) {
	_ = json.NewEncoder(w).Encode(map[string]any{"status": "success", "data": data})
}

func refuse(w http.ResponseWriter, status int, kind, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"status": "error", "errorType": kind, "error": text})
}

func (f *fake) query(ctx context.Context, w http.ResponseWriter, form url.Values) {
	at := func(name string) time.Time {
		v, _ := strconv.ParseFloat(form.Get(name), 64)
		return time.UnixMilli(int64(math.Round(v * 1000)))
	}
	var q promql.Query
	var err error
	if form.Has("step") {
		step, _ := strconv.ParseFloat(form.Get("step"), 64)
		if at("end").Sub(at("start")).Seconds()/step > 11000 {
			refuse(w, http.StatusBadRequest, "bad_data", "exceeded maximum resolution of 11,000 points per timeseries")
			return
		}
		q, err = f.engine.NewRangeQuery(ctx, f.store, nil, form.Get("query"), at("start"), at("end"), time.Duration(step*1e9))
	} else {
		q, err = f.engine.NewInstantQuery(ctx, f.store, nil, form.Get("query"), at("time"))
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, "bad_data", err.Error())
		return
	}
	defer q.Close()
	res := q.Exec(ctx)
	if res.Err != nil {
		refuse(w, http.StatusUnprocessableEntity, "execution", res.Err.Error())
		return
	}
	type series struct {
		Metric map[string]string `json:"metric"`
		Value  *[2]any           `json:"value,omitempty"`
		Values [][2]any          `json:"values,omitempty"`
	}
	list := []series{}
	total := 0
	pair := func(t int64, v float64) [2]any {
		return [2]any{float64(t) / 1000, strconv.FormatFloat(v, 'f', -1, 64)}
	}
	kind := "matrix"
	switch v := res.Value.(type) {
	case promql.Matrix:
		for _, s := range v {
			x := series{Metric: s.Metric.Map()}
			for _, p := range s.Floats {
				x.Values = append(x.Values, pair(p.T, p.F))
			}
			total += len(x.Values)
			list = append(list, x)
		}
	case promql.Vector:
		kind = "vector"
		for _, s := range v {
			p := pair(s.T, s.F)
			list = append(list, series{Metric: s.Metric.Map(), Value: &p})
		}
	}
	if f.most > 0 && total > f.most {
		refuse(w, http.StatusUnprocessableEntity, "execution", "query processing would load too many samples into memory in query execution")
		return
	}
	f.answer(w, map[string]any{"resultType": kind, "result": list})
}

// from is when the fake's samples begin.
var from = time.Date(2025, 10, 14, 0, 0, 0, 0, time.UTC).UnixNano()

// every makes a series with a sample each step, from a value for each; NaN leaves one out, as a stale marker does.
func every(name string, step time.Duration, n int, at func(i int) float64, pairs ...string) event.Series {
	s := event.Series{Name: name, Step: int64(step)}
	for i := 0; i+1 < len(pairs); i += 2 {
		s.Labels = append(s.Labels, event.Label{Name: pairs[i], Value: pairs[i+1]})
	}
	sortLabels(s.Labels)
	for i := range n {
		if v := at(i); !math.IsNaN(v) {
			s.Times = append(s.Times, from+int64(i)*int64(step)+int64(len(name))*int64(time.Millisecond))
			s.Values = append(s.Values, v)
		}
	}
	return s
}

// shop is two hours of a small shop: a counter that starts anew, a gauge with a hole, an alert that fires.
func shop() []event.Series {
	const n = 480
	var all []event.Series
	for i := range 3 {
		instance := fmt.Sprintf("10.0.0.%d:80", i+1)
		all = append(all,
			every("up", 15*time.Second, n, func(int) float64 { return 1 }, "job", "api", "instance", instance),
			every("http_requests_total", 15*time.Second, n, func(k int) float64 { return float64(k % 300 * 7) }, "job", "api", "instance", instance, "code", "200"),
			every("queue_depth", 15*time.Second, n, func(k int) float64 {
				if k > 100 && k < 130 {
					return math.NaN()
				}
				return float64(k % 13)
			}, "job", "api", "instance", instance))
	}
	for _, name := range []string{"ALERTS", "ALERTS_FOR_STATE"} {
		value := func(k int) float64 {
			switch {
			case k < 300 || k > 420:
				return math.NaN()
			case name == "ALERTS":
				return 1
			}
			return float64(from/1e9 + 300*15)
		}
		labels := []string{"alertname", "QueueTooLong", "job", "api", "severity", "critical"}
		if name == "ALERTS" {
			labels = append(labels, "alertstate", "firing")
		}
		all = append(all, every(name, 15*time.Second, n, value, labels...))
	}
	return all
}

const noRules = `{"groups":[]}`
