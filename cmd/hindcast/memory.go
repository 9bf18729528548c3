package main

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/hindcast/hindcast/cmd/hindcast/archive"
	"github.com/hindcast/hindcast/ingest/event"
)

// remember keeps what servers have shown that forget alerts that are over, as Alertmanager does: one that was shown and
// no longer is has ended in between. answered are the sources of that kind that could be asked now; what was over before
// horizon is forgotten. The events are those that no server gives any more.
func remember(seen []archive.Seen, events []event.Event, answered []string, now, horizon time.Time) (kept []archive.Seen, recalled []event.Event) {
	for _, e := range events {
		if e.Kind != event.Alert || e.State != "firing" || e.End != 0 || !slices.Contains(answered, e.Origin.Source) {
			continue
		}
		i := slices.IndexFunc(seen, func(s archive.Seen) bool { return sameAlert(&s.Alert, &e) })
		if i < 0 {
			seen = append(seen, archive.Seen{Alert: e})
			i = len(seen) - 1
		}
		seen[i].Last, seen[i].Ended = now.UnixNano(), 0
	}
	for _, s := range seen {
		if s.Ended == 0 && s.Last < now.UnixNano() && slices.Contains(answered, s.Alert.Origin.Source) {
			s.Ended = s.Last + (now.UnixNano()-s.Last)/2
		}
		if cmp.Or(s.Ended, s.Last) < horizon.UnixNano() {
			continue
		}
		kept = append(kept, s)
		if s.Last < now.UnixNano() {
			recalled = append(recalled, eventsOf(s)...)
		}
	}
	return kept, recalled
}

func sameAlert(a, b *event.Event) bool {
	return a.Origin.Source == b.Origin.Source && a.Name == b.Name && a.ID == b.ID && a.Time == b.Time
}

// eventsOf are the firing of an alert that was seen, and its end if it has one.
func eventsOf(s archive.Seen) []event.Event {
	firing := s.Alert
	firing.End = s.Ended
	if s.Ended == 0 {
		return []event.Event{firing}
	}
	end := firing
	end.Time, end.End, end.State, end.TimeError = s.Ended, 0, "resolved", s.Ended-s.Last
	end.Text = fmt.Sprintf("It was active for the last time at %s; when it ended is not known better.", event.Time(s.Last).Format(time.RFC3339))
	return []event.Event{firing, end}
}
