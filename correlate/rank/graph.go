package rank

import (
	"math"
	"slices"
	"strings"
	"time"
)

type edge struct {
	from, to int
	p        float64
	why      string
}

type graph struct {
	in   Input
	out  [][]edge
	into [][]edge
	byID map[string][]Edge
}

// build finds all edges between nodes. There are a few hundred nodes at most: the caller leaves out the weakest.
func build(in Input) *graph {
	g := &graph{in: in, out: make([][]edge, len(in.Nodes)), into: make([][]edge, len(in.Nodes)), byID: map[string][]Edge{}}
	for _, e := range in.Edges {
		g.byID[e.Effect] = append(g.byID[e.Effect], e)
	}
	for i := range in.Nodes {
		for j := range in.Nodes {
			if i == j {
				continue
			}
			p, why := g.between(i, j)
			if p < 0.02 {
				continue
			}
			e := edge{i, j, p, why}
			g.out[i] = append(g.out[i], e)
			g.into[j] = append(g.into[j], e)
		}
	}
	return g
}

// between gives the probability that node i directly brought about node j, and why.
func (g *graph) between(i, j int) (float64, string) {
	c, e := &g.in.Nodes[i], &g.in.Nodes[j]
	if e.Role == Change || e.Role == Gap || c.Role == Alert || c.Role == Gap {
		return 0, ""
	}
	lag := e.Onset - c.Onset
	before := slack
	if c.Role == Change {
		before = changeSlack
	}
	unseen := c.Error + e.Error + c.Early
	if lag < -max(before, unseen) {
		return 0, ""
	}
	if lag < 0 && -lag <= unseen {
		lag = 0
	}
	best, why := 0.0, ""
	for _, k := range g.byID[e.Cause] {
		if p := g.byRule(&k, c, e, lag); p > best {
			best, why = p, "rule: "+name(c)+" can cause "+e.Cause
		}
	}
	p, w := g.generic(c, e, lag)
	if g.knows(e.Cause, c.Cause) {
		p *= 0.2 // the rules have it the other way round
	}
	if p > best {
		best, why = p, w
	}
	return best, why
}

// knows tells whether the rules say that one condition can cause the other.
func (g *graph) knows(cause, effect string) bool {
	return slices.ContainsFunc(g.byID[effect], func(k Edge) bool { return k.Cause != "" && k.Cause == cause })
}

func name(n *Node) string {
	if n.Role == Change {
		return "a change (" + n.Name + ")"
	}
	return n.Cause
}

func (g *graph) byRule(k *Edge, c, e *Node, lag int64) float64 {
	if k.Cause != "" {
		if k.Cause != c.Cause {
			return 0
		}
	} else if c.Role != Change || len(k.Changes) > 0 && !slices.Contains(k.Changes, c.Name) {
		return 0
	}
	if k.Within > 0 && lag > int64(k.Within)+c.Error+e.Error {
		return 0
	}
	near := g.reaches(k.Reach, c, e)
	if near == 0 {
		return 0
	}
	p := k.Strength * near
	if c.Role == Change {
		p *= g.timely(e, lag)
	}
	return p
}

// reaches tells how well the place of the cause fits: 1 exactly, less where the topology does not say.
func (g *graph) reaches(r Reach, c, e *Node) float64 {
	same := c.Component.Name == e.Component.Name
	switch r {
	case Same, "":
		switch {
		case same:
			return 1
		case mentions(c, e):
			return 0.7
		default:
			return 0
		}
	case Callee:
		return g.along(e.Component.Name, c.Component.Name, c, e)
	case Caller:
		return g.along(c.Component.Name, e.Component.Name, c, e)
	case Host:
		switch {
		case same, mentions(c, e) && g.hosted(c, e):
			return 1
		case mentions(c, e):
			return 0.7
		case g.hosted(c, e) && c.Role == Change:
			return 0.4 // a host runs many things; which of them was changed matters
		case g.hosted(c, e):
			return 1
		case len(g.in.Topology.Hosts[c.Component.Name]) == 0 && len(g.in.Topology.Hosts[e.Component.Name]) == 0:
			return 0.4
		default:
			return 0
		}
	default: // Any
		switch {
		case same, mentions(c, e):
			return 1
		case g.related(c.Component.Name, e.Component.Name):
			return 0.95
		case c.Role == Change && c.Cause == "change":
			return 0.25 // changes of something else are made all day; those that a rule names are not
		default:
			return 0.7
		}
	}
}

// along is how well callee can be reached from caller by calls.
func (g *graph) along(caller, callee string, c, e *Node) float64 {
	if caller == callee {
		return 0.9
	}
	switch d := g.in.Topology.Distance(caller, callee, 4); {
	case d == 1:
		return 1
	case d > 1:
		return 1 - 0.1*float64(d)
	case mentions(c, e):
		return 0.8
	case len(g.in.Topology.Calls[caller]) == 0:
		return 0.5 // nothing is known of what this one calls
	default:
		return 0.15
	}
}

func (g *graph) related(a, b string) bool {
	return a == b || g.in.Topology.Distance(a, b, 4) > 0 || g.in.Topology.Distance(b, a, 4) > 0
}

