package correlate

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/hindcast/hindcast/correlate/detect"
	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/ingest/event"
)

// suspicion is how odd a component is: in its own resources and words, and in the signals that its callees can spoil.
type suspicion struct {
	own, golden float64
	first       int64
}

// components ranks components by suspicion: how odd they are themselves, less what those that they call explain, and
// what the suspects say.
func (s *story) components() []timeline.Component {
	odd := map[string]*suspicion{}
	get := func(name string) *suspicion {
		x, ok := odd[name]
		if !ok {
			x = &suspicion{}
			odd[name] = x
		}
		return x
	}
	for i := range s.observations {
		o := &s.observations[i]
		switch o.Kind {
		case detect.Alert, detect.Change, detect.Action:
			continue
		}
		if o.Component.Name == "" || o.Harm < 0 {
			continue
		}
		x := get(o.Component.Name)
		v := o.Strength
		if o.Harm == 0 {
			v *= 0.5
		}
		if o.Signal != nil && (o.Signal.Role == detect.Latency || o.Signal.Role == detect.Errors || o.Signal.Role == detect.Availability || o.Signal.Role == detect.Traffic) {
			x.golden = 1 - (1-x.golden)*(1-0.8*v)
		} else {
			x.own = 1 - (1-x.own)*(1-0.6*v)
		}
		if x.first == 0 || o.Onset < x.first {
			x.first = o.Onset
		}
	}
	score := map[string]float64{}
	for name, x := range odd {
		score[name] = x.own + x.golden*(1-0.8*s.calleesOdd(name, odd))
	}
	for _, k := range s.suspects {
		n := &s.nodes[k.Node]
		score[n.Component.Name] += k.Confidence
		if k.Change >= 0 && k.Change != k.Node {
			score[s.nodes[k.Change].Component.Name] += 0.8 * k.Confidence
		}
	}
	delete(score, "")
	out := make([]timeline.Component, 0, len(score))
	for name, v := range score {
		c := timeline.Component{Name: name, Score: math.Round(v*1000) / 1000}
		if x := odd[name]; x != nil && x.first != 0 {
			t := event.Time(x.first)
			c.FirstAnomaly = &t
		}
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b timeline.Component) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.Name, b.Name))
	})
	return out
}

// calleesOdd is how odd the oddest of those is that a component calls.
func (s *story) calleesOdd(name string, odd map[string]*suspicion) float64 {
	worst := 0.0
	for _, callee := range s.places.Calls[name] {
		if x := odd[callee]; x != nil {
			worst = max(worst, min(1, x.golden+x.own))
		}
	}
	return worst
}
