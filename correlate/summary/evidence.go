package summary

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/hindcast/hindcast/ingest/event"
)

// Events returns the events that were kept whole, by time and origin. The same event from two places, as an alert that
// a webhook and the ALERTS series both tell, stays two: joining them is the timeline's business.
func (s *Summary) Events() []event.Event {
	all := slices.Clone(s.events)
	slices.SortStableFunc(all, func(a, b event.Event) int { return compareEvents(&a, &b) })
	return slices.CompactFunc(all, func(a, b event.Event) bool { return compareEvents(&a, &b) == 0 })
}

func compareEvents(a, b *event.Event) int {
	return cmp.Or(
		cmp.Compare(a.Time, b.Time), strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.Name, b.Name),
		strings.Compare(a.Component.Name, b.Component.Name), strings.Compare(a.Component.Instance, b.Component.Instance),
		strings.Compare(a.State, b.State), strings.Compare(a.ID, b.ID), strings.Compare(a.Title, b.Title), strings.Compare(a.Text, b.Text),
		strings.Compare(a.Origin.Source, b.Origin.Source), strings.Compare(a.Origin.Path, b.Origin.Path), cmp.Compare(a.Origin.Line, b.Origin.Line),
		strings.Compare(a.Origin.ID, b.Origin.ID), compareLabels(a.Labels, b.Labels),
	)
}

func compareLabels(a, b map[string]string) int {
	ka, kb := slices.Sorted(maps.Keys(a)), slices.Sorted(maps.Keys(b))
	if c := slices.Compare(ka, kb); c != 0 {
		return c
	}
	for _, k := range ka {
		if c := strings.Compare(a[k], b[k]); c != 0 {
			return c
		}
	}
	return 0
}

// Series returns the series by name and labels. Samples of one series that came in pieces are joined. What was sampled when
// the window was over is left out: only some sources can have it, and the answer must not depend on which was asked.
func (s *Summary) Series() []event.Series {
	type keyed struct {
		key string
		event.Series
	}
	all := make([]keyed, 0, len(s.series))
	for _, v := range s.series {
		if v = before(v, s.window.To); len(v.Times) == 0 {
			continue
		}
		all = append(all, keyed{v.String() + "\x00" + v.Expr, v})
	}
	slices.SortFunc(all, func(a, b keyed) int {
		if c := strings.Compare(a.key, b.key); c != 0 {
			return c // samples are only looked at where they decide
		}
		return cmp.Or(slices.Compare(a.Times, b.Times), slices.Compare(a.Values, b.Values), strings.Compare(a.Origin.Path, b.Origin.Path))
	})
	out := make([]event.Series, 0, len(all))
	last := ""
	for _, v := range all {
		if len(out) > 0 && v.key == last {
			out[len(out)-1] = join(out[len(out)-1], v.Series)
			continue
		}
		last = v.key
		out = append(out, v.Series)
	}
	return out
}

// before cuts a series where a window ends, 0 if it does not.
func before(v event.Series, end int64) event.Series {
	if n := len(v.Times); end != 0 && n > 0 && v.Times[n-1] >= end {
		n, _ = slices.BinarySearch(v.Times, end)
		v.Times, v.Values = v.Times[:n], v.Values[:n]
	}
	return v
}

// join merges the samples of two pieces of a series; of two samples of one time the first piece's stands.
func join(a, b event.Series) event.Series {
	out := a
	out.Times = make([]int64, 0, len(a.Times)+len(b.Times))
	out.Values = make([]float64, 0, len(a.Times)+len(b.Times))
	i, j := 0, 0
	for i < len(a.Times) || j < len(b.Times) {
		if j >= len(b.Times) || i < len(a.Times) && a.Times[i] <= b.Times[j] {
			if j < len(b.Times) && a.Times[i] == b.Times[j] {
				j++
			}
			out.Times, out.Values = append(out.Times, a.Times[i]), append(out.Values, a.Values[i])
			i++
			continue
		}
		out.Times, out.Values = append(out.Times, b.Times[j]), append(out.Values, b.Values[j])
		j++
	}
	if out.Step == 0 || b.Step > 0 && b.Step < out.Step {
		out.Step = b.Step
	}
	return out
}
