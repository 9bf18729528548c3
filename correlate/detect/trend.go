package detect

import (
	"context"
	"math"
	"slices"

	"github.com/hindcast/hindcast/ingest/event"
)

// Trends finds series that grow or fall steadily, when that began, and when they reach the end.
var Trends = Detector{
	Name: "trend",
	Doc: `Series that have grown or fallen steadily, often long before the window.

A flat part followed by a straight line is fitted to everything there is up to the worst point of the window; the bend is where
the trend began. It counts if it explains the data far better than no trend and better than a step.`,
	Run: func(_ context.Context, in *Input) []Observation {
		var all []Observation
		for i := range in.Signals {
			if o, ok := trend(&in.Signals[i], in.Window); ok {
				all = append(all, o)
			}
		}
		return all
	},
}

// mostFit bounds the points that a fit looks at: it tries every point as the bend.
const mostFit = 240

func trend(s *Signal, w event.Window) (Observation, bool) {
	if s.Role == Traffic || s.Role == Latency {
		return Observation{}, false // these follow the load; their changes are shifts
	}
	times, values := finite(s.Within(event.Range{From: w.Lookback.From, To: w.To}))
	if len(values) < 12 {
		return Observation{}, false
	}
	times, values = upToPeak(times, values, w, s.Bad)
	t, v := evenly(times, values, mostFit)
	if len(v) < 10 {
		return Observation{}, false
	}
	f := bend(t, v)
	span := float64(t[len(t)-1] - t[0])
	rise := f.slope * (float64(t[len(t)-1]) - f.at)
	b := describe(v[:max(f.index, 3)])
	if math.Abs(rise) < 0.15*max(math.Abs(b.median), math.Abs(rise)/2) || f.rms == 0 || math.Abs(rise) < 5*f.rms || f.explained < 0.85 {
		return Observation{}, false
	}
	// It must have gone on for a while before the window: what begins within it is a shift.
	if long := float64(w.From) - f.at; long < 2*float64(minute) || long < 0.05*span {
		return Observation{}, false
	}
	o := Observation{
		Kind: Trend, Component: s.Component, Onset: int64(f.at), OnsetError: int64(span) / int64(len(t)), Signal: s, Unit: s.Unit,
		Before: f.level, After: v[len(v)-1], Strength: (f.explained - 0.8) * 5 * min(1, math.Abs(rise)/(0.5*max(math.Abs(f.level), 1e-9))) * 0.9,
	}
	o.Strength = min(max(o.Strength, 0), 0.9)
	if s.Bad != 0 {
		o.Harm = s.Bad
		if rise < 0 {
			o.Harm = -s.Bad
		}
	}
	if o.Harm < 0 || o.Strength < 0.1 {
		return Observation{}, false
	}
	verb := "grows"
	if rise < 0 {
		verb = "falls"
	}
	o.Title = s.Name + " " + verb + " steadily from " + Quantity(o.Before, s.Unit) + " to " + Quantity(o.After, s.Unit) + " in " +
		secondsOf((float64(t[len(t)-1])-f.at)/1e9) + labelHint(s)
	o.Evidence = signalEvidence(&Signal{Name: s.Name, Times: times, Values: values, Unit: s.Unit, Query: s.Query, Source: s.Source}, event.Window{Range: w.Range, Baseline: event.Range{From: times[0]}})
	return o, true
}

// upToPeak cuts a series after its worst point in the window: what follows is the mending.
func upToPeak(times []int64, values []float64, w event.Window, bad int) ([]int64, []float64) {
	best := -1
	for i, t := range times {
		if t < w.From {
			continue
		}
		if best < 0 || bad >= 0 && values[i] > values[best] || bad < 0 && values[i] < values[best] {
			best = i
		}
	}
	if best < 0 {
		return times, values
	}
	return times[:best+1], values[:best+1]
}

// evenly thins samples to at most n points, evenly in time, each the median of its part: lookback and window may come at different steps.
func evenly(times []int64, values []float64, n int) (t []int64, v []float64) {
	if len(times) == 0 {
		return nil, nil
	}
	width := (times[len(times)-1]-times[0])/int64(n) + 1
	for i := 0; i < len(times); {
		end := times[0] + ((times[i]-times[0])/width+1)*width
		j := i
		for j < len(times) && times[j] < end {
			j++
		}
		t = append(t, times[(i+j)/2])
		v = append(v, median(values[i:j]))
		i = j
	}
	return t, v
}

// fit is a level until at, then a line.
type fit struct {
	index                 int
	at                    float64
	level, slope          float64
	rms, explained, sseOf float64
}

// bend fits level + slope*max(0, t-at) by least squares, trying each point as the bend. With the bend fixed it is a linear
// regression on one variable, whose error follows from sums over the points behind the bend; these are kept from point to
// point, so that the whole search costs one pass. Only the best bend is fitted point by point.
func bend(t []int64, v []float64) fit {
	n := float64(len(v))
	t0 := float64(t[0])
	mean := 0.0
	for _, y := range v {
		mean += y
	}
	mean /= n
	total := 0.0
	for _, y := range v {
		total += (y - mean) * (y - mean)
	}
	best, least := -1, 0.0
	var m, st, stt, sy, sty float64 // over the points from k on: their number, and sums of t, t*t, y-mean and t*(y-mean)
	for k, v0 := range slices.Backward(t) {
		x, y := float64(v0)-t0, v[k]-mean
		m, st, stt, sy, sty = m+1, st+x, stt+x*x, sy+y, sty+x*y
		if k >= len(t)-4 {
			continue
		}
		sx, sxx, sxy := st-m*x, stt-2*x*st+m*x*x, sty-x*sy
		if den := sxx - sx*sx/n; den > 0 && (best < 0 || total-sxy*sxy/den <= least) {
			best, least = k, total-sxy*sxy/den
		}
	}
	if best < 0 {
		return fit{sseOf: math.Inf(1), rms: math.Inf(1), explained: math.Inf(-1)}
	}
	f := bent(t, v, best, mean)
	if total > 0 {
		f.explained = 1 - f.sseOf/total
	}
	f.rms = math.Sqrt(f.sseOf / n)
	return f
}

// bent fits the line behind a bend at the point k.
func bent(t []int64, v []float64, k int, mean float64) fit {
	n, at := float64(len(v)), float64(t[k])
	var sx, sxx, sxy float64
	for i := k; i < len(t); i++ {
		x := float64(t[i]) - at
		sx += x
		sxx += x * x
		sxy += x * (v[i] - mean)
	}
	f := fit{index: k, at: at, slope: sxy / (sxx - sx*sx/n)}
	f.level = mean - f.slope*sx/n
	for i, y := range v {
		d := y - f.level - f.slope*max(float64(t[i])-at, 0)
		f.sseOf += d * d
	}
	return f
}
