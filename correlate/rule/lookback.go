package rule

import (
	"slices"

	"github.com/hindcast/hindcast/ingest/event"
)

// mostBackSteps bounds the steps of the search for a beginning in the lookback.
const mostBackSteps = 1000

// A past is where an expression held before the window, at the resolution of the days before it.
type past struct {
	series map[string]*event.Series
	width  int64
}

// before evaluates an expression over lookback and baseline, once for all series that hold in the window: a leak can be days
// older than the trouble, and of those days there often are coarser samples.
func (e *evaluation) before(expr string, step int64) past {
	from, to := e.Window.Lookback.From, e.Window.From
	if from >= to {
		return past{}
	}
	engine := e.Engine.At(expr, event.Range{From: from, To: e.Window.Baseline.From})
	p := past{series: map[string]*event.Series{}, width: max(step, engine.Step(expr))}
	for (to-from)/p.width > mostBackSteps {
		p.width *= 2
	}
	series, err := engine.Range(e.ctx, expr, from, to, p.width)
	if err != nil {
		return past{} // what is known of the window stands
	}
	for k := range series {
		p.series[series[k].String()] = &series[k]
	}
	return p
}

// began finds where the run begins that reaches to in the past of a series, and to itself if it begins there.
func (p past) began(s *event.Series, to int64) int64 {
	earlier := p.series[s.String()]
	if earlier == nil {
		return to
	}
	reach := p.width * 3 / 2
	k, _ := slices.BinarySearch(earlier.Times, to+1)
	if k--; k < 0 || to-earlier.Times[k] > reach {
		return to
	}
	for k > 0 && earlier.Times[k]-earlier.Times[k-1] <= reach {
		k--
	}
	return earlier.Times[k]
}
