package detect

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/hindcast/hindcast/ingest/event"
)

// Signal is a series that can be compared with itself: a gauge as it is, a counter as its rate, requests as their
// share of errors and quantiles of duration.
type Signal struct {
	// Name is for a person: the metric's name, or what was made of it: "http_requests_total 5xx share".
	Name      string
	Component event.Component
	Times     []int64
	Values    []float64
	// Step is the usual distance of samples in nanoseconds.
	Step int64
	Unit string
	// Bad is +1 if more is worse, -1 if less is, 0 if that cannot be told.
	Bad int
	// Role tells golden signals from the rest.
	Role SignalRole
	// Place is where the time of a latency is spent.
	Place Place
	// Query finds the series again, in PromQL, or says what was counted.
	Query  string
	Source string
	Series *event.Series
}

// SignalRole is what a signal says about a service.
type SignalRole int

// The roles: the four golden signals (Beyer et al., Site Reliability Engineering, chapter 6) and the rest.
const (
	Other SignalRole = iota
	Latency
	Errors
	Traffic
	Saturated
	Availability
)

// Place is where the time that a latency measures is spent, as far as its name tells.
type Place int

// The places: the component itself with all that it calls, those that it calls, and the way from its callers to it.
const (
	Here Place = iota
	AtCallees
	OnTheWay
)

// Within returns the samples with from <= time < to.
func (s *Signal) Within(r event.Range) (times []int64, values []float64) {
	i := sort.Search(len(s.Times), func(i int) bool { return s.Times[i] >= r.From })
	j := sort.Search(len(s.Times), func(i int) bool { return s.Times[i] >= r.To })
	return s.Times[i:j], s.Values[i:j]
}

// signals makes signals of series. Counters become rates; those that count requests by status become a share of errors
// a component; buckets of durations become a 95th percentile a component.
func signals(series []event.Series) []Signal {
	g := newGolden()
	var all []Signal
	for i := range series {
		s := &series[i]
		if len(s.Values) == 0 || s.Name == "ALERTS" || s.Name == "ALERTS_FOR_STATE" || strings.HasSuffix(s.Name, "_created") || strings.HasSuffix(s.Name, "_info") {
			continue
		}
		if strings.HasSuffix(s.Name, "_bucket") && s.Label("le") != "" {
			g.bucket(s)
			continue
		}
		c := s.Component()
		sig := Signal{
			Name: s.Name, Component: c, Times: s.Times, Values: s.Values, Step: step(s), Query: s.String(), Source: source(s), Series: s,
		}
		sig.Unit, sig.Bad, sig.Role = classify(s.Name)
		sig.Place = placeOf(s.Name)
		if counter(s) {
			sig.Times, sig.Values = rate(s.Times, s.Values, sig.Step)
			sig.Query = "rate(" + s.String() + "[1m])"
			sig.Unit = perSecond(sig.Unit)
			if g.counter(s, &sig) {
				continue
			}
		}
		if len(sig.Values) > 0 {
			all = append(all, sig)
		}
	}
	return append(all, g.signals()...)
}

func source(s *event.Series) string { return cmp.Or(s.Origin.Path, s.Origin.Source) }

func step(s *event.Series) int64 {
	if s.Step > 0 {
		return s.Step
	}
	if len(s.Times) < 2 {
		return 0
	}
	d := make([]int64, 0, len(s.Times)-1)
	for i := 1; i < len(s.Times); i++ {
		d = append(d, s.Times[i]-s.Times[i-1])
	}
	slices.Sort(d)
	return d[len(d)/2]
}

// counter tells whether a series only counts up: by name, as the Prometheus naming guide wants it, and by looking, as
// not everybody keeps to the guide.
func counter(s *event.Series) bool {
	n := s.Name
	named := strings.HasSuffix(n, "_total") || strings.HasSuffix(n, "_count") || strings.HasSuffix(n, "_sum")
	if !named || len(s.Values) < 2 {
		return false
	}
	down := 0
	for i := 1; i < len(s.Values); i++ {
		if s.Values[i] < s.Values[i-1] {
			down++
		}
	}
	// A counter falls only when its process starts again.
	return down*20 <= len(s.Values) || down <= 1
}

// rate turns the samples of a counter into increases a second. A fall is a reset, after which the counter began at 0.
// Over a hole longer than five steps nothing is said. Without holes the times are those of the counter from the second on.
func rate(times []int64, values []float64, step int64) (t []int64, v []float64) {
	whole := len(times) > 0
	for i := 1; i < len(times) && whole; i++ {
		dt := times[i] - times[i-1]
		whole = dt > 0 && (step <= 0 || dt <= 5*step)
	}
	if whole {
		t = times[1:]
	} else {
		t = make([]int64, 0, len(times))
	}
	v = make([]float64, 0, max(len(times)-1, 0))
	for i := 1; i < len(times); i++ {
		dt := times[i] - times[i-1]
		if dt <= 0 || step > 0 && dt > 5*step {
			continue
		}
		inc := values[i] - values[i-1]
		if inc < 0 {
			inc = values[i]
		}
		if !whole {
			t = append(t, times[i])
		}
		v = append(v, inc/(float64(dt)/1e9))
	}
	return t, v
}

func perSecond(unit string) string {
	switch unit {
	case "":
		return "/s"
	case "s": // seconds a second: a share of one processor, or of the time
		return "s/s"
	default:
		return unit + "/s"
	}
}

// finite drops what is not a number.
func finite(times []int64, values []float64) ([]int64, []float64) {
	clean := true
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			clean = false
			break
		}
	}
	if clean {
		return times, values
	}
	var t []int64
	var f []float64
	for i, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			t, f = append(t, times[i]), append(f, v)
		}
	}
	return t, f
}
