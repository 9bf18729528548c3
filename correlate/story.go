package correlate

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/hindcast/hindcast/correlate/detect"
	"github.com/hindcast/hindcast/correlate/rank"
	"github.com/hindcast/hindcast/correlate/rule"
	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/ingest/event"
)

// story is the explanation of one run in the making.
type story struct {
	window       event.Window
	places       *places
	observations []detect.Observation
	conditions   []rule.Condition
	in           *detect.Input
	most         int

	nodes    []rank.Node
	entries  []entry
	suspects []rank.Suspect
	// usual holds the alerts that fire as often without an incident.
	usual map[string]int
}

// mostAnomalies bounds the anomalies that are ranked: beyond a few hundred they only repeat each other, and the graph
// is quadratic in them.
const mostAnomalies = 300

// nodesAndEntries makes of each condition, alert, change and anomaly a node to be ranked and an entry of the timeline.
func (s *story) nodesAndEntries() {
	s.usual = usualAlerts(s.in.Events, s.window)
	absorbed := s.fromConditions()
	s.fromAlerts()
	s.fromChanges()
	s.fromKubernetes()
	s.fromActions()
	s.fromUndoing()
	s.fromAnomalies(absorbed)
	s.fromRecoveries()
	s.fromMilestones()
}

func (s *story) node(n rank.Node) int {
	s.nodes = append(s.nodes, n)
	return len(s.nodes) - 1
}

func (s *story) fromConditions() (absorbed map[string]bool) {
	absorbed = map[string]bool{}
	for i := range s.conditions {
		c := &s.conditions[i]
		n := rank.Node{
			Cause: c.ID, Role: rank.Role(c.Role), Component: event.Component{Name: c.Component}, Onset: c.Onset, Error: c.OnsetError, Early: c.Early, End: c.End,
			Strength: c.Strength, Title: c.Title, Text: evidenceText(c.Evidence), Slow: c.Onset < s.window.From-int64(30*60e9),
		}
		switch n.Role {
		case rank.Symptom:
			n.Weight = 1
		case rank.Mid:
			n.Weight = 0.7
		case rank.Root:
			n.Weight = 0.6
		}
		for _, x := range c.Rule.Explains {
			if re, err := regexp.Compile(x); err == nil {
				n.Explains = append(n.Explains, re)
			}
		}
		for _, ev := range c.Evidence {
			absorbed[ev.Origin+"\x00"+ev.Query] = true
			absorbed[ev.Origin] = absorbed[ev.Origin] || strings.ContainsAny(ev.Origin, ":#") // a line, a document
		}
		e := entry{
			at: c.Onset, end: c.End, err: c.OnsetError, kind: kindOf(c), role: timeline.Symptom, component: c.Component, title: c.Title,
			count: c.Count, confidence: c.Strength, evidence: withRule(c), interest: 2 + 2*c.Strength,
		}
		if len(c.Evidence) > 0 {
			e.source = c.Evidence[0].Source
		}
		switch n.Role {
		case rank.Root, rank.Mid:
			e.role = timeline.Cause
			e.interest++
		case rank.LeadUp, rank.Change:
			// It comes into the short story as far as it is part of the explanation.
			e.role, e.interest = timeline.Context, 1.4
		case rank.Gap:
			e.role, e.kind = timeline.GapRole, event.Gap
		}
		e.node = s.node(n)
		s.entries = append(s.entries, e)
	}
	return absorbed
}

func withRule(c *rule.Condition) []timeline.Evidence {
	out := slices.Clone(c.Evidence)
	for i := range out {
		if out[i].Rule == "" {
			out[i].Rule = c.ID + " (" + c.Rule.Position() + ")"
		}
	}
	return out
}

func evidenceText(evidence []timeline.Evidence) string {
	var b strings.Builder
	for _, e := range evidence {
		b.WriteString(cmp.Or(e.Message, e.Text))
		b.WriteByte('\n')
	}
	return b.String()
}

func kindOf(c *rule.Condition) event.Kind {
	if c.Kind != "" {
		return c.Kind
	}
	return event.Log
}

