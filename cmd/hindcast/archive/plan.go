package archive

import (
	"time"

	"github.com/hindcast/hindcast/cmd/hindcast/incident"
	"github.com/hindcast/hindcast/ingest/event"
)

// Terms say when an incident is due for its report.
type Terms struct {
	// Settle is how long it must have been over, Since how long ago it may have ended, Gap how much quiet time one may have.
	Settle, Since, Gap time.Duration
	// MostAttempts is how often a report that cannot be made is tried; 0 is for ever.
	MostAttempts int
	// Pause is waited after the first failure, twice as long after the second, and so on.
	Pause time.Duration
}

// State is how far an incident is from its report.
type State string

// The states.
const (
	// IsOpen is an incident that goes on; IsSettling one that is over but may begin again.
	IsOpen     State = "open"
	IsSettling State = "settling"
	// IsDue is one whose report is to be made now, IsWaiting one whose report is tried again later, IsGivenUp never again.
	IsDue     State = "due"
	IsWaiting State = "waiting"
	IsGivenUp State = "failed"
	// IsMade is one with a report, IsOld one that ended too long ago to be given one.
	IsMade State = "made"
	IsOld  State = "old"
)

// Planned is an incident with its state.
type Planned struct {
	incident.Incident
	State State
	// At is when the incident will be due, for those that settle or wait.
	At time.Time
	// Failure is the mark of failure, if there is one that counts.
	Failure *Failure
}

// Plan tells the state of each incident from the reports and the failures that there are. One that goes on after its
// report was made takes that report's id, and is due again.
func Plan(incidents []incident.Incident, records []Record, failures map[string]Failure, t Terms, now time.Time) []Planned {
	var plan []Planned
	for _, i := range incidents {
		p := Planned{Incident: i}
		made := false
		for n := range records {
			if old := records[n].Incident(); old.Is(&p.Incident, t.Gap) {
				made = old.Covers(&p.Incident)
				p.Extend(old)
				break
			}
		}
		ended := event.Time(i.To)
		switch settled := ended.Add(t.Settle); {
		case i.Open:
			p.State = IsOpen
		case made:
			p.State = IsMade
		case settled.After(now):
			p.State, p.At = IsSettling, settled
		case ended.Before(now.Add(-t.Since)):
			p.State = IsOld
		default:
			p.State = IsDue
			p.fail(failures, t, now)
		}
		plan = append(plan, p)
	}
	return plan
}

// fail heeds what came of earlier attempts, unless the incident has gone on since.
func (p *Planned) fail(failures map[string]Failure, t Terms, now time.Time) {
	f, ok := failures[p.ID]
	if !ok || event.Time(p.To).After(f.To) || f.Attempts == 0 {
		return
	}
	p.Failure = &f
	again := f.Last.Add(t.Pause << min(f.Attempts-1, 10))
	switch {
	case t.MostAttempts > 0 && f.Attempts >= t.MostAttempts:
		p.State = IsGivenUp
	case again.After(now):
		p.State, p.At = IsWaiting, again
	}
}
