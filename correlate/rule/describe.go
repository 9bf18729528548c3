package rule

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
)

func durationText(ns int64) string { return model.Duration(time.Duration(ns)).String() }

// describe says in words what an item looks for.
func (i *Item) describe() string {
	var s string
	switch {
	case i.Log != nil:
		s = "log: " + i.describeLog()
	case i.Metric != nil:
		s = "metric: " + strings.Join(strings.Fields(i.Metric.Expr), " ")
		if i.Metric.For > 0 {
			s += " for " + durationText(i.Metric.For)
		}
	case i.Event != nil:
		s = i.Event.describe()
	case i.Absent != nil:
		s = fmt.Sprintf("absent: %s within %s", i.Absent.Expect.describe(), durationText(i.Absent.Within))
		if i.Absent.After != nil {
			s += " after " + i.Absent.After.describe()
		}
	default:
		word := " and "
		if i.Sequence != nil {
			word = ", then "
		}
		var parts []string
		for _, p := range i.parts() {
			parts = append(parts, p.describe())
		}
		s = strings.Join(parts, word)
	}
	if i.AtLeast > 1 {
		s += fmt.Sprintf(", at least %d times", i.AtLeast)
	}
	if i.Within > 0 {
		s += " within " + durationText(i.Within)
	}
	return s
}

func (i *Item) describeLog() string {
	l := i.Log
	var parts []string
	add := func(word string, texts []string) {
		if len(texts) > 0 {
			parts = append(parts, fmt.Sprintf("%s %q", word, texts))
		}
	}
	add("one of", l.Contains)
	add("all of", l.ContainsAll)
	add("none of", l.NotContains)
	for _, p := range [][2]string{{"matches", l.Regexp}, {"logger", l.Logger}, {"speaker", l.Speaker}, {"where", l.Where}} {
		if p[1] != "" {
			parts = append(parts, p[0]+" "+p[1])
		}
	}
	for _, f := range slices.Sorted(maps.Keys(l.Fields)) {
		parts = append(parts, "field "+f+" "+l.Fields[f])
	}
	if l.MinSeverity > 0 {
		parts = append(parts, "at least "+l.MinSeverity.String())
	}
	return strings.Join(parts, "; ")
}

func (m *EventMatch) describe() string {
	var parts []string
	for _, n := range m.Names {
		parts = append(parts, n.String())
	}
	s := m.Kind + ": " + strings.Join(parts, " or ")
	if m.Text != nil {
		s += " text " + m.Text.String()
	}
	for _, l := range slices.Sorted(maps.Keys(m.Labels)) {
		s += " " + l + "=" + m.Labels[l].String()
	}
	return s
}
