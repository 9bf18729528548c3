package pagerduty

import (
	"strings"

	"github.com/hindcast/hindcast/ingest/document"
)

// webhook is what the body of a version 3 webhook says of one step of an incident.
type webhook struct {
	ID       string         `json:"id"`
	Type     string         `json:"event_type"`
	Occurred document.Stamp `json:"occurred_at"`
	Agent    reference      `json:"agent"`
	Data     struct {
		ID       string        `json:"id"`
		Number   document.Text `json:"number"`
		Title    string        `json:"title"`
		Content  string        `json:"content"`
		Service  reference     `json:"service"`
		Incident reference     `json:"incident"`
	} `json:"data"`
}

// steps are the log entries that the types of webhooks stand for, where cutting their ending does not give them.
var steps = map[string]string{
	"triggered": "trigger", "acknowledged": "acknowledge", "unacknowledged": "unacknowledge", "resolved": "resolve",
	"escalated": "escalate", "delegated": "delegate", "reassigned": "assign", "annotated": "annotate", "reopened": "reopen",
	"priority_updated": "priority_change",
}

// entry makes the log entry of it.
func (w *webhook) entry() entry {
	step := strings.TrimPrefix(w.Type, "incident.")
	if s := steps[step]; s != "" {
		step = s
	}
	e := entry{Type: step + suffix, CreatedAt: w.Occurred, Agent: w.Agent, Service: w.Data.Service, Note: w.Data.Content}
	e.ID = w.ID
	e.Incident = reference{ID: w.Data.ID, Title: w.Data.Title, Number: w.Data.Number}
	if w.Data.Incident.ID != "" { // a note is about an incident
		e.Incident = w.Data.Incident
	}
	return e
}
