package correlate

import (
	"fmt"
	"strings"

	"github.com/hindcast/hindcast/correlate/timeline"
)

// summary tells the short story in a few sentences, each with what it rests on.
func (s *story) summary(t *timeline.Timeline) []timeline.Sentence {
	out := []timeline.Sentence{}
	add := func(evidence []string, format string, args ...any) {
		if len(evidence) > 0 {
			out = append(out, timeline.Sentence{Text: fmt.Sprintf(format, args...), Evidence: evidence})
		}
	}
	const clock = "15:04:05"
	k := t.KeyTimes
	if k.ImpactStarted != nil {
		add(k.ImpactStarted.Evidence, "Impact began at %s UTC%s: %s.", k.ImpactStarted.Time.Format(clock), plusMinus(k.ImpactStarted.ErrorSeconds), s.titleAt(t, k.ImpactStarted))
	}
	if k.Detected != nil {
		add(k.Detected.Evidence, "It was detected at %s: %s.", k.Detected.Time.Format(clock), s.titleAt(t, k.Detected))
	}
	if len(t.Suspects) > 0 && t.Verdict != timeline.NothingUnusual {
		v := t.Suspects[0]
		lead := "The evidence fits one chain best"
		if t.Verdict == timeline.Inconclusive {
			lead = "The evidence is not conclusive; the best guess is"
		}
		var refs []string
		var steps []string
		for _, id := range v.Chain {
			for i := range t.Entries {
				if t.Entries[i].ID == id {
					steps = append(steps, t.Entries[i].Title)
					if len(t.Entries[i].Evidence) > 0 {
						refs = append(refs, t.Entries[i].Evidence[0])
					}
				}
			}
		}
		add(refs, "%s (confidence %.2f, %s): %s.", lead, v.Confidence, v.Level, strings.Join(steps, " → "))
	}
	if k.Mitigated != nil {
		add(k.Mitigated.Evidence, "Mitigation at %s: %s.", k.Mitigated.Time.Format(clock), s.titleAt(t, k.Mitigated))
	}
	if k.Resolved != nil {
		add(k.Resolved.Evidence, "Resolved at %s: %s.", k.Resolved.Time.Format(clock), s.titleAt(t, k.Resolved))
	}
	return out
}

func plusMinus(seconds float64) string {
	if seconds < 1 {
		return ""
	}
	return fmt.Sprintf(" ± %.0f s", seconds)
}

// titleAt is the title of the entry that a key time was taken from.
func (s *story) titleAt(t *timeline.Timeline, k *timeline.KeyTime) string {
	for i := range t.Entries {
		e := &t.Entries[i]
		if e.Time.Equal(k.Time) && len(e.Evidence) > 0 && len(k.Evidence) > 0 && e.Evidence[0] == k.Evidence[0] {
			return e.Title
		}
	}
	return k.How
}
