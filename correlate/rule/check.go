package rule

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/hindcast/hindcast/correlate/match"
)

// Finding is something that check found in rule files: a fault that keeps them from being loaded, or a remark.
type Finding struct {
	Fault
	// Level is "error" for faults, otherwise "warning" or "note".
	Level string
	// Check names the sort of finding: "fault", "isolated", "cycle", "never-matches", "no-literal", "short-literal", "duplicate".
	Check string
	// Condition is the rule's id, where it is about one.
	Condition string
}

// String gives the finding as it is printed.
func (f *Finding) String() string {
	return fmt.Sprintf("%s: %s", f.Level, f.Error())
}

// Check reads the rule files that patterns name and says what is wrong with them and what looks wrong. The files in
// known, such as the library, are taken along, but nothing is said about them.
func Check(fsys fs.FS, globs []string, known ...*File) ([]Finding, error) {
	files, err := ReadFiles(fsys, globs...)
	if err != nil {
		return faultFindings(err)
	}
	set, err := NewSet(append(slices.Clone(known), files...)...)
	if err != nil {
		return faultFindings(err)
	}
	own := map[string]*document{}
	for _, f := range files {
		own[f.Name] = f.document()
	}
	c := checker{set: set, own: own}
	c.matchers()
	c.duplicates()
	c.graph()
	slices.SortStableFunc(c.findings, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), strings.Compare(a.Check, b.Check))
	})
	return c.findings, nil
}

// faultFindings turns faults into findings; other errors stay errors.
func faultFindings(err error) ([]Finding, error) {
	faults, ok := errors.AsType[Faults](err)
	if !ok {
		return nil, err
	}
	var out []Finding
	for _, f := range faults {
		out = append(out, Finding{Fault: *f, Level: "error", Check: "fault"})
	}
	return out, nil
}

type checker struct {
	set      *Set
	own      map[string]*document
	findings []Finding
}

// add notes a finding about a rule, unless the rule is not among those that are checked.
func (c *checker) add(r *Rule, where Position, level, check, what, hint string) {
	d, ok := c.own[r.File]
	if !ok {
		return
	}
	c.findings = append(c.findings, Finding{Fault: *d.made(where, fmt.Sprintf("condition %q: %s", r.ID, what), hint), Level: level, Check: check, Condition: r.ID})
}

// matchers looks at the log matchers one by one.
func (c *checker) matchers() {
	for id := range c.set.logs {
		owner := c.set.items[id]
		r, i, l := owner.Rule, owner.Item, owner.Item.Log
		if forbidden := contradiction(l); forbidden != "" {
			c.add(r, i.Position, "warning", "never-matches", fmt.Sprintf("the matcher can never match: every text it asks for holds %q, which not_contains forbids", forbidden), "")
			continue
		}
		compiled, err := match.Compile([]match.Log{*l})
		if err != nil {
			continue
		}
		if len(compiled.Loose()) > 0 && !strings.Contains(l.Where, "status") && !strings.Contains(l.Where, "duration") {
			c.add(r, i.Position, "warning", "no-literal", "the matcher asks for no fixed text, so it is tried on every record", "add contains with a part of the text that never varies")
		}
		for _, text := range slices.Concat(l.Contains, l.ContainsAll) {
			if len(text) < 4 {
				c.add(r, i.places["contains0"].orElse(i.Position), "note", "short-literal", fmt.Sprintf("the literal %q is so short that it stands in many texts", text), "add contains_all or a regexp that says more")
			}
		}
	}
}

func (t text) orElse(p Position) Position {
	if t.at.Line == 0 {
		return p
	}
	return t.at
}

// contradiction gives a literal that a matcher forbids and that all it asks for holds.
func contradiction(l *match.Log) string {
	fold := func(s string) string {
		if l.IgnoreCase {
			return strings.ToLower(s)
		}
		return s
	}
	for _, not := range l.NotContains {
		if slices.ContainsFunc(l.ContainsAll, func(s string) bool { return strings.Contains(fold(s), fold(not)) }) {
			return not
		}
		if len(l.Contains) > 0 && !slices.ContainsFunc(l.Contains, func(s string) bool { return !strings.Contains(fold(s), fold(not)) }) {
			return not
		}
	}
	return ""
}

