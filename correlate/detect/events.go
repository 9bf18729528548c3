package detect

import (
	"context"
	"sort"

	"github.com/hindcast/hindcast/ingest/event"
)

// Events turns alerts, changes, Kubernetes events and people's actions into observations.
var Events = Detector{
	Name: "event",
	Doc: `Alerts, changes, Kubernetes events and people's actions.

They are kept whole and need no statistics, but for alerts and Kubernetes events that came as often before the window: those flap and
say little.`,
	Run: func(_ context.Context, in *Input) []Observation {
		before := map[string]int{}
		for i := range in.Events {
			if e := &in.Events[i]; e.Time < in.Window.From && e.State != "resolved" {
				before[usualKey(e)]++
			}
		}
		var all []Observation
		for i := range in.Events {
			e := &in.Events[i]
			if e.Time >= in.Window.To {
				break
			}
			o := Observation{
				Component: e.Component, Onset: e.Time, OnsetError: e.TimeError, End: e.End, Event: e, Count: max(e.Count, 1),
				Severity: e.Severity, Title: e.Title, Evidence: eventEvidence(e),
			}
			switch e.Kind {
			case event.Alert:
				o.Kind, o.Strength, o.Harm = Alert, 0.8, +1
				if n := before[usualKey(e)]; n > 0 && e.Time >= in.Window.From {
					o.Strength = 0.8 / float64(1+n)
				}
				if e.State == "resolved" {
					o.Harm = -1
				}
			case event.Change:
				o.Kind, o.Strength = Change, 0.5
			case event.Kubernetes:
				o.Kind, o.Strength = Kubernetes, kubernetesStrength(e)
				if o.Strength >= 0.5 {
					o.Harm = +1
				}
				if n := before[usualKey(e)]; n > 2 {
					o.Strength /= 1 + float64(n)/4
				}
			case event.Action:
				o.Kind, o.Strength = Action, 0.5
			default:
				continue
			}
			all = append(all, o)
		}
		sort.SliceStable(all, func(i, j int) bool { return all[i].Onset < all[j].Onset })
		return all
	},
}

func usualKey(e *event.Event) string {
	return string(e.Kind) + "\x00" + e.Name + "\x00" + e.Component.Name
}

// kubernetesStrength is high for reasons of type Warning that mean harm, low for the everyday ones.
func kubernetesStrength(e *event.Event) float64 {
	switch e.Name {
	case "OOMKilling", "SystemOOM", "Evicted", "EvictionThresholdMet", "NodeNotReady", "NodeHasDiskPressure", "NodeHasInsufficientMemory", "FailedScheduling", "BackOff", "OOMKilled", "NodeNotSchedulable", "Rebooted", "KernelDeadlock", "FailedMount", "FailedCreate":
		return 0.8
	case "Unhealthy", "Killing", "Failed", "ImagePullBackOff", "ErrImagePull", "FailedKillPod", "ProbeWarning":
		return 0.6
	}
	if e.Severity >= event.Warn {
		return 0.5
	}
	return 0.15
}
