package rank

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/hindcast/hindcast/ingest/event"
)

// Aspect is the side of a component that is odd. Callees spoil the golden signals of their callers, but hardly their
// own resources and words.
type Aspect int

// The aspects.
const (
	OwnAspect Aspect = iota
	WordAspect
	LatencyAspect
	ErrorAspect
	TrafficAspect
	// CalleeAspect is how slow those are that a component calls, as it sees them; WayAspect is how long calls to it are under way.
	CalleeAspect
	WayAspect
)

// Oddity is one thing that is odd about a component.
type Oddity struct {
	Component string
	Aspect    Aspect
	Onset     int64
	Strength  float64
	// Distance is how far from the usual it is; 0 if that has no measure.
	Distance float64
	Harm     int
	// Standing is set if it was there already well before the alerts that fired.
	Standing bool
	// Foreign is set if alerts are about slowness alone and this is about failures, or the other way round.
	Foreign bool
	// Family is what the same oddity of other components has in common with this one: the metric, the kind of pattern. What
	// many components show says little about each.
	Family string
}

// Component is a component with how suspicious it is.
type Component struct {
	Name  string
	Score float64
	First int64
}

// weights say how much an aspect tells about where the fault is.
var weights = [...]float64{OwnAspect: 1, WordAspect: 0.8, LatencyAspect: 0.7, ErrorAspect: 0.7, TrafficAspect: 0.25, CalleeAspect: 0.15, WayAspect: 0.7}

// Components ranks components by how odd they are. An oddity counts by its share of all that its family shows; the golden
// signals of a component count less if those that it calls are odd too. A component is the more suspicious the more of
// the other odd ones lie above it, callers of callers, and little if no way over odd ones leads up from it to one that
// an alert is about.
func Components(odd []Oddity, alerting []string, t *event.Topology) []Component {
	callers := map[string][]string{}
	for _, caller := range slices.Sorted(maps.Keys(t.Calls)) {
		for _, callee := range t.Calls[caller] {
			callers[callee] = append(callers[callee], caller)
		}
	}
	by := aspectsOf(odd, callers)
	for _, name := range alerting {
		if by[name] == nil {
			by[name] = &aspects{}
		}
		by[name].harm = max(by[name].harm, 0.8)
	}
	names := slices.Sorted(maps.Keys(by))
	total := 0.0
	for _, name := range names {
		total += by[name].harm
	}
	out := make([]Component, 0, len(by))
	for _, name := range names {
		a := by[name]
		if a.first == 0 { // nothing but an alert
			continue
		}
		worst := 0.0
		for _, callee := range t.Calls[name] {
			if x := by[callee]; x != nil {
				worst = max(worst, x.own()+x.golden())
			}
		}
		score := a.own() + a.golden()*(1-0.7*min(worst, 1))
		above, alerted := upwards(name, by, callers, alerting)
		score *= 0.7 + 0.3*above/max(total, 1e-9)
		if len(alerting) > 0 && len(t.Calls) > 0 && !alerted {
			score *= 0.3
		}
		out = append(out, Component{Name: name, Score: score, First: a.first})
	}
	slices.SortFunc(out, func(a, b Component) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.Name, b.Name))
	})
	return out
}

// standing is what is left of the strength of what was odd before anybody was troubled by it.
const standing = 0.4

// foreign is what is left of the strength of failures where alerts are about slowness: retries make them slow, so it is much.
const foreign = 0.5

// leastHarm is how odd a component must be for trouble to have passed through it.
const leastHarm = 0.15

// upwards sums how much harm a component and its odd callers show, and theirs, and tells whether an alert is among them.
func upwards(name string, by map[string]*aspects, callers map[string][]string, alerting []string) (harm float64, alerted bool) {
	seen := map[string]bool{name: true}
	todo := []string{name}
	for len(todo) > 0 {
		n := todo[0]
		todo = todo[1:]
		harm += by[n].harm
		alerted = alerted || slices.Contains(alerting, n)
		for _, c := range callers[n] {
			if !seen[c] && by[c] != nil && by[c].harm >= leastHarm {
				seen[c] = true
				todo = append(todo, c)
			}
		}
	}
	return harm, alerted
}

// aspectsOf sorts the oddities by component, the strongest of each family, and gives each its share of the family. What callers
// show of the same is no rival to it: they may show it because of this one.
func aspectsOf(odd []Oddity, callers map[string][]string) map[string]*aspects {
	type key struct{ family, component string }
	best := map[key]Oddity{}
	for _, o := range odd {
		if o.Component == "" {
			continue
		}
		if o.Standing {
			o.Strength *= standing
		}
		if o.Foreign {
			o.Strength *= foreign
		}
		k := key{o.Family, o.Component}
		if b, ok := best[k]; !ok || o.mass() > b.mass() {
			if ok {
				o.Onset = min(o.Onset, b.Onset)
			}
			best[k] = o
		}
	}
	// Sums of floats depend on their order, so it is fixed.
	keys := slices.SortedFunc(maps.Keys(best), func(a, b key) int {
		return cmp.Or(strings.Compare(a.family, b.family), strings.Compare(a.component, b.component))
	})
	mass := map[string]map[string]float64{}
	total := map[string]float64{}
	for _, k := range keys {
		o := best[k]
		if mass[k.family] == nil {
			mass[k.family] = map[string]float64{}
		}
		mass[k.family][k.component] = o.mass()
		total[k.family] += o.mass()
	}
	by := map[string]*aspects{}
	for _, k := range keys {
		o := best[k]
		a, ok := by[k.component]
		if !ok {
			a = &aspects{}
			by[k.component] = a
		}
		rivals := total[k.family]
		if o.Aspect == LatencyAspect || o.Aspect == ErrorAspect {
			rivals -= echo(k.component, mass[k.family], callers)
		}
		v := o.Strength * (0.35 + 0.65*o.mass()/rivals)
		if o.Harm == 0 {
			v *= 0.6
		} else {
			a.harm = max(a.harm, o.Strength)
		}
		a.strength[o.Aspect] = append(a.strength[o.Aspect], v)
		if a.first == 0 || o.Onset < a.first {
			a.first = o.Onset
		}
	}
	return by
}

// echo sums the mass of the callers of a component, and theirs, that show the same as it does.
func echo(component string, mass map[string]float64, callers map[string][]string) float64 {
	sum := 0.0
	seen := map[string]bool{component: true}
	for todo := []string{component}; len(todo) > 0; todo = todo[1:] {
		for _, c := range callers[todo[0]] {
			if mass[c] > 0 && !seen[c] {
				seen[c] = true
				sum += mass[c]
				todo = append(todo, c)
			}
		}
	}
	return sum
}

func (o *Oddity) mass() float64 {
	l := math.Log1p(o.Distance)
	return o.Strength * (0.2 + l*l)
}

type aspects struct {
	strength [WayAspect + 1][]float64
	// harm is the strength of what is worst.
	harm  float64
	first int64
}

// of joins the oddities of an aspect: the strongest counts whole, each further one a third of the one before.
func (a *aspects) of(x Aspect) float64 {
	v := a.strength[x]
	slices.SortFunc(v, func(a, b float64) int { return cmp.Compare(b, a) })
	sum, w := 0.0, 1.0
	for _, s := range v {
		sum += w * s
		w /= 3
	}
	return weights[x] * sum
}

func (a *aspects) own() float64 { return a.of(OwnAspect) + a.of(WordAspect) }

func (a *aspects) golden() float64 {
	return a.of(LatencyAspect) + a.of(ErrorAspect) + a.of(TrafficAspect) + a.of(CalleeAspect) + a.of(WayAspect)
}
