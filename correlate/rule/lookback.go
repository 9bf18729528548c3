package rule

import (
	"slices"

	"github.com/hindcast/hindcast/ingest/event"
)

// mostBackSteps bounds the steps of the search for a beginning in the lookback.
const mostBackSteps = 1000

// began finds since when an expression holds that already held before the window: a leak can be days older than the
// trouble, and of those days there often are coarser samples. It returns where the run begins that reaches to, and the
// width of the steps.
func (e *evaluation) began(expr string, s *event.Series, to, step int64) (onset, width int64) {
	from := e.Window.Lookback.From
	if from >= to {
		return to, step
	}
	engine := e.Engine.At(expr, event.Range{From: from, To: to})
	width = max(step, engine.Step(expr))
	for (to-from)/width > mostBackSteps {
		width *= 2
	}
	series, err := engine.Range(e.ctx, expr, from, to, width)
	if err != nil {
		return to, step
	}
	for k := range series {
		earlier := &series[k]
		last := len(earlier.Times) - 1
		if !slices.Equal(earlier.Labels, s.Labels) || last < 0 || to-earlier.Times[last] > width*3/2 {
			continue
		}
		first := last
		for first > 0 && earlier.Times[first]-earlier.Times[first-1] <= width*3/2 {
			first--
		}
		return min(earlier.Times[first], to), width
	}
	return to, step
}
