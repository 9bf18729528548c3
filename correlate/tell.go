package correlate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hindcast/hindcast/correlate/detect"
	"github.com/hindcast/hindcast/correlate/rank"
	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/ingest/event"
)

// tell writes the report: gaps, roles, stars, ids, then what refers to the ids.
func (s *story) tell(coverage []event.Coverage) *timeline.Timeline {
	s.gaps(coverage)
	s.assignRoles()
	verdict := s.verdict()
	if verdict == timeline.NothingUnusual {
		s.suspects = nil
	}
	s.star(verdict)
	t := &timeline.Timeline{
		Schema:   timeline.Schema,
		Window:   timeline.Window{Range: rangeOf(s.window.Range), Source: s.window.Source},
		Baseline: rangeOf(s.window.Baseline), Lookback: rangeOf(s.window.Lookback),
		Verdict: verdict, Redactions: map[string]int64{}, Coverage: coverageOf(coverage),
	}
	t.Entries, t.Evidence = number(s.entries)
	t.Suspects = s.suspectsOf()
	t.RuledOut = s.ruledOut()
	t.Components = s.components()
	t.Unexplained = s.unexplained()
	t.KeyTimes = s.keyTimes(t.Suspects)
	t.Title = s.title(t)
	t.Summary = s.summary(t)
	return t
}

// gaps adds an entry for each hole that is known.
func (s *story) gaps(coverage []event.Coverage) {
	seen := map[string]bool{}
	for _, c := range coverage {
		for _, h := range c.Gaps {
			key := c.Source + h.Origin.Path + h.Reason
			if seen[key] {
				continue // many records of one file may be broken in the same way; Data coverage counts them
			}
			seen[key] = true
			at := h.Range.From
			if at < s.window.Baseline.From || at >= s.window.To {
				at = s.window.From
			}
			where := h.Origin.String()
			if where == "" {
				where = c.Source
			}
			s.entries = append(s.entries, entry{
				at: at, end: h.Range.To, kind: event.Gap, role: timeline.GapRole, source: c.Source, title: "no data from " + where + ": " + h.Reason,
				count: 1, confidence: 1, node: -1, interest: 1.4,
				evidence: []timeline.Evidence{{Source: c.Source, Origin: where, Text: h.Reason, Count: 1}},
			})
		}
	}
}

// assignRoles gives the entries of the best suspect's story their parts in it.
func (s *story) assignRoles() {
	detected := s.detectedAt()
	if len(s.suspects) > 0 {
		best := s.suspects[0]
		way := s.pathNodes(best)
		for i := range s.entries {
			e := &s.entries[i]
			if e.node < 0 {
				continue
			}
			// What could be a cause of something else is a symptom of this one, unless it lies on the way.
			if e.role == timeline.Cause && !slices.Contains(way, e.node) && best.Explained[e.node].P >= 0.25 {
				e.role = timeline.Symptom
			}
			p := best.Explained[e.node].P
			if p >= 0.25 {
				e.interest += p
			}
			switch e.node {
			case best.Change:
				e.role, e.must, e.confidence = timeline.Trigger, true, best.Confidence
			case best.Node:
				e.role, e.must, e.confidence = timeline.Cause, true, best.Confidence
			}
		}
	}
	impact := s.impact(s.detection())
	for i := range s.entries {
		e := &s.entries[i]
		if e.kind == event.Action && e.role == timeline.Mitigation && impact != nil && e.at < impact.at {
			e.role = timeline.Response // there was nothing to mend yet
		}
		if e.kind != event.Change || e.role != timeline.Context || detected == 0 || e.at <= detected ||
			e.event != nil && e.event.Actor == event.Autoscaler {
			continue
		}
		if s.affected(e.component) {
			e.role, e.interest = timeline.Mitigation, 3
		}
	}
}

// affected tells whether a component is part of what the best suspect explains.
func (s *story) affected(component string) bool {
	if component == "" {
		return false
	}
	for i := range s.nodes {
		n := &s.nodes[i]
		if n.Component.Name == component && n.Weight > 0 && (len(s.suspects) == 0 || s.suspects[0].Explained[i].P > 0.1) {
			return true
		}
	}
	return len(s.suspects) > 0 && s.nodes[s.suspects[0].Node].Component.Name == component
}

// verdict is found if the best suspect is likely, inconclusive if there is trouble that none explains well, and
// nothing-unusual if there is no trouble: no condition, no strong anomaly. A window of which nothing is known was not quiet
// for that. Where there are alerts or a pager, they or the
// people must have taken notice: a release brings warnings and a slow minute on the best of days.
func (s *story) verdict() timeline.Verdict {
	trouble := 0.0
	for i := range s.nodes {
		n := &s.nodes[i]
		switch n.Role {
		case rank.Alert:
			trouble = max(trouble, n.Weight)
		case rank.Symptom, rank.Mid, rank.Root:
			trouble = max(trouble, n.Strength)
		case rank.Anomaly:
			if n.Weight > 0.1 {
				trouble = max(trouble, 0.75*n.Strength)
			}
		}
	}
	switch {
	case s.blind():
		return timeline.Inconclusive
	case trouble < 0.5, s.watched() && !s.noticed():
		return timeline.NothingUnusual
	case len(s.suspects) == 0 || s.suspects[0].Confidence < 0.5:
		return timeline.Inconclusive
	default:
		return timeline.Found
	}
}

