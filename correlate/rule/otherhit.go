package rule

import (
	"cmp"
	"maps"
	"math"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/hindcast/hindcast/correlate/match"
	"github.com/hindcast/hindcast/correlate/query"
	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/ingest/event"
)

// mostSteps bounds the steps of a range query; longer windows take wider steps.
const mostSteps = 2000

// metric gives the components for which an expression holds in the window and did not in the baseline.
func (e *evaluation) metric(r *Rule, i *Item) ([]hit, error) {
	if e.Engine == nil || len(i.Metric.Needs) > 0 && !e.Engine.Knows(i.Metric.Needs) || !e.Engine.Possible(i.Metric.Expr) {
		return nil, nil
	}
	from := e.Window.Baseline.From
	engine := e.Engine.At(i.Metric.Expr, event.Range{From: from, To: e.Window.To})
	step := max(engine.Step(i.Metric.Expr), int64(time.Second))
	for (e.Window.To-from)/step > mostSteps {
		step *= 2
	}
	series, err := engine.RangeLate(e.ctx, i.Metric.Expr, from, e.Window.From, e.Window.To-1, step)
	if err != nil {
		if e.Problem != nil && e.ctx.Err() == nil {
			e.Problem(r, err)
			return nil, nil
		}
		return nil, err
	}
	earlier := sync.OnceValue(func() past { return e.before(i.Metric.Expr, step) })
	var out []hit
	for k := range series {
		if h, ok := e.metricHit(r, i, &series[k], step, earlier); ok {
			out = append(out, h)
		}
	}
	return out, nil
}

// metricHit reads a series of the result. What it needs of the time before the baseline, it asks for.
func (e *evaluation) metricHit(r *Rule, i *Item, s *event.Series, step int64, earlier func() past) (hit, bool) {
	before, start, last, worst := 0, -1, int64(0), math.NaN()
	runStart := -1
	falling := query.Falling(i.Metric.Expr)
	for k, t := range s.Times {
		if k == 0 || t-s.Times[k-1] > step*3/2 {
			runStart = k
		}
		if t < e.Window.From {
			before++
			continue
		}
		if t-s.Times[runStart] < i.Metric.For {
			continue
		}
		if start < 0 {
			start = runStart
		}
		last = t
		if v := s.Values[k]; math.IsNaN(worst) || falling && v < worst || !falling && math.Abs(v) > math.Abs(worst) {
			worst = v
		}
	}
	quiet := float64(e.Window.From-e.Window.Baseline.From) / float64(step)
	if start < 0 || !i.KeepBaseline && !r.KeepBaseline && float64(before) > 0.3*quiet {
		return hit{}, false
	}
	c := s.Component()
	for _, l := range i.Metric.Component {
		if v := s.Label(l); v != "" {
			c = e.named(l, v)
			break
		}
	}
	h := hit{kind: event.Metric, onset: s.Times[start], err: step, end: last, count: 1, early: i.Metric.For + int64(query.Delay(i.Metric.Expr)), strength: 0.85, values: map[string]string{}, host: c.Instance}
	if h.onset < e.Window.From {
		p := earlier()
		if onset := p.began(s, h.onset); onset < h.onset {
			h.onset, h.err = onset, p.width
		}
	}
	if i.Metric.Value != "" {
		h.values[i.Metric.Value] = quote(worst)
	}
	for name, label := range i.Metric.Labels {
		h.values[name] = s.Label(label)
	}
	h.component = e.subject(r, c.Name, s.Label("target"), c.Instance, h.values)
	ev := timeline.Evidence{Source: "series", Origin: s.String(), Query: i.Metric.Expr, Count: int64(len(s.Times)), Text: s.String()}
	for k := start; k < len(s.Times) && len(ev.Points) < 60; k++ {
		ev.Points = append(ev.Points, timeline.Point{Time: event.Time(s.Times[k]), Value: s.Values[k]})
	}
	h.evidence = []timeline.Evidence{ev}
	return h, true
}

// named is the component that a label's value names. Addresses and pods stand for what runs there.
func (e *evaluation) named(label, value string) event.Component {
	switch label {
	case "instance", "exported_instance", "pod", "node", "host", "nodename", "target", "server", "addr", "address":
		if e.Resolve != nil {
			if name := e.Resolve(value); name != "" {
				return event.Component{Name: name, Instance: value}
			}
		}
		return event.NewComponent("", value)
	default:
		return event.NewComponent(value, "")
	}
}

