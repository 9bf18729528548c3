package detect

import (
	"context"
	"strings"

	"github.com/hindcast/hindcast/ingest/event"
)

// Restarts finds processes and containers that start anew.
var Restarts = Detector{
	Name: "restart",
	Doc: `Restarts of processes and containers.

Counters of restarts that rise, start times that change and uptimes that fall. A component's restarts in the window are one
observation, with their number and, if they are regular, their distance.`,
	Run: func(_ context.Context, in *Input) []Observation {
		found := map[string]*restarts{}
		var names []string
		for i := range in.Signals {
			s := &in.Signals[i]
			if s.Series == nil || s.Series.Name != s.Name {
				continue
			}
			for _, t := range starts(s.Series) {
				r, ok := found[s.Component.Name]
				if !ok {
					r = &restarts{signal: s}
					found[s.Component.Name] = r
					names = append(names, s.Component.Name)
				}
				if t >= in.Window.From && t < in.Window.To {
					r.in = append(r.in, t)
				} else if t < in.Window.From && t >= in.Window.Baseline.From {
					r.before++
				}
			}
		}
		var all []Observation
		for _, name := range names {
			if o, ok := found[name].observation(name, in.Window); ok {
				all = append(all, o)
			}
		}
		return all
	},
}

type restarts struct {
	signal *Signal
	in     []int64
	before int
}

// starts returns the times at which a series says that something started.
func starts(s *event.Series) []int64 {
	n := s.Name
	var out []int64
	for i := 1; i < len(s.Values); i++ {
		d := s.Values[i] - s.Values[i-1]
		switch {
		case strings.Contains(n, "restarts_total"), strings.HasSuffix(n, "restart_count"), strings.HasSuffix(n, "_restarts"):
			if d > 0 {
				out = append(out, s.Times[i])
			}
		case strings.HasSuffix(n, "start_time_seconds"), strings.HasSuffix(n, "_start_time"), strings.HasSuffix(n, "boot_time_seconds"):
			if d > 1 {
				out = append(out, s.Times[i])
			}
		case strings.Contains(n, "uptime"):
			if d < 0 {
				out = append(out, s.Times[i])
			}
		}
	}
	return out
}

func (r *restarts) observation(name string, w event.Window) (Observation, bool) {
	n := len(r.in)
	usual := float64(r.before) * float64(w.Duration()) / max(float64(w.From-w.Baseline.From), 1)
	if n == 0 || float64(n) <= 2*usual {
		return Observation{}, false
	}
	first, last := r.in[0], r.in[0]
	for _, t := range r.in {
		first, last = min(first, t), max(last, t)
	}
	o := Observation{
		Kind: Restart, Component: event.Component{Name: name}, Onset: first, OnsetError: r.signal.Step, End: last, Harm: +1,
		Strength: min(0.9, 0.4+0.1*float64(n)), Count: int64(n), After: float64(n), Before: usual, Signal: r.signal,
	}
	o.Title = name + " restarts" + repeated(int64(n))
	if n > 2 {
		o.Title += ", about every " + secondsOf(float64(last-first)/float64(n-1)/1e9)
	}
	o.Evidence = signalEvidence(r.signal, w)
	return o, true
}
