// Package rule is the language in which people teach hindcast: it parses and checks rule files, and finds the
// conditions that hold in a summary.
//
// A rule names a state of a component, what one sees of it (logs, metrics, alerts, Kubernetes events, changes, actions,
// absence), and which other conditions or changes can have caused it. See docs/rules.md for the language.
package rule

import (
	"maps"
	"regexp"
	"slices"

	"github.com/hindcast/hindcast/correlate/match"
)

// Role is the part that a condition can play in a story.
type Role string

// The roles.
const (
	// Root conditions may be named as the root cause.
	Root Role = "root"
	// Mid conditions are root only if nothing earlier explains them.
	Mid Role = "mid"
	// Symptom conditions are never root.
	Symptom Role = "symptom"
	// Change conditions are candidates that need a linked effect.
	Change Role = "change"
	// LeadUp conditions are warnings before the onset.
	LeadUp Role = "lead-up"
	// Gap conditions mean that evidence is missing.
	Gap Role = "gap"
)

// Roles are all roles.
var Roles = []Role{Root, Mid, Symptom, Change, LeadUp, Gap}

// Reach says where a cause lies, seen from its effect.
type Reach string

// The reaches.
const (
	// Same is the effect's component.
	Same Reach = "same"
	// Callee is something that the effect's component calls, directly or further down.
	Callee Reach = "callee"
	// Caller is one of its callers.
	Caller Reach = "caller"
	// Host is the same host, or the host itself.
	Host Reach = "host"
	// Any is anything.
	Any Reach = "any"
)

// Reaches are all reaches.
var Reaches = []Reach{Same, Callee, Caller, Host, Any}

// Group is the conditions that were written together.
type Group struct {
	Name, Since string  `json:",omitzero"`
	Rules       []*Rule `json:",omitzero"`
}

// Rule is one condition as it is written.
type Rule struct {
	ID    string `json:",omitzero"`
	Group string `json:",omitzero"`
	Since string `json:",omitzero"`
	Role  Role   `json:",omitzero"`
	// Title is a text/template over the captured values.
	Title string `json:",omitzero"`
	// When are the ways to recognise it; any of them is enough.
	When []*Item `json:",omitzero"`
	// KeepBaseline is set by suppress_baseline: false.
	KeepBaseline bool `json:",omitzero"`
	// Component says whom the condition is about: "speaker", "target", "host" or a template over the captured values.
	Component string  `json:",omitzero"`
	CausedBy  []Cause `json:",omitzero"`
	// Explains are regexps: what matches one is explained by this condition even without a rule of its own.
	Explains   []string `json:",omitzero"`
	NextChecks []string `json:",omitzero"`
	Actions    []string `json:",omitzero"`
	Runbook    string   `json:",omitzero"`
	References []string `json:",omitzero"`
	// File is where the rule is written, At the place in it.
	File string   `json:",omitzero"`
	At   Position `json:",omitzero"`

	title, component *template
}

// Position gives the rule's file, line and column.
func (r *Rule) Position() string { return (&Fault{File: r.File, Position: r.At}).Place() }

// Cause says that something can bring about a condition.
type Cause struct {
	// Condition is the causing condition's id, or empty for a change of one of the sorts in Changes.
	Condition string   `json:",omitzero"`
	Changes   []string `json:",omitzero"`
	Reach     Reach    `json:",omitzero"`
	// Within is how long before the effect the cause begins at most, in nanoseconds.
	Within int64 `json:",omitzero"`
	// Strength is how often the cause is followed by the effect when it is seen, from 0 to 1.
	Strength float64 `json:",omitzero"`
	Position `json:"-"`
}

// Item is one thing to see. Exactly one of Log, Metric, Event, Absent, All and Sequence is set.
type Item struct {
	Log      *match.Log  `json:",omitzero"`
	Metric   *Metric     `json:",omitzero"`
	Event    *EventMatch `json:",omitzero"`
	Absent   *Absent     `json:",omitzero"`
	All      []*Item     `json:",omitzero"`
	Sequence []*Item     `json:",omitzero"`
	// AtLeast is how often it must be seen within Within, at least 1. Within is nanoseconds; 0 means at any time, and for
	// All and Sequence that the parts need not be near each other.
	AtLeast int64 `json:",omitzero"`
	Within  int64 `json:",omitzero"`
	// BaselineFactor asks for that many times the baseline's rate, 0 for the default comparison.
	BaselineFactor float64 `json:",omitzero"`
	// KeepBaseline is set by unless_baseline: false.
	KeepBaseline bool `json:",omitzero"`
	// Join is what the parts of All, Sequence and Absent have in common.
	Join Join `json:",omitzero"`
	// Matcher is the id of the log matcher in the set, -1 for other items.
	Matcher  int32 `json:"-"`
	Position `json:"-"`

	// places are the places of the parts of Log.
	places map[string]text
}