// eventHits gives the components that alerts, changes, Kubernetes events or actions of an item are about.
func (e *evaluation) eventHits(r *Rule, i *Item) []hit {
	from := e.Window.From
	if i.Event.Kind == string(event.Change) || r.Role == Root || r.Role == LeadUp {
		from = e.Window.Lookback.From
	}
	var out []hit
	at := map[string]int{}
	usual := map[string]int{}
	for k := range e.events {
		ev := &e.events[k]
		ok, groups := i.Event.match(ev)
		if !ok || ev.Time >= e.Window.To {
			continue
		}
		name := e.subject(r, ev.Component.Name, groups["target"], ev.Labels["node"], groups)
		if ev.Time < from {
			usual[name]++
			continue
		}
		if j, seen := at[name]; seen {
			out[j].count += max(ev.Count, 1)
			out[j].end = ev.Time
			continue
		}
		at[name] = len(out)
		text := ev.Text
		if text == "" {
			text = ev.Title
		}
		out = append(out, hit{
			component: name, host: ev.Labels["node"], kind: ev.Kind, onset: ev.Time, err: ev.TimeError, end: max(ev.End, ev.Time), count: max(ev.Count, 1), values: groups,
			strength: 0.8, evidence: []timeline.Evidence{{Source: ev.Origin.Source, Origin: ev.Origin.String(), Text: text, Count: max(ev.Count, 1), Query: ev.ID}},
		})
	}
	return slices.DeleteFunc(out, func(h hit) bool {
		return h.count < i.AtLeast || !i.KeepBaseline && !r.KeepBaseline && int64(usual[h.component]) >= h.count
	})
}

// match tells whether an event fits, and what its text's groups captured.
func (m *EventMatch) match(e *event.Event) (bool, map[string]string) {
	groups := map[string]string{}
	if m.Kind != string(e.Kind) || m.State == nil && e.State == "resolved" || m.State != nil && !m.State.MatchString(e.State) {
		return false, nil
	}
	if len(m.Names) > 0 && !slices.ContainsFunc(m.Names, func(re *regexp.Regexp) bool { return re.MatchString(e.Name) }) {
		return false, nil
	}
	for l, re := range m.Labels {
		if !re.MatchString(e.Labels[l]) {
			return false, nil
		}
	}
	if m.Text == nil {
		return true, groups
	}
	text := e.Title + "\n" + e.Text
	found := m.Text.FindStringSubmatch(text)
	for k, name := range m.Text.SubexpNames() {
		switch {
		case found == nil || name == "" || found[k] == "":
		case match.IsTarget(name):
			groups["target"] = cmp.Or(groups["target"], found[k])
		default:
			groups[name] = found[k]
		}
	}
	return found != nil, groups
}

// absent gives the components on which something was done and what should follow did not. Without a beginning the
// expectation is learnt from the time before the window.
func (e *evaluation) absent(r *Rule, i *Item) ([]hit, error) {
	if i.Absent.After == nil {
		return e.overdue(r, i), nil
	}
	after, err := e.item(r, i.Absent.After)
	if err != nil {
		return nil, err
	}
	// What is expected is no news: it counts however usual it is.
	expected := *i.Absent.Expect
	expected.KeepBaseline = true
	came, err := e.item(r, &expected)
	if err != nil {
		return nil, err
	}
	var out []hit
	for _, a := range after {
		due := a.onset + i.Absent.Within
		if due >= e.Window.To || slices.ContainsFunc(came, func(c hit) bool { return c.end >= a.onset && c.onset <= due && joined(i.Join, a, c) }) {
			continue
		}
		a.strength *= 0.85
		out = append(out, a)
	}
	return out, nil
}

func joined(j Join, a, b hit) bool {
	switch j {
	case JoinHost:
		return a.host == b.host
	case JoinNone:
		return true
	default:
		return a.component == b.component
	}
}

// together gives the components for which all parts hold, near each other and, for a sequence, in order.
func (e *evaluation) together(r *Rule, i *Item, parts []*Item, ordered bool) ([]hit, error) {
	first, err := e.item(r, parts[0])
	if err != nil {
		return nil, err
	}
	for _, p := range parts[1:] {
		next, err := e.item(r, p)
		if err != nil {
			return nil, err
		}
		var both []hit
		for _, a := range first {
			for _, b := range next {
				gap := b.onset - a.onset
				switch {
				case !joined(i.Join, a, b), ordered && gap < -(a.err+b.err) && b.end < a.onset:
					continue
				case i.Within > 0 && (gap > i.Within && a.end+i.Within < b.onset || -gap > i.Within && b.end+i.Within < a.onset):
					continue
				}
				both = append(both, union(a, b))
				break
			}
		}
		first = both
	}
	return first, nil
}

func union(a, b hit) hit {
	h := a
	h.onset = max(a.onset, b.onset)
	h.err = max(a.err, b.err)
	h.end = max(a.end, b.end)
	h.count = a.count + b.count
	h.evidence = append(slices.Clone(a.evidence), b.evidence...)
	h.values = map[string]string{}
	maps.Copy(h.values, b.values)
	maps.Copy(h.values, a.values)
	h.strength = min(0.95, max(a.strength, b.strength)+0.05)
	return h
}
