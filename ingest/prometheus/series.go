package prometheus

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/valyala/fastjson"

	"github.com/hindcast/hindcast/ingest/document"
	"github.com/hindcast/hindcast/ingest/event"
)

// gathering joins the pieces of series that a document has.
type gathering struct {
	sink   *document.Sink
	parser fastjson.Parser
	series map[string]*event.Series
	order  []*event.Series
	// live is set for the answers of a server that is asked now, within is what it was asked for: samples outside are cut
	// off, which the edges of raw samples give.
	live   bool
	within event.Range
	// rename gives the name and the expression of a series, nil for those that it has.
	rename func(name string) (string, string)
	// waiting spans the samples of alerts that were pending, which say no more than that these did not fire then.
	waiting event.Range
	// times, values and rest are of the record that is being read; shared are the times of the last series.
	times  []int64
	values []float64
	rest   []byte
	shared []int64
	// samples counts what was added, failures the answers that the server said were not whole.
	samples  int64
	failures int
}

func newGathering(s *document.Sink) *gathering {
	return &gathering{sink: s, series: map[string]*event.Series{}}
}

// add joins samples to the series of that name and labels. It takes over the slices.
func (g *gathering) add(line int64, name string, labels []event.Label, times []int64, values []float64) {
	expr := ""
	if g.rename != nil {
		name, expr = g.rename(name)
	}
	g.samples += int64(len(times))
	s := &event.Series{Name: name, Labels: labels, Times: times, Values: values, Expr: expr, Origin: g.sink.At(line, "")}
	key := s.String()
	if old := g.series[key]; old != nil {
		old.Times, old.Values = append(old.Times, times...), append(old.Values, values...)
		return
	}
	g.series[key] = s
	g.order = append(g.order, s)
}

// wait takes note of the samples of an alert that was pending.
func (g *gathering) wait(times ...int64) {
	g.sink.Drop(pending)
	if len(times) > 0 {
		g.waiting = around(g.waiting, slices.Min(times), slices.Max(times))
	}
}

// around widens a range, which may be zero, to one that holds two times.
func around(r event.Range, from, to int64) event.Range {
	if r.IsZero() {
		return event.Range{From: from, To: to}
	}
	return event.Range{From: min(r.From, from), To: max(r.To, to)}
}

// cut gives the samples within what was asked for.
func (g *gathering) cut(times []int64, values []float64) ([]int64, []float64) {
	n := 0
	for i, t := range times {
		if g.within.Contains(t) {
			times[n], values[n] = t, values[i]
			n++
		}
	}
	return times[:n], values[:n]
}

// finish hands on the series, and the alerts that are among them. The range is what was asked for, zero if that is not
// known: then the samples tell which time is covered, those of pending alerts among them: what is pending does not fire.
func (g *gathering) finish(asked event.Range) {
	covered := asked
	if asked.IsZero() {
		covered = g.waiting
	}
	var alerts []*event.Series
	var steps []int64
	for _, s := range g.order {
		Tidy(s)
		if n := len(s.Times); n > 0 && asked.IsZero() {
			covered = around(covered, s.Times[0], s.Times[n-1])
		}
		if s.Step > 0 {
			steps = append(steps, s.Step)
		}
		switch {
		case isAlert(s.Name):
			alerts = append(alerts, s)
		case len(s.Times) > 0:
			g.sink.AttachSeries(*s)
		}
	}
	slices.Sort(steps)
	usual := int64(time.Minute)
	if len(steps) > 0 {
		usual = steps[len(steps)/2]
	}
	g.sink.Attach(alertEvents(alerts, covered, usual)...)
}

// Tidy puts a series' samples in order, leaves out values that are no finite number and, of samples with the same time,
// all but the last, and sets its step, the median distance of two samples. It does not write to the samples that there are,
// which other series may share.
func Tidy(s *event.Series) {
	if tidy(s) {
		s.Step = step(s.Times)
		return
	}
	s.Times, s.Values = slices.Clone(s.Times), slices.Clone(s.Values)
	if !slices.IsSorted(s.Times) {
		type sample struct {
			t int64
			v float64
		}
		samples := make([]sample, len(s.Times))
		for i := range samples {
			samples[i] = sample{s.Times[i], s.Values[i]}
		}
		slices.SortStableFunc(samples, func(a, b sample) int { return cmp.Compare(a.t, b.t) })
		for i, x := range samples {
			s.Times[i], s.Values[i] = x.t, x.v
		}
	}
	n := 0
	for i, t := range s.Times {
		if v := s.Values[i]; math.IsNaN(v) || math.IsInf(v, 0) {
			continue
		}
		if n > 0 && s.Times[n-1] == t {
			n--
		}
		s.Times[n], s.Values[n] = t, s.Values[i]
		n++
	}
	s.Times, s.Values = s.Times[:n], s.Values[:n]
	s.Step = step(s.Times)
}

func tidy(s *event.Series) bool {
	for i, t := range s.Times {
		if v := s.Values[i]; i > 0 && t <= s.Times[i-1] || math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}

// step is the median distance of ascending times, 0 of fewer than two. Scrapes come some milliseconds early or late, so that
// which samples were read would decide the last digits: one that is a whole number of seconds to a hundredth is that.
func step(times []int64) int64 {
	exact := medianDistance(times)
	if whole := (exact + int64(time.Second)/2) / int64(time.Second) * int64(time.Second); max(exact-whole, whole-exact)*100 < exact {
		return whole
	}
	return exact
}

// medianDistance is the median distance of ascending times, 0 of fewer than two.
func medianDistance(times []int64) int64 {
	if len(times) < 2 {
		return 0
	}
	width, even := times[1]-times[0], true
	for i := 2; i < len(times) && even; i++ {
		even = times[i]-times[i-1] == width
	}
	if even {
		return width
	}
	distances := make([]int64, len(times)-1)
	for i := range distances {
		distances[i] = times[i+1] - times[i]
	}
	slices.Sort(distances)
	return distances[len(distances)/2]
}

func sortLabels(labels []event.Label) {
	slices.SortFunc(labels, func(a, b event.Label) int { return strings.Compare(a.Name, b.Name) })
}
