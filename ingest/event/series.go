package event

import (
	"sort"
	"strings"
)

// Label is one name and value of a series.
type Label struct{ Name, Value string }

// Series is the samples of one metric, oldest first.
type Series struct {
	// Name is the metric's name, empty for the result of an expression.
	Name string
	// Labels are sorted by name and do not hold the metric's name.
	Labels []Label
	// Times are Unix nanoseconds, ascending, one for each value. Stale markers are left out, which makes a hole.
	Times  []int64
	Values []float64
	// Step is the usual distance of two samples in nanoseconds, 0 if not known.
	Step int64
	// Expr is the query that gave the series, empty if it was read from a file.
	Expr   string
	Origin Origin
}

// Label returns the value of the label called name, empty if there is none.
func (s *Series) Label(name string) string {
	i := sort.Search(len(s.Labels), func(i int) bool { return s.Labels[i].Name >= name })
	if i < len(s.Labels) && s.Labels[i].Name == name {
		return s.Labels[i].Value
	}
	return ""
}

var escaper = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// String gives the series as Prometheus writes it: name{a="b"}.
func (s *Series) String() string {
	var b strings.Builder
	b.WriteString(s.Name)
	if len(s.Labels) == 0 {
		return b.String()
	}
	b.WriteByte('{')
	for i, l := range s.Labels {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(l.Name)
		b.WriteString(`="`)
		b.WriteString(escaper.Replace(l.Value))
		b.WriteByte('"')
	}
	b.WriteByte('}')
	return b.String()
}

// Component tells what the series is about, from its labels, as [ComponentOf] chooses.
func (s *Series) Component() Component { return ComponentOf(s.Name, s.Label) }
