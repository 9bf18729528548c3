package detect

import (
	"time"

	"github.com/hindcast/hindcast/ingest/event"
)

// leastStall is how long work must rest at least.
const leastStall = time.Minute

// stall finds work that rests: a signal of work done that stays at 0 three times longer than it ever did before. Work that
// comes in batches falls to 0 all the time, so its level says nothing and only the length of the rest does.
func stall(s *Signal, w event.Window) (Observation, bool) {
	if s.Role != Traffic {
		return Observation{}, false
	}
	_, before := finite(s.Within(event.Range{From: w.Baseline.From, To: w.From}))
	times, values := finite(s.Within(w.Range))
	if len(before) < 20 || len(values) == 0 {
		return Observation{}, false
	}
	base := describe(before)
	usual, _ := rest(before)
	long, from := rest(values)
	if base.median <= 0 || long < 3*max(usual, 1) || int64(long)*s.Step < int64(leastStall) {
		return Observation{}, false
	}
	o := Observation{
		Kind: Shift, Component: s.Component, Onset: times[from], OnsetError: s.Step, Strength: 0.7, Harm: +1, Distance: float64(long) / float64(max(usual, 1)),
		Before: base.median, Unit: s.Unit, Signal: s, Count: int64(long), Evidence: signalEvidence(s, w),
		Title: s.Name + " stays at " + Quantity(0, s.Unit) + ", usually " + Quantity(base.median, s.Unit) + labelHint(s),
	}
	if end := from + long; end < len(times) {
		o.End = times[end]
	}
	return o, true
}

// rest finds the longest run of zeros: how many samples it has and where it begins.
func rest(values []float64) (longest, from int) {
	n := 0
	for i, v := range values {
		if v != 0 {
			n = 0
			continue
		}
		if n++; n > longest {
			longest, from = n, i+1-n
		}
	}
	return longest, from
}
