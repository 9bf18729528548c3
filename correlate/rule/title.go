package rule

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	gotemplate "text/template"
	"text/template/parse"
	"time"
)

// template is a text/template over captured values, parsed when it is first filled in if not before.
type template struct {
	source string
	uses   []use
	once   sync.Once
	t      *gotemplate.Template
}

func parseTemplate(source string) (*gotemplate.Template, error) {
	return gotemplate.New("").Option("missingkey=zero").Funcs(templateFuncs).Parse(source)
}

// use is a value that a template names.
type use struct {
	name string
	at   Position
}

// standard are the values that every template knows.
var standard = []string{"component", "target", "count"}

// moments are the endings by which a template asks for another value of a captured group than the usual one.
var moments = []string{"_first", "_last", "_min", "_max"}

var templateFuncs = gotemplate.FuncMap{
	"bytes": humanBytes, "percent": percent, "seconds": humanSeconds, "date": humanDate,
}

// template parses a template and notes the values that it names.
func (d *document) template(t text) *template {
	parsed, err := parseTemplate(t.string)
	if err != nil {
		d.fault(t.at, "the template cannot be read: "+err.Error()[strings.LastIndex(err.Error(), ": ")+2:], "titles are Go templates: {{ .name }}, {{ with .name }}…{{ end }}")
		return nil
	}
	tmpl := &template{source: t.string, t: parsed}
	d.templateUses(tmpl, t, parsed.Root, true)
	return tmpl
}

// templateUses walks a template. Inside {{ with }} and {{ range }} a dot is something else, but $ is still the values.
func (d *document) templateUses(tmpl *template, t text, n parse.Node, root bool) {
	note := func(name string, n parse.Node) {
		tmpl.uses = append(tmpl.uses, use{name, d.inside(t, int(n.Position()))})
	}
	list := func(l *parse.ListNode, root bool) {
		if l != nil {
			for _, c := range l.Nodes {
				d.templateUses(tmpl, t, c, root)
			}
		}
	}
	pipe := func(p *parse.PipeNode) {
		if p != nil {
			d.templateUses(tmpl, t, p, root)
		}
	}
	switch n := n.(type) {
	case *parse.ListNode:
		list(n, root)
	case *parse.ActionNode:
		pipe(n.Pipe)
	case *parse.PipeNode:
		for _, c := range n.Cmds {
			for _, a := range c.Args {
				d.templateUses(tmpl, t, a, root)
			}
		}
	case *parse.FieldNode:
		if root {
			note(n.Ident[0], n)
		}
	case *parse.VariableNode:
		if n.Ident[0] == "$" && len(n.Ident) > 1 {
			note(n.Ident[1], n)
		}
	case *parse.IfNode:
		pipe(n.Pipe)
		list(n.List, root)
		list(n.ElseList, root)
	case *parse.WithNode:
		pipe(n.Pipe)
		list(n.List, false)
		list(n.ElseList, root)
	case *parse.RangeNode:
		pipe(n.Pipe)
		list(n.List, false)
		list(n.ElseList, root)
	}
}

// check notes the values that are not among those captured.
func (t *template) check(d *document, captured []string) {
	if t == nil {
		return
	}
	known := slices.Concat(standard, captured)
	for _, u := range t.uses {
		name := u.name
		for _, m := range moments {
			if base, ok := strings.CutSuffix(name, m); ok && slices.Contains(captured, base) {
				name = base
			}
		}
		if !slices.Contains(known, name) {
			slices.Sort(known)
			d.fault(u.at, fmt.Sprintf("nothing captures a value called %q", u.name), nearest(u.name, slices.Compact(known)))
		}
	}
}

// render fills the template in, as one line.
func (t *template) render(values map[string]string) string {
	if t == nil {
		return ""
	}
	t.once.Do(func() {
		if t.t == nil {
			t.t = gotemplate.Must(parseTemplate(t.source)) // it was parsed when it was checked
		}
	})
	var b strings.Builder
	if err := t.t.Execute(&b, values); err != nil {
		return ""
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// humanBytes writes a number of bytes with a unit.
func humanBytes(text string) string {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	units := []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB"}
	i := 0
	for ; math.Abs(v) >= 1024 && i < len(units)-1; i++ {
		v /= 1024
	}
	return quote(v) + " " + units[i]
}

// percent writes a share as a percentage.
func percent(text string) string {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	return quote(v*100) + " %"
}

// humanSeconds writes a number of seconds as a duration.
func humanSeconds(text string) string {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.Abs(v) > 1e9 {
		return text
	}
	if math.Abs(v) < 120 {
		return quote(v) + " s"
	}
	return strings.TrimSuffix(time.Duration(v*float64(time.Second)).Round(time.Second).String(), "0s")
}

// humanDate writes a Unix time.
func humanDate(text string) string {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || v < 0 || v > 1e11 {
		return text
	}
	return time.Unix(int64(v), 0).UTC().Format("2006-01-02 15:04 UTC")
}

// quote writes a number as a person would quote it: whole if it is large, else three digits.
func quote(v float64) string {
	switch a := math.Abs(v); {
	case math.IsInf(v, 0) || math.IsNaN(v):
		return strconv.FormatFloat(v, 'g', -1, 64)
	case a >= 100 || v == math.Trunc(v):
		return strconv.FormatFloat(math.Round(v), 'f', -1, 64)
	default:
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
}
