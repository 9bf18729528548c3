package main

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"github.com/hindcast/hindcast/cmd/hindcast/incident"
	"github.com/hindcast/hindcast/ingest/event"
)

// A pager can tell all about one incident, however long ago it was.
type pager interface {
	// Incident yields what is known of an incident, as a source's Events does.
	Incident(ctx context.Context, id string) iter.Seq2[*event.Batch, error]
}

// pagerWindow takes the window from the incident of a pager that --pagerduty names: from a pager's own server, or from what
// files hold of it.
func pagerWindow(ctx context.Context, in *inquiry, extent event.Range) (event.Window, error) {
	id := in.windower.flags.pagerduty
	events := slices.Clone(in.whole.events)
	var failure error
	asked := 0
	for _, s := range in.src.paging {
		p, ok := s.(pager)
		if !ok {
			continue
		}
		asked++
		for b, err := range p.Incident(ctx, id) {
			if err != nil {
				failure = cmp.Or(failure, failed("try: hindcast check sources", "source %q: incident %s: %w", s.Name(), id, err))
				break
			}
			events = append(events, b.Events...)
		}
	}
	ids := []string{id}
	for _, e := range events {
		if e.Kind == event.Action && e.Labels["incident_number"] == id {
			ids = append(ids, e.ID)
		}
	}
	for _, f := range incident.Firings(events, cmp.Or(extent.To, in.windower.clock.now.UnixNano())) {
		if f.Pager && slices.Contains(ids, f.Name) {
			return in.windower.around(f, f.Range, extent), nil
		}
	}
	switch {
	case failure != nil:
		return event.Window{}, failure
	case asked == 0:
		return event.Window{}, usage("name a source of kind pagerduty in the configuration", "--pagerduty %s: the evidence holds no such incident, and there is no server to ask", id)
	}
	return event.Window{}, usage("", "--pagerduty %s: there is no such incident", id)
}
