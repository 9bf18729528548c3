package detect

import (
	"context"
	"math"
	"time"

	"github.com/hindcast/hindcast/ingest/event"
)

// Shifts finds series whose level in the window is not that of the baseline.
var Shifts = Detector{
	Name: "shift",
	Doc: `Series at another level than before.

The baseline is described by its median and a robust scale, since other faults may lie inside it. A shift is a run of
samples of the window that lie further from the median than the scale and than nearly all of the baseline's own samples;
the more series are looked at, the further. It begins with the first sample that leaves the baseline's range for good
and ends when three in a row are back.`,
	Run: func(_ context.Context, in *Input) []Observation {
		var all []Observation
		for i := range in.Signals {
			if o, ok := shift(&in.Signals[i], in.Window, len(in.Signals)); ok {
				all = append(all, o)
			}
		}
		return all
	},
}

// leastBaseline is how many samples make a baseline.
const leastBaseline = 3

func shift(s *Signal, w event.Window, looked int) (Observation, bool) {
	_, before := s.Within(event.Range{From: w.Baseline.From, To: w.From})
	if len(before) < 8 { // a coarse series: take what there is further back
		_, before = s.Within(event.Range{From: w.Lookback.From, To: w.From})
	}
	times, values := finite(s.Within(w.Range))
	b := describe(before)
	if b.n < leastBaseline || len(values) == 0 {
		return Observation{}, false
	}
	scale := b.scale
	if floor := noiseFloor(s, b); scale < floor {
		scale = floor
	}
	// With few samples the range of the baseline is not known well.
	margin := 1.15
	if b.n < 20 {
		margin = 1.3
	}
	high, low := b.median+margin*(b.high-b.median), b.median-margin*(b.median-b.low)
	run, ok := longest(values, high, low, b.median, scale)
	if !ok {
		return Observation{}, false
	}
	dev := make([]float64, 0, run.to-run.from)
	for _, v := range values[run.from:run.to] {
		dev = append(dev, v)
	}
	after := median(dev)
	extreme := peak(values[run.from:run.to], b.median)
	z := math.Abs(after-b.median) / scale
	// Beyond the largest deviation that the baseline itself shows, a shift is surer than its distance in scales alone says.
	if quiet := max(b.maximum-b.median, b.median-b.minimum); quiet > 0 && !b.constant {
		z = min(z, 6*math.Abs(after-b.median)/quiet)
	}
	if run.to-run.from == 1 && len(values) > 3 {
		z /= 2
	}
	strength := certainty(z, looked) * weight(s, b, after)
	if strength < 0.1 {
		return Observation{}, false
	}
	o := Observation{
		Kind: Shift, Component: s.Component, Onset: times[run.from], OnsetError: s.Step, Strength: strength,
		Before: b.median, After: extreme, Unit: s.Unit, Signal: s, Count: int64(run.to - run.from),
	}
	if s.Bad != 0 {
		o.Harm = s.Bad
		if after < b.median {
			o.Harm = -s.Bad
		}
	}
	if run.to < len(values) {
		o.End = times[run.to]
	}
	o.Title = shiftTitle(s, b.median, extreme)
	o.Evidence = signalEvidence(s, w)
	return o, true
}

// noiseFloor is the least deviation that means anything: a hundredth of the level, one for whole numbers, a hundredth of a share.
func noiseFloor(s *Signal, b level) float64 {
	floor := 0.02 * math.Abs(b.median)
	switch {
	case s.Unit == "ratio":
		floor = max(floor, 0.005)
	case s.Unit == "%":
		floor = max(floor, 0.5)
	case b.integer && b.maximum >= 2:
		floor = max(floor, 0.5)
	case b.integer:
		floor = max(floor, 0.1)
	}
	if floor == 0 {
		floor = max(math.Abs(b.maximum-b.minimum)*0.05, 1e-9)
	}
	return floor
}

// weight lowers the strength of shifts that are sure but small: 10 % more of something is seldom the cause of an incident.
func weight(s *Signal, b level, after float64) float64 {
	if s.Unit == "ratio" || s.Unit == "%" {
		span := 1.0
		if s.Unit == "%" {
			span = 100
		}
		return min(1, math.Abs(after-b.median)/(0.1*span)+0.2)
	}
	base := max(math.Abs(b.median), b.scale)
	if base == 0 {
		return 1
	}
	change := math.Abs(after-b.median) / base
	return min(1, change/0.5+0.1)
}

type run struct{ from, to int }

// longest finds the run of samples beyond the baseline that weighs most. Single samples within the baseline do not end a run,
// three do.
func longest(values []float64, high, low, middle, scale float64) (run, bool) {
	var best run
	bestMass := 0.0
	beyond := func(v float64) int {
		switch {
		case v > high && v-middle > 3*scale:
			return +1
		case v < low && middle-v > 3*scale:
			return -1
		}
		return 0
	}
	for i := 0; i < len(values); {
		side := beyond(values[i])
		if side == 0 {
			i++
			continue
		}
		from, to, inside, mass := i, i+1, 0, math.Abs(values[i]-middle)
		for j := i + 1; j < len(values) && inside < 3; j++ {
			if beyond(values[j]) == side {
				to, inside = j+1, 0
				mass += math.Abs(values[j] - middle)
			} else {
				inside++
			}
		}
		if mass > bestMass {
			best, bestMass = run{from, to}, mass
		}
		i = to
	}
	return best, bestMass > 0
}

// peak returns the value furthest from the middle.
func peak(values []float64, middle float64) float64 {
	p := values[0]
	for _, v := range values {
		if math.Abs(v-middle) > math.Abs(p-middle) {
			p = v
		}
	}
	return p
}

func shiftTitle(s *Signal, before, after float64) string {
	verb := "rises"
	if after < before {
		verb = "falls"
	}
	return s.Name + " " + verb + " from " + Quantity(before, s.Unit) + " to " + Quantity(after, s.Unit) + labelHint(s)
}

// minute is the step that detectors of trends thin long series to.
const minute = int64(time.Minute)
