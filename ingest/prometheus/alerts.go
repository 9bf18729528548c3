package prometheus

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/prometheus/common/model"

	"github.com/hindcast/hindcast/ingest/event"
)

const (
	firingName = "ALERTS"
	// sinceName is the series whose values are the Unix seconds since when an alert's expression holds.
	sinceName = "ALERTS_FOR_STATE"
	// quietSteps is how many steps an alert may be missing before it counts as resolved: a scrape or two may fail.
	quietSteps = 3
	// pending is why a series or sample is left out.
	pending = "alert that was pending, not firing"
)

func isAlert(name string) bool { return name == firingName || name == sinceName }

func isPending(name string, labels []event.Label) bool {
	return name == firingName && slices.Contains(labels, event.Label{Name: "alertstate", Value: "pending"})
}

// alertEvents makes events of the series that Prometheus keeps of its alerts. Each run of samples without a gap of more
// than three steps is one firing. Its start is known to one step; where it fires at the first sample of what is covered
// the error reaches back to when the expression began to hold, or else is as long as all that is covered. One that
// fires at the end of what is covered is not resolved.
func alertEvents(series []*event.Series, covered event.Range, usual int64) []event.Event {
	since := map[string]*event.Series{}
	for _, s := range series {
		if s.Name == sinceName {
			since[alertKey(s)] = s
		}
	}
	var events []event.Event
	for _, s := range series {
		if s.Name != firingName || s.Label("alertstate") != "firing" {
			continue
		}
		step := cmp.Or(s.Step, usual)
		for from := 0; from < len(s.Times); {
			to := from + 1
			for to < len(s.Times) && s.Times[to]-s.Times[to-1] <= quietSteps*step {
				to++
			}
			events = append(events, firing(s, since[alertKey(s)], s.Times[from], s.Times[to-1], step, covered)...)
			from = to
		}
	}
	return events
}

// firing makes the events of one run of samples.
func firing(s, since *event.Series, first, last, step int64, covered event.Range) []event.Event {
	labels := map[string]string{}
	set := model.LabelSet{}
	for _, l := range s.Labels {
		if l.Name != "alertstate" {
			labels[l.Name] = l.Value
			set[model.LabelName(l.Name)] = model.LabelValue(l.Value)
		}
	}
	e := event.Event{
		Time: first, TimeError: step, Kind: event.Alert, Name: s.Label("alertname"), State: "firing",
		Component: s.Component(), Severity: event.ParseUrgency(s.Label("severity")), Title: s.Label("alertname"),
		Labels: labels, ID: set.Fingerprint().String(), Origin: s.Origin,
	}
	active := valueAt(since, first)
	if active > 0 {
		labels["active_since"] = event.Time(active).Format(time.RFC3339)
	}
	if first-covered.From < step {
		e.TimeError = max(step, covered.To-covered.From)
		if active > 0 && active < first {
			e.TimeError = max(step, first-active)
		}
		e.Text = fmt.Sprintf("It was firing at the first sample there is, %s.", event.Time(first).Format(time.RFC3339))
	}
	if covered.To-last <= quietSteps*step {
		return []event.Event{e}
	}
	e.End = last + step
	end := e
	end.Time, end.End, end.TimeError, end.State, end.Text = e.End, 0, step, "resolved", ""
	end.Labels = maps.Clone(labels)
	return []event.Event{e, end}
}

// alertKey is what an alert's two series share.
func alertKey(s *event.Series) string {
	other := event.Series{Labels: slices.DeleteFunc(slices.Clone(s.Labels), func(l event.Label) bool { return l.Name == "alertstate" })}
	return other.String()
}

// valueAt gives the value at t or at the next sample within an hour, in nanoseconds, 0 if there is none.
func valueAt(s *event.Series, t int64) int64 {
	if s == nil {
		return 0
	}
	i, _ := slices.BinarySearch(s.Times, t)
	if i == len(s.Times) || s.Times[i]-t > int64(time.Hour) || s.Values[i] < 1 || s.Values[i] > 9e9 {
		return 0
	}
	return int64(s.Values[i]*1e3) * 1e6
}
