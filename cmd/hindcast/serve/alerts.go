package serve

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/hindcast/hindcast/cmd/hindcast/journal"
	"github.com/hindcast/hindcast/ingest/alertmanager"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/pagerduty"
)

// mostAlerts is how many events of alerts are remembered. They take about a kilobyte each. Beyond that a quarter of them is
// forgotten, the oldest, which most likely have their reports.
const mostAlerts = 100_000

// A kind is a sort of webhook and how its body is read.
type kind struct {
	name   string
	decode func(ctx context.Context, r io.Reader, o event.Origin, emit func(*event.Batch)) error
}

// kinds are all sorts of webhooks. Grafana's bodies have the form of Alertmanager's.
var kinds = []kind{
	{"alertmanager", alertmanager.Decode},
	{"grafana", alertmanager.Decode},
	{"pagerduty", pagerduty.Decode},
}

// read gives the events of a body. An error says that some of it, or all, is not what this kind sends.
func (k kind) read(ctx context.Context, r io.Reader) ([]event.Event, error) {
	var (
		events []event.Event
		counts event.Coverage
	)
	err := k.decode(ctx, r, event.Origin{Source: k.name}, func(b *event.Batch) {
		events = append(events, b.Events...)
		counts.Add(b.Coverage)
	})
	switch {
	case err != nil:
		return nil, err
	case counts.Unparsed > 0 && len(counts.Gaps) > 0:
		return events, fmt.Errorf("%s", counts.Gaps[0].Reason)
	}
	return events, nil
}

// alerts are the events of alerts that are remembered, each once. The zero value is ready.
type alerts struct {
	mu      sync.Mutex
	known   map[alertKey]event.Event
	dropped int64
}

// An alertKey tells one event of an alert from another, however often it is told.
type alertKey struct {
	kind           event.Kind
	name, id, step string
	at             int64
}

func keyOf(e *event.Event) alertKey {
	return alertKey{kind: e.Kind, name: e.Name, id: e.ID, step: e.State, at: e.Time / int64(time.Millisecond)}
}

// add remembers events and tells how many are new.
func (a *alerts) add(events []event.Event) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.known == nil {
		a.known = map[alertKey]event.Event{}
	}
	fresh := 0
	for _, e := range events {
		k := keyOf(&e)
		old, ok := a.known[k]
		switch {
		case !ok:
			fresh++
			if len(a.known) >= mostAlerts {
				a.evict()
			}
		case old.End != 0:
			continue
		}
		// Only what incidents are made of is kept: the rest is in the journal.
		a.known[k] = event.Event{
			Time: e.Time, End: e.End, Kind: e.Kind, Name: e.Name, State: e.State, Component: e.Component, Severity: e.Severity,
			Title: e.Title, Labels: e.Labels, ID: e.ID,
		}
	}
	return fresh
}

// evict forgets the oldest quarter.
func (a *alerts) evict() {
	keys := slices.SortedFunc(maps.Keys(a.known), func(x, y alertKey) int { return cmp.Compare(x.at, y.at) })
	for _, k := range keys[:mostAlerts/4] {
		delete(a.known, k)
	}
	a.dropped += mostAlerts / 4
}

// since forgets what was over before a time and gives the rest, oldest first.
func (a *alerts) since(t time.Time) []event.Event {
	a.mu.Lock()
	defer a.mu.Unlock()
	var events []event.Event
	for k, e := range a.known {
		if max(e.Time, e.End) < t.UnixNano() {
			delete(a.known, k)
			continue
		}
		events = append(events, e)
	}
	slices.SortFunc(events, func(x, y event.Event) int {
		return cmp.Or(cmp.Compare(x.Time, y.Time), cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID), cmp.Compare(x.State, y.State))
	})
	return events
}

func (a *alerts) count() (known int, dropped int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.known), a.dropped
}

// recall remembers what the journal holds.
func (s *Server) recall(ctx context.Context, since time.Time) error {
	for _, path := range s.Journal.Paths(since, time.Time{}) {
		n := slices.IndexFunc(kinds, func(k kind) bool { return k.name == journal.Kind(path) })
		if n < 0 {
			continue
		}
		f, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("reading received events: %w", err)
		}
		events, err := kinds[n].read(ctx, f)
		_ = f.Close()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			s.Log.Warn("some received events cannot be read", "file", path, "err", err)
		}
		s.alerts.add(events)
	}
	return nil
}

// accept reads a body, puts it into the journal and remembers its events.
func (s *Server) accept(ctx context.Context, k kind, body []byte) (outcome string, err error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return "invalid", errors.New("the body is empty")
	}
	events, err := k.read(ctx, bytes.NewReader(body))
	switch {
	case err != nil && len(events) == 0:
		return "invalid", err
	case err != nil: // the rest is worth having, and the evidence says what was not understood
		s.Log.Warn("a part of a webhook was not understood", "kind", k.name, "err", err)
	case len(events) == 0:
		return "empty", nil
	}
	repeated, err := s.Journal.Append(k.name, body)
	switch {
	case err != nil:
		return "refused", err
	case repeated:
		return "repeated", nil
	}
	s.metrics.events.WithLabelValues(k.name).Add(float64(s.alerts.add(events)))
	s.stir()
	return "accepted", nil
}
