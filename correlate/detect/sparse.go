package detect

import (
	"math"
)

// A baseline with fewer samples than this does not tell how its series scatters.
const sparse = 8

const (
	// leastPeers is how many series of a metric it takes to tell what is usual for them.
	leastPeers = 4
	// leastFactor is how far the level of a quiet series scatters at the least, as the logarithm of a factor: about 1.3.
	leastFactor = 0.25
	// farOff is the factor beyond which a sample of the window is another level.
	farOff = 2
)

// jump is how a series with a sparse baseline moved.
type jump struct {
	run         run
	base        level
	after, peak float64
	// factor is the logarithm of the one between the levels before and after, 0 if no sample is far off.
	factor float64
}

// compare finds by what factor a series with a sparse baseline moved, nil if the baseline is not sparse. Loads and durations are
// spread as their logarithms are, so that series of different sizes can be compared; shares are not.
func (f *family) compare(s *Signal, before, values []float64) *jump {
	if len(before) == 0 || len(before) >= sparse || len(values) == 0 {
		return nil
	}
	j := &jump{base: describe(before)}
	middle := j.base.median
	if _, share := wholeOf(s, j.base); share || !(middle > 0) {
		return nil
	}
	if r, ok := longest(values, farOff*middle, middle/farOff, middle, 0); ok {
		j.run, j.after, j.peak = r, median(values[r.from:r.to]), peak(values[r.from:r.to], middle)
		if j.after > 0 {
			j.factor = math.Log(j.after / middle)
		}
	}
	f.moved = append(f.moved, j.factor)
	return j
}

// weigh judges a series with a sparse baseline, if the metric has enough others, by how much these moved in the same time: the
// scatter that its past does not tell is taken across components. With hardly a sample before, moving with all the others is no
// oddity either.
func (x *excursion) weigh(f *family) {
	j := x.few
	if j == nil || len(f.moved) < leastPeers {
		return
	}
	common := median(f.moved)
	away := make([]float64, len(f.moved))
	for i, m := range f.moved {
		away[i] = math.Abs(m - common)
	}
	scale, moved := max(1.4826*median(away), leastFactor), j.factor
	if j.base.n < leastBaseline {
		moved -= common
	} else {
		scale /= math.Sqrt(float64(j.base.n - 1))
	}
	x.ok, x.often = j.factor != 0 && j.run.to-j.run.from > 1, 0
	x.run, x.base, x.after, x.peak, x.z = j.run, j.base, j.after, j.peak, math.Abs(moved)/scale
}