// blind tells whether the evidence holds nothing of the window.
func (s *story) blind() bool {
	w := s.window
	return !slices.ContainsFunc(s.in.Patterns, func(p detect.Pattern) bool { return p.Last >= w.From }) &&
		!slices.ContainsFunc(s.in.Events, func(e event.Event) bool { return e.Time >= w.From && e.Time < w.To }) &&
		!slices.ContainsFunc(s.in.Series, func(v event.Series) bool {
			i, _ := slices.BinarySearch(v.Times, w.From)
			return i < len(v.Times) && v.Times[i] < w.To
		})
}

// watched tells whether the evidence holds alerts or a pager's log at all.
func (s *story) watched() bool {
	return slices.ContainsFunc(s.in.Events, func(e event.Event) bool { return e.Kind == event.Alert || e.Kind == event.Action })
}

// noticed tells whether an alert that does not always fire called for action, somebody was paged, or people talk about an
// incident. Alerts that only warn must be several.
func (s *story) noticed() bool {
	warnings := map[string]bool{}
	talk := 0
	for i := range s.entries {
		e := &s.entries[i]
		if e.event == nil || e.at < s.window.From {
			continue
		}
		switch {
		case e.kind == event.Alert && e.node >= 0 && s.nodes[e.node].Weight >= 0.5:
			switch strings.ToLower(e.event.Labels["severity"]) {
			case "warning", "warn", "info", "none", "notice", "low":
				warnings[e.event.Name] = true
			default:
				return true
			}
		case e.kind == event.Action && strings.EqualFold(e.event.Name, "triggered"):
			return true
		case e.kind == event.Action && e.event.Name == "message" && incidentChannel.MatchString(e.event.Labels["channel"]) && !bot(e.event):
			talk++
		}
	}
	return len(warnings) >= 3 || talk >= 4
}

// star chooses the short story: what must be in it, then what interests most, few of each sort.
func (s *story) star(verdict timeline.Verdict) {
	order := make([]int, len(s.entries))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		ea, eb := &s.entries[a], &s.entries[b]
		if ea.must != eb.must {
			if ea.must {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(eb.interest, ea.interest), cmp.Compare(ea.at, eb.at))
	})
	most := s.most
	if verdict == timeline.NothingUnusual {
		most = min(most, 8)
	}
	quota := map[string]int{}
	n := 0
	for _, i := range order {
		e := &s.entries[i]
		if n == most {
			break
		}
		if !e.must && e.interest < 1.5 {
			continue
		}
		key := string(e.kind) + string(e.role) + e.component
		if e.kind != event.Action && !e.must {
			if quota[key] >= 3 {
				continue
			}
			quota[key]++
		}
		e.starred = true
		n++
	}
}

// unexplained lists what the best suspect does not reach.
func (s *story) unexplained() []string {
	var ids []string
	for i := range s.entries {
		e := &s.entries[i]
		if e.node < 0 || s.nodes[e.node].Weight < 0.2 {
			continue
		}
		if len(s.suspects) == 0 || s.suspects[0].Explained[e.node].P < 0.1 {
			ids = append(ids, e.id)
		}
	}
	return ids
}

func coverageOf(coverage []event.Coverage) []timeline.Coverage {
	out := make([]timeline.Coverage, 0, len(coverage))
	for _, c := range coverage {
		v := timeline.Coverage{
			Source: c.Source, Read: c.Read, Kept: c.Kept, Outside: c.Outside, Unparsed: c.Unparsed, Borrowed: c.Borrowed, Dropped: c.Dropped,
			Notes: slices.Compact(slices.Sorted(slices.Values(c.Notes))), Gaps: []timeline.Gap{},
		}
		if v.Dropped == nil {
			v.Dropped = map[string]int64{}
		}
		for _, h := range c.Gaps {
			g := timeline.Gap{Origin: h.Origin.String(), Reason: h.Reason, Failed: h.Failed}
			if !h.Range.IsZero() {
				from, to := event.Time(h.Range.From), event.Time(h.Range.To)
				g.From, g.To = &from, &to
			}
			v.Gaps = append(v.Gaps, g)
		}
		slices.SortFunc(v.Gaps, func(a, b timeline.Gap) int {
			return cmp.Or(cmp.Compare(a.Origin, b.Origin), cmp.Compare(a.Reason, b.Reason))
		})
		out = append(out, v)
	}
	slices.SortFunc(out, func(a, b timeline.Coverage) int { return cmp.Compare(a.Source, b.Source) })
	return out
}

func (s *story) title(t *timeline.Timeline) string {
	date := t.Window.From.Format("2006-01-02")
	switch {
	case t.Verdict == timeline.NothingUnusual:
		return "Nothing unusual (" + date + ")"
	case s.blind():
		return "No evidence of this time (" + date + ")"
	case len(t.Suspects) > 0 && t.Verdict == timeline.Found:
		return fmt.Sprintf("%s (%s)", capital(t.Suspects[0].Title), date)
	default:
		if k := t.KeyTimes.Detected; k != nil && len(k.Evidence) > 0 {
			for i := range s.entries {
				if s.entries[i].kind == event.Alert && s.entries[i].event != nil && event.Time(s.entries[i].at).Equal(k.Time) {
					return s.entries[i].event.Name + " (" + date + ")"
				}
			}
		}
		return "Incident without a clear cause (" + date + ")"
	}
}

func capital(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}
