package detect

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/hindcast/hindcast/ingest/event"
)

// golden adds up what counters and buckets of all instances say about a component's requests.
type golden struct {
	requests map[goldenKey]*requests
	buckets  map[goldenKey]*durations
	means    map[goldenKey]*mean
}

type goldenKey struct{ metric, component string }

type requests struct {
	step          int64
	total, errors map[int64]float64
	series        *event.Series
	label         string
}

type durations struct {
	step int64
	// rates holds for each time the increase a second of each upper bound.
	rates  map[int64]map[float64]float64
	series *event.Series
}

// mean is the sum and the number of observations of a summary or histogram, as rates.
type mean struct {
	step       int64
	sum, count map[int64]float64
	series     *event.Series
}

func newGolden() *golden {
	return &golden{requests: map[goldenKey]*requests{}, buckets: map[goldenKey]*durations{}, means: map[goldenKey]*mean{}}
}

// statusLabels are the names that instrumentation gives the HTTP or gRPC status.
var statusLabels = []string{"code", "status", "status_code", "http_status", "http_status_code", "response_code", "http_response_status_code", "grpc_code", "status_class"}

// counter takes in a counter that was made a rate, if it counts requests by status or is half of a mean, and tells
// whether it did: then the sum over the component says more than its parts.
func (g *golden) counter(s *event.Series, sig *Signal) bool {
	if metric, isSum := strings.CutSuffix(s.Name, "_sum"); isSum {
		g.half(metric, s, sig).addTo(sig, true)
		return true
	}
	counted := false
	if metric, isCount := strings.CutSuffix(s.Name, "_count"); isCount {
		g.half(metric, s, sig).addTo(sig, false)
		counted = true
	}
	var label, status string
	for _, l := range statusLabels {
		if v := s.Label(l); v != "" {
			label, status = l, v
			break
		}
	}
	if status == "" {
		return counted
	}
	key := goldenKey{s.Name, sig.Component.Name}
	r, ok := g.requests[key]
	if !ok {
		r = &requests{step: max(sig.Step, 1), total: map[int64]float64{}, errors: map[int64]float64{}, series: s, label: label}
		g.requests[key] = r
	}
	failed := failure(status)
	for i, t := range sig.Times {
		slot := t / r.step * r.step
		r.total[slot] += sig.Values[i]
		if failed {
			r.errors[slot] += sig.Values[i]
		}
	}
	return true
}

func (g *golden) half(metric string, s *event.Series, sig *Signal) *mean {
	key := goldenKey{metric, sig.Component.Name}
	m, ok := g.means[key]
	if !ok {
		m = &mean{step: max(sig.Step, 1), sum: map[int64]float64{}, count: map[int64]float64{}, series: s}
		g.means[key] = m
	}
	return m
}

func (m *mean) addTo(sig *Signal, sum bool) {
	to := m.count
	if sum {
		to = m.sum
	}
	for i, t := range sig.Times {
		to[t/m.step*m.step] += sig.Values[i]
	}
}

func failure(status string) bool {
	switch s := strings.ToLower(status); {
	case len(s) == 3 && (s[0] == '5' || s == "5xx"):
		return true
	default:
		switch s {
		case "unavailable", "internal", "deadlineexceeded", "resourceexhausted", "unknown", "dataloss", "aborted", "error", "failed", "failure", "exception":
			return true
		}
		return false
	}
}

func (g *golden) bucket(s *event.Series) {
	le, err := strconv.ParseFloat(s.Label("le"), 64)
	if err != nil {
		return
	}
	key := goldenKey{strings.TrimSuffix(s.Name, "_bucket"), s.Component().Name}
	d, ok := g.buckets[key]
	if !ok {
		d = &durations{step: max(step(s), 1), rates: map[int64]map[float64]float64{}, series: s}
		g.buckets[key] = d
	}
	times, values := rate(s.Times, s.Values, d.step)
	for i, t := range times {
		slot := t / d.step * d.step
		if d.rates[slot] == nil {
			d.rates[slot] = map[float64]float64{}
		}
		d.rates[slot][le] += values[i]
	}
}

