// Package kubernetes reads what `kubectl get -o json`, `-o yaml` and the API give: events of both API groups, and what pods, replica
// sets, deployments and nodes say of their past; and what `kubectl describe pod` says.
//
// Rollouts and scalings that are seen in events are changes beside the events themselves.
package kubernetes

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/hindcast/hindcast/ingest/document"
	"github.com/hindcast/hindcast/ingest/event"
)

// lists are where objects stand in a list.
var lists = []string{"items"}

// Recognise tells whether head begins a document of Kubernetes objects that Decode reads, alone, in a list, in an array,
// one a line, or as a watch gives them, as JSON or YAML; or what "kubectl describe pod" says.
func Recognise(head []byte) bool {
	if isDescription(head) || isYAML(head) {
		return true
	}
	if !bytes.Contains(head, []byte(`"involvedObject"`)) && !bytes.Contains(head, []byte(`"regarding"`)) && !bytes.Contains(head, []byte(`"apiVersion"`)) {
		return false
	}
	shape := document.Shape(head)
	has := func(path string) bool { _, ok := shape[path]; return ok }
	for _, at := range []string{"", "items[].", "object."} {
		if has(at+"involvedObject.kind") && has(at+"reason") || has(at+"regarding.kind") && has(at+"eventTime") {
			return true
		}
		switch shape[at+"kind"] + " " + shape[at+"apiVersion"] {
		case "Pod v1", "Node v1", "Deployment apps/v1", "ReplicaSet apps/v1", "Event v1", "Event events.k8s.io/v1":
			return has(at + "metadata.name")
		}
	}
	switch shape["kind"] + " " + shape["apiVersion"] {
	case "PodList v1", "NodeList v1", "DeploymentList apps/v1", "ReplicaSetList apps/v1", "EventList v1", "EventList events.k8s.io/v1":
		return has("items") || has("metadata")
	}
	return false
}

// Decode reads a document of objects.
func Decode(ctx context.Context, r io.Reader, o event.Origin, emit func(*event.Batch)) error {
	s := document.NewSink(o, emit)
	defer s.Flush()
	d := decoder{sink: s}
	buffered := bufio.NewReaderSize(r, headSize)
	head, err := buffered.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading %s: %w", o.Path, err)
	}
	switch {
	case isDescription(head):
		err = d.descriptions(ctx, buffered)
	case isYAML(head):
		err = d.yaml(ctx, buffered)
	default:
		err = document.Each(ctx, buffered, s, lists, d.record)
	}
	d.rollouts.finish(s)
	return err
}

type decoder struct {
	sink     *document.Sink
	rollouts rollouts
}

// object has what tells one kind from another; the rest is read when the kind is known.
type object struct {
	Kind     string          `json:"kind"`
	Metadata metadata        `json:"metadata"`
	Involved *reference      `json:"involvedObject"`
	Regards  *reference      `json:"regarding"`
	Object   json.RawMessage `json:"object"`
	Spec     struct {
		Containers []container `json:"containers"`
		Template   *template   `json:"template"`
	} `json:"spec"`
	Status json.RawMessage `json:"status"`
}

type metadata struct {
	Name        string            `json:"name"`
	Namespace   string            `json:"namespace"`
	UID         string            `json:"uid"`
	Created     document.Stamp    `json:"creationTimestamp"`
	Annotations map[string]string `json:"annotations"`
	Owners      []struct {
		Kind string `json:"kind"`
		Name string `json:"name"`
	} `json:"ownerReferences"`
}

type reference struct {
	Kind      string `json:"kind"`
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
	FieldPath string `json:"fieldPath"`
}

type container struct {
	Name      string `json:"name"`
	Image     string `json:"image"`
	Resources struct {
		Limits map[string]document.Text `json:"limits"`
	} `json:"resources"`
}

type template struct {
	Spec struct {
		Containers []container `json:"containers"`
	} `json:"spec"`
}

func (d *decoder) record(rec document.Record) error {
	if rec.Envelope {
		return nil
	}
	return d.object(rec.Line, rec.Raw)
}

func (d *decoder) object(line int64, raw []byte) error {
	var o object
	if err := json.Unmarshal(raw, &o); err != nil {
		return err
	}
	switch {
	case o.Object != nil: // as a watch gives it
		raw, o.Object = o.Object, nil
		return d.object(line, raw)
	case o.Involved != nil || o.Regards != nil:
		return d.event(line, raw)
	case o.Kind == "Pod" || o.Kind == "" && len(o.Spec.Containers) > 0:
		return d.pod(line, &o)
	case o.Kind == "ReplicaSet":
		return d.replicaSet(line, &o)
	case o.Kind == "Deployment":
		return d.deployment(line, &o)
	case o.Kind == "Node":
		return d.node(line, &o)
	case o.Kind == "" && o.Spec.Template != nil:
		return d.ownedTemplate(line, &o)
	case o.Kind == "" && o.Metadata.Name == "":
		return errors.New("not a Kubernetes object")
	}
	d.sink.Drop("Kubernetes object of a kind that tells no past: " + kindName(o.Kind))
	return nil
}

