package detect

import (
	"context"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/hindcast/hindcast/ingest/event"
)

// Saturations finds series that reach a maximum that another series tells.
var Saturations = Detector{
	Name: "saturation",
	Doc: `Series that meet their limit.

Use and limit are paired by their names: without the words that tell them apart ("active", "used", "max", "limit", ...)
they must be the same, and so must the labels that both have. What is available or free is taken off the size.`,
	Run: func(_ context.Context, in *Input) []Observation {
		known := map[string]*limits{}
		for i := range in.Signals {
			if s := &in.Signals[i]; s.Series != nil && s.Series.Name == s.Name {
				if stem, kind := stemOf(s.Name); kind == limitName {
					if known[stem] == nil {
						known[stem] = &limits{}
					}
					known[stem].all = append(known[stem].all, s)
				}
			}
		}
		for _, l := range known {
			l.index()
		}
		var all []Observation
		for i := range in.Signals {
			s := &in.Signals[i]
			if s.Series == nil || s.Series.Name != s.Name {
				continue
			}
			stem, kind := stemOf(s.Name)
			if kind == limitName || kind == otherName {
				continue
			}
			for _, l := range known[stem].of(s) {
				if !sameLabels(s.Series, l.Series) {
					continue
				}
				if o, ok := saturation(s, l, kind, in.Window); ok {
					all = append(all, o)
					break
				}
			}
		}
		return all
	},
}

type nameKind int

const (
	otherName nameKind = iota
	useName
	freeName
	limitName
)

var nameWords = map[string]nameKind{
	"active": useName, "used": useName, "usage": useName, "current": useName, "open": useName, "count": useName, "acquired": useName, "busy": useName,
	"allocated": useName, "use": useName, "connected": useName, "working": useName, "resident": useName, "size": limitName, "max": limitName, "maximum": limitName, "limit": limitName,
	"limits": limitName, "capacity": limitName, "quota": limitName, "total": limitName, "hard": limitName,
	"avail": freeName, "available": freeName, "free": freeName,
}

// stemOf takes the words out of a metric's name that say whether it is a use or a limit, and returns the rest, sorted.
func stemOf(name string) (string, nameKind) {
	kind := otherName
	var rest []string
	for w := range strings.SplitSeq(strings.ToLower(name), "_") {
		k, ok := nameWords[w]
		switch {
		case !ok:
			if w != "in" && w != "set" && w != "spec" && w != "config" {
				rest = append(rest, w)
			}
		case k == limitName || kind == otherName:
			kind = k
		}
	}
	slices.Sort(rest)
	return strings.Join(rest, "_"), kind
}

// sameLabels tells whether the labels that both series have are equal, and there is one at least.
func sameLabels(a, b *event.Series) bool {
	same := 0
	for _, l := range a.Labels {
		i := sort.Search(len(b.Labels), func(i int) bool { return b.Labels[i].Name >= l.Name })
		if i == len(b.Labels) || b.Labels[i].Name != l.Name {
			continue
		}
		if b.Labels[i].Value != l.Value {
			return false
		}
		same++
	}
	return same > 0 || len(a.Labels) == 0 && len(b.Labels) == 0
}

// full is the share of a limit that counts as reached: pools and disks are in trouble before the last one is gone.
const full = 0.9

func saturation(use, limit *Signal, kind nameKind, w event.Window) (Observation, bool) {
	times, values := finite(use.Within(event.Range{From: w.Baseline.From, To: w.To}))
	first, top, end := -1, 0.0, int64(0)
	fullBefore, before := 0, 0
	var topLimit float64
	for i, t := range times {
		l := limit.asOf(t)
		if !(l > 0) || l > 1e18 { // "no limit" is often written as a huge number
			continue
		}
		v := values[i]
		if kind == freeName {
			v = l - v
		}
		share := v / l
		if t < w.From {
			before++
			if share >= full {
				fullBefore++
			}
			if share < full || first >= 0 {
				continue
			}
		}
		if share >= full && first < 0 {
			first = i
		}
		if share > top {
			top, topLimit = share, l
		}
		switch {
		case share >= full:
			end = 0
		case first >= 0 && end == 0:
			end = t
		}
	}
	if first < 0 || top < full || before > 0 && fullBefore*2 > before {
		return Observation{}, false // never full, or usually full: a page cache, a buffer pool
	}
	o := Observation{
		Kind: Saturation, Component: use.Component, Onset: times[first], OnsetError: use.Step, End: end, Signal: use, Unit: use.Unit, Harm: +1,
		Before: top * topLimit, After: topLimit, Strength: min(0.95, 0.6+(top-full)*3),
	}
	o.Title = use.Name + " at " + number(math.Round(top*1000)/10) + " % of its limit: " + Quantity(top*topLimit, use.Unit) + " of " + Quantity(topLimit, use.Unit) + labelHint(use)
	o.Evidence = append(signalEvidence(use, w), signalEvidence(limit, w)...)
	return o, true
}

// asOf returns the last value not after t, or the first one.
func (s *Signal) asOf(t int64) float64 {
	i := sort.Search(len(s.Times), func(i int) bool { return s.Times[i] > t })
	if len(s.Values) == 0 {
		return math.NaN()
	}
	return s.Values[max(i-1, 0)]
}
