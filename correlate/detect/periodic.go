package detect

import (
	"context"
	"math"

	"github.com/hindcast/hindcast/correlate/summary"
	"github.com/hindcast/hindcast/ingest/event"
)

// Periodic finds log patterns that came at regular times and are missed.
var Periodic = Detector{
	Name: "periodic",
	Doc: `Periodic log patterns that do not come when they are due.

The period is learnt from lookback and baseline: at least five occasions whose distances agree within a tenth of their
median, or two buckets. An occasion is missed if one and a half periods pass without it.`,
	Run: func(_ context.Context, in *Input) []Observation {
		l := in.Summary.Layout()
		var all []Observation
		for i := range in.Patterns {
			if o, ok := missed(in, l, &in.Patterns[i]); ok {
				all = append(all, o)
			}
		}
		return all
	},
}

// leastPeriods is how many buckets a period spans at least: in fewer, what comes by chance looks regular too.
const leastPeriods = 6

func missed(in *Input, l *summary.Layout, p *Pattern) (Observation, bool) {
	var occasions []int64
	width := int64(0)
	for _, b := range p.Counts {
		r := l.Bounds(b.Index)
		if n := len(occasions); n > 0 && r.From-occasions[n-1] <= 2*(r.To-r.From) {
			continue // one occasion that spans buckets
		}
		occasions = append(occasions, r.From)
		if r.From < in.Window.From {
			width = max(width, r.To-r.From)
		}
	}
	before := 0
	for before < len(occasions) && occasions[before] < in.Window.From {
		before++
	}
	if before < 5 {
		return Observation{}, false
	}
	gaps := make([]float64, 0, before)
	for i := 1; i < before; i++ {
		gaps = append(gaps, float64(occasions[i]-occasions[i-1]))
	}
	period := median(gaps)
	slack := max(0.1*period, 2*float64(width))
	if period < leastPeriods*float64(width) || period < 60e9 || period > float64(in.Window.To-in.Window.Lookback.From)/4 {
		return Observation{}, false
	}
	regular := 0
	for _, g := range gaps {
		if math.Abs(g-period) <= slack {
			regular++
		}
	}
	if float64(regular) < 0.8*float64(len(gaps)) {
		return Observation{}, false
	}
	last := occasions[before-1]
	due := last + int64(period)
	for _, t := range occasions[before:] {
		if float64(t-last) > 1.5*period {
			break
		}
		last, due = t, t+int64(period)
	}
	if float64(in.Window.To-last) < 1.5*period+slack || due < in.Window.From-int64(slack) {
		return Observation{}, false
	}
	o := Observation{
		Kind: Missed, Component: event.Component{Name: p.Component}, Onset: due, OnsetError: int64(slack), Harm: +1, Pattern: p,
		Strength: 0.3 + 0.4*float64(regular)/float64(len(gaps)+2), Before: period / 1e9, Unit: "s", Severity: p.Severity,
	}
	o.Title = quote(p) + " did not come when it was due, after every " + secondsOf(period/1e9) + " before"
	o.Evidence = patternEvidence(p, p.Before, int64(before))
	return o, true
}
