package detect

import (
	"context"
	"math"
	"slices"

	"github.com/hindcast/hindcast/ingest/event"
)

// Sawtooths finds series that grow steadily, fall back at once, and grow again: a leak between restarts.
var Sawtooths = Detector{
	Name: "sawtooth",
	Doc: `Series that grow in a straight line, fall back, and grow again.

That is the mark of something that leaks and is started anew. Each tooth must be near a straight line; at least two are needed.`,
	Run: func(_ context.Context, in *Input) []Observation {
		var all []Observation
		for i := range in.Signals {
			if o, ok := sawtooth(&in.Signals[i], in.Window); ok {
				all = append(all, o)
			}
		}
		return all
	},
}

type tooth struct {
	from, to  int
	low, high float64
}

func sawtooth(s *Signal, w event.Window) (Observation, bool) {
	if s.Role != Saturated || s.Bad <= 0 {
		return Observation{}, false
	}
	times, values := finite(s.Within(event.Range{From: w.Baseline.From, To: w.To}))
	if len(values) < 12 {
		return Observation{}, false
	}
	top := slices.Max(values)
	span := top - slices.Min(values)
	if span <= 0.3*top {
		return Observation{}, false
	}
	var teeth []tooth
	start := 0
	for i := 1; i <= len(values); i++ {
		if i < len(values) && values[i-1]-values[i] < 0.4*span {
			continue
		}
		if t, ok := straight(times, values, start, i, span); ok {
			teeth = append(teeth, t)
		}
		start = i
	}
	if len(teeth) < 2 {
		return Observation{}, false
	}
	last := 0
	var lengths, highs, lows []float64
	for _, t := range teeth {
		if times[t.to-1] >= w.From {
			last++
		}
		lengths = append(lengths, float64(times[t.to-1]-times[t.from])/1e9)
		highs = append(highs, t.high)
		lows = append(lows, t.low)
	}
	before := len(teeth) - last
	usual := float64(before) * float64(w.Duration()) / max(float64(w.From-max(w.Baseline.From, times[0])), 1)
	if last == 0 || last < 2 && before < 2 || float64(last) < 1.5*usual && times[teeth[0].from]-times[0] < 2*(times[teeth[0].to-1]-times[teeth[0].from]) {
		return Observation{}, false // it was always like that: a collector of garbage, a batch of work
	}
	o := Observation{
		Kind: Sawtooth, Component: s.Component, Onset: times[teeth[0].from], OnsetError: s.Step, Signal: s, Unit: s.Unit, Harm: +1,
		Strength: min(0.95, 0.5+0.1*float64(len(teeth))), Before: median(lows), After: median(highs), Count: int64(len(teeth)),
	}
	o.End = times[teeth[len(teeth)-1].to-1]
	o.Title = s.Name + " grows in a straight line from " + Quantity(o.Before, s.Unit) + " to " + Quantity(o.After, s.Unit) + " in " +
		secondsOf(median(lengths)) + ", falls back and grows again" + repeated(int64(len(teeth))) + labelHint(s)
	o.Evidence = signalEvidence(s, w)
	return o, true
}

// straight tells whether the samples [from, to) rise along a line, over a good part of the whole span.
func straight(times []int64, values []float64, from, to int, span float64) (tooth, bool) {
	if to-from < 6 || times[to-1]-times[from] < 2*minute {
		return tooth{}, false
	}
	v := values[from:to]
	n := float64(len(v))
	var sx, sy, sxx, sxy, syy float64
	for i, y := range v {
		x := float64(times[from+i]-times[from]) / 1e9
		sx, sy, sxx, sxy, syy = sx+x, sy+y, sxx+x*x, sxy+x*y, syy+y*y
	}
	vx, vy, cov := sxx-sx*sx/n, syy-sy*sy/n, sxy-sx*sy/n
	if vx <= 0 || vy <= 0 || cov <= 0 {
		return tooth{}, false
	}
	r2 := cov * cov / (vx * vy)
	t := tooth{from: from, to: to, low: v[0], high: v[len(v)-1]}
	return t, r2 > 0.85 && t.high-t.low > 0.4*span && !math.IsNaN(r2)
}
