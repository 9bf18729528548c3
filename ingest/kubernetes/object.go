package kubernetes

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hindcast/hindcast/ingest/document"
	"github.com/hindcast/hindcast/ingest/event"
)

type podStatus struct {
	Phase      string            `json:"phase"`
	Reason     string            `json:"reason"`
	Message    string            `json:"message"`
	Start      document.Stamp    `json:"startTime"`
	Conditions []condition       `json:"conditions"`
	Init       []containerStatus `json:"initContainerStatuses"`
	Containers []containerStatus `json:"containerStatuses"`
}

type condition struct {
	Type       string         `json:"type"`
	Status     string         `json:"status"`
	Reason     string         `json:"reason"`
	Message    string         `json:"message"`
	Transition document.Stamp `json:"lastTransitionTime"`
	Update     document.Stamp `json:"lastUpdateTime"`
}

type containerStatus struct {
	Name     string         `json:"name"`
	Image    string         `json:"image"`
	Restarts int64          `json:"restartCount"`
	State    containerState `json:"state"`
	Last     containerState `json:"lastState"`
}

type containerState struct {
	Terminated *struct {
		Reason   string         `json:"reason"`
		Message  string         `json:"message"`
		ExitCode int            `json:"exitCode"`
		Started  document.Stamp `json:"startedAt"`
		Finished document.Stamp `json:"finishedAt"`
	} `json:"terminated"`
	Waiting *struct {
		Reason string `json:"reason"`
	} `json:"waiting"`
}

// pod makes an event of each termination that the pod's status remembers, and of an eviction.
func (d *decoder) pod(line int64, o *object) error {
	var status podStatus
	if len(o.Status) > 0 {
		if err := json.Unmarshal(o.Status, &status); err != nil {
			return err
		}
	}
	var events []event.Event
	for _, c := range append(status.Init, status.Containers...) {
		for _, state := range [...]containerState{c.Last, c.State} {
			if t := state.Terminated; t != nil && t.Finished != 0 {
				events = append(events, terminated(o, &c, state))
			}
		}
	}
	if status.Phase == "Failed" && status.Reason != "" {
		if e, ok := failed(o, &status); ok {
			events = append(events, e)
		}
	}
	if len(events) == 0 {
		d.sink.Drop("pod that has not been restarted")
		return nil
	}
	d.sink.Keep(line, events...)
	return nil
}

func terminated(o *object, c *containerStatus, state containerState) event.Event {
	t := state.Terminated
	labels := map[string]string{
		"kind": "Pod", "object": o.Metadata.Name, "container": c.Name, "exit_code": strconv.Itoa(t.ExitCode),
		"restart_count": strconv.FormatInt(c.Restarts, 10),
	}
	set(labels, "namespace", o.Metadata.Namespace)
	set(labels, "image", c.Image)
	for _, spec := range o.Spec.Containers {
		if spec.Name == c.Name {
			set(labels, "memory_limit", string(spec.Resources.Limits["memory"]))
			set(labels, "image", spec.Image)
		}
	}
	if c.State.Waiting != nil {
		set(labels, "waiting", c.State.Waiting.Reason)
	}
	title := fmt.Sprintf("container %s of pod %s terminated: %s, exit code %d", c.Name, o.Metadata.Name, t.Reason, t.ExitCode)
	if t.Started != 0 && t.Finished > t.Started {
		labels["started_at"] = event.Time(int64(t.Started)).Format(time.RFC3339)
		title += ", after " + time.Duration(t.Finished-t.Started).String()
	}
	if c.Restarts > 0 {
		title += fmt.Sprintf(", restarted %d times", c.Restarts)
	}
	severity := event.Info
	if t.ExitCode != 0 {
		severity = event.Error
	}
	return event.Event{
		Time: int64(t.Finished), Kind: event.Kubernetes, Name: t.Reason, Severity: severity,
		Component: componentOf("Pod", o.Metadata.Name), Title: title, Text: t.Message, Labels: labels, ID: o.Metadata.UID,
	}
}

