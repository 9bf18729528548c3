package rule

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/hindcast/hindcast/correlate/query"
	"github.com/hindcast/hindcast/correlate/summary"
	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/ingest/event"
)

// Facts is what conditions are recognised in.
type Facts struct {
	Window  event.Window
	Summary *summary.Summary
	// Engine answers the PromQL of metric items over the series of the run.
	Engine   *query.Engine
	Topology *event.Topology
	// Resolve finds the component that a target in a log line means; nil takes targets as they are.
	Resolve func(target string) string
	// Problem is told of an expression that cannot be evaluated over these series, such as two that cannot be joined one to
	// one; the item is then not seen. Without it that is an error of Evaluate.
	Problem func(r *Rule, err error)
}

// Condition is a rule that holds for a component.
type Condition struct {
	Rule      *Rule
	ID        string
	Component string
	Role      Role
	// Kind is the sort of evidence that showed it first.
	Kind event.Kind
	// Onset is when it began, ± OnsetError, and End when it was last seen, in Unix nanoseconds.
	Onset, OnsetError, End int64
	// Early is how much before Onset it may have begun, since it shows only over a span: the [2m] of an expression.
	Early int64
	Count int64
	Title string
	// Values are the captured values, as they were written.
	Values map[string]string
	// Strength is how sure the evidence is, from 0 to 1.
	Strength float64
	Evidence []timeline.Evidence
	// Items is how many of the rule's items saw it.
	Items int
}

// evaluation is the state of one call of Evaluate.
type evaluation struct {
	Facts
	ctx     context.Context
	layout  *summary.Layout
	from    int32 // the first bucket of the window
	to      int32
	matches map[int32][]summary.Match
	events  []event.Event
}

// Evaluate finds the conditions that hold, by onset, id and component.
func (s *Set) Evaluate(ctx context.Context, f Facts) ([]Condition, error) {
	e := &evaluation{Facts: f, ctx: ctx, layout: f.Summary.Layout(), matches: map[int32][]summary.Match{}, events: f.Summary.Events()}
	e.from, e.to = e.layout.Span(f.Window.Range)
	for _, m := range f.Summary.Matches() {
		e.matches[m.Matcher] = append(e.matches[m.Matcher], m)
	}
	var all []Condition
	for i, v := range e.rules(s.rules) {
		if v.err != nil {
			return nil, fmt.Errorf("%s: condition %s: %w", s.rules[i].Position(), s.rules[i].ID, v.err)
		}
		for _, p := range v.problems {
			f.Problem(s.rules[i], p)
		}
		all = append(all, v.conditions...)
	}
	slices.SortStableFunc(all, func(a, b Condition) int {
		return cmp.Or(cmp.Compare(a.Onset, b.Onset), strings.Compare(a.ID, b.ID), strings.Compare(a.Component, b.Component))
	})
	return all, nil
}

// outcome is what one rule came to.
type outcome struct {
	conditions []Condition
	problems   []error
	err        error
}

// rules evaluates rules side by side, as none of them changes what it looks at. Problems are kept, so that they can be told
// in the order of the rules.
func (e *evaluation) rules(rules []*Rule) []outcome {
	outcomes := make([]outcome, len(rules))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(rules)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(rules); i = int(next.Add(1)) - 1 {
				v, own := &outcomes[i], *e
				if e.Problem != nil {
					own.Problem = func(_ *Rule, err error) { v.problems = append(v.problems, err) }
				}
				v.conditions, v.err = own.rule(rules[i])
			}
		})
	}
	wg.Wait()
	return outcomes
}

// rule joins what the items of a rule find, a condition a component.
func (e *evaluation) rule(r *Rule) ([]Condition, error) {
	var order []string
	by := map[string]*Condition{}
	for _, i := range r.When {
		found, err := e.item(r, i)
		if err != nil {
			return nil, err
		}
		seen := map[string]bool{}
		for _, h := range found {
			c, ok := by[h.component]
			if !ok {
				c = &Condition{Rule: r, ID: r.ID, Component: h.component, Role: r.Role, Kind: h.kind, Onset: h.onset, OnsetError: h.err, Early: h.early, Values: map[string]string{}}
				by[h.component] = c
				order = append(order, h.component)
			}
			c.join(h, !seen[h.component])
			seen[h.component] = true
		}
	}
	slices.Sort(order)
	var all []Condition
	for _, name := range order {
		c := by[name]
		values := map[string]string{"component": cmp.Or(c.Component, unnamed), "count": strconv.FormatInt(c.Count, 10)}
		maps.Copy(values, c.Values)
		if c.Title = r.title.render(values); c.Title == "" {
			c.Title = r.ID + " on " + c.Component
		}
		all = append(all, *c)
	}
	return all, nil
}

// unnamed stands in titles for a component that the evidence does not name.
const unnamed = "something unnamed"

// hit is an item seen on a component.
type hit struct {
	component       string
	host            string
	kind            event.Kind
	onset, err, end int64
	early           int64
	count           int64
	values          map[string]string
	strength        float64
	evidence        []timeline.Evidence
}

func (c *Condition) join(h hit, newItem bool) {
	if h.onset < c.Onset {
		c.Onset, c.OnsetError, c.Early, c.Kind = h.onset, h.err, h.early, h.kind
	}
	c.End = max(c.End, h.end)
	if h.kind == event.Log || h.kind == event.Kubernetes {
		c.Count += h.count
	}
	for k, v := range h.values {
		if _, ok := c.Values[k]; !ok && v != "" {
			c.Values[k] = v
		}
	}
	// Two kinds of evidence are surer than one.
	c.Strength = 1 - (1-c.Strength)*(1-h.strength)
	c.Strength = min(c.Strength, 0.97)
	if len(c.Evidence) < 8 {
		c.Evidence = append(c.Evidence, h.evidence...)
	}
	if newItem {
		c.Items++
	}
}

func (e *evaluation) item(r *Rule, i *Item) ([]hit, error) {
	switch {
	case i.Log != nil:
		return e.logs(r, i), nil
	case i.Metric != nil:
		return e.metric(r, i)
	case i.Event != nil:
		return e.eventHits(r, i), nil
	case i.Absent != nil:
		return e.absent(r, i)
	case i.All != nil:
		return e.together(r, i, i.All, false)
	default:
		return e.together(r, i, i.Sequence, true)
	}
}

// subject names the component that a hit is about, as the rule wants it.
func (e *evaluation) subject(r *Rule, speaker, target, host string, values map[string]string) string {
	switch r.Component {
	case "", "speaker":
		return speaker
	case "target":
		if target == "" || strings.HasPrefix(target, "unix:") { // a socket's other end is on the same machine and has no name
			return speaker
		}
		if e.Resolve != nil {
			return cmp.Or(e.Resolve(target), target)
		}
		return target
	case "host":
		return cmp.Or(host, speaker)
	default:
		v := map[string]string{"component": speaker, "target": target}
		maps.Copy(v, values)
		return cmp.Or(r.component.render(v), speaker)
	}
}
