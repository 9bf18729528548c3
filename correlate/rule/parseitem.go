package rule

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/prometheus/common/model"

	"github.com/hindcast/hindcast/correlate/match"
	"github.com/hindcast/hindcast/correlate/query"
	"github.com/hindcast/hindcast/ingest/event"
)

// subjects are the keys of which an item has exactly one.
var subjects = []string{"log", "metric", "alert", "kubernetes", "change", "action", "absent", "all", "sequence"}

func (d *document) item(n ast.Node) *Item {
	i := &Item{AtLeast: 1, Matcher: -1, Join: JoinComponent, Position: at(n)}
	before := len(d.faults)
	var has []string
	f := d.itemFields(i)
	for _, key := range subjects {
		read := f[key]
		f[key] = func(n ast.Node) { has = append(has, key); read(n) }
	}
	d.mapping(n, "an item of when", f)
	switch {
	case len(d.faults) > before:
	case len(has) == 0:
		d.fault(at(n), "the item says nothing to look for", "one of: "+strings.Join(subjects, ", "))
	case len(has) > 1:
		d.fault(at(n), fmt.Sprintf("the item has %s and %s: it may have only one", has[0], has[1]), "write them as two items, either of which is enough, or as all: [- …, - …]")
	case (has[0] == "all" || has[0] == "sequence") && len(i.parts()) < 2:
		d.fault(at(n), has[0]+" needs at least two items", "")
	}
	return i
}

func (d *document) itemFields(i *Item) fields {
	return fields{
		"log":        func(n ast.Node) { d.log(i, n) },
		"metric":     func(n ast.Node) { i.Metric = &Metric{}; d.metric(i, n) },
		"alert":      func(n ast.Node) { d.event(i, n, event.Alert) },
		"kubernetes": func(n ast.Node) { d.event(i, n, event.Kubernetes) },
		"change":     func(n ast.Node) { d.event(i, n, event.Change) },
		"action":     func(n ast.Node) { d.event(i, n, event.Action) },
		"absent": func(n ast.Node) {
			i.Absent = &Absent{}
			i.Join = JoinNone
			d.absent(i, n)
		},
		"all":             func(n ast.Node) { i.All = d.items(n) },
		"sequence":        func(n ast.Node) { i.Sequence = d.items(n) },
		"at_least":        func(n ast.Node) { i.AtLeast = d.integer(n, 1) },
		"within":          func(n ast.Node) { i.Within = d.duration(n) },
		"rate":            func(n ast.Node) { d.rate(i, n) },
		"baseline_factor": func(n ast.Node) { i.BaselineFactor = d.number(n, 0, 1e9) },
		"unless_baseline": func(n ast.Node) { i.KeepBaseline = !d.boolean(n) },
		"join":            func(n ast.Node) { i.Join = Join(d.oneOf(n, "the join", plain(Joins))) },
	}
}

func (d *document) items(n ast.Node) []*Item {
	items := []*Item{}
	d.list(n, func(n ast.Node) { items = append(items, d.item(n)) })
	return items
}

// rate reads "10/m" as at_least: 10, within: 1m.
func (d *document) rate(i *Item, n ast.Node) {
	t := d.text(n)
	count, per, ok := strings.Cut(t.string, "/")
	at, err := strconv.ParseInt(strings.TrimSpace(count), 10, 64)
	if per = strings.TrimSpace(per); len(per) > 0 && (per[0] < '0' || per[0] > '9') {
		per = "1" + per
	}
	span, perErr := model.ParseDuration(per)
	if !ok || err != nil || at < 1 || perErr != nil || span == 0 {
		d.fault(t.at, fmt.Sprintf("%q is not a rate", t.string), "write a whole number a time, such as 10/m or 3/15m")
		return
	}
	i.AtLeast, i.Within = at, int64(span)
}

func (d *document) log(i *Item, n ast.Node) {
	i.Log = &match.Log{}
	i.places = map[string]text{}
	before := len(d.faults)
	d.mapping(n, "a log matcher", d.logFields(i))
	l := i.Log
	if len(d.faults) > before {
		return
	}
	if len(l.Contains)+len(l.ContainsAll)+len(l.NotContains)+len(l.Fields) == 0 && l.Regexp == "" && l.Logger == "" && l.Where == "" && l.Speaker == "" {
		d.fault(at(n), "the log matcher names nothing to look for: every record would match", "one of: contains, contains_all, regexp, fields, logger, speaker, where")
		return
	}
	learnt, err := match.Check(*l)
	l.Learnt = learnt
	if e, ok := errors.AsType[*match.Error](err); ok {
		d.matchFault(i, e)
	}
}

