// Package pagerduty reads what PagerDuty's API gives of incidents: their list, and the log of what was done about them.
package pagerduty

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/hindcast/hindcast/ingest/document"
	"github.com/hindcast/hindcast/ingest/event"
)

var lists = []string{"log_entries", "incidents"}

// suffix ends the type of every log entry.
const suffix = "_log_entry"

// Recognise tells whether head begins a document of incidents or log entries.
func Recognise(head []byte) bool {
	if !bytes.Contains(head, []byte(suffix+`"`)) && !bytes.Contains(head, []byte(`"incident_number"`)) &&
		!bytes.Contains(head, []byte(`"log_entries"`)) && !bytes.Contains(head, []byte(`"incident.`)) {
		return false
	}
	shape := document.Shape(head)
	has := func(path string) bool { _, ok := shape[path]; return ok }
	for _, at := range []string{"", "log_entries[].", "incidents[]."} {
		if !has(at + "created_at") {
			continue
		}
		if strings.HasSuffix(shape[at+"type"], suffix) || has(at+"incident_number") && (has(at+"incident_key") || has(at+"status")) {
			return true
		}
	}
	if strings.HasPrefix(shape["event.event_type"], "incident.") && has("event.occurred_at") {
		return true
	}
	return has("log_entries") && has("limit") && has("more")
}

// Decode reads incidents and log entries. An incident gives one event at its beginning, since its log entries say the rest.
func Decode(ctx context.Context, r io.Reader, o event.Origin, emit func(*event.Batch)) error {
	s := document.NewSink(o, emit)
	defer s.Flush()
	return document.Each(ctx, r, s, lists, func(rec document.Record) error {
		if rec.Envelope {
			var page struct {
				More bool `json:"more"`
			}
			if json.Unmarshal(rec.Raw, &page) == nil && page.More {
				s.Gap(event.Hole{Origin: s.At(rec.Line, ""), Reason: "only one page of PagerDuty's answer: more follows"})
			}
			return nil
		}
		var e entry
		if err := json.Unmarshal(rec.Raw, &e); err != nil {
			return err
		}
		if e.Webhook != nil {
			e = e.Webhook.entry()
		}
		ev, err := e.event()
		if err != nil {
			return err
		}
		s.Keep(rec.Line, ev)
		return nil
	})
}

type reference struct {
	ID      string        `json:"id"`
	Summary string        `json:"summary"`
	Title   string        `json:"title"`
	Number  document.Text `json:"incident_number"`
}

// entry is a log entry or, if it has a number of its own, an incident.
type entry struct {
	reference
	Type        string         `json:"type"`
	CreatedAt   document.Stamp `json:"created_at"`
	Description string         `json:"description"`
	Agent       reference      `json:"agent"`
	Service     reference      `json:"service"`
	Incident    reference      `json:"incident"`
	Channel     struct {
		Summary string `json:"summary"`
		Content string `json:"content"`
	} `json:"channel"`
	Note string `json:"note"`
	// Webhook is set in the body of a version 3 webhook and nothing else is.
	Webhook *webhook `json:"event"`
}

func (e *entry) event() (event.Event, error) {
	kind, isEntry := strings.CutSuffix(e.Type, suffix)
	switch {
	case !isEntry && e.Number == "" && e.Type != "incident":
		return event.Event{}, errors.New("neither an incident nor a log entry")
	case e.CreatedAt == 0:
		return event.Event{}, errors.New("no created_at")
	}
	ev := event.Event{Time: int64(e.CreatedAt), Kind: event.Action, Labels: map[string]string{}}
	if e.Service.Summary != "" {
		ev.Component = event.NewComponent(e.Service.Summary, "")
	}
	about := e.reference
	if isEntry {
		about = e.Incident
		ev.Name, ev.Text, ev.Actor, ev.Origin.ID = name(kind), e.text(kind), e.Agent.Summary, e.ID
	} else {
		ev.Name, ev.Text = "incident", e.Description
	}
	ev.ID = about.ID
	if about.Number != "" {
		ev.Labels["incident_number"] = string(about.Number)
	}
	what := about.title()
	if what == "" && kind == "trigger" {
		what = e.Channel.Summary
	}
	ev.Title = sentence(ev.Name, about, what)
	return ev, nil
}

// title is the incident's title without the number that PagerDuty puts before it.
func (r *reference) title() string {
	if r.Title != "" {
		return r.Title
	}
	if r.Number != "" {
		return strings.TrimPrefix(r.Summary, fmt.Sprintf("[#%s] ", r.Number))
	}
	return r.Summary
}

// text is the entry's summary, and what a note says.
func (e *entry) text(kind string) string {
	text := e.Summary
	if kind != "annotate" {
		return text
	}
	for _, note := range []string{e.Note, e.Channel.Content, e.Channel.Summary} {
		if note != "" && note != text {
			return strings.TrimSpace(text + "\n" + note)
		}
	}
	return text
}

var names = map[string]string{
	"trigger": "triggered", "acknowledge": "acknowledged", "unacknowledge": "unacknowledged", "resolve": "resolved",
	"assign": "assigned", "delegate": "delegated", "escalate": "escalated", "repeat_escalation_path": "escalated",
	"exhaust_escalation_path": "escalation exhausted", "notify": "notified", "annotate": "note", "snooze": "snoozed",
	"reopen": "reopened", "merge": "merged", "priority_change": "priority", "urgency_change": "urgency",
}

// name gives the sort of action by the type of a log entry without its ending.
func name(kind string) string {
	if n := names[kind]; n != "" {
		return n
	}
	if strings.HasPrefix(kind, "responder_") || strings.HasPrefix(kind, "add_responder") {
		return "responder"
	}
	return strings.ReplaceAll(kind, "_", " ")
}

// did says what happened to an incident where the name of the action does not.
var did = map[string]string{
	"incident": "opened", "notified": "notified someone", "note": "got a note", "responder": "has news of a responder",
	"priority": "changed its priority", "urgency": "changed its urgency",
}

func sentence(name string, about reference, what string) string {
	text := "PagerDuty: incident"
	if about.Number != "" {
		text += " #" + string(about.Number)
	}
	if d := did[name]; d != "" {
		name = d
	}
	text += " " + name
	if what != "" {
		text += ": " + what
	}
	return text
}
