// Package incident folds firings of alerts into incidents, and names them so that whoever looks at the same alerts, on
// whatever machine and however often, speaks of the same incident.
package incident

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/hindcast/hindcast/ingest/event"
)

// A Firing is one firing of an alert, or one incident of a pager.
type Firing struct {
	// Range is when it was firing. Of one that is Open the end is not known: To is the end of what was looked at.
	event.Range
	Open bool
	// Name is the alert's name or the pager incident's number, ID the fingerprint.
	Name, ID string
	// Pager is set for incidents of a pager.
	Pager     bool
	Component string
	Severity  event.Severity
	Labels    map[string]string
	// Times is how often the same alert fired in the evidence.
	Times int
}

// Words names the firing for a person.
func (f *Firing) Words() string {
	if f.Pager {
		return "pager incident " + f.Name
	}
	return "alert " + f.Name
}

// same tells whether both are firings of one alert.
func (f *Firing) same(o *Firing) bool { return f.Name == o.Name && f.ID == o.ID }

// alike tells whether both are probably the same alert, seen in two places: its fingerprint in Alertmanager is made of
// more labels than the one in Prometheus if there are external ones.
func (f *Firing) alike(o *Firing) bool {
	return f.Name == o.Name && (f.ID == o.ID || f.Component == o.Component)
}

// Firings finds when alerts were firing and pager incidents open, firings of one alert that follow within ten minutes
// taken together. What does not end is taken to last until end.
func Firings(events []event.Event, end int64) []Firing {
	var firings []Firing
	ends := map[string][]int64{}
	key := func(e *event.Event) string { return string(e.Kind) + "\x00" + e.Name + "\x00" + e.ID }
	for i := range events {
		switch e := &events[i]; {
		case e.Kind == event.Alert && e.State == "resolved":
			ends[key(e)] = append(ends[key(e)], e.Time)
		case e.Kind == event.Action && e.Name == "resolved":
			ends[e.ID] = append(ends[e.ID], e.Time)
		}
	}
	for i := range events {
		e := &events[i]
		f := Firing{
			Range: event.Range{From: e.Time, To: e.End}, Name: e.Name, ID: e.ID,
			Component: e.Component.Name, Severity: e.Severity, Labels: e.Labels,
		}
		var known []int64
		switch {
		case e.Kind == event.Alert && e.State == "firing":
			known = ends[key(e)]
		case e.Kind == event.Action && e.Name == "triggered":
			f.Name, f.Pager, known = cmp.Or(e.ID, e.Title), true, ends[e.ID]
		default:
			continue
		}
		for _, t := range known {
			if t >= e.Time && (f.To == 0 || t < f.To) {
				f.To = t
			}
		}
		if f.To == 0 {
			f.To, f.Open = max(end, e.Time), true
		}
		firings = append(firings, f)
	}
	return joined(firings)
}

func joined(firings []Firing) []Firing {
	slices.SortStableFunc(firings, func(a, b Firing) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID), cmp.Compare(a.From, b.From))
	})
	var out []Firing
	for _, f := range firings {
		if n := len(out); n > 0 && out[n-1].same(&f) && f.From-out[n-1].To <= int64(10*time.Minute) {
			last := &out[n-1]
			if f.To >= last.To {
				last.To, last.Open = f.To, f.Open
			}
			last.Severity = max(last.Severity, f.Severity)
			continue
		}
		out = append(out, f)
	}
	times := map[string]int{}
	for _, f := range out {
		times[f.Name]++
	}
	for i := range out {
		out[i].Times = times[out[i].Name]
	}
	return out
}
