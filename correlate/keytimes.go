package correlate

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hindcast/hindcast/correlate/rank"
	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/ingest/event"
)

// detectedAt is when people or alerts first said that something was wrong, 0 if nobody did.
func (s *story) detectedAt() int64 {
	if e := s.detection(); e != nil {
		return e.at
	}
	return 0
}

func (s *story) detection() *entry {
	var first *entry
	for i := range s.entries {
		e := &s.entries[i]
		fires := e.kind == event.Alert && e.role == timeline.Detection && e.event.State != "resolved" && e.node >= 0 && s.nodes[e.node].Weight >= 0.9
		paged := e.kind == event.Action && e.role == timeline.Detection
		if (fires || paged) && e.at >= s.window.From && (first == nil || e.at < first.at) {
			first = e
		}
	}
	return first
}

func keyTime(e *entry, how string) *timeline.KeyTime {
	return &timeline.KeyTime{Time: event.Time(e.at), ErrorSeconds: float64(e.err) / 1e9, Evidence: nonNil(e.refs), How: how}
}

func (s *story) keyTimes(suspects []timeline.Suspect) timeline.KeyTimes {
	var k timeline.KeyTimes
	detected := s.detection()
	if detected != nil {
		how := "the first alert"
		if detected.kind == event.Action {
			how = "the first page"
		}
		k.Detected = keyTime(detected, how)
	}
	if len(suspects) > 0 {
		best := s.suspects[0]
		node := best.Node
		if best.Change >= 0 {
			node = best.Change
		}
		if i := s.entryOf(node); i >= 0 {
			k.Trigger = keyTime(&s.entries[i], "the first suspect's beginning")
		}
	}
	if e := s.impact(detected); e != nil {
		k.ImpactStarted = keyTime(e, "the first symptom that users feel")
	}
	s.responses(&k, detected)
	return k
}

// alone is how long after a symptom another one or the detection must come; what stands alone longer is another matter.
const alone = int64(10 * 60e9)

// impact is the earliest strong symptom that users feel: one that the first suspect explains and that it does not begin
// after, if there is one. What a rule calls a symptom goes before what only is unusual; failing both it is the detection.
func (s *story) impact(detected *entry) *entry {
	var told, unusual []*entry
	for i := range s.entries {
		e := &s.entries[i]
		if e.node < 0 || e.at < s.window.From || e.role != timeline.Symptom && e.role != timeline.Cause || !s.followsCause(e.node) {
			continue
		}
		switch n := &s.nodes[e.node]; {
		case n.Role == rank.Symptom && n.Strength >= 0.6:
			told = append(told, e)
		case n.Role == rank.Anomaly && !n.Resource && n.Strength >= 0.7 && n.Weight > 0.3 && detected != nil && e.at < detected.at:
			unusual = append(unusual, e)
		}
	}
	for _, list := range [][]*entry{told, unusual} {
		slices.SortStableFunc(list, func(a, b *entry) int { return cmp.Compare(a.at, b.at) })
		for i, e := range list {
			if i+1 == len(list) || list[i+1].at-e.at <= alone || detected != nil && detected.at >= e.at && detected.at-e.at <= alone {
				return e
			}
		}
	}
	return detected
}

// unscraped is how much later than the logs a series may tell of what is gone: one scrape and its timeout.
const unscraped = int64(25 * 1e9)

// followsCause tells whether the first suspect explains a node and began before it, as far as clocks and scrapes tell.
func (s *story) followsCause(node int) bool {
	if len(s.suspects) == 0 {
		return true
	}
	best := &s.suspects[0]
	n, cause := &s.nodes[node], &s.nodes[best.Node]
	early := cause.Error + cause.Early
	if cause.Role != rank.Change {
		early += unscraped
	}
	return best.Explained[node].P >= 0.15 && n.Onset+n.Error >= cause.Onset-early
}

// responses finds acknowledgement, mitigation and resolution among what people did, and alerts that resolved.
func (s *story) responses(k *timeline.KeyTimes, detected *entry) {
	if detected == nil {
		return
	}
	var ack, resolved, lastAlert *entry
	var steps []*entry
	for i := range s.entries {
		e := &s.entries[i]
		if e.at < detected.at || e.event == nil {
			continue
		}
		name := strings.ToLower(e.event.Name)
		switch {
		case e.kind == event.Action && name == "acknowledged" && (ack == nil || e.at < ack.at):
			ack = e
		case e.kind == event.Action && name == "resolved" && (resolved == nil || e.at > resolved.at):
			resolved = e
		case e.kind == event.Alert && e.role == timeline.Recovery && e.interest > 1 && (lastAlert == nil || e.at > lastAlert.at):
			lastAlert = e
		}
		if e.role == timeline.Mitigation && e.interest >= 1.75 {
			steps = append(steps, e)
		}
	}
	if ack != nil {
		k.Acknowledged = keyTime(ack, "the pager's log")
	}
	switch {
	case resolved != nil:
		k.Resolved = keyTime(resolved, "the pager's log")
	case lastAlert != nil:
		k.Resolved = keyTime(lastAlert, "the last alert that resolved")
	}
	if m := s.mitigation(steps); m != nil {
		k.Mitigated = keyTime(m, "the last step before the symptoms eased")
	}
}

// typing is how long after a step people tell of it.
const typing = int64(2 * 60e9)

// mitigation is the last step that people took before something eased, or told of soon after; failing that, the last step. What eased before the
// first step was no merit of one.
func (s *story) mitigation(steps []*entry) *entry {
	if len(steps) == 0 {
		return nil
	}
	first := slices.MinFunc(steps, func(a, b *entry) int { return cmp.Compare(a.at, b.at) })
	eased := int64(0)
	for i := range s.entries {
		e := &s.entries[i]
		if e.role == timeline.Recovery && e.kind == event.Metric && e.at >= first.at && (eased == 0 || e.at < eased) {
			eased = e.at
		}
	}
	var last *entry
	for _, e := range steps {
		if eased != 0 && e.at > eased && (e.kind != event.Action || e.at-eased > typing || !reporting.MatchString(e.title)) {
			continue
		}
		if last == nil || e.at >= last.at {
			last = e
		}
	}
	return last
}