func (g *golden) signals() []Signal {
	var all []Signal
	for _, key := range slices.SortedFunc(maps.Keys(g.requests), compareGolden) {
		r := g.requests[key]
		by := "sum(rate(" + key.metric + "[1m]))"
		base := Signal{Component: event.Component{Name: key.component}, Step: r.step, Source: source(r.series), Series: r.series}
		share, total := base, base
		share.Name, share.Unit, share.Bad, share.Role = key.metric+" error share", "ratio", +1, Errors
		share.Query = "sum(rate(" + key.metric + `{` + r.label + `=~"5.."}[1m])) / ` + by
		total.Name, total.Unit, total.Role, total.Query = key.metric+" rate", "/s", Traffic, by
		for _, t := range slices.Sorted(maps.Keys(r.total)) {
			total.Times, total.Values = append(total.Times, t), append(total.Values, r.total[t])
			if r.total[t] > 0 {
				share.Times, share.Values = append(share.Times, t), append(share.Values, r.errors[t]/r.total[t])
			}
		}
		all = append(all, share, total)
	}
	for _, key := range slices.SortedFunc(maps.Keys(g.buckets), compareGolden) {
		d := g.buckets[key]
		p95 := Signal{
			Name: key.metric + " p95", Component: event.Component{Name: key.component}, Step: d.step, Bad: +1, Source: source(d.series), Series: d.series,
			Query: "histogram_quantile(0.95, sum by (le) (rate(" + key.metric + "_bucket[1m])))",
		}
		p95.Unit, _, p95.Role = classify(key.metric)
		if p95.Role == Other {
			p95.Role = Latency
		}
		for _, t := range slices.Sorted(maps.Keys(d.rates)) {
			if v := bucketQuantile(0.95, d.rates[t]); !math.IsNaN(v) {
				p95.Times, p95.Values = append(p95.Times, t), append(p95.Values, v)
			}
		}
		all = append(all, p95)
	}
	return append(all, g.meanSignals()...)
}

// meanSignals gives the rate of what was observed, and its mean where there are no buckets to say more.
func (g *golden) meanSignals() []Signal {
	var all []Signal
	for _, key := range slices.SortedFunc(maps.Keys(g.means), compareGolden) {
		m := g.means[key]
		base := Signal{Component: event.Component{Name: key.component}, Step: m.step, Source: source(m.series), Series: m.series}
		avg, total := base, base
		total.Name, total.Unit, total.Role, total.Query = key.metric+" rate", "/s", Traffic, "sum(rate("+key.metric+"_count[1m]))"
		avg.Name, avg.Query = key.metric+" mean", "sum(rate("+key.metric+"_sum[1m])) / sum(rate("+key.metric+"_count[1m]))"
		avg.Unit, avg.Bad, avg.Role = classify(key.metric)
		for _, t := range slices.Sorted(maps.Keys(m.count)) {
			total.Times, total.Values = append(total.Times, t), append(total.Values, m.count[t])
			if sum, ok := m.sum[t]; ok && m.count[t] > 0 {
				avg.Times, avg.Values = append(avg.Times, t), append(avg.Values, sum/m.count[t])
			}
		}
		if _, ok := g.requests[goldenKey{key.metric + "_count", key.component}]; !ok && len(total.Times) > 0 {
			all = append(all, total)
		}
		if _, ok := g.buckets[key]; !ok && len(avg.Times) > 0 {
			all = append(all, avg)
		}
	}
	return all
}

func compareGolden(a, b goldenKey) int {
	return cmp.Or(strings.Compare(a.metric, b.metric), strings.Compare(a.component, b.component))
}

// bucketQuantile interpolates within the bucket that holds the quantile, as Prometheus' histogram_quantile does.
func bucketQuantile(q float64, rates map[float64]float64) float64 {
	bounds := slices.Sorted(maps.Keys(rates))
	if len(bounds) < 2 || !math.IsInf(bounds[len(bounds)-1], 1) {
		return math.NaN()
	}
	total := rates[bounds[len(bounds)-1]]
	if total <= 0 {
		return math.NaN()
	}
	want := q * total
	low, below := 0.0, 0.0
	for _, b := range bounds {
		if rates[b] < want {
			low, below = b, rates[b]
			continue
		}
		if math.IsInf(b, 1) {
			return low
		}
		if rates[b] == below {
			return b
		}
		return low + (b-low)*(want-below)/(rates[b]-below)
	}
	return low
}
