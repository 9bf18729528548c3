package query

import (
	"cmp"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/hindcast/hindcast/ingest/event"
)

// Metrics gives the names of the metrics that an expression selects, sorted. Selectors without a fixed name are left out.
func Metrics(expr string) []string {
	parsed, err := parse(expr)
	if err != nil {
		return nil
	}
	var names []string
	parser.Inspect(parsed, func(n parser.Node, _ []parser.Node) error {
		if s, ok := n.(*parser.VectorSelector); ok {
			if name := metricOf(s); name != "" {
				names = append(names, name)
			}
		}
		return nil
	})
	slices.Sort(names)
	return slices.Compact(names)
}

// Selects tells whether an expression looks at a series.
func Selects(expr string, s *event.Series) bool {
	parsed, err := parse(expr)
	if err != nil {
		return false
	}
	found := false
	parser.Inspect(parsed, func(n parser.Node, _ []parser.Node) error {
		if v, ok := n.(*parser.VectorSelector); ok && !found {
			found = !slices.ContainsFunc(v.LabelMatchers, func(m *labels.Matcher) bool {
				if m.Name == model.MetricNameLabel {
					return !m.Matches(s.Name)
				}
				return !m.Matches(s.Label(m.Name))
			})
		}
		return nil
	})
	return found
}

func metricOf(s *parser.VectorSelector) string {
	if s.Name != "" {
		return s.Name
	}
	return nameIn(s.LabelMatchers)
}

func nameIn(matchers []*labels.Matcher) string {
	for _, m := range matchers {
		if m.Name == model.MetricNameLabel && m.Type == labels.MatchEqual {
			return m.Value
		}
	}
	return ""
}

// anyMetric stands for a selector without a fixed name among the needs of an expression.
const anyMetric = "*"

// Needs gives the metrics of an expression if it can have no result without any of them, sorted, and none if it can. Where it
// selects by other things than a name, "*" stands for any metric.
func Needs(expr string) []string {
	parsed, err := parse(expr)
	if err != nil || (&Engine{}).possible(parsed) {
		return nil
	}
	var names []string
	parser.Inspect(parsed, func(n parser.Node, _ []parser.Node) error {
		if s, ok := n.(*parser.VectorSelector); ok {
			names = append(names, cmp.Or(metricOf(s), anyMetric))
		}
		return nil
	})
	slices.Sort(names)
	return slices.Compact(names)
}

// Knows tells whether one of the metrics that an expression needs is there.
func (e *Engine) Knows(needs []string) bool {
	return slices.ContainsFunc(needs, func(name string) bool { return len(e.series[name]) > 0 || name == anyMetric && len(e.names) > 0 })
}

// Possible tells whether an expression can have a result, given which metrics are there.
func (e *Engine) Possible(expr string) bool {
	parsed, err := parse(expr)
	return err == nil && e.possible(parsed)
}

// possible follows the operators: most need both sides, "or" needs one, "unless" the left one. An expression on the
// absence of a metric of which nothing was ever seen tells nothing, so it counts as impossible too.
func (e *Engine) possible(n parser.Node) bool {
	switch n := n.(type) {
	case *parser.VectorSelector:
		if name := metricOf(n); name != "" {
			return len(e.series[name]) > 0
		}
		return slices.ContainsFunc(e.names, func(name string) bool {
			return !slices.ContainsFunc(n.LabelMatchers, func(m *labels.Matcher) bool { return m.Name == model.MetricNameLabel && !m.Matches(name) })
		})
	case *parser.BinaryExpr:
		switch n.Op {
		case parser.LOR:
			return e.possible(n.LHS) || e.possible(n.RHS)
		case parser.LUNLESS:
			return e.possible(n.LHS)
		}
	}
	for child := range parser.ChildrenIter(n) {
		if !e.possible(child) {
			return false
		}
	}
	return true
}

// Delay is how long after a change an expression may show it at the latest: the widest span that it looks back over, such
// as [2m], and 0 if it looks at samples alone.
func Delay(expr string) time.Duration {
	parsed, err := parse(expr)
	if err != nil {
		return 0
	}
	var widest time.Duration
	parser.Inspect(parsed, func(n parser.Node, _ []parser.Node) error {
		if m, ok := n.(*parser.MatrixSelector); ok {
			widest = max(widest, m.Range)
		}
		return nil
	})
	return widest
}

// Falling tells whether an expression asks for small values, such as "x < 5".
func Falling(expr string) bool {
	parsed, err := parse(expr)
	return err == nil && falling(parsed)
}

func falling(n parser.Node) bool {
	switch n := n.(type) {
	case *parser.ParenExpr:
		return falling(n.Expr)
	case *parser.BinaryExpr:
		switch n.Op {
		case parser.LSS, parser.LTE:
			return true
		case parser.LAND, parser.LUNLESS, parser.LOR:
			return falling(n.LHS)
		}
	}
	return false
}
