package correlate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hindcast/hindcast/correlate/rank"
	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/ingest/event"
)

// sameAlert is how far apart the same alert may be told by two sources: Alertmanager groups for a while, and rules are
// evaluated each minute.
const sameAlert = int64(2 * time.Minute)

// usualAlerts counts how often each alert fired in the quiet time before.
func usualAlerts(events []event.Event, w event.Window) map[string]int {
	n := map[string]int{}
	last := map[string]int64{}
	for i := range events {
		e := &events[i]
		if e.Kind != event.Alert || e.State == "resolved" || e.Time >= w.From {
			continue
		}
		key := alertKey(e)
		if t, ok := last[key]; ok && e.Time-t < sameAlert {
			continue
		}
		last[key] = e.Time
		n[key]++
	}
	return n
}

func alertKey(e *event.Event) string { return e.Name + "\x00" + e.Component.Name }

// fromAlerts makes one entry of each firing and each resolution, whoever told it.
func (s *story) fromAlerts() {
	last := map[string]int{}
	for i := range s.in.Events {
		e := &s.in.Events[i]
		if e.Kind != event.Alert || e.Time < s.window.Baseline.From || e.Time >= s.window.To {
			continue
		}
		key := alertKey(e) + "\x00" + e.Component.Instance + "\x00" + e.State
		if j, ok := last[key]; ok && e.Time-s.entries[j].at < sameAlert && sameVersion(e, s.entries[j].event) {
			s.entries[j].evidence = append(s.entries[j].evidence, evidenceOf(e)...)
			continue
		}
		last[key] = len(s.entries)
		s.entries = append(s.entries, s.alert(e))
	}
}

func (s *story) alert(e *event.Event) entry {
	flaps := s.usual[alertKey(e)]
	inWindow := e.Time >= s.window.From
	row := entry{
		at: e.Time, end: e.End, err: e.TimeError, kind: event.Alert, role: timeline.Detection, component: e.Component.Name, source: e.Origin.Source,
		title: "alert " + e.Name + " fires", count: max(e.Count, 1), confidence: 1, evidence: evidenceOf(e), node: -1, interest: 3, event: e,
	}
	if e.Title != "" && e.Title != e.Name {
		row.title += ": " + e.Title
	}
	if e.State == "resolved" {
		row.title, row.role, row.interest = "alert "+e.Name+" resolves", timeline.Recovery, 1.6
	}
	if e.Component.Instance != "" && !strings.Contains(row.title, e.Component.Instance) && !strings.Contains(row.title, e.Component.Name) {
		row.title += " (" + e.Component.Instance + ")"
	}
	severity := e.Labels["severity"]
	if severity == "info" || severity == "none" || e.Name == "Watchdog" || e.Name == "InfoInhibitor" {
		row.interest, row.role = 0.3, timeline.Context
	}
	if flaps > 0 || !inWindow {
		row.interest, row.role, row.confidence = 0.4, timeline.Context, 0.5
		if flaps > 0 {
			row.title += fmt.Sprintf(" (also %d times before the window)", flaps)
		}
	}
	if e.State != "resolved" && inWindow && e.Name != "Watchdog" {
		w := 1.0 / float64(1+2*flaps)
		if severity == "info" || severity == "none" {
			w *= 0.1
		}
		row.node = s.node(rank.Node{
			Cause: "alert", Role: rank.Alert, Component: e.Component, Onset: e.Time, Error: e.TimeError + int64(5*time.Minute), Strength: 0.9,
			Weight: w, Title: row.title, Text: e.Text, Name: e.Name, ID: e.ID,
		})
	}
	return row
}

// fromChanges makes nodes of what was changed before or in the window, one of each however many sources tell it. Whether a
// change brought about or mended something is for the ranking to say.
func (s *story) fromChanges() {
	last := map[string]int{}
	for i := range s.in.Events {
		e := &s.in.Events[i]
		if e.Kind != event.Change || e.Time >= s.window.To || e.Time < s.window.Lookback.From {
			continue
		}
		key := e.Name + "\x00" + e.Component.Name
		if e.Name == "rollout" {
			key = "deploy\x00" + e.Component.Name // what a deploy record calls a deployment, its events call a rollout
		}
		if e.Actor == event.Autoscaler {
			key += "\x00" + e.Actor
		}
		if j, ok := last[key]; ok && e.Component.Name != "" && e.Name != "commit" && e.Time-s.entries[j].at < sameAlert {
			s.entries[j].evidence = append(s.entries[j].evidence, evidenceOf(e)...)
			if s.entries[j].node < 0 {
				continue
			}
			if n := &s.nodes[s.entries[j].node]; e.ID != "" && (strings.Contains(n.ID, "/") && !strings.Contains(e.ID, "/") || n.Name == "rollout" && e.Name == "deploy") {
				// A deploy record's own number says more than a revision of Helm or Argo CD, which is one of its component only, or
				// than a replica set.
				n.Name = e.Name
				n.ID, n.Title, s.entries[j].title = e.ID, e.Title, e.Title
			}
			continue
		}
		last[key] = len(s.entries)
		title := e.Title
		if title == "" {
			title = e.Name + " of " + e.Component.Name
		}
		row := entry{
			at: e.Time, end: e.End, err: e.TimeError, kind: event.Change, role: timeline.Context, component: e.Component.Name, source: e.Origin.Source,
			title: title, count: 1, confidence: 0.6, evidence: evidenceOf(e), node: -1, interest: 0.5, event: e,
		}
		if e.State == "failed" {
			row.title += " (failed)"
		}
		if e.Time >= s.window.From {
			row.interest = 1.2
		}
		// A commit's folder may be called after the software and its subject after the component that runs it.
		if scope := e.Labels["scope"]; scope != "" && s.places.known[scope] && !s.places.known[e.Component.Name] {
			e.Component.Name = scope
			row.component = scope
		}
		if e.Actor == event.Autoscaler {
			s.entries = append(s.entries, row)
			continue
		}
		n := rank.Node{
			Cause: "change", Role: rank.Change, Component: e.Component, Onset: e.Time, Error: e.TimeError, Strength: changeStrength(e),
			Title: title, Text: e.Text, Name: e.Name, ID: e.ID,
		}
		row.node = s.node(n)
		s.entries = append(s.entries, row)
	}
}