// failed makes an event of a pod that failed as a whole, as an evicted one does. Its status does not say when: the
// conditions turn then, else it was some time after the start.
func failed(o *object, status *podStatus) (event.Event, bool) {
	e := event.Event{
		Kind: event.Kubernetes, Name: status.Reason, Severity: event.Error, Component: componentOf("Pod", o.Metadata.Name),
		Title: fmt.Sprintf("pod %s failed: %s", o.Metadata.Name, status.Reason), Text: status.Message, ID: o.Metadata.UID,
		Labels: map[string]string{"kind": "Pod", "object": o.Metadata.Name, "namespace": o.Metadata.Namespace},
	}
	for _, c := range status.Conditions {
		if c.Type == "DisruptionTarget" && c.Status == "True" || c.Type == "Ready" && c.Status == "False" {
			e.Time = max(e.Time, int64(c.Transition))
		}
	}
	if e.Time == 0 {
		e.Time = firstStamp(status.Start, o.Metadata.Created)
		e.TimeError = int64(time.Hour)
	}
	return e, e.Time != 0
}

// replicaSet is made when a deployment rolls out: its creation is the change.
func (d *decoder) replicaSet(line int64, o *object) error {
	if o.Metadata.Created == 0 || o.Spec.Template == nil || len(o.Metadata.Owners) == 0 {
		d.sink.Drop("replica set without a deployment")
		return nil
	}
	e := rollout(o.Metadata.Owners[0].Name, o.Metadata.Name, int64(o.Metadata.Created))
	describe(&e, o)
	d.sink.Keep(line, e)
	return nil
}

// deployment tells when its last rollout ended, and how.
func (d *decoder) deployment(line int64, o *object) error {
	var status struct {
		Conditions []condition `json:"conditions"`
	}
	if len(o.Status) > 0 {
		if err := json.Unmarshal(o.Status, &status); err != nil {
			return err
		}
	}
	for _, c := range status.Conditions {
		at := firstStamp(c.Update, c.Transition)
		if c.Type != "Progressing" || at == 0 {
			continue
		}
		e := rollout(o.Metadata.Name, quotedName(c.Message), at)
		describe(&e, o)
		switch c.Reason {
		case "NewReplicaSetAvailable":
			e.State = "succeeded"
		case "ProgressDeadlineExceeded":
			e.State = "failed"
		}
		e.Text = strings.TrimSpace(e.Text + "\n" + c.Message)
		d.sink.Keep(line, e)
		return nil
	}
	d.sink.Drop("deployment without a rollout")
	return nil
}

// quotedName takes the replica set out of `ReplicaSet "orders-7d9f8b6c5" has successfully progressed.`.
func quotedName(message string) string {
	_, rest, ok := strings.Cut(message, `ReplicaSet "`)
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, `"`)
	return name
}

// describe adds the revision, the image and the reason that annotations give.
func describe(e *event.Event, o *object) {
	set(e.Labels, "namespace", o.Metadata.Namespace)
	set(e.Labels, "revision", o.Metadata.Annotations["deployment.kubernetes.io/revision"])
	e.Text = o.Metadata.Annotations["kubernetes.io/change-cause"]
	if o.Spec.Template != nil && len(o.Spec.Template.Spec.Containers) > 0 {
		withImage(e, o.Spec.Template.Spec.Containers[0].Image)
	}
}

// node makes an event of each condition that is not as it should be, and of a return to Ready.
func (d *decoder) node(line int64, o *object) error {
	var status struct {
		Conditions []condition `json:"conditions"`
	}
	if len(o.Status) > 0 {
		if err := json.Unmarshal(o.Status, &status); err != nil {
			return err
		}
	}
	var events []event.Event
	for _, c := range status.Conditions {
		if c.Transition == 0 || c.Type != "Ready" && c.Status == "False" {
			continue
		}
		severity := event.Warn
		if c.Type == "Ready" && c.Status == "True" {
			severity = event.Info
		}
		events = append(events, event.Event{
			Time: int64(c.Transition), Kind: event.Kubernetes, Name: c.Reason, Severity: severity, Component: componentOf("Node", o.Metadata.Name),
			Title: fmt.Sprintf("node %s: %s is %s (%s)", o.Metadata.Name, c.Type, c.Status, c.Reason), Text: c.Message,
			Labels: map[string]string{"kind": "Node", "object": o.Metadata.Name, "condition": c.Type}, ID: o.Metadata.UID,
		})
	}
	if len(events) == 0 {
		d.sink.Drop("node without conditions")
		return nil
	}
	d.sink.Keep(line, events...)
	return nil
}
