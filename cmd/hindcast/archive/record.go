package archive

import (
	"time"

	"github.com/hindcast/hindcast/cmd/hindcast/incident"
	"github.com/hindcast/hindcast/ingest/event"
)

// A Record is what is known of an incident that has a report.
type Record struct {
	ID   string    `json:"id"`
	Name string    `json:"name"`
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Made is when the report was made, Times how often: an incident that goes on after its report has it made again.
	Made       time.Time `json:"made"`
	Times      int       `json:"times"`
	Components []string  `json:"components"`
	Firings    []Firing  `json:"firings"`
	// Verdict is the timeline's, Suspect and Confidence those of the first suspect, if any. Story is the summary in sentences.
	Verdict    string   `json:"verdict"`
	Suspect    string   `json:"suspect,omitempty"`
	Confidence float64  `json:"confidence,omitempty"`
	Story      []string `json:"story,omitempty"`
	// Incomplete is set if evidence was missing.
	Incomplete bool `json:"incomplete,omitempty"`
	// Files are the files of the report by their names, with the hashes of what the program wrote into them.
	Files map[string]string `json:"files"`
}

// Firing is the firing of an alert in a record.
type Firing struct {
	Name      string    `json:"name"`
	ID        string    `json:"fingerprint"`
	Component string    `json:"component,omitempty"`
	Severity  string    `json:"severity,omitempty"`
	Pager     bool      `json:"pager,omitempty"`
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
}

// RecordOf begins the record of an incident.
func RecordOf(i *incident.Incident) Record {
	r := Record{ID: i.ID, Name: i.Lead().Name, From: event.Time(i.From), To: event.Time(i.To), Components: i.Components()}
	for _, f := range i.Firings {
		r.Firings = append(r.Firings, Firing{
			Name: f.Name, ID: f.ID, Component: f.Component, Severity: f.Severity.String(), Pager: f.Pager,
			From: event.Time(f.From), To: event.Time(f.To),
		})
	}
	return r
}

// Incident is the incident as it was when the report was made.
func (r *Record) Incident() *incident.Incident {
	i := &incident.Incident{ID: r.ID, Range: event.Range{From: r.From.UnixNano(), To: r.To.UnixNano()}}
	for _, f := range r.Firings {
		i.Firings = append(i.Firings, incident.Firing{
			Name: f.Name, ID: f.ID, Component: f.Component, Pager: f.Pager,
			Range: event.Range{From: f.From.UnixNano(), To: f.To.UnixNano()},
		})
	}
	return i
}