// sameVersion tells whether two records may be of one deployment: two versions that follow each other soon are two.
func sameVersion(a, b *event.Event) bool {
	if a.Name == b.Name {
		return true
	}
	v, w := strings.TrimPrefix(a.Labels["version"], "v"), strings.TrimPrefix(b.Labels["version"], "v")
	return v == "" || w == "" || v == w
}

// changeStrength is how much of a change an event is: what was rolled out counts more than what was committed.
func changeStrength(e *event.Event) float64 {
	switch {
	case e.State == "failed":
		return 0.5
	case e.Name == "commit":
		return 0.5
	case e.Name == "scale":
		return 0.6
	default:
		return 0.9
	}
}

// bunch is how close Kubernetes events of one reason on one component must be to be one entry.
const bunch = int64(3 * time.Minute)

func (s *story) fromKubernetes() {
	open := map[string]int{}
	first := len(s.entries)
	for i := range s.observations {
		o := &s.observations[i]
		e := o.Event
		if e == nil || e.Kind != event.Kubernetes {
			continue
		}
		if e.Time < s.window.Baseline.From {
			continue
		}
		place := e.Component.Name
		if h := e.Labels["node"]; h != "" && e.Name == "Evicted" {
			place = h
		}
		key := e.Name + "\x00" + place
		if j, ok := open[key]; ok && e.Time-max(s.entries[j].end, s.entries[j].at) <= bunch {
			row := &s.entries[j]
			row.count += max(e.Count, 1)
			row.end = max(row.end, e.Time, e.End)
			if len(row.evidence) < 5 {
				row.evidence = append(row.evidence, evidenceOf(e)...)
			}
			continue
		}
		open[key] = len(s.entries)
		row := entry{
			at: e.Time, end: e.End, err: e.TimeError, kind: event.Kubernetes, role: timeline.Context, component: place, source: e.Origin.Source,
			title: e.Name, count: max(e.Count, 1), confidence: o.Strength, evidence: evidenceOf(e), node: -1, interest: 2 * o.Strength, event: e,
		}
		if o.Harm > 0 {
			row.role = timeline.Symptom
			if e.Time >= s.window.From {
				row.node = s.node(rank.Node{
					Cause: "anomaly", Role: rank.Anomaly, Component: e.Component, Onset: e.Time, Error: e.TimeError, Strength: o.Strength, Weight: 0.4 * o.Strength,
					Title: e.Name + ": " + e.Title, Text: e.Text, Resource: true,
				})
			}
		}
		if e.Time < s.window.From {
			row.interest *= 0.4
		}
		s.entries = append(s.entries, row)
	}
	for j := first; j < len(s.entries); j++ {
		row := &s.entries[j]
		if row.event.Title != "" {
			row.title = row.event.Title
			if !strings.Contains(row.title, row.event.Name) {
				row.title = row.event.Name + ": " + row.title
			}
		}
		if row.count > 1 {
			row.title += fmt.Sprintf(" ×%d", row.count)
		}
	}
}

// fromActions takes what people did and said.
func (s *story) fromActions() {
	names := s.names()
	seen := map[string]int64{}
	for i := range s.in.Events {
		e := &s.in.Events[i]
		if e.Kind != event.Action || e.Time < s.window.Baseline.From || e.Time >= s.window.To {
			continue
		}
		row := entry{
			at: e.Time, end: e.End, err: e.TimeError, kind: event.Action, role: actionRole(e), component: e.Component.Name, source: e.Origin.Source,
			title: actionTitle(e), count: 1, confidence: 1, evidence: evidenceOf(e), node: -1, event: e,
		}
		key := strings.ToLower(e.Name + e.ID + row.title)
		if t, ok := seen[key]; ok && e.Time-t < sameAlert {
			continue
		}
		seen[key] = e.Time
		if e.Name == "message" {
			row.interest = relevance(e, s.window, names)
			if row.interest < 1 {
				row.role = timeline.Context
			}
		} else {
			row.interest = pagerInterest(e)
			if e.Time < s.window.From {
				row.interest, row.role = 0.5, timeline.Context // another incident's
			}
		}
		s.entries = append(s.entries, row)
	}
}

func pagerInterest(e *event.Event) float64 {
	switch strings.ToLower(e.Name) {
	case "triggered", "acknowledged", "resolved", "escalated":
		return 4
	case "note", "annotate", "priority", "responder", "responder_accept":
		return 3
	default: // who was notified how, and assigned by whom
		return 1.2
	}
}

// names are the components and alerts that a message may name to be about this incident.
func (s *story) names() []string {
	var out []string
	for i := range s.nodes {
		n := &s.nodes[i]
		if n.Weight > 0 {
			out = append(out, n.Component.Name)
			if n.Role == rank.Alert {
				out = append(out, n.Name)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func evidenceOf(e *event.Event) []timeline.Evidence {
	text := e.Text
	switch {
	case text == "":
		text = e.Title
	case e.Title != "" && !strings.Contains(text, e.Title):
		text = e.Title + "\n" + text
	}
	return []timeline.Evidence{{
		Source: e.Origin.Source, Origin: e.Origin.String(), Text: nameless(text, e), Count: max(e.Count, 1), Query: e.ID,
	}}
}
