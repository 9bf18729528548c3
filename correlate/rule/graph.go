package rule

import (
	"fmt"
	"slices"
	"strings"
)

// Form is how a cause graph is written.
type Form string

// The forms.
const (
	Mermaid Form = "mermaid"
	DOT     Form = "dot"
)

// Graph writes the cause graph, causes pointing to effects. With ids it is only what leads to and from these conditions.
func (s *Set) Graph(form Form, ids ...string) (string, error) {
	keep := map[string]bool{}
	for _, id := range ids {
		if s.byID[id] == nil {
			return "", fmt.Errorf("no condition is called %q: %s", id, nearest(id, s.IDs()))
		}
		s.upstream(id, keep)
		s.downstream(id, keep)
	}
	g := graphWriter{form: form, nodes: map[string]string{}}
	switch form {
	case Mermaid:
		g.b.WriteString("flowchart LR\n")
	case DOT:
		g.b.WriteString("digraph causes {\n  rankdir=LR;\n  node [shape=box];\n")
	default:
		return "", fmt.Errorf("a graph cannot be written as %q: mermaid or dot", form)
	}
	for _, r := range s.rules {
		if len(ids) == 0 || keep[r.ID] {
			g.node(r.ID, r.Role)
		}
	}
	for _, r := range s.rules {
		if len(ids) > 0 && !keep[r.ID] {
			continue
		}
		for _, c := range r.CausedBy {
			switch {
			case c.Condition == "":
				for _, kind := range c.Changes {
					g.node("change: "+kind, Change)
					g.edge("change: "+kind, r.ID, c)
				}
			case len(ids) == 0 || keep[c.Condition]:
				g.edge(c.Condition, r.ID, c)
			}
		}
	}
	if form == DOT {
		g.b.WriteString("}\n")
	}
	return g.b.String(), nil
}

// upstream marks everything that can lead to a condition.
func (s *Set) upstream(id string, keep map[string]bool) {
	todo, seen := []string{id}, map[string]bool{}
	for len(todo) > 0 {
		id, todo = todo[0], todo[1:]
		if seen[id] || s.byID[id] == nil {
			continue
		}
		seen[id], keep[id] = true, true
		for _, c := range s.byID[id].CausedBy {
			todo = append(todo, c.Condition)
		}
	}
}

// downstream marks everything that a condition can lead to.
func (s *Set) downstream(id string, keep map[string]bool) {
	todo, seen := []string{id}, map[string]bool{}
	for len(todo) > 0 {
		id, todo = todo[0], todo[1:]
		if seen[id] {
			continue
		}
		seen[id], keep[id] = true, true
		for _, r := range s.rules {
			if slices.ContainsFunc(r.CausedBy, func(c Cause) bool { return c.Condition == id }) {
				todo = append(todo, r.ID)
			}
		}
	}
}

type graphWriter struct {
	form  Form
	b     strings.Builder
	nodes map[string]string
}

// shapes and fills tell the roles apart.
var dotStyle = map[Role]string{Root: "bold", Symptom: "dashed", Change: "rounded", LeadUp: "dotted", Gap: "dotted", Mid: "solid"}

func (g *graphWriter) node(name string, role Role) {
	if _, ok := g.nodes[name]; ok {
		return
	}
	key := fmt.Sprintf("n%d", len(g.nodes))
	g.nodes[name] = key
	if g.form == DOT {
		fmt.Fprintf(&g.b, "  %q [style=%s];\n", name, dotStyle[role])
		return
	}
	open, end := "[", "]"
	switch role {
	case Root:
		open, end = "[[", "]]"
	case Symptom:
		open, end = "([", "])"
	case Change:
		open, end = "{{", "}}"
	}
	fmt.Fprintf(&g.b, "  %s%s\"%s\"%s\n", key, open, name, end)
}

func (g *graphWriter) edge(from, to string, c Cause) {
	if g.form == DOT {
		fmt.Fprintf(&g.b, "  %q -> %q [label=\"%s %.2g\"];\n", from, to, c.Reach, c.Strength)
		return
	}
	fmt.Fprintf(&g.b, "  %s -->|%s %.2g| %s\n", g.nodes[from], c.Reach, c.Strength, g.nodes[to])
}

// Show describes one rule for a person.
func (r *Rule) Show() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s, %s)\n  title     %s\n  written   %s\n  about     %s\n", r.ID, r.Role, r.Group, r.Title, r.Position(), r.Component)
	if r.Since != "" {
		fmt.Fprintf(&b, "  since     %s\n", r.Since)
	}
	for _, i := range r.When {
		fmt.Fprintf(&b, "  seen by   %s\n", i.describe())
	}
	for _, c := range r.CausedBy {
		what := c.Condition
		if what == "" {
			what = "a change: " + strings.Join(c.Changes, ", ")
		}
		fmt.Fprintf(&b, "  caused by %s (%s, within %s, strength %.2g)\n", what, c.Reach, durationText(c.Within), c.Strength)
	}
	for _, list := range []struct {
		name string
		of   []string
	}{{"check", r.NextChecks}, {"do", r.Actions}, {"source", r.References}} {
		for _, text := range list.of {
			fmt.Fprintf(&b, "  %-9s %s\n", list.name, text)
		}
	}
	if r.Runbook != "" {
		fmt.Fprintf(&b, "  runbook   %s\n", r.Runbook)
	}
	return b.String()
}