// duplicates finds items of different conditions that look for the same.
func (c *checker) duplicates() {
	seen := map[string]*Rule{}
	for _, r := range c.set.rules {
		for _, i := range r.When {
			key := i.meaning()
			if key == "" {
				continue
			}
			if other, ok := seen[key]; ok && other != r {
				c.add(r, i.Position, "warning", "duplicate", fmt.Sprintf("the item looks for the same as one of %q (%s)", other.ID, other.Position()), "two conditions with one meaning compete for the same evidence")
				continue
			}
			seen[key] = r
		}
		causes := map[string]bool{}
		for _, e := range r.CausedBy {
			key := fmt.Sprint(e.Condition, e.Changes, e.Reach, e.Within)
			if causes[key] {
				c.add(r, e.Position, "warning", "duplicate", "the cause stands twice, with the same reach and within", "leave the one with the right strength")
			}
			causes[key] = true
		}
	}
}

// meaning is a text that two items share if they look for the same, empty for items that are made of others.
func (i *Item) meaning() string {
	switch {
	case i.Log != nil:
		l := *i.Log
		l.Learnt = nil
		return fmt.Sprintf("log %+v %d %d", l, i.AtLeast, i.Within)
	case i.Metric != nil:
		return fmt.Sprintf("metric %s %d", strings.Join(strings.Fields(i.Metric.Expr), " "), i.Metric.For)
	case i.Event != nil:
		return fmt.Sprintf("event %s %v %v %v %v", i.Event.Kind, i.Event.Names, i.Event.Text, i.Event.Labels, i.Event.State)
	default:
		return ""
	}
}

// graph finds conditions that no cause leads to or from, and cycles.
func (c *checker) graph() {
	causes := map[string]bool{}
	for _, r := range c.set.rules {
		for _, cause := range r.CausedBy {
			causes[cause.Condition] = true
		}
	}
	for _, r := range c.set.rules {
		switch {
		case r.Role == Root && !causes[r.ID]:
			c.add(r, r.At, "warning", "isolated", "nothing is caused by it, so it can never explain a symptom", "name it in caused_by of its effects")
		case r.Role == Symptom && len(r.CausedBy) == 0:
			c.add(r, r.At, "warning", "isolated", "it is a symptom of nothing: no suspect can explain it", "say in caused_by what can bring it about")
		case r.Role == Mid && len(r.CausedBy) == 0 && !causes[r.ID]:
			c.add(r, r.At, "warning", "isolated", "it has no cause and no effect", "say in caused_by what can bring it about")
		}
	}
	for _, cycle := range c.set.cycles() {
		r := c.set.byID[cycle[0]]
		c.add(r, r.At, "note", "cycle", "the causes go round in a circle: "+strings.Join(append(slices.Clone(cycle), cycle[0]), " <- "), "conditions that can start each other on one component are ordered by time alone")
	}
}

// cycles gives the circles of causes that stay on one component or host, the smallest id first.
func (s *Set) cycles() [][]string {
	t := tarjan{index: map[string]int{}, low: map[string]int{}, on: map[string]bool{}, next: func(id string) []string {
		var ids []string
		for _, cause := range s.byID[id].CausedBy {
			if cause.Condition != "" && cause.Condition != id && (cause.Reach == Same || cause.Reach == Host) && s.byID[cause.Condition] != nil {
				ids = append(ids, cause.Condition)
			}
		}
		return ids
	}}
	for _, r := range s.rules {
		if _, seen := t.index[r.ID]; !seen {
			t.visit(r.ID)
		}
	}
	slices.SortFunc(t.found, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	return t.found
}

// tarjan finds the strongly connected parts of a graph (Tarjan 1972).
type tarjan struct {
	index, low map[string]int
	on         map[string]bool
	stack      []string
	next       func(string) []string
	found      [][]string
}

func (t *tarjan) visit(v string) {
	t.index[v] = len(t.index)
	t.low[v] = t.index[v]
	t.stack = append(t.stack, v)
	t.on[v] = true
	for _, w := range t.next(v) {
		if _, seen := t.index[w]; !seen {
			t.visit(w)
			t.low[v] = min(t.low[v], t.low[w])
		} else if t.on[w] {
			t.low[v] = min(t.low[v], t.index[w])
		}
	}
	if t.low[v] != t.index[v] {
		return
	}
	at := slices.Index(t.stack, v)
	part := slices.Clone(t.stack[at:])
	t.stack = t.stack[:at]
	for _, w := range part {
		t.on[w] = false
	}
	if len(part) > 1 {
		slices.Sort(part)
		t.found = append(t.found, part)
	}
}
