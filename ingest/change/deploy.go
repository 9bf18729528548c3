package change

import "github.com/hindcast/hindcast/ingest/event"

// Deploy is a deployment as services that keep them tell of it.
type Deploy struct {
	// ID is the service's own key, Component what was deployed.
	ID, Component string
	// Version is what came, Previous what was there before, where that is known; hashes are shortened where they are shown.
	Version, Previous string
	// State is "succeeded", "failed" or empty.
	State                                       string
	Environment, Repository, Actor, Description string
	// Start and End are Unix nanoseconds, 0 if not known.
	Start, End int64
}

// Event gives the deployment at its end, when it is in effect everywhere, or at its start if no end is known. Raw is
// what was said of it.
func (d Deploy) Event(raw string) event.Event {
	c := change{
		name: "deploy", state: d.State, component: d.Component, version: short(d.Version), previous: short(d.Previous),
		environment: d.Environment, repository: d.Repository, actor: d.Actor, id: d.ID, description: d.Description, start: d.Start, end: d.End,
	}
	e := c.event(raw)
	if d.Version != short(d.Version) {
		e.Labels["revision"] = d.Version
	}
	return e
}
