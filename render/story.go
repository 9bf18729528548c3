package render

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hindcast/hindcast/correlate/timeline"
)

// A story is a timeline with its ids looked up.
type story struct {
	*timeline.Timeline
	entries  map[string]*timeline.Entry
	evidence map[string]*timeline.Evidence
}

func newStory(t *timeline.Timeline) *story {
	s := &story{Timeline: t, entries: map[string]*timeline.Entry{}, evidence: map[string]*timeline.Evidence{}}
	for i := range t.Entries {
		s.entries[t.Entries[i].ID] = &t.Entries[i]
	}
	for i := range t.Evidence {
		s.evidence[t.Evidence[i].ID] = &t.Evidence[i]
	}
	return s
}

// short gives the entries of the short story, or all of them if none is starred or all are asked for.
func (s *story) short(all bool) []timeline.Entry {
	starred := slices.DeleteFunc(slices.Clone(s.Entries), func(e timeline.Entry) bool { return !e.Starred })
	if all || len(starred) == 0 {
		return s.Entries
	}
	return starred
}

// first is the most likely suspect, nil if there is none.
func (s *story) first() *timeline.Suspect {
	if len(s.Suspects) == 0 {
		return nil
	}
	return &s.Suspects[0]
}

// blank tells whether nothing was observed that could be explained, of a time that was not quiet as far as is known.
func (s *story) blank() bool {
	return s.Verdict == timeline.Inconclusive && len(s.Suspects)+len(s.Unexplained) == 0
}

// clear tells whether the first suspect stands out: a confidence of 0.5 and 0.2 more than the second's.
func (s *story) clear() bool {
	switch {
	case len(s.Suspects) == 0 || s.Suspects[0].Confidence < 0.5:
		return false
	case len(s.Suspects) == 1:
		return true
	default:
		return s.Suspects[0].Confidence-s.Suspects[1].Confidence >= 0.2
	}
}

// refs turns ids of entries and evidence into ids of evidence, each once, in the order given.
func (s *story) refs(ids []string) []string {
	var refs []string
	for _, id := range ids {
		more := []string{id}
		if e := s.entries[id]; e != nil && s.evidence[id] == nil {
			more = e.Evidence
		}
		for _, m := range more {
			if !slices.Contains(refs, m) {
				refs = append(refs, m)
			}
		}
	}
	return refs
}

// times says how often something was seen, unless its title says so already: "" or " ×2,504".
func times(e *timeline.Entry) string {
	if e.Count < 2 || saysCount(e) {
		return ""
	}
	return " ×" + grouped(e.Count)
}

// saysCount tells whether an entry's title has its number itself.
func saysCount(e *timeline.Entry) bool {
	i := strings.Index(e.Title, "×"+strconv.FormatInt(e.Count, 10))
	if i < 0 {
		return false
	}
	rest := e.Title[i+len("×")+len(strconv.FormatInt(e.Count, 10)):]
	return rest == "" || rest[0] < '0' || rest[0] > '9'
}

// records is how many records were read over all sources.
func (s *story) records() int64 {
	var n int64
	for _, c := range s.Coverage {
		n += c.Read
	}
	return n
}

// impact is the span in which users suffered, false if its beginning or its end is not known.
func (s *story) impact() (time.Duration, bool) {
	k := s.KeyTimes
	end := k.Resolved
	if end == nil {
		end = k.Mitigated
	}
	if k.ImpactStarted == nil || end == nil || end.Time.Before(k.ImpactStarted.Time) {
		return 0, false
	}
	return end.Time.Sub(k.ImpactStarted.Time), true
}

// A namedTime is one of the key times with what it is called.
type namedTime struct {
	name string
	at   **timeline.KeyTime
}

func keyTimes(k *timeline.KeyTimes) []namedTime {
	return []namedTime{
		{"Trigger (likely)", &k.Trigger},
		{"Impact began", &k.ImpactStarted},
		{"Detected", &k.Detected},
		{"Acknowledged", &k.Acknowledged},
		{"Mitigated", &k.Mitigated},
		{"Resolved", &k.Resolved},
	}
}
