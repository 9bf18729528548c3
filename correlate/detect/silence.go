package detect

import (
	"context"
	"math"
	"strings"
	"time"

	"github.com/hindcast/hindcast/correlate/summary"
	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/ingest/event"
)

// Silences finds components that stop to speak.
var Silences = Detector{
	Name: "silence",
	Doc: `Components and hosts that fall silent.

Who logged steadily through the baseline and then says nothing for far longer than its longest pause is silent. Instances
that others replaced (pods of a rollout) are not: the component as a whole must be silent, or a host.`,
	Run: func(_ context.Context, in *Input) []Observation {
		l := in.Summary.Layout()
		var all []Observation
		components := in.Summary.Components()
		for i := range components {
			if o, ok := silence(in, l, components[i].Name, "", components[i].Records); ok {
				all = append(all, o)
			}
		}
		silent := map[string]bool{}
		for i := range all {
			silent[all[i].Component.Name] = true
		}
		hosts := map[string]*summary.Histogram{}
		instances := map[string]int{}
		streams := in.Summary.Streams()
		for i := range streams {
			s := &streams[i]
			if s.Instance == "" || event.Workload(s.Instance) != s.Instance && len(s.Instance)-len(event.Workload(s.Instance)) > 3 {
				continue
			}
			if hosts[s.Instance] == nil {
				hosts[s.Instance] = &summary.Histogram{}
			}
			hosts[s.Instance].Merge(s.Counts)
			instances[s.Instance]++
		}
		for _, s := range streams {
			h := hosts[s.Instance]
			if h == nil || silent[s.Component] && instances[s.Instance] == 1 {
				continue
			}
			delete(hosts, s.Instance)
			if o, ok := silence(in, l, strings.TrimSpace(s.Instance), s.Instance, *h); ok {
				all = append(all, o)
			}
		}
		return all
	},
}

// silence looks for the longest pause in the window of whoever spoke steadily before.
func silence(in *Input, l *summary.Layout, name, instance string, h summary.Histogram) (Observation, bool) {
	from := l.FirstFine()
	winFrom, winTo := l.Span(in.Window.Range)
	per := int32(max(1, int64(30*time.Second)/l.FineWidth))
	before := group(h.Dense(from, winFrom), per)
	if len(before) < 10 {
		return Observation{}, false
	}
	spoke, pause, longestPause, total := 0, 0, 0, 0.0
	for _, v := range before {
		total += v
		if v > 0 {
			spoke++
			longestPause = max(longestPause, pause)
			pause = 0
			continue
		}
		pause++
	}
	longestPause = max(longestPause, pause)
	if float64(spoke) < 0.7*float64(len(before)) {
		return Observation{}, false
	}
	dense := h.Dense(max(from, winFrom-2*per), winTo)
	window := group(dense, per)
	start, length := quietest(window)
	least := max(4, 3*longestPause+2)
	mean := total / float64(len(before))
	if length < least || mean*float64(length) < 15 {
		return Observation{}, false
	}
	strength := min(0.9, certainty(math.Sqrt(mean*float64(length)), 20)*min(1, float64(length)/float64(2*least)+0.4))
	onset := l.Bounds(max(from, winFrom-2*per) + int32(start)*per).From
	o := Observation{
		Kind: Silence, Component: event.Component{Name: name, Instance: instance}, Onset: onset, OnsetError: int64(per) * l.FineWidth,
		Strength: strength, Harm: +1, Before: mean * 60e9 / float64(int64(per)*l.FineWidth), Unit: "lines/min",
	}
	until := "to the end"
	if end := start + length; end < len(window) {
		o.End = l.Bounds(max(from, winFrom-2*per) + int32(end)*per).From
		until = "for " + secondsOf(float64(o.End-onset)/1e9)
	}
	o.Title = name + " logs nothing " + until + ", after " + number(o.Before) + " lines a minute before"
	o.Evidence = []timeline.Evidence{{Source: "logs", Origin: name, Query: "records of " + name, Text: o.Title, Count: int64(total)}}
	return o, true
}

// quietest finds the longest run of zeros.
func quietest(v []float64) (start, length int) {
	run := 0
	for i, x := range v {
		if x != 0 {
			run = 0
			continue
		}
		run++
		if run > length {
			start, length = i-run+1, run
		}
	}
	return start, length
}
