// Package query answers PromQL over series in memory, with Prometheus' own engine.
//
// It is the only package that imports the engine, whose Go interface makes no promise to stay.
package query

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"sort"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/timestamp"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/hindcast/hindcast/ingest/event"
)

// Engine holds series and evaluates expressions over them. It may be used by several goroutines.
type Engine struct {
	engine *promql.Engine
	series map[string][]entry
	// names are the metrics there are, sorted.
	names []string
	// steps are the usual distances of samples, by metric; the largest of its series.
	steps map[string]int64
}

// entry is one series in Prometheus' terms.
type entry struct {
	labels labels.Labels
	samples
}

const (
	// maxSamples is what one query may load at a time, as in Prometheus.
	maxSamples = 50_000_000
	// defaultStep is taken for series whose step is not known: the usual scrape interval.
	defaultStep = int64(15 * time.Second)
	// maxLookback is how long Prometheus itself believes in a sample.
	maxLookback = 5 * time.Minute
)

var options = parser.Options{}

// New makes an engine over series. Series without a name, the results of queries, are left out. Of two series with the same name and labels, the one with more samples stays.
func New(series []event.Series) *Engine {
	e := &Engine{
		engine: promql.NewEngine(promql.EngineOpts{
			MaxSamples: maxSamples, Timeout: 10 * time.Minute, LookbackDelta: maxLookback,
			NoStepSubqueryIntervalFn: func(int64) int64 { return defaultStep / int64(time.Millisecond) },
			EnableAtModifier:         true, EnableNegativeOffset: true, Parser: parser.NewParser(options),
		}),
		series: map[string][]entry{},
		steps:  map[string]int64{},
	}
	for i := range series {
		if s := &series[i]; s.Name != "" && len(s.Times) > 0 {
			e.series[s.Name] = append(e.series[s.Name], newEntry(s))
			e.steps[s.Name] = max(e.steps[s.Name], stepOf(s))
		}
	}
	for name, entries := range e.series {
		e.names = append(e.names, name)
		e.series[name] = dedupe(entries)
	}
	slices.Sort(e.names)
	return e
}

func newEntry(s *event.Series) entry {
	b := labels.NewScratchBuilder(len(s.Labels) + 1)
	b.Add(model.MetricNameLabel, s.Name)
	for _, l := range s.Labels {
		if l.Value != "" && l.Name != model.MetricNameLabel {
			b.Add(l.Name, l.Value)
		}
	}
	b.Sort()
	return entry{labels: b.Labels(), samples: samples{s.Times, s.Values}}
}

// stepOf is a series' step, or the median distance of its samples.
func stepOf(s *event.Series) int64 {
	if s.Step > 0 {
		return s.Step
	}
	if len(s.Times) < 2 {
		return defaultStep
	}
	n := min(len(s.Times)-1, 101)
	d := make([]int64, n)
	for i := range d {
		d[i] = s.Times[i+1] - s.Times[i]
	}
	slices.Sort(d)
	return max(d[n/2], int64(time.Millisecond))
}

// dedupe sorts entries by labels and keeps one of each.
func dedupe(entries []entry) []entry {
	sort.SliceStable(entries, func(i, j int) bool {
		if c := labels.Compare(entries[i].labels, entries[j].labels); c != 0 {
			return c < 0
		}
		return len(entries[i].times) > len(entries[j].times)
	})
	return slices.CompactFunc(entries, func(a, b entry) bool { return labels.Equal(a.labels, b.labels) })
}

// Step gives the usual distance of the samples of the metrics that an expression names, the widest of them; 0 if it names
// none that are there.
func (e *Engine) Step(expr string) int64 {
	var step int64
	for _, m := range Metrics(expr) {
		step = max(step, e.steps[m])
	}
	return step
}

// At gives an engine over the same series that takes the distances of samples of an expression's metrics from a part of
// their time: what was pulled of days ago often is coarser than what was pulled of the incident.
func (e *Engine) At(expr string, r event.Range) *Engine {
	view := *e
	view.steps = maps.Clone(e.steps)
	for _, m := range Metrics(expr) {
		var widest int64
		for _, s := range e.series[m] {
			widest = max(widest, s.stepIn(r))
		}
		if widest > 0 {
			view.steps[m] = widest
		}
	}
	return &view
}

// stepIn is the median distance of an entry's samples within a range, in nanoseconds, 0 if there are not two.
func (s *entry) stepIn(r event.Range) int64 {
	i := sort.Search(len(s.times), func(i int) bool { return s.at(i)*ms >= r.From })
	j := sort.Search(len(s.times), func(i int) bool { return s.at(i)*ms >= r.To })
	if j = min(j, i+1001); j-i < 2 {
		return 0
	}
	if width, even := s.even(i, j); even {
		return width * ms
	}
	d := make([]int64, 0, j-i-1)
	for k := i + 1; k < j; k++ {
		d = append(d, (s.at(k)-s.at(k-1))*ms)
	}
	slices.Sort(d)
	return d[len(d)/2]
}

