package correlate

import (
	"regexp"
	"strings"

	"github.com/hindcast/hindcast/correlate/rank"
	"github.com/hindcast/hindcast/ingest/event"
)

// intending is said of what may be done later.
var intending = regexp.MustCompile(`(?i)\b(should|shall|could|can (we|i|you)|going to|might|would|if)\b|\?\s*$`)

// fromUndoing makes changes of what people said they took back: a message that names the version that a deployment replaced.
// Rollbacks by hand often stand nowhere else, and whether they helped tells whether the deployment was to blame.
func (s *story) fromUndoing() {
	changes := len(s.entries)
	for i := range changes {
		c := s.entries[i]
		if c.kind != event.Change || c.event == nil || c.node < 0 || c.component == "" {
			continue
		}
		previous := c.event.Labels["previous_version"]
		if len(previous) < 3 || !strings.ContainsAny(previous, "0123456789") || previous == c.event.Labels["version"] {
			continue
		}
		if j := s.takenBack(c.at, previous); j >= 0 {
			e := &s.entries[j]
			e.node = s.node(rank.Node{
				Cause: "change", Role: rank.Change, Name: rank.Undoing, Component: c.event.Component, Onset: e.at, Error: e.err, Strength: 0.3,
				Title: "back to " + previous + ", as was said", Text: e.event.Text,
			})
		}
	}
}

// takenBack is the first message after a deployment which says that the version before is there again, -1 if there is none.
func (s *story) takenBack(after int64, previous string) int {
	first := -1
	for j := range s.entries {
		e := &s.entries[j]
		if e.kind != event.Action || e.event == nil || e.node >= 0 || e.at <= after || intending.MatchString(e.event.Text) || !rank.Names(e.event.Text, previous) {
			continue
		}
		if first < 0 || e.at < s.entries[first].at {
			first = j
		}
	}
	return first
}
