package query

import (
	"context"
	"slices"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/hindcast/hindcast/ingest/event"
)

// RangeLate evaluates as [Engine.Range] does, and leaves out the series that have no sample at since or later. Most
// expressions hold for nothing then, and what went before is not evaluated.
func (e *Engine) RangeLate(ctx context.Context, expr string, from, since, to, step int64) ([]event.Series, error) {
	first := from
	if since > from && step > 0 && !wholeRange(expr) {
		if first += (since - from + step - 1) / step * step; first > to {
			return nil, nil
		}
	}
	late, err := e.Range(ctx, expr, first, to, step)
	if err != nil || len(late) == 0 || first == from {
		return slices.DeleteFunc(late, func(s event.Series) bool { return s.Times[len(s.Times)-1] < since }), err
	}
	early, err := e.Range(ctx, expr, from, first-step, step)
	if err != nil {
		return nil, err
	}
	before := make(map[string]*event.Series, len(early))
	for i := range early {
		before[early[i].String()] = &early[i]
	}
	for i := range late {
		if b := before[late[i].String()]; b != nil {
			late[i].Times, late[i].Values = append(b.Times, late[i].Times...), append(b.Values, late[i].Values...)
		}
	}
	return late, nil
}

// wholeRange tells whether the value of an expression at one time depends on the range that it is evaluated over.
func wholeRange(expr string) bool {
	// What cannot be parsed is for Range to complain of.
	parsed, err := parse(expr)
	if err != nil {
		return true
	}
	found := false
	parser.Inspect(parsed, func(n parser.Node, _ []parser.Node) error {
		switch n := n.(type) {
		case *parser.VectorSelector:
			found = found || n.StartOrEnd != 0
		case *parser.SubqueryExpr:
			found = found || n.StartOrEnd != 0
		}
		return nil
	})
	return found
}