// Join says what parts of an item must have in common.
type Join string

// The joins.
const (
	JoinComponent Join = "component"
	JoinHost      Join = "host"
	JoinNone      Join = "none"
)

// Joins are all joins.
var Joins = []Join{JoinComponent, JoinHost, JoinNone}

// Metric is a PromQL expression that holds where it gives a sample.
type Metric struct {
	Expr string `json:",omitzero"`
	// Needs are the metrics without any of which Expr can have no result, empty if there are none such.
	Needs []string `json:",omitzero"`
	// For is how long it must hold, in nanoseconds.
	For int64 `json:",omitzero"`
	// Component are the labels that name the component, the first that is there wins; none for the usual ones.
	Component []string `json:",omitzero"`
	// Value is the name under which the sample's value is captured, empty for none.
	Value string `json:",omitzero"`
	// Labels are the names under which labels of the series are captured.
	Labels map[string]string `json:",omitzero"`
}

// EventMatch is a matcher of alerts, Kubernetes events, changes and actions. All parts that are given must hold.
type EventMatch struct {
	Kind string `json:",omitzero"`
	// Names are anchored regexps on the event's name, one of which must match; none for any name.
	Names []*regexp.Regexp `json:",omitzero"`
	// Text is looked for in title and text; its groups are captured.
	Text *regexp.Regexp `json:",omitzero"`
	// Labels are anchored regexps on labels.
	Labels map[string]*regexp.Regexp `json:",omitzero"`
	// State is an anchored regexp on the state. Without it resolved alerts do not count.
	State *regexp.Regexp `json:",omitzero"`
}

// Absent is something expected that does not come.
type Absent struct {
	// After sets the expectation; nil if a period is learnt from the time before the window.
	After *Item `json:",omitzero"`
	// Expect is what should come, within Within nanoseconds.
	Expect *Item `json:",omitzero"`
	Within int64 `json:",omitzero"`
}

// captures gives the names of the values that an item captures.
func (i *Item) captures() []string {
	switch {
	case i.Log != nil:
		var names []string
		names = append(names, groupNames(i.Log.Regexp)...)
		for _, f := range i.Log.Fields {
			names = append(names, groupNames(f)...)
		}
		return names
	case i.Metric != nil:
		names := slices.Sorted(maps.Keys(i.Metric.Labels))
		if i.Metric.Value != "" {
			names = append(names, i.Metric.Value)
		}
		return names
	case i.Event != nil:
		if i.Event.Text != nil {
			return groupNames(i.Event.Text.String())
		}
		return nil
	case i.Absent != nil:
		if i.Absent.After != nil {
			return i.Absent.After.captures()
		}
		return i.Absent.Expect.captures()
	}
	var names []string
	for _, part := range i.parts() {
		names = append(names, part.captures()...)
	}
	return names
}

func (i *Item) parts() []*Item {
	switch {
	case i.All != nil:
		return i.All
	case i.Sequence != nil:
		return i.Sequence
	case i.Absent != nil && i.Absent.After != nil:
		return []*Item{i.Absent.After, i.Absent.Expect}
	case i.Absent != nil:
		return []*Item{i.Absent.Expect}
	default:
		return nil
	}
}

// walk calls f for the item and all parts of it.
func (i *Item) walk(f func(*Item)) {
	f(i)
	for _, p := range i.parts() {
		p.walk(f)
	}
}

func groupNames(expr string) []string {
	if expr == "" {
		return nil
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil
	}
	var names []string
	for _, n := range re.SubexpNames() {
		if n != "" && !match.IsTarget(n) {
			names = append(names, n)
		}
	}
	return names
}

// LogMatchers gives the log matchers of the rule, those inside other items too.
func (r *Rule) LogMatchers() []match.Log {
	var all []match.Log
	r.walk(func(i *Item) {
		if i.Log != nil {
			all = append(all, *i.Log)
		}
	})
	return all
}

// Expressions gives the PromQL expressions of the rule.
func (r *Rule) Expressions() []string {
	var all []string
	r.walk(func(i *Item) {
		if i.Metric != nil {
			all = append(all, i.Metric.Expr)
		}
	})
	return all
}

func (r *Rule) walk(f func(*Item)) {
	for _, i := range r.When {
		i.walk(f)
	}
}
