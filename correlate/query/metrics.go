package query

import (
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
		name := metricOf(n)
		return name == "" || len(e.series[name]) > 0
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