// fromAnomalies takes the harmful observations of no rule. Of each component the strongest of a kind count most, since ten series of
// one thing are one symptom.
func (s *story) fromAnomalies(absorbed map[string]bool) {
	var picked []*detect.Observation
	for i := range s.observations {
		o := &s.observations[i]
		switch o.Kind {
		case detect.Alert, detect.Change, detect.Kubernetes, detect.Action, detect.Milestone:
			continue
		}
		if o.Kind == detect.GonePattern || o.Strength < 0.15 {
			continue
		}
		if len(o.Evidence) > 0 && (absorbed[o.Evidence[0].Origin] || absorbed[o.Evidence[0].Origin+"\x00"+o.Evidence[0].Query]) {
			continue
		}
		picked = append(picked, o)
	}
	slices.SortStableFunc(picked, func(a, b *detect.Observation) int { return cmp.Compare(b.Strength, a.Strength) })
	if len(picked) > mostAnomalies {
		picked = picked[:mostAnomalies]
	}
	seen := map[string]int{}
	for _, o := range picked {
		group := o.Component.Name + "\x00" + groupOf(o)
		n := seen[group]
		seen[group]++
		node := rank.Node{
			Cause: "anomaly", Role: rank.Anomaly, Component: o.Component, Onset: o.Onset, Error: o.OnsetError, End: o.End,
			Strength: o.Strength, Title: o.Title, Text: evidenceText(o.Evidence), Slow: o.Kind == detect.Trend || o.Kind == detect.Sawtooth,
			Resource: o.Signal != nil && (o.Signal.Role == detect.Saturated || o.Signal.Role == detect.Other),
		}
		if o.Harm > 0 {
			node.Weight = 0.5 * o.Strength / float64(1+n)
		} else {
			node.Strength *= 0.6
			node.Weight = 0.1 * o.Strength / float64(1+n)
		}
		e := entry{
			at: o.Onset, end: o.End, err: o.OnsetError, kind: event.Log, role: timeline.Symptom, component: o.Component.Name,
			title: o.Title, count: o.Count, confidence: o.Strength * 0.8, evidence: o.Evidence, interest: 2 * o.Strength / math.Sqrt(float64(1+n)),
		}
		if o.Signal != nil {
			e.kind, e.count = event.Metric, 1
		}
		if o.Harm <= 0 {
			e.role = timeline.Context
			e.interest *= 0.4
		}
		if len(o.Evidence) > 0 {
			e.source = o.Evidence[0].Source
		}
		e.node = s.node(node)
		s.entries = append(s.entries, e)
	}
}

// groupOf names the sort of thing that an observation is, so that many of one sort count as one.
func groupOf(o *detect.Observation) string {
	if o.Signal != nil {
		return string(o.Kind) + o.Signal.Name
	}
	return string(o.Kind)
}

// fromRecoveries adds entries for how each strong shift passes, since that is how one sees what helped: when half and nine
// tenths of it are gone for good, where that takes its time, and when it is over.
func (s *story) fromRecoveries() {
	for i := range s.observations {
		o := &s.observations[i]
		if o.Kind != detect.Shift || o.Harm <= 0 || o.Strength < 0.5 || o.Signal == nil || o.Signal.Role == detect.Other {
			continue
		}
		row := entry{
			err: o.OnsetError, kind: event.Metric, role: timeline.Recovery, component: o.Component.Name, count: 1, node: -1,
			source: o.Signal.Source, confidence: 0.8 * o.Strength, evidence: o.Evidence, interest: 1.5 * o.Strength,
		}
		worst := ", from " + detect.Quantity(o.After, o.Unit) + " at the worst"
		last := o.Onset
		for _, share := range []float64{0.5, 0.9} {
			at := passes(o, s.window.To, share)
			if at == 0 || at-last < recoveryStep || o.End != 0 && o.End-at < recoveryStep {
				continue
			}
			last = at
			row.at, row.title = at, o.Signal.Name+" is at "+detect.Quantity(valueAt(o.Signal, at), o.Unit)+worst
			s.entries = append(s.entries, row)
		}
		if o.End != 0 {
			row.at, row.title = o.End, o.Signal.Name+" is back to "+detect.Quantity(valueAt(o.Signal, o.End), o.Unit)+worst
			s.entries = append(s.entries, row)
		}
	}
}

// recoveryStep is how far the stages of a recovery must lie apart to be told one by one, in nanoseconds.
const recoveryStep = int64(2 * 60e9)

// passes finds the sample since which no less than a share of a shift is gone, 0 if there is none before the time to.
func passes(o *detect.Observation, to int64, share float64) int64 {
	times, values := o.Signal.Within(event.Range{From: o.Onset, To: to})
	bound := o.After + share*(o.Before-o.After)
	since := int64(0)
	for i, v := range values {
		switch beyond := v > bound; {
		case beyond == (o.After > o.Before) && v != bound:
			since = 0
		case since == 0:
			since = times[i]
		}
	}
	if since <= o.Onset {
		return 0
	}
	return since
}

func valueAt(s *detect.Signal, t int64) float64 {
	i, ok := slices.BinarySearch(s.Times, t)
	if !ok && i == len(s.Times) {
		i--
	}
	return s.Values[i]
}

// fromMilestones adds what programs say of their own life, where no other entry tells of the same line. Those of components
// in trouble come into the short story if there is room.
func (s *story) fromMilestones() {
	told, troubled := map[string]bool{}, map[string]bool{}
	for i := range s.entries {
		for _, ev := range s.entries[i].evidence {
			told[ev.Origin] = true
		}
	}
	for i := range s.nodes {
		if n := &s.nodes[i]; n.Weight >= 0.3 {
			troubled[n.Component.Name] = true
		}
	}
	names := s.names()
	for i := range s.observations {
		o := &s.observations[i]
		if o.Kind != detect.Milestone || told[o.Evidence[0].Origin] {
			continue
		}
		e := entry{
			at: o.Onset, end: o.End, kind: event.Log, role: timeline.Context, component: o.Component.Name, source: o.Evidence[0].Source,
			title: o.Title, count: o.Count, confidence: 0.9, evidence: o.Evidence, node: -1, interest: 1.2,
		}
		if troubled[o.Component.Name] || slices.ContainsFunc(names, func(name string) bool { return rank.Names(o.Title, name) }) {
			e.interest = 1.6
		}
		s.entries = append(s.entries, e)
	}
}