// ownedTemplate reads what the API's lists leave the kind out of: a replica set has an owner, a deployment none.
func (d *decoder) ownedTemplate(line int64, o *object) error {
	if len(o.Metadata.Owners) > 0 && o.Metadata.Owners[0].Kind == "Deployment" {
		return d.replicaSet(line, o)
	}
	return d.deployment(line, o)
}

// kindName keeps hostile documents from making many reasons.
func kindName(kind string) string {
	if kind == "" || len(kind) > 40 || strings.ContainsFunc(kind, func(r rune) bool { return r < '0' || r > 'z' }) {
		return "unknown"
	}
	return kind
}

// coreEvent has the fields of v1 and of events.k8s.io/v1.
type coreEvent struct {
	Metadata        metadata       `json:"metadata"`
	Involved        reference      `json:"involvedObject"`
	Regarding       reference      `json:"regarding"`
	Reason          string         `json:"reason"`
	Message         string         `json:"message"`
	Note            string         `json:"note"`
	Type            string         `json:"type"`
	Action          string         `json:"action"`
	Count           int64          `json:"count"`
	DeprecatedCount int64          `json:"deprecatedCount"`
	First           document.Stamp `json:"firstTimestamp"`
	Last            document.Stamp `json:"lastTimestamp"`
	DeprecatedFirst document.Stamp `json:"deprecatedFirstTimestamp"`
	DeprecatedLast  document.Stamp `json:"deprecatedLastTimestamp"`
	EventTime       document.Stamp `json:"eventTime"`
	Series          *struct {
		Count int64          `json:"count"`
		Last  document.Stamp `json:"lastObservedTime"`
	} `json:"series"`
	Source struct {
		Component string `json:"component"`
		Host      string `json:"host"`
	} `json:"source"`
	DeprecatedSource struct {
		Component string `json:"component"`
		Host      string `json:"host"`
	} `json:"deprecatedSource"`
	Reporter   string `json:"reportingComponent"`
	Controller string `json:"reportingController"`
}

func (d *decoder) event(line int64, raw []byte) error {
	var k coreEvent
	if err := json.Unmarshal(raw, &k); err != nil {
		return err
	}
	e, err := k.event()
	if err != nil {
		return err
	}
	d.rollouts.see(line, &k, &e)
	d.sink.Keep(line, e)
	return nil
}

// event makes one event of it. Repeats are folded: Time is the first, End the last.
func (k *coreEvent) event() (event.Event, error) {
	if k.Involved.Kind == "" {
		k.Involved = k.Regarding
	}
	k.Message = firstText(k.Message, k.Note)
	if k.Reason == "" && k.Message == "" {
		return event.Event{}, errors.New("a Kubernetes event without reason and message")
	}
	from := firstStamp(k.First, k.DeprecatedFirst, k.EventTime, k.Last, k.DeprecatedLast, k.Metadata.Created)
	to := firstStamp(k.Last, k.DeprecatedLast)
	count := max(k.Count, k.DeprecatedCount)
	if k.Series != nil {
		count = max(count, k.Series.Count)
		to = max(to, int64(k.Series.Last))
	}
	if from == 0 {
		return event.Event{}, errors.New("a Kubernetes event without any time")
	}
	if to <= from {
		to = 0
	}
	if count == 1 {
		count = 0
	}
	severity := event.Info
	if k.Type == "Warning" {
		severity = event.Warn
	}
	labels := map[string]string{"kind": k.Involved.Kind, "object": k.Involved.Name}
	set(labels, "namespace", firstText(k.Involved.Namespace, k.Metadata.Namespace))
	set(labels, "node", firstText(k.Source.Host, k.DeprecatedSource.Host))
	set(labels, "container", containerOf(k.Involved.FieldPath))
	line, _, _ := strings.Cut(k.Message, "\n")
	return event.Event{
		Time: from, End: to, Kind: event.Kubernetes, Name: k.Reason, Severity: severity, Count: count,
		Component: componentOf(k.Involved.Kind, k.Involved.Name),
		Title:     strings.TrimSpace(fmt.Sprintf("%s %s/%s: %s", k.Reason, strings.ToLower(k.Involved.Kind), k.Involved.Name, line)),
		Text:      k.Message, Labels: labels,
		Actor: firstText(k.Source.Component, k.DeprecatedSource.Component, k.Reporter, k.Controller),
		ID:    firstText(k.Metadata.UID, k.Metadata.Name),
	}, nil
}

// componentOf gives the workload of what an event is about, or the node.
func componentOf(kind, name string) event.Component {
	switch kind {
	case "Node":
		return event.Component{Name: event.Host(name), Instance: name}
	case "Pod", "ReplicaSet", "Job":
		return event.NewComponent(name, name)
	case "StatefulSet", "Deployment", "DaemonSet", "CronJob", "HorizontalPodAutoscaler":
		return event.Component{Name: name}
	}
	return event.NewComponent(name, "")
}

// containerOf reads "spec.containers{api}".
func containerOf(fieldPath string) string {
	_, name, ok := strings.Cut(fieldPath, "{")
	if !ok {
		return ""
	}
	return strings.TrimSuffix(name, "}")
}

func firstText(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

func firstStamp(values ...document.Stamp) int64 {
	for _, v := range values {
		if v != 0 {
			return int64(v)
		}
	}
	return 0
}

func set(labels map[string]string, name, value string) {
	if value != "" {
		labels[name] = value
	}
}
