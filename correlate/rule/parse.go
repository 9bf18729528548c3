package rule

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// File is one rule file that was read.
type File struct {
	Name   string
	Groups []*Group
	data   []byte
	sum    [sha256.Size]byte
	// checked is set if it was found to fit together with the files that it shipped with.
	checked bool
}

var idForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func newFile(name string, data []byte) *File {
	return &File{Name: name, data: data, sum: sha256.Sum256(data)}
}

// document makes faults in a file that was read before.
func (f *File) document() *document { return newDocument(f.Name, f.data) }

// Parse reads a rule file. All mistakes in it come back at once, as [Faults]. What concerns several files, such as
// conditions that others name, is checked by [NewSet].
func Parse(name string, data []byte) (*File, error) {
	d := newDocument(name, data)
	f := newFile(name, data)
	d.read(data, func(body ast.Node) {
		d.mapping(body, "a rule file", fields{
			"groups": func(n ast.Node) { d.list(n, func(n ast.Node) { f.Groups = append(f.Groups, d.group(n)) }) },
		})
	})
	if len(f.Groups) == 0 && len(d.faults) == 0 {
		d.fault(Position{}, "the file has no groups", "a rule file begins with groups: - name: NAME, conditions: …")
	}
	return f, d.faults.err()
}

func (d *document) group(n ast.Node) *Group {
	g := &Group{}
	d.mapping(n, "a group", d.groupFields(g))
	if g.Name == "" {
		d.fault(at(n), "the group has no name", "")
	}
	for _, r := range g.Rules {
		r.Group = g.Name
		if r.Since == "" {
			r.Since = g.Since
		}
	}
	return g
}

func (d *document) groupFields(g *Group) fields {
	return fields{
		"name":  func(n ast.Node) { g.Name = d.text(n).string },
		"since": func(n ast.Node) { g.Since = d.text(n).string },
		"conditions": func(n ast.Node) {
			d.list(n, func(n ast.Node) { g.Rules = append(g.Rules, d.rule(n)) })
		},
	}
}

func (d *document) rule(n ast.Node) *Rule {
	r := &Rule{File: d.file, At: at(n), Component: "speaker"}
	before := len(d.faults)
	d.mapping(n, "a condition", d.ruleFields(r))
	if len(d.faults) > before && r.ID == "" {
		return r // one mistake makes one fault
	}
	missing := func(key, hint string) {
		d.fault(r.At, fmt.Sprintf("condition %q has no %s", r.ID, key), hint)
	}
	switch {
	case r.ID == "":
		d.fault(r.At, "the condition has no id", "")
	case !idForm.MatchString(r.ID):
		d.fault(r.At, fmt.Sprintf("the id %q is not lower-case words and digits joined by -", r.ID), "")
	}
	if r.Title == "" && len(d.faults) == before {
		missing("title", "a title is one line with the numbers a person would quote: '{{ .component }} has no free slots ({{ .used }}/{{ .max }})'")
	}
	if r.Role == "" && len(d.faults) == before {
		missing("role", "roles are: "+join(Roles))
	}
	if len(r.When) == 0 && len(d.faults) == before {
		missing("when", "say how the condition is seen: when: - log: {contains: ['…']}")
	}
	return r
}

func join[T ~string](words []T) string {
	var all []string
	for _, w := range words {
		all = append(all, string(w))
	}
	return strings.Join(all, ", ")
}

func plain[T ~string](words []T) []string { return strings.Split(join(words), ", ") }

func (d *document) ruleFields(r *Rule) fields {
	return fields{
		"id":    func(n ast.Node) { r.ID = d.text(n).string; r.At = at(n) },
		"since": func(n ast.Node) { r.Since = d.text(n).string },
		"title": func(n ast.Node) {
			t := d.text(n)
			r.Title = t.string
			r.title = d.template(t)
		},
		"role": func(n ast.Node) { r.Role = Role(d.oneOf(n, "the role", plain(Roles))) },
		"when": func(n ast.Node) {
			d.list(n, func(n ast.Node) {
				if item := d.item(n); item != nil {
					r.When = append(r.When, item)
				}
			})
		},
		"suppress_baseline": func(n ast.Node) { r.KeepBaseline = !d.boolean(n) },
		"component":         func(n ast.Node) { d.componentOf(r, n) },
		"caused_by": func(n ast.Node) {
			d.list(n, func(n ast.Node) { r.CausedBy = append(r.CausedBy, d.cause(n)) })
		},
		"explains": func(n ast.Node) {
			d.list(n, func(n ast.Node) {
				if re := d.regexp(n, false); re != nil {
					r.Explains = append(r.Explains, re.String())
				}
			})
		},
		"next_checks": func(n ast.Node) { r.NextChecks = d.strings(n) },
		"actions":     func(n ast.Node) { r.Actions = d.strings(n) },
		"runbook":     func(n ast.Node) { r.Runbook = d.text(n).string },
		"references":  func(n ast.Node) { r.References = d.strings(n) },
	}
}

func (d *document) componentOf(r *Rule, n ast.Node) {
	t := d.text(n)
	r.Component = t.string
	switch t.string {
	case "speaker", "target", "host":
		return
	}
	if !strings.Contains(t.string, "{{") {
		d.fault(t.at, fmt.Sprintf("component %q is not known", t.string),
			"speaker, target, host, or a template over captured values such as '{{ .pool }}'")
		return
	}
	r.component = d.template(t)
}

func (d *document) cause(n ast.Node) Cause {
	e := Cause{Reach: Same, Within: int64(time.Hour), Strength: 0.5, Position: at(n)}
	before := len(d.faults)
	d.mapping(n, "a cause", d.causeFields(&e))
	if (e.Condition == "") == (len(e.Changes) == 0) && len(d.faults) == before {
		d.fault(at(n), "a cause names either a condition or kinds of change", "write {condition: ID, …} or {change: [deploy, config], …}")
	}
	return e
}

func (d *document) causeFields(e *Cause) fields {
	return fields{
		"condition": func(n ast.Node) { t := d.text(n); e.Condition = t.string; e.Position = t.at },
		"change":    func(n ast.Node) { e.Changes = d.strings(n) },
		"reach":     func(n ast.Node) { e.Reach = Reach(d.oneOf(n, "the reach", plain(Reaches))) },
		"within":    func(n ast.Node) { e.Within = d.duration(n) },
		"strength":  func(n ast.Node) { e.Strength = d.number(n, 0, 1) },
	}
}
