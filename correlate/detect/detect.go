// Package detect says what changed: it compares a window with the quiet time before it and gives observations.
//
// A [Detector] looks at one sort of evidence and is a value in the list [All]. What it gives must hold on its own:
// detectors correct for how many things they looked at, because a quiet day must give almost nothing.
package detect

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/hindcast/hindcast/correlate/pattern"
	"github.com/hindcast/hindcast/correlate/summary"
	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/ingest/event"
)

// Kind is the sort of an observation.
type Kind string

// The kinds of observations.
const (
	NewPattern  Kind = "new-pattern"
	GonePattern Kind = "gone-pattern"
	Burst       Kind = "burst"
	Silence     Kind = "silence"
	Missed      Kind = "missed"
	Shift       Kind = "shift"
	Trend       Kind = "trend"
	Sawtooth    Kind = "sawtooth"
	Saturation  Kind = "saturation"
	Restart     Kind = "restart"
	Milestone   Kind = "milestone"
	Alert       Kind = "alert"
	Change      Kind = "change"
	Kubernetes  Kind = "kubernetes"
	Action      Kind = "action"
)

// Observation is something notable.
type Observation struct {
	Kind      Kind
	Component event.Component
	// Onset is when it began, ± OnsetError; End when it was over, 0 if it lasted to the end of the window.
	Onset, OnsetError, End int64
	// Strength is how sure it is that this is not chance, from 0 to 1, and how large it is.
	Strength float64
	// Distance is how far from the usual it is, in units of the usual scatter; unlike Strength it has no upper end.
	Distance float64
	// Standing is set for a shift that was there, half as far at least, when the window began.
	Standing bool
	// Harm is +1 for a change to the worse, -1 to the better, 0 where that cannot be told.
	Harm int
	// Title is one line for a person, with the numbers.
	Title string
	// Before and After are the values compared, in Unit.
	Before, After float64
	Unit          string
	Count         int64
	Severity      event.Severity
	// Pattern is the log pattern, Signal the series, Event the event that it is about; two of them are nil.
	Pattern  *Pattern
	Signal   *Signal
	Event    *event.Event
	Evidence []timeline.Evidence
}

// Input is what detectors look at. They must not change it.
type Input struct {
	Window   event.Window
	Summary  *summary.Summary
	Patterns []Pattern
	Signals  []Signal
	// Series are those that Signals were made of, and the others.
	Series []event.Series
	Events []event.Event
}

// Detector looks for one sort of thing.
type Detector struct {
	Name string
	// Doc begins with a title of one line.
	Doc string
	Run func(ctx context.Context, in *Input) []Observation
}

// All are the detectors, in the order in which they run.
var All = []Detector{Patterns, Silences, Periodic, Shifts, Trends, Sawtooths, Saturations, Restarts, Milestones, Events}

// Run runs all detectors side by side, as none of them changes the input. The result is ordered by onset.
func Run(ctx context.Context, in *Input) ([]Observation, error) {
	found := make([][]Observation, len(All))
	var wg sync.WaitGroup
	for i, d := range All {
		wg.Go(func() { found[i] = d.Run(ctx, in) })
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	all := slices.Concat(found...)
	slices.SortStableFunc(all, func(a, b Observation) int {
		return cmp.Or(cmp.Compare(a.Onset, b.Onset), strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.Component.Name, b.Component.Name), strings.Compare(a.Title, b.Title))
	})
	return all, nil
}

// Prepare makes the input of a summary: its shapes clustered to patterns, its series and counts made comparable signals.
func Prepare(s *summary.Summary, w event.Window) *Input {
	series := s.Series()
	return &Input{
		Window:   w,
		Summary:  s,
		Patterns: patterns(s),
		Signals:  append(signals(series), logSignals(s)...),
		Series:   series,
		Events:   s.Events(),
	}
}

// Pattern is what a component said in alike shapes.
type Pattern struct {
	ID        string
	Template  string
	Component string
	Severity  event.Severity
	Status    int16
	Count     int64
	// First and Last are Unix nanoseconds, over lookback, baseline and window.
	First, Last int64
	Counts      summary.Histogram
	In, Before  []summary.Exemplar
}

// patterns clusters the shapes of all components at once and adds up those of one pattern, component, severity and status.
func patterns(s *summary.Summary) []Pattern {
	shapes := s.Shapes()
	index := map[string]int{}
	var distinct []pattern.Shape
	for i := range shapes {
		if j, ok := index[shapes[i].Template]; ok {
			distinct[j].Count += uint64(shapes[i].Count)
			continue
		}
		index[shapes[i].Template] = len(distinct)
		distinct = append(distinct, pattern.Shape{Fingerprint: shapes[i].Fingerprint, Template: shapes[i].Template, Count: uint64(shapes[i].Count)})
	}
	of, clusters := pattern.Cluster(distinct)
	type key struct {
		cluster   int
		component string
		severity  event.Severity
		status    int16
	}
	joined := map[key]int{}
	var all []Pattern
	for i := range shapes {
		sh := &shapes[i]
		k := key{of[index[sh.Template]], sh.Component, sh.Severity, sh.Status}
		j, ok := joined[k]
		if !ok {
			joined[k] = len(all)
			c := clusters[k.cluster]
			all = append(all, Pattern{
				ID: c.ID, Template: c.Template, Component: sh.Component, Severity: sh.Severity, Status: sh.Status,
				Count: sh.Count, First: sh.First, Last: sh.Last, Counts: slices.Clone(sh.Counts), In: sh.In, Before: sh.Before,
			})
			continue
		}
		p := &all[j]
		p.Count += sh.Count
		p.First = min(p.First, sh.First)
		p.Last = max(p.Last, sh.Last)
		p.Counts.Merge(sh.Counts)
		p.In = earliest(p.In, sh.In)
		p.Before = earliest(p.Before, sh.Before)
	}
	return all
}

func earliest(a, b []summary.Exemplar) []summary.Exemplar {
	all := slices.Concat(a, b)
	slices.SortStableFunc(all, func(x, y summary.Exemplar) int {
		return cmp.Or(cmp.Compare(x.Time, y.Time), strings.Compare(x.Origin.String(), y.Origin.String()))
	})
	return all[:min(len(all), 3)]
}