func (d *document) logFields(i *Item) fields {
	literals := func(name string, to *[]string) func(ast.Node) {
		return func(n ast.Node) {
			for k, t := range d.texts(n) {
				*to = append(*to, t.string)
				i.places[name+strconv.Itoa(k)] = t
			}
		}
	}
	single := func(name string, to *string) func(ast.Node) {
		return func(n ast.Node) {
			t := d.text(n)
			*to = t.string
			i.places[name+"0"] = t
		}
	}
	l := i.Log
	return fields{
		"contains":     literals("contains", &l.Contains),
		"contains_all": literals("contains_all", &l.ContainsAll),
		"not_contains": literals("not_contains", &l.NotContains),
		"ignore_case":  func(n ast.Node) { l.IgnoreCase = d.boolean(n) },
		"regexp":       single("regexp", &l.Regexp),
		"logger":       single("logger", &l.Logger),
		"speaker":      single("speaker", &l.Speaker),
		"where":        single("where", &l.Where),
		"fields": func(n ast.Node) {
			l.Fields = map[string]string{}
			d.pairs(n, "fields", func(key text, value ast.Node) {
				t := d.text(value)
				l.Fields[key.string] = t.string
				i.places["fields."+key.string] = t
			})
		},
		"min_severity": func(n ast.Node) {
			var names []string
			for s := event.Trace; s <= event.Critical; s++ {
				names = append(names, s.String())
			}
			if name := d.oneOf(n, "the severity", names); name != "" {
				l.MinSeverity = event.ParseSeverity([]byte(name))
			}
		},
	}
}

// matchFault gives an error of the matchers its place.
func (d *document) matchFault(i *Item, e *match.Error) {
	t, ok := i.places[e.Field+strconv.Itoa(e.Pos)]
	if e.Field == "fields" {
		t, ok = i.places["fields."+e.Key]
	}
	if !ok {
		d.fault(i.Position, e.Err.Error(), "")
		return
	}
	what, hint, offset := e.Err.Error(), "", 0
	if e.Field == "where" {
		what, hint, offset = explainWhere(e.Err, append(slices.Clone(match.WhereNames), i.captures()...))
	}
	d.fault(d.inside(t, offset), fmt.Sprintf("%s: %s", strings.TrimSuffix(e.Field, "0"), what), hint)
}

func (d *document) metric(i *Item, n ast.Node) {
	m := i.Metric
	before := len(d.faults)
	d.mapping(n, "a metric", d.metricFields(i))
	if m.Expr == "" && len(d.faults) == before {
		d.fault(at(n), "the metric has no expr", "expr is PromQL that gives a sample while the condition holds, such as 'up == 0'")
	}
}

func (d *document) metricFields(i *Item) fields {
	m := i.Metric
	return fields{
		"expr": func(n ast.Node) {
			t := d.text(n)
			m.Expr = t.string
			if e, ok := errors.AsType[*query.Error](query.Check(t.string)); ok {
				d.fault(d.inside(t, e.Offset), "expr: "+e.Error(), "")
				return
			}
			m.Needs = query.Needs(m.Expr)
		},
		"for":             func(n ast.Node) { m.For = d.duration(n) },
		"component":       func(n ast.Node) { m.Component = d.strings(n) },
		"value":           func(n ast.Node) { m.Value = d.text(n).string },
		"unless_baseline": func(n ast.Node) { i.KeepBaseline = !d.boolean(n) },
		"labels": func(n ast.Node) {
			m.Labels = map[string]string{}
			d.pairs(n, "labels", func(key text, value ast.Node) { m.Labels[key.string] = d.text(value).string })
		},
	}
}

func (d *document) event(i *Item, n ast.Node, kind event.Kind) {
	i.Event = &EventMatch{Kind: string(kind)}
	d.mapping(n, "a matcher of "+string(kind)+" events", d.eventFields(i.Event, kind))
	if m := i.Event; len(m.Names) == 0 && m.Text == nil && len(m.Labels) == 0 && m.State == nil {
		d.fault(at(n), "the matcher names nothing to look for: every event of the kind would match", "")
	}
}

// eventFields are the keys of an event matcher, which are called what people call them for each kind.
func (d *document) eventFields(m *EventMatch, kind event.Kind) fields {
	names, body := "name", "text"
	if kind == event.Kubernetes {
		names, body = "reason", "message"
	}
	f := fields{
		names: func(n ast.Node) {
			d.list(n, func(n ast.Node) {
				if re := d.regexp(n, true); re != nil {
					m.Names = append(m.Names, re)
				}
			})
		},
		body: func(n ast.Node) { m.Text = d.regexp(n, false) },
		"labels": func(n ast.Node) {
			m.Labels = map[string]*regexp.Regexp{}
			d.pairs(n, "labels", func(key text, value ast.Node) {
				if re := d.regexp(value, true); re != nil {
					m.Labels[key.string] = re
				}
			})
		},
	}
	if kind == event.Change || kind == event.Alert {
		f["state"] = func(n ast.Node) { m.State = d.regexp(n, true) }
	}
	return f
}

func (d *document) absent(i *Item, n ast.Node) {
	a := i.Absent
	d.mapping(n, "absent", d.absentFields(i))
	if a.Expect == nil {
		d.fault(at(n), "absent does not say what is expected", "expect: {log: {contains: ['…']}}")
		a.Expect = &Item{AtLeast: 1, Matcher: -1}
	}
	if a.After == nil && a.Expect.Log == nil {
		d.fault(at(n), "absent without after can only expect a log", "say what sets the expectation: after: {…}")
	}
	if a.Within == 0 {
		a.Within = int64(5 * time.Minute)
	}
}

func (d *document) absentFields(i *Item) fields {
	a := i.Absent
	return fields{
		"after":  func(n ast.Node) { a.After = d.item(n) },
		"expect": func(n ast.Node) { a.Expect = d.item(n) },
		"within": func(n ast.Node) { a.Within = d.duration(n) },
		"join":   func(n ast.Node) { i.Join = Join(d.oneOf(n, "the join", plain(Joins))) },
	}
}
