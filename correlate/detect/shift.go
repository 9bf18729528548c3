package detect

import (
	"context"
	"math"
	"slices"
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
and ends when three in a row are back. Where the baseline has but a few samples, factors count instead, and what the other
series of the metric do. Work that comes in batches is found where it rests far longer than it did.`,
	Run: func(_ context.Context, in *Input) []Observation {
		families := map[string]*family{}
		found := make([]excursion, len(in.Signals))
		for i := range in.Signals {
			s := &in.Signals[i]
			f, ok := families[s.Name]
			if !ok {
				f = &family{}
				families[s.Name] = f
			}
			found[i] = f.measure(s, in.Window)
		}
		for _, f := range families {
			slices.Sort(f.quiet)
		}
		for i := range found {
			found[i].weigh(families[in.Signals[i].Name])
		}
		var all []Observation
		for i := range in.Signals {
			s := &in.Signals[i]
			if o, ok := found[i].observation(s, in.Window, len(in.Signals), families[s.Name]); ok {
				all = append(all, o)
			} else if o, ok := stall(s, in.Window); ok {
				all = append(all, o)
			}
		}
		return all
	},
}

// leastBaseline is how many samples make a baseline.
const leastBaseline = 3

// family is all series of one metric. How far they stray in quiet times of the window's length tells what a distance
// is worth: some metrics are noise.
type family struct {
	series int
	// quiet are the distances, sorted once all series are measured.
	quiet []float64
	// moved are the logarithms of the factors by which the series with a sparse baseline moved.
	moved []float64
}

// excursion is how a series leaves its baseline.
type excursion struct {
	ok bool
	// few is set if the baseline has too few samples to tell how the series scatters.
	few         *jump
	run         run
	base        level
	after, peak float64
	z           float64
	// often is the share of the series' own quiet stretches that stray as far.
	often  float64
	times  []int64
	values []float64
}

// mostQuiet bounds the quiet stretches that are tried for each series.
const mostQuiet = 6

func (f *family) measure(s *Signal, w event.Window) excursion {
	_, before := finite(s.Within(event.Range{From: w.Baseline.From, To: w.From}))
	if len(before) < 8 { // a coarse series: take what there is further back
		_, before = finite(s.Within(event.Range{From: w.Lookback.From, To: w.From}))
	}
	times, values := finite(s.Within(w.Range))
	few := f.compare(s, before, values)
	if len(before) < leastBaseline || len(values) == 0 {
		return excursion{few: few, times: times, values: values}
	}
	f.series++
	n, own := len(values), 0
	if k := min(mostQuiet, len(before)/max(n, 1)-1); k > 0 && n >= 2 {
		rest := make([]float64, 0, len(before))
		for i := range k {
			from := i * (len(before) - n) / k
			rest = append(append(rest[:0], before[:from]...), before[from+n:]...)
			f.quiet = append(f.quiet, excur(s, describe(rest), before[from:from+n]).z)
			own++
		}
	}
	x := excur(s, describe(before), values)
	for _, z := range f.quiet[len(f.quiet)-own:] {
		if z >= x.z {
			x.often += 1 / float64(own)
		}
	}
	x.few, x.times, x.values = few, times, values
	return x
}

// exceeded is how many series of the family stray as far as z in a quiet time, as the quiet stretches tell.
func (f *family) exceeded(z float64) float64 {
	if len(f.quiet) == 0 {
		return 0
	}
	below, _ := slices.BinarySearch(f.quiet, z)
	return float64(len(f.quiet)-below) / float64(len(f.quiet)) * float64(f.series)
}

// excur finds the run of samples that lie beyond a level, and how far.
func excur(s *Signal, b level, values []float64) excursion {
	scale := max(b.scale, noiseFloor(s, b))
	// With few samples the range of the baseline is not known well.
	margin := 1.15
	if b.n < 20 {
		margin = 1.3
	}
	high, low := b.median+margin*(b.high-b.median), b.median-margin*(b.median-b.low)
	r, ok := longest(values, high, low, b.median, scale)
	if !ok {
		return excursion{}
	}
	x := excursion{ok: true, run: r, base: b, after: median(values[r.from:r.to]), peak: peak(values[r.from:r.to], b.median)}
	x.z = math.Abs(x.after-b.median) / scale
	// Beyond the largest deviation that the baseline itself shows, a shift is surer than its distance in scales alone says.
	if quiet := max(b.maximum-b.median, b.median-b.minimum); quiet > 0 && !b.constant {
		x.z = min(x.z, 6*math.Abs(x.after-b.median)/quiet)
	}
	if r.to-r.from == 1 && len(values) > 2 {
		x.z /= 2
	}
	return x
}

func (x *excursion) observation(s *Signal, w event.Window, looked int, f *family) (Observation, bool) {
	if !x.ok {
		return Observation{}, false
	}
	strength := certainty(x.z, looked) * weight(s, x.base, x.after) / (1 + f.exceeded(x.z)) * (1 - x.often) * (1 - x.often)
	if strength < 0.1 {
		return Observation{}, false
	}
	o := Observation{
		Kind: Shift, Component: s.Component, Onset: x.times[x.run.from], OnsetError: s.Step, Strength: strength, Distance: x.z,
		Before: x.base.median, After: x.peak, Unit: s.Unit, Signal: s, Count: int64(x.run.to - x.run.from),
	}
	o.Standing = x.run.from == 0 && math.Abs(x.values[0]-x.base.median) >= math.Abs(x.after-x.base.median)/2
	if s.Bad != 0 {
		o.Harm = s.Bad
		if x.after < x.base.median {
			o.Harm = -s.Bad
		}
	}
	// Work that is no longer done is harm; more of it may be anything.
	if s.Role == Traffic && x.after < 0.5*x.base.median {
		o.Harm = +1
	}
	if x.run.to < len(x.values) {
		o.End = x.times[x.run.to]
	}
	o.Title = shiftTitle(s, x.base.median, x.peak)
	o.Evidence = signalEvidence(s, w)
	return o, true
}

// noiseFloor is the least deviation that means anything: a hundredth of the level, one for whole numbers, a hundredth of a share.
func noiseFloor(s *Signal, b level) float64 {
	floor := 0.02 * math.Abs(b.median)
	if whole, ok := wholeOf(s, b); ok {
		return 0.002 * whole
	}
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

// wholeOf tells whether a signal is the share of what goes well or wrong, and what all of it is: 1 or 100. Of these a few
// hundredths are much: a service that fails three requests of a hundred is broken to its users.
func wholeOf(s *Signal, b level) (whole float64, ok bool) {
	switch {
	case s.Role == Errors && s.Unit == "ratio", s.Role == Availability && s.Unit == "ratio":
		return 1, true
	case s.Role == Errors && s.Unit == "%", s.Role == Availability && s.Unit == "%":
		return 100, true
	case s.Role == Availability && s.Unit == "" && b.maximum == 1 && b.median > 0.9:
		return 1, true
	case s.Role == Availability && s.Unit == "" && b.maximum == 100 && b.median > 90:
		return 100, true
	}
	return 0, false
}

// weight lowers the strength of shifts that are sure but small: 10 % more of something is seldom the cause of an incident.
func weight(s *Signal, b level, after float64) float64 {
	if whole, ok := wholeOf(s, b); ok {
		return min(1, math.Abs(after-b.median)/(0.03*whole)+0.2)
	}
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