// Extent is the time from the first to the last sample of the metrics that an expression names. It is empty if there are none.
func (e *Engine) Extent(expr string) event.Range {
	var r event.Range
	for _, m := range Metrics(expr) {
		for _, s := range e.series[m] {
			from, to := s.at(0)*ms, s.at(len(s.times)-1)*ms
			if r.IsZero() {
				r = event.Range{From: from, To: to}
			}
			r.From, r.To = min(r.From, from), max(r.To, to)
		}
	}
	return r
}

// Range evaluates an expression at from, from+step, ... up to and including to, and gives the resulting series, sorted by
// labels. Samples that are no numbers are left out. An expression that can have no result because metrics are missing
// gives none at once.
//
// Spans such as [2m] that are too short for the distance of the samples, which may have been pulled at a coarser step
// than they were scraped, are widened to three of them; Expr of the result says what was evaluated.
func (e *Engine) Range(ctx context.Context, expr string, from, to, step int64) ([]event.Series, error) {
	if step <= 0 || to < from {
		return nil, fmt.Errorf("evaluating %s: from %d to %d by %d is no range", expr, from, to, step)
	}
	parsed, err := parse(expr)
	if err != nil {
		return nil, err
	}
	if !e.possible(parsed) {
		return nil, nil
	}
	expr = e.widen(parsed, expr)
	opts := promql.NewPrometheusQueryOpts(false, e.lookback(expr), nil)
	q, err := e.engine.NewRangeQuery(ctx, e, opts, expr, event.Time(from), event.Time(to), time.Duration(step))
	if err != nil {
		return nil, fmt.Errorf("evaluating %s: %w", expr, err)
	}
	defer q.Close()
	result := q.Exec(ctx)
	if result.Err != nil {
		return nil, fmt.Errorf("evaluating %s: %w", expr, result.Err)
	}
	matrix, err := result.Matrix()
	if err != nil {
		return nil, fmt.Errorf("evaluating %s: %w", expr, err)
	}
	var out []event.Series
	for _, s := range matrix {
		if r := toSeries(s, expr, step); len(r.Times) > 0 {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b event.Series) int { return compareLabels(a.Labels, b.Labels) })
	return out, nil
}

// Instant evaluates an expression at one time.
func (e *Engine) Instant(ctx context.Context, expr string, at int64) ([]event.Series, error) {
	return e.Range(ctx, expr, at, at, int64(time.Second))
}

// widen gives the expression with no span shorter than what holds two samples.
func (e *Engine) widen(parsed parser.Expr, expr string) string {
	changed := false
	parser.Inspect(parsed, func(n parser.Node, _ []parser.Node) error {
		m, ok := n.(*parser.MatrixSelector)
		if !ok {
			return nil
		}
		v, ok := m.VectorSelector.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		step := time.Duration(e.steps[metricOf(v)])
		if m.RangeExpr == nil && m.Range < 2*step {
			m.Range, changed = 3*step, true
		}
		return nil
	})
	if !changed {
		return expr
	}
	return parsed.String()
}

// lookback is how long a sample holds when none follows: a bit more than two steps, so that one lost scrape makes no
// hole and the end of a series is seen when it comes.
func (e *Engine) lookback(expr string) time.Duration {
	step := e.Step(expr)
	if step == 0 {
		step = defaultStep
	}
	return time.Duration(step*2 + step/10)
}

func toSeries(s promql.Series, expr string, step int64) event.Series {
	r := event.Series{Expr: expr, Step: step}
	s.Metric.Range(func(l labels.Label) {
		if l.Name == model.MetricNameLabel {
			r.Name = l.Value
			return
		}
		r.Labels = append(r.Labels, event.Label{Name: l.Name, Value: l.Value})
	})
	for _, p := range s.Floats {
		if !math.IsNaN(p.F) {
			r.Times = append(r.Times, timestamp.Time(p.T).UnixNano())
			r.Values = append(r.Values, p.F)
		}
	}
	return r
}

func compareLabels(a, b []event.Label) int {
	return slices.CompareFunc(a, b, func(x, y event.Label) int {
		if x.Name != y.Name {
			if x.Name < y.Name {
				return -1
			}
			return 1
		}
		switch {
		case x.Value < y.Value:
			return -1
		case x.Value > y.Value:
			return 1
		default:
			return 0
		}
	})
}

// Error is an expression that is not PromQL.
type Error struct {
	// Offset is the place of the fault in the expression, in bytes; End is where it ends.
	Offset, End int
	Err         error
}

// Error says what is wrong.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Check tells whether an expression is PromQL; if it is not, the error is an [*Error].
func Check(expr string) error {
	_, err := parse(expr)
	return err
}

func parse(expr string) (parser.Expr, error) {
	parsed, err := parser.NewParser(options).ParseExpr(expr)
	if err == nil {
		if t := parsed.Type(); t != parser.ValueTypeVector && t != parser.ValueTypeScalar {
			return nil, &Error{End: len(expr), Err: fmt.Errorf("the expression gives a %s; it must give one sample a series (an instant vector)", parser.DocumentedType(t))}
		}
		return parsed, nil
	}
	if all, ok := errors.AsType[parser.ParseErrors](err); ok && len(all) > 0 {
		first := all[0]
		return nil, &Error{Offset: int(first.PositionRange.Start), End: int(first.PositionRange.End), Err: first.Err}
	}
	return nil, &Error{End: len(expr), Err: err}
}
