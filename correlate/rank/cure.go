package rank

import (
	"cmp"
	"slices"
	"time"
)

// cures judges changes by what came of undoing them. When trouble ends soon after a component is changed once more, the
// earlier change of that component is the likelier cause; when it goes on, the earlier change is cleared.
type cures struct {
	nodes []Node
	// over is when the trouble ended, 0 if it did not or that cannot be told; healer is the change that ended it, -1 if none.
	over   int64
	healer int
	// begin is when it began.
	begin int64
}

const (
	// aftermath is how long trouble lasts after what mended it: a third of its duration, but not more than this, unless a sixth is.
	aftermath = 2 * time.Minute
	// inVain is how long trouble goes on after something was undone for it to have been in vain: instances are replaced one by one.
	inVain = int64(10 * time.Minute)
	// blur is how much sooner than the change that mended it trouble may seem to end.
	blur = int64(30 * time.Second)
)

func newCures(nodes []Node) cures {
	c := cures{nodes: nodes, healer: -1}
	type ending struct {
		at     int64
		weight float64
	}
	var ends []ending
	total := 0.0
	for i := range nodes {
		n := &nodes[i]
		if (n.Role != Symptom && n.Role != Mid && n.Role != Root) || n.End <= n.Onset || n.Weight == 0 {
			continue
		}
		ends = append(ends, ending{n.End, n.Weight * n.Strength})
		total += n.Weight * n.Strength
		if c.begin == 0 || n.Onset < c.begin {
			c.begin = n.Onset
		}
	}
	slices.SortFunc(ends, func(a, b ending) int { return cmp.Compare(a.at, b.at) })
	half := 0.0
	for _, e := range ends {
		if half += e.weight; half >= total/2 {
			c.over = e.at
			break
		}
	}
	if c.over == 0 {
		return c
	}
	lasted := c.over - c.begin
	earliest := c.over - max(min(int64(aftermath), lasted/3), lasted/6)
	for i := range nodes {
		n := &nodes[i]
		if n.Role != Change || n.Onset < max(earliest, c.begin+(c.over-c.begin)/2) || n.Onset > c.over+blur {
			continue
		}
		if c.healer < 0 || n.Onset > nodes[c.healer].Onset {
			c.healer = i
		}
	}
	return c
}

// judge tells which later change undid a change and mended things, or undid it in vain; -1 where there is none.
func (c *cures) judge(change int) (cure, vain int) {
	n := &c.nodes[change]
	if n.Component.Name == "" {
		return -1, -1
	}
	if c.healer < 0 {
		return -1, c.undoneInVain(n)
	}
	healer := &c.nodes[c.healer]
	if healer.Onset <= n.Onset {
		return -1, -1
	}
	if healer.Component.Name == n.Component.Name {
		return c.healer, -1
	}
	vain = -1
	for i := range c.nodes {
		r := &c.nodes[i]
		if r.Role == Change && r.Component.Name == n.Component.Name && r.Onset > max(n.Onset, c.begin) && r.Onset < healer.Onset && (vain < 0 || r.Onset > c.nodes[vain].Onset) {
			vain = i
		}
	}
	return -1, vain
}

// Undoing is the Name of a change that is known to take another back.
const Undoing = "undoing"

// undoneInVain is what took a change back while the trouble went on, -1 if nothing did. What ended the trouble is not known, so
// that another change of the component proves nothing.
func (c *cures) undoneInVain(n *Node) int {
	for i := range c.nodes {
		r := &c.nodes[i]
		if r.Name == Undoing && r.Component.Name == n.Component.Name && r.Onset > max(n.Onset, c.begin) && c.over-r.Onset > inVain {
			return i
		}
	}
	return -1
}

// undone is the last change before a condition began whose undoing ended the trouble, -1 if there is none. Where it was made
// need not be known to have to do with the condition: that it helped says so.
func (c *cures) undone(n *Node) int {
	best := -1
	if c.healer < 0 || n.Role != Mid {
		return best
	}
	for i := range c.nodes {
		k := &c.nodes[i]
		if k.Role != Change || k.Component.Name == "" || k.Component.Name != c.nodes[c.healer].Component.Name || i == c.healer {
			continue
		}
		if k.Onset <= n.Onset+changeSlack && k.Onset < c.nodes[c.healer].Onset && (best < 0 || k.Onset > c.nodes[best].Onset) {
			best = i
		}
	}
	return best
}

// weighCures moves suspects up whose change was undone with success, and those down whose change was undone in vain.
func weighCures(nodes []Node, all []Suspect) {
	c := newCures(nodes)
	for i := range all {
		s := &all[i]
		if s.Change < 0 {
			s.Change = c.undone(&nodes[s.Node])
		}
		if s.Change < 0 {
			continue
		}
		s.Cure, s.Vain = c.judge(s.Change)
		switch {
		case s.Cure >= 0 && s.Node == s.Change:
			// How much of a change it seemed no longer matters.
			s.Score *= 1.4 * sureness(1) / sureness(nodes[s.Node].Strength)
		case s.Cure >= 0:
			s.Score *= 1.25
		case s.Vain >= 0:
			s.Score *= 0.7
		case s.Change == c.healer && s.Node == s.Change:
			s.Score *= 0.4 // what mended things did not break them
		}
	}
	slices.SortStableFunc(all, func(a, b Suspect) int { return cmp.Compare(b.Score, a.Score) })
}
