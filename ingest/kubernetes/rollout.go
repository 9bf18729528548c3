package kubernetes

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hindcast/hindcast/ingest/document"
	"github.com/hindcast/hindcast/ingest/event"
)

// rolloutTime is how long a rollout takes at most: two replica sets of a deployment that are scaled further apart are
// not one.
const rolloutTime = int64(time.Hour)

var (
	// scaled is the message of a deployment's ScalingReplicaSet; the number before comes at the end in some versions of
	// Kubernetes, earlier in later ones, and not at all in old ones.
	scaled = regexp.MustCompile(`^Scaled (up|down) replica set (\S+) (?:from (\d+) )?to (\d+)(?: from (\d+))?`)
	// rescaled is the message of an autoscaler's SuccessfulRescale.
	rescaled = regexp.MustCompile(`^New size: (\d+); reason: (.*)`)
	// pulled holds the image in the kubelet's messages.
	pulled = regexp.MustCompile(`(?i)(?:pull(?:ing|ed) image|container image) "([^"]+)"`)
)

// scaling is one ScalingReplicaSet.
type scaling struct {
	deployment, set, namespace string
	up                         bool
	from, to                   string
	time, end, line            int64
	uid                        string
}

// rollouts gathers what events say of replica sets, to tell rollouts from mere scalings.
type rollouts struct {
	scalings []scaling
	// images are by replica set.
	images  map[string]string
	rescale []event.Event
	lines   []int64
}

// see takes note of an event.
func (r *rollouts) see(line int64, k *coreEvent, e *event.Event) {
	switch {
	case k.Reason == "ScalingReplicaSet":
		if m := scaled.FindStringSubmatch(k.Message); m != nil {
			r.scalings = append(r.scalings, scaling{
				deployment: k.Involved.Name, set: m[2], namespace: e.Labels["namespace"], up: m[1] == "up", from: m[3] + m[5], to: m[4],
				time: e.Time, end: max(e.End, e.Time), line: line, uid: e.ID,
			})
		}
	case k.Reason == "SuccessfulRescale":
		if m := rescaled.FindStringSubmatch(k.Message); m != nil {
			r.rescale = append(r.rescale, event.Event{
				Time: e.Time, Kind: event.Change, Name: "scale", State: "succeeded", Component: e.Component, Actor: event.Autoscaler, ID: e.ID,
				Title: fmt.Sprintf("%s scaled to %s by its autoscaler: %s", k.Involved.Name, m[1], m[2]), Text: k.Message,
				Labels: map[string]string{"replicas": m[1]},
			})
			r.lines = append(r.lines, line)
		}
	case k.Involved.Kind == "Pod":
		i := strings.LastIndexByte(k.Involved.Name, '-')
		if m := pulled.FindStringSubmatch(k.Message); m != nil && i > 0 {
			if r.images == nil {
				r.images = map[string]string{}
			}
			if _, known := r.images[k.Involved.Name[:i]]; !known {
				r.images[k.Involved.Name[:i]] = m[1]
			}
		}
	}
}

// finish hands on the changes.
func (r *rollouts) finish(s *document.Sink) {
	slices.SortStableFunc(r.scalings, func(a, b scaling) int { return cmp.Compare(a.time, b.time) })
	rolled := map[string]bool{}
	for i := range r.scalings {
		sc := &r.scalings[i]
		switch {
		case !r.isRollout(sc):
			e := sc.scale(s)
			if r.byAutoscaler(sc) {
				e.Actor = event.Autoscaler
				e.Title += " by its autoscaler"
			}
			s.Attach(e)
		case sc.up && !rolled[sc.namespace+"/"+sc.set]:
			rolled[sc.namespace+"/"+sc.set] = true
			e := rollout(sc.deployment, sc.set, sc.time)
			e.Origin = s.At(sc.line, "")
			set(e.Labels, "namespace", sc.namespace)
			withImage(&e, r.images[sc.set])
			if end := r.endOf(sc); end > e.Time {
				e.End = end
			}
			s.Attach(e)
		}
	}
	for i, e := range r.rescale {
		if slices.ContainsFunc(r.scalings, func(sc scaling) bool { return sc.follows(&e) }) {
			continue // the deployment's own event says it
		}
		e.Origin = s.At(r.lines[i], "")
		s.Attach(e)
	}
}

// byAutoscaler tells whether an autoscaler asked for a scaling.
func (r *rollouts) byAutoscaler(sc *scaling) bool {
	return slices.ContainsFunc(r.rescale, func(e event.Event) bool { return sc.follows(&e) })
}

// follows tells whether a scaling is what an autoscaler's event asked for. Which deployment it scales the event does not say;
// that the number is the same within a minute does.
func (sc *scaling) follows(e *event.Event) bool {
	return sc.to == e.Labels["replicas"] && max(sc.time-e.Time, e.Time-sc.time) < int64(time.Minute)
}

// isRollout tells whether a scaling is a step of a rollout: the deployment scales another replica set at about the same time, or
// one begins from none.
func (r *rollouts) isRollout(sc *scaling) bool {
	if sc.up && sc.from == "0" {
		return true
	}
	return slices.ContainsFunc(r.scalings, func(o scaling) bool {
		return o.deployment == sc.deployment && o.namespace == sc.namespace && o.set != sc.set && o.up != sc.up &&
			max(o.time-sc.end, sc.time-o.end) < rolloutTime
	})
}

// endOf is when the last step of a rollout came: the old replica set has none left, or the new one all.
func (r *rollouts) endOf(sc *scaling) int64 {
	end := sc.end
	for _, o := range r.scalings {
		if o.deployment == sc.deployment && o.namespace == sc.namespace && o.time >= sc.time && o.time-end < rolloutTime && (o.set == sc.set || !o.up) {
			end = max(end, o.end)
		}
	}
	return end
}

func (sc *scaling) scale(s *document.Sink) event.Event {
	title := fmt.Sprintf("%s scaled to %s", sc.deployment, sc.to)
	if sc.from != "" {
		title = fmt.Sprintf("%s scaled from %s to %s", sc.deployment, sc.from, sc.to)
	}
	return event.Event{
		Time: sc.time, Kind: event.Change, Name: "scale", State: "succeeded", Component: event.Component{Name: sc.deployment},
		Title: title, Labels: map[string]string{"replicas": sc.to, "replica_set": sc.set, "namespace": sc.namespace}, ID: sc.uid,
		Origin: s.At(sc.line, ""),
	}
}

// rollout makes the change that brings up a deployment's new replica set.
func rollout(deployment, set string, at int64) event.Event {
	e := event.Event{
		Time: at, Kind: event.Change, Name: "rollout", Component: event.Component{Name: deployment},
		Title: "rollout of " + deployment, Labels: map[string]string{}, ID: set,
	}
	if set == "" {
		e.ID = deployment
		return e
	}
	e.Title = "rollout of " + deployment + ": replica set " + set
	e.Labels["replica_set"] = set
	if hash, ok := strings.CutPrefix(set, deployment+"-"); ok {
		e.Labels["pod_template_hash"] = hash
	}
	return e
}

// withImage says what was rolled out.
func withImage(e *event.Event, image string) {
	if image == "" {
		return
	}
	e.Labels["image"] = image
	name := image[strings.LastIndexByte(image, '/')+1:]
	if _, tag, ok := strings.Cut(name, ":"); ok {
		tag, _, _ = strings.Cut(tag, "@")
		e.Labels["version"] = tag
	}
	e.Title += " (" + name + ")"
}
