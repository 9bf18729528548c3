package rule

import (
	"github.com/hindcast/hindcast/correlate/summary"
	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/ingest/event"
)

// leastSeen is how often something must have come before it can be missed.
const leastSeen = 3

// overdue gives the components on which a log record that used to come stays away. The expectation is learnt: it came at
// least [leastSeen] times before, and the pause is longer than Within and than twice the longest pause before.
func (e *evaluation) overdue(r *Rule, i *Item) []hit {
	var out []hit
	matches := e.matches[i.Absent.Expect.Matcher]
	for k := range matches {
		m := &matches[k]
		usual, seen := e.pauses(m)
		last, pause := e.silent(m)
		if seen < leastSeen || pause < i.Absent.Within || pause <= 2*usual {
			continue
		}
		x := m.Before
		h := hit{kind: event.Log, onset: last + max(i.Absent.Within, usual), err: e.layout.FineWidth, count: seen, strength: 0.7, values: values(e.Summary, m)}
		h.end = last + pause
		if len(x) > 0 {
			h.host = x[0].Instance
		}
		h.component = e.subject(r, m.Component, m.Target, h.host, h.values)
		h.evidence = []timeline.Evidence{logEvidence(x, seen, m.Component, r.ID)}
		out = append(out, h)
	}
	return out
}

// pauses gives the longest pause between records before the window, in nanoseconds, and how many records there were.
func (e *evaluation) pauses(m *summary.Match) (longest, seen int64) {
	last := int64(0)
	for _, b := range m.Counts {
		at := e.layout.Bounds(b.Index)
		if at.From >= e.Window.From {
			break
		}
		if last != 0 {
			longest = max(longest, at.To-last)
		}
		last = at.From
		seen += int64(b.N)
	}
	return longest, seen
}

// silent gives the longest pause that reaches into the window: the last record before it, and how long it is.
func (e *evaluation) silent(m *summary.Match) (last, pause int64) {
	from := e.Window.From
	if first := e.layout.Bounds(m.Counts[0].Index).From; first >= from {
		return 0, 0
	}
	at := int64(0)
	for _, b := range m.Counts {
		t := e.layout.Bounds(b.Index).From
		if t >= from && at != 0 && t-at > pause {
			last, pause = at, t-at
		}
		at = t
	}
	if e.Window.To-at > pause {
		last, pause = at, e.Window.To-at
	}
	return last, pause
}
