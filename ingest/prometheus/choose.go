package prometheus

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
)

const (
	// few series of a metric are asked for whole, and their past too.
	few = 300
	// many is how many are asked for of a metric that a rule looks at.
	many = 2000
	// mostValues bounds the values of a label that narrow a metric.
	mostValues = 50
)

// narrowing are the labels of alerts that say which series matter, the widest first.
var narrowing = []string{"namespace", "service", "app", "job", "deployment", "node", "host", "instance", "pod"}

// choice is what of a metric is asked for: the series that one of the matchers selects.
type choice struct {
	*wish
	matchers []string
	series   int64
}

// whole tells whether all series of the metric are asked for.
func (c *choice) whole() bool { return len(c.matchers) == 1 && c.matchers[0] == "" }

// samples estimates how many there are in a range.
func (c *choice) samples(r event.Range, interval int64) int64 {
	return c.series * ((r.To-r.From)/interval + 1)
}

// choose decides for each wish which series to ask for: all if they are few, or those that the expressions select, or
// those with the labels of alerts that fired.
func (p *plan) choose(ctx context.Context, w *wishes, q ingest.Query) []choice {
	counts := p.source.count(ctx, p.found, names(w.all), "", q.Window)
	var chosen []choice
	var large []*wish
	for _, x := range w.all {
		n, ok := counts[x.name]
		switch {
		case !ok: // it is not there, or that is a gap
		case n <= x.most():
			chosen = append(chosen, choice{x, []string{""}, max(n, 1)})
		default:
			large = append(large, x)
		}
	}
	large = slices.DeleteFunc(large, func(x *wish) bool {
		n, ok := p.selected(ctx, x, q.Window)
		if ok {
			chosen = append(chosen, choice{x, x.matchers, n})
		}
		return ok
	})
	chosen = append(chosen, p.narrow(ctx, large, q)...)
	order := make(map[*wish]int, len(w.all))
	for i, x := range w.all {
		order[x] = i
	}
	slices.SortFunc(chosen, func(a, b choice) int { return cmp.Compare(order[a.wish], order[b.wish]) })
	return chosen
}

// most is how many series of a metric are asked for.
func (w *wish) most() int64 {
	if w.why <= ruleLibrary {
		return many
	}
	return few
}

func names(all []*wish) []string {
	list := make([]string, len(all))
	for i, x := range all {
		list[i] = x.name
	}
	return list
}

// selected counts the series of a large metric that expressions select, and tells whether they are few enough.
func (p *plan) selected(ctx context.Context, x *wish, w event.Window) (int64, bool) {
	if slices.Contains(x.matchers, "") {
		return 0, false
	}
	var sum int64
	for _, m := range x.matchers {
		sum += p.source.count(ctx, p.found, []string{x.name}, m, w)[x.name]
	}
	return max(sum, 1), sum <= x.most()
}

// narrow chooses, of metrics with too many series, those that have a label of an alert that fired.
func (p *plan) narrow(ctx context.Context, large []*wish, q ingest.Query) []choice {
	var chosen []choice
	values := labelsOf(q)
	for _, label := range narrowing {
		if len(large) == 0 {
			break
		}
		if len(values[label]) == 0 || len(values[label]) > mostValues {
			continue
		}
		matcher := oneOf(label, values[label])
		counts := p.source.count(ctx, p.found, names(large), matcher, q.Window)
		large = slices.DeleteFunc(large, func(x *wish) bool {
			n := counts[x.name]
			if n == 0 || n > x.most() {
				return false
			}
			c := choice{wish: x, series: n}
			for _, m := range x.matchers {
				c.matchers = append(c.matchers, strings.TrimPrefix(m+","+matcher, ","))
			}
			chosen = append(chosen, c)
			return true
		})
	}
	for _, x := range large {
		p.leave(x, "have too many series, and no label of an alert that fired narrows them")
	}
	return chosen
}

// labelsOf gives the values that alerts which fired in the window have for the labels that narrow, sorted.
func labelsOf(q ingest.Query) map[string][]string {
	values := map[string][]string{}
	for e := range alertsIn(q) {
		for _, l := range narrowing {
			if v := e.Labels[l]; v != "" {
				values[l] = append(values[l], v)
			}
		}
	}
	for l := range values {
		slices.Sort(values[l])
		values[l] = slices.Compact(values[l])
	}
	return values
}

// oneOf writes a matcher for any of some values.
func oneOf(label string, values []string) string {
	if len(values) == 1 {
		return label + "=" + quote(values[0])
	}
	escaped := make([]string, len(values))
	for i, v := range values {
		escaped[i] = regexp.QuoteMeta(v)
	}
	return label + "=~" + quote(strings.Join(escaped, "|"))
}