func (g *graph) hosted(c, e *Node) bool {
	for _, h := range append(slices.Clone(g.in.Topology.Hosts[e.Component.Name]), e.Hosts...) {
		if h == c.Component.Name || slices.Contains(c.Hosts, h) || slices.Contains(g.in.Topology.Hosts[c.Component.Name], h) {
			return true
		}
	}
	return slices.Contains(c.Hosts, e.Component.Name) || slices.Contains(g.in.Topology.Hosts[c.Component.Name], e.Component.Name)
}

// mentions tells whether one node's text names the other's component.
func mentions(a, b *Node) bool { return tells(a, b.Component.Name) || tells(b, a.Component.Name) }

// tells tells whether a node's text names a component. That "desk-worker" is named in its own text says nothing of "desk".
func tells(n *Node, component string) bool {
	own := n.Component.Name
	if own == component || !strings.Contains(own, component) {
		return Names(n.Text, component) || Names(n.Title, component)
	}
	return Names(strings.ReplaceAll(n.Text, own, ""), component) || Names(strings.ReplaceAll(n.Title, own, ""), component)
}

// Names tells whether text holds a component's name as a word of its own.
func Names(text, component string) bool {
	if len(component) < 3 {
		return false
	}
	for from := 0; ; {
		i := strings.Index(text[from:], component)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(component)
		if (i == 0 || !word(text[i-1])) && (end == len(text) || !word(text[end])) {
			return true
		}
		from = end
	}
}

func word(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

// timely is how believable it is that a change had its effect after lag. What breaks at once is the usual case; what
// builds up begins with the change, and its own beginning is known.
func (g *graph) timely(e *Node, lag int64) float64 {
	d := time.Duration(max(lag, 0))
	if e.Slow {
		switch {
		case d <= time.Duration(e.Error)+15*time.Minute:
			return 1
		case d <= 4*time.Hour:
			return 0.6
		default:
			return 0.35
		}
	}
	switch {
	case d <= 15*time.Minute:
		return 1
	case d <= time.Hour:
		return 0.85
	case d <= 6*time.Hour:
		return 0.65
	case d <= 36*time.Hour:
		return 0.5
	default:
		return 0.4
	}
}

// generic gives the edges that hold for all systems, where no rule says more.
func (g *graph) generic(c, e *Node, lag int64) (float64, string) {
	for _, re := range c.Explains {
		if re.MatchString(e.Title) || re.MatchString(e.Text) {
			return 0.7 * timeFactor(lag), "the rule of " + c.Cause + " accounts for it"
		}
	}
	same := c.Component.Name == e.Component.Name
	if c.Role == Change {
		t := g.timely(e, lag)
		switch {
		case same && e.Slow:
			return 0.7 * t, "it began to build up when " + c.Component.Name + " was changed"
		case same:
			return 0.5 * t * t, "the same component, soon after the change"
		case mentions(c, e):
			return 0.35 * t * t, "the change and this name each other"
		case g.in.Topology.Distance(e.Component.Name, c.Component.Name, 3) > 0:
			return 0.3 * t * t, e.Component.Name + " depends on what was changed"
		default:
			return 0.04 * t * t, ""
		}
	}
	t := timeFactor(lag)
	if c.Slow {
		t = math.Max(t, 0.8) // what builds up takes its time until it hurts
	}
	if e.Role == Mid || e.Role == Root || e.Role == LeadUp {
		t *= 0.5 // a rule would have said so
	}
	switch {
	case e.Resource && !same && !g.hosted(c, e):
		return 0.05 * t, ""
	case same:
		return 0.55 * t, "the same component"
	case g.hosted(c, e):
		return 0.5 * t, "the same host"
	}
	if d := g.in.Topology.Distance(e.Component.Name, c.Component.Name, 4); d > 0 {
		return math.Pow(0.62, float64(d)) * t, e.Component.Name + " calls " + c.Component.Name
	}
	if mentions(c, e) {
		return 0.45 * t, "one names the other"
	}
	if len(g.in.Topology.Calls) == 0 {
		return 0.2 * t, "soon after, with nothing known of who calls whom"
	}
	return 0.06 * t, ""
}

// timeFactor falls with the time between cause and effect.
func timeFactor(lag int64) float64 {
	switch d := time.Duration(lag); {
	case d < 0:
		return 0.7
	case d <= 5*time.Minute:
		return 1
	case d <= 30*time.Minute:
		return 0.8
	case d <= 2*time.Hour:
		return 0.5
	default:
		return 0.25
	}
}

// reach finds for each node the most probable way from the cause to it: Dijkstra's algorithm on products.
func (g *graph) reach(from int) []Path {
	n := len(g.in.Nodes)
	paths := make([]Path, n)
	for i := range paths {
		paths[i].Via = -1
	}
	paths[from].P = 1
	done := make([]bool, n)
	for {
		best := -1
		for i := range paths {
			if !done[i] && paths[i].P > 0.01 && (best < 0 || paths[i].P > paths[best].P) {
				best = i
			}
		}
		if best < 0 {
			return paths
		}
		done[best] = true
		for _, e := range g.out[best] {
			// An effect needs evidence of its own: a chain over something uncertain is uncertain.
			p := paths[best].P * e.p
			if best != from {
				p *= 0.5 + 0.5*g.in.Nodes[best].Strength
			}
			if p > paths[e.to].P {
				paths[e.to] = Path{p, best, e.why}
			}
		}
	}
}
