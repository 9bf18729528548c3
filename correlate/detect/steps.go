package detect

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Lines that one path of a program writes come in equal numbers. Where one of them stops, the path ends before it: it returns
// early or fails. That a step's line misses while the one before it does not tells of faults in code that no error line and
// no metric shows; Nezha (Yu et al., ESEC/FSE 2023) ranks by such pairs of log statements and spans.

const (
	// leastSteps is how often two patterns must have come together to be steps of one path.
	leastSteps = 6
	// nearSteps is how many patterns that come as often are tried as companions of each.
	nearSteps = 8
	// unequal is the share by which the numbers of two steps may differ: some paths are cut by the ends of the evidence.
	unequal = 0.05
	// leastMinutes is in how many minutes they must have come, since what came in one burst came together by chance; mostly is the
	// share of these with equal numbers.
	leastMinutes = 4
	mostly       = 0.75
	// torn is the share of a minute's lines that its ends may part from their companions.
	torn = 0.25
	// thinned is the share of what its companion comes below which a step is skipped.
	thinned = 0.7
)

// skipped reports patterns, by their index, that come far less often than others of their component that came in step with them
// before.
func (d *patternDetector) skipped() map[int]Observation {
	order := make([]int, 0, len(d.in.Patterns))
	counts := make([]float64, len(d.in.Patterns))
	for i := range d.in.Patterns {
		counts[i] = float64(d.in.Patterns[i].Counts.Sum(d.baseFrom, d.winFrom))
		if counts[i] >= leastSteps {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(strings.Compare(d.in.Patterns[a].Component, d.in.Patterns[b].Component), cmp.Compare(counts[a], counts[b]), cmp.Compare(a, b))
	})
	all := map[int]Observation{}
	for at, i := range order {
		p := &d.in.Patterns[i]
		best, seen := -1, float64(p.Counts.Sum(d.winFrom, d.winTo))
		most := seen
		for _, j := range order[max(0, at-nearSteps):min(len(order), at+nearSteps+1)] {
			q := &d.in.Patterns[j]
			n := float64(q.Counts.Sum(d.winFrom, d.winTo))
			if n > most && n >= leastSteps && seen <= thinned*n && q.Component == p.Component && d.inStep(p, q) {
				best, most = j, n
			}
		}
		if best >= 0 {
			if o, ok := d.missing(p, &d.in.Patterns[best], seen, most); ok {
				all[i] = o
			}
		}
	}
	return all
}

// inStep tells whether two patterns came in equal numbers in nearly all minutes of the baseline with either. In some they need not:
// another fault may lie inside the baseline.
func (d *patternDetector) inStep(p, q *Pattern) bool {
	if variants(p.Template, q.Template) {
		return false
	}
	a, b := d.perMinute(p, d.baseFrom, d.winFrom), d.perMinute(q, d.baseFrom, d.winFrom)
	equal, occupied := 0, 0
	for k := range a {
		most := max(a[k], b[k])
		if most == 0 {
			continue
		}
		occupied++
		if math.Abs(a[k]-b[k]) <= torn*most {
			equal++
		}
	}
	return occupied >= leastMinutes && float64(equal) >= mostly*float64(occupied)
}

// variants tells whether two templates are one line with different values, of which now the one comes and now the other.
func variants(a, b string) bool {
	same, n := 0, min(len(a), len(b))
	for same < n && a[same] == b[same] {
		same++
	}
	return 3*same > 2*n
}

func (d *patternDetector) perMinute(p *Pattern, from, to int32) []float64 {
	return group(p.Counts.Dense(from, to), int32(max(1, int64(60e9)/d.layout.FineWidth)))
}

// missing reports that a step came seen times where its companion came expected times.
func (d *patternDetector) missing(p, companion *Pattern, seen, expected float64) (Observation, bool) {
	z := (expected - seen) / math.Sqrt(1+unequal*expected)
	strength := certainty(z, len(d.in.Patterns)) * 0.9
	if strength < 0.1 {
		return Observation{}, false
	}
	o := d.observation(GonePattern, p, strength)
	o.Distance, o.Harm = z, +1
	o.Onset, o.OnsetError = d.in.Window.From, d.in.Window.Duration().Nanoseconds()
	p1, q1 := d.perMinute(p, d.winFrom, d.winTo), d.perMinute(companion, d.winFrom, d.winTo)
	for k := range min(len(p1), len(q1)) {
		if q1[k]-p1[k] > q1[k]/2 {
			per := int32(max(1, int64(60e9)/d.layout.FineWidth))
			o.Onset, o.OnsetError = d.layout.Bounds(d.winFrom+int32(k)*per).From, int64(60e9)
			break
		}
	}
	o.Before, o.After, o.Count, o.Unit = expected, seen, int64(seen), "lines"
	o.Title = quote(p) + " comes " + number(seen) + " times, where " + quote(companion) + " comes " + number(expected) + " times and came as often before"
	o.Evidence = append(patternEvidence(p, p.Before, p.Count), patternEvidence(companion, companion.In, int64(expected))...)
	return o, true
}
