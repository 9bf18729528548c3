package rank

import (
	"cmp"
	"math"
	"slices"
)

// fold joins suspects that tell one story: a change and the condition that it triggered, and what a better suspect of
// the same component explains.
func fold(in Input, g *graph, all []Suspect) []Suspect {
	var out []Suspect
	taken := map[int]bool{}
	for _, s := range concrete(in, all) {
		if taken[s.Node] {
			continue
		}
		n := &in.Nodes[s.Node]
		if n.Role != Change {
			if c, p := g.trigger(s.Node); c >= 0 && p >= 0.2 {
				s.Change, s.Trigger = itself(in, c), p
				s.Score *= 1 + 0.25*p
				cn := &in.Nodes[c]
				if cn.Component.Name == n.Component.Name {
					taken[c], taken[s.Change] = true, true // the condition tells more than the bare change
				}
			}
		} else {
			s.Change = s.Node
		}
		taken[s.Node] = true
		out = append(out, s)
	}
	return merge(in, out)
}

// itself is the change that a condition was read from, if the node is such a condition: the change has a key and says what it was.
func itself(in Input, node int) int {
	n := &in.Nodes[node]
	if n.Role != Change || n.ID != "" {
		return node
	}
	for i := range in.Nodes {
		c := &in.Nodes[i]
		if c.Role == Change && c.ID != "" && c.Component.Name == n.Component.Name && c.Onset == n.Onset {
			return i
		}
	}
	return node
}

// concrete leaves out the suspects that tell of a change for which it stands itself, which gets the better score of the two.
func concrete(in Input, all []Suspect) []Suspect {
	place := map[int]int{}
	for i := range all {
		place[all[i].Node] = i
	}
	out := all[:0:0]
	for i := range all {
		at, ok := place[itself(in, all[i].Node)]
		if !ok || at == i {
			out = append(out, all[i])
			continue
		}
		all[at].Score = max(all[at].Score, all[i].Score)
	}
	for i := range out {
		out[i].Score = all[place[out[i].Node]].Score
	}
	slices.SortStableFunc(out, func(a, b Suspect) int { return cmp.Compare(b.Score, a.Score) })
	return out
}

// trigger finds the change that most probably brought about a node, directly or over conditions that no rule calls a root.
func (g *graph) trigger(node int) (change int, p float64) {
	change = -1
	for _, e := range g.into[node] {
		n := &g.in.Nodes[e.from]
		if n.Role != Change {
			continue
		}
		// Of two as likely ones what was rolled out stands before what was only committed.
		if e.p > p || e.p == p && change >= 0 && n.Strength > g.in.Nodes[change].Strength {
			change, p = e.from, e.p
		}
	}
	return change, p
}

// merge drops a suspect that a better one of the same component explains well, and keeps the ten best.
func merge(in Input, all []Suspect) []Suspect {
	slices.SortStableFunc(all, func(a, b Suspect) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return 0
	})
	var out []Suspect
	for _, s := range all {
		n := &in.Nodes[s.Node]
		dup := false
		for _, k := range out {
			kn := &in.Nodes[k.Node]
			if k.Explained[s.Node].P >= 0.35 && (kn.Component.Name == n.Component.Name || n.Role == Anomaly) {
				dup = true
				break
			}
			if n.Role == Anomaly && kn.Role == Anomaly && kn.Component.Name == n.Component.Name {
				dup = true
				break
			}
		}
		if !dup {
			out = append(out, s)
		}
		if len(out) == 10 {
			break
		}
	}
	return out
}

// confide turns scores into confidences: how much the best explains, how good the evidence is, and how far it is ahead.
func confide(in Input, all []Suspect) {
	for i := range all {
		s := &all[i]
		n := &in.Nodes[s.Node]
		next := 0.0
		for j := range all {
			same := in.Nodes[all[j].Node].Cause == n.Cause && (n.Role == Root || n.Role == Mid)
			if j != i && !same && all[j].Explained[s.Node].P < 0.2 && s.Explained[all[j].Node].P < 0.2 {
				next = max(next, all[j].Score)
			}
		}
		ahead := 0.0
		if s.Score > 0 {
			ahead = math.Max(-0.5, math.Min(1, (s.Score-next)/s.Score))
		}
		c := 0.17 + 0.75*s.Score + 0.22*ahead
		switch n.Role {
		case Anomaly, LeadUp:
			c = math.Min(c, 0.6)
		case Change:
			c = math.Min(c, 0.85)
		}
		s.Confidence = math.Max(0.02, math.Min(c, 0.97))
		if i > 0 {
			s.Confidence = math.Min(s.Confidence, all[i-1].Confidence)
		}
	}
}
