package correlate

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/hindcast/hindcast/correlate/detect"
	"github.com/hindcast/hindcast/correlate/rank"
	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/ingest/event"
)

// components ranks components by suspicion: how odd they are themselves, and what the suspects say.
func (s *story) components() []timeline.Component {
	ranked := rank.Components(s.oddities(), s.alerting(), &s.places.Topology)
	score := map[string]float64{}
	first := map[string]int64{}
	top := 0.0
	for _, c := range ranked {
		top = max(top, c.Score)
	}
	for _, c := range ranked {
		score[c.Name] = c.Score / max(top, 1)
		first[c.Name] = c.First
	}
	for _, k := range s.suspects {
		n := &s.nodes[k.Node]
		if n.Role == rank.Anomaly {
			continue // it is among the oddities
		}
		score[n.Component.Name] += k.Confidence
		if k.Change >= 0 && k.Change != k.Node {
			score[s.nodes[k.Change].Component.Name] += 0.8 * k.Confidence
		}
	}
	delete(score, "")
	out := make([]timeline.Component, 0, len(score))
	for name, v := range score {
		c := timeline.Component{Name: name, Score: math.Round(v*1000) / 1000}
		if at := first[name]; at != 0 {
			t := event.Time(at)
			c.FirstAnomaly = &t
		}
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b timeline.Component) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.Name, b.Name))
	})
	return out
}

// alerting are the components that alerts of the window are about, in order, without those that fire anyhow.
func (s *story) alerting() []string {
	var names []string
	for i := range s.nodes {
		if n := &s.nodes[i]; n.Role == rank.Alert && n.Weight >= 0.5 && n.Component.Name != "" {
			names = append(names, n.Component.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// alerted is when the first alert of the window fires, 0 if none does.
func (s *story) alerted() int64 {
	first := int64(0)
	for i := range s.nodes {
		if n := &s.nodes[i]; n.Role == rank.Alert && n.Weight >= 0.5 && (first == 0 || n.Onset < first) {
			first = n.Onset
		}
	}
	return first
}

// asked is what the alerts of the window are about, as their names and summaries tell: slowness, failures, or OwnAspect if anything
// else or both.
func (s *story) asked() rank.Aspect {
	about := rank.OwnAspect
	for i := range s.nodes {
		n := &s.nodes[i]
		if n.Role != rank.Alert || n.Weight < 0.5 {
			continue
		}
		a := aspectOf(&detect.Signal{Role: detect.RoleOf(n.Title)})
		if a != rank.LatencyAspect && a != rank.ErrorAspect || about != rank.OwnAspect && a != about {
			return rank.OwnAspect
		}
		about = a
	}
	return about
}

// oddities are the observations that say something of their component's health.
func (s *story) oddities() []rank.Oddity {
	var out []rank.Oddity
	alerted, asked := s.alerted(), s.asked()
	for i := range s.observations {
		o := &s.observations[i]
		switch o.Kind {
		case detect.Alert, detect.Change, detect.Action, detect.Milestone:
			continue
		}
		if o.Harm < 0 {
			continue
		}
		x := rank.Oddity{
			Component: o.Component.Name, Onset: o.Onset, Strength: o.Strength, Harm: o.Harm, Distance: o.Distance, Family: string(o.Kind), Aspect: rank.WordAspect,
		}
		if o.Signal != nil {
			x.Family += o.Signal.Name
			x.Aspect = aspectOf(o.Signal)
			// An alert may come up to a step before the sample that shows what it is about.
			x.Foreign = asked == rank.LatencyAspect && x.Aspect == rank.ErrorAspect || asked == rank.ErrorAspect && x.Aspect == rank.LatencyAspect
			x.Standing = o.Standing && alerted > o.Onset+o.OnsetError
		}
		out = append(out, x)
	}
	return out
}

func aspectOf(s *detect.Signal) rank.Aspect {
	switch s.Role {
	case detect.Latency:
		switch s.Place {
		case detect.AtCallees:
			return rank.CalleeAspect
		case detect.OnTheWay:
			return rank.WayAspect
		}
		return rank.LatencyAspect
	case detect.Errors, detect.Availability:
		return rank.ErrorAspect
	case detect.Traffic:
		return rank.TrafficAspect
	default:
		return rank.OwnAspect
	}
}
