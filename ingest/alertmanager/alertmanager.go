// Package alertmanager reads alerts as Alertmanager and Prometheus hand them out: the v2 API's lists, webhook bodies,
// amtool's tables, the v2 API's silences, and Prometheus' own list of active alerts.
package alertmanager

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"time"

	"github.com/prometheus/common/model"

	"github.com/hindcast/hindcast/ingest/document"
	"github.com/hindcast/hindcast/ingest/event"
)

// lists are where alerts stand in a webhook's body and in the answer of Prometheus' /api/v1/alerts.
var lists = []string{"alerts", "data.alerts"}

// repeated is why a record is left out that says nothing new.
const repeated = "alert notified again"

// Recognise tells whether head begins a document of alerts or silences.
func Recognise(head []byte) bool {
	if isTable(head) {
		return true
	}
	if !bytes.Contains(head, []byte(`"alertname"`)) && !bytes.Contains(head, []byte(`"matchers"`)) {
		return false
	}
	shape := document.Shape(head)
	has := func(path string) bool { _, ok := shape[path]; return ok }
	for _, at := range []string{"", "alerts[].", "data.alerts[]."} {
		if has(at+"labels.alertname") && (has(at+"startsAt") || has(at+"activeAt")) {
			return true
		}
	}
	return has("matchers[].isRegex") && has("createdBy") && has("startsAt")
}

// Decode reads a document of alerts. An alert gives an event for its firing, at its start, and one for its resolution if
// it had come; one that is notified again, as groups are, is one alert.
func Decode(ctx context.Context, r io.Reader, o event.Origin, emit func(*event.Batch)) error {
	buffered := bufio.NewReaderSize(r, headSize)
	head, err := buffered.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading %s: %w", o.Path, err)
	}
	s := document.NewSink(o, emit)
	defer s.Flush()
	g := gathering{sink: s, now: time.Now().UnixNano(), known: map[key]*alert{}}
	if isTable(head) {
		err = g.table(ctx, buffered)
	} else {
		err = document.Each(ctx, buffered, s, lists, g.record)
	}
	g.finish()
	return err
}

// alert has what the forms of an alert share.
type alert struct {
	Labels      map[string]document.Text `json:"labels"`
	Annotations map[string]document.Text `json:"annotations"`
	StartsAt    when                     `json:"startsAt"`
	EndsAt      when                     `json:"endsAt"`
	UpdatedAt   when                     `json:"updatedAt"`
	ActiveAt    when                     `json:"activeAt"`
	Fingerprint string                   `json:"fingerprint"`
	State       string                   `json:"state"`
	Status      status                   `json:"status"`

	// line and endLine are where its firing and its resolution were first read.
	line, endLine int64
	resolved      bool
}

// when is a time of an alert; year 1 is none.
type when int64

func (w *when) UnmarshalJSON(b []byte) error {
	var t document.Text
	if err := t.UnmarshalJSON(b); err != nil {
		return err
	}
	if t == "" || len(t) > 4 && t[:5] == "0001-" {
		*w = 0
		return nil
	}
	ns, ok := document.ParseTime(string(t))
	if !ok {
		return fmt.Errorf("%q is not a time", string(t))
	}
	*w = when(ns)
	return nil
}

// status is "firing" or "resolved" in a webhook's body and an object in the v2 API.
type status struct {
	State       string   `json:"state"`
	SilencedBy  []string `json:"silencedBy"`
	InhibitedBy []string `json:"inhibitedBy"`
}

func (s *status) UnmarshalJSON(b []byte) error {
	if b[0] == '"' {
		return json.Unmarshal(b, &s.State)
	}
	type plain status
	return json.Unmarshal(b, (*plain)(s))
}

// key tells one firing of an alert from another.
type key struct {
	fingerprint string
	start       when
}

// gathering joins what is notified of the same alert.
type gathering struct {
	sink  *document.Sink
	now   int64
	known map[key]*alert
	order []*alert
}

func (g *gathering) record(rec document.Record) error {
	if rec.Envelope {
		var body struct {
			TruncatedAlerts int64 `json:"truncatedAlerts"`
		}
		if json.Unmarshal(rec.Raw, &body) == nil && body.TruncatedAlerts > 0 {
			g.sink.Gap(event.Hole{Origin: g.sink.At(rec.Line, ""), Reason: fmt.Sprintf("the notification left out %d alerts (max_alerts)", body.TruncatedAlerts)})
		}
		return nil
	}
	var a alert
	if err := json.Unmarshal(rec.Raw, &a); err != nil {
		return err
	}
	if a.Labels == nil {
		return g.silence(rec)
	}
	a.line = rec.Line
	return g.add(a)
}

func (g *gathering) add(a alert) error {
	if a.StartsAt == 0 {
		a.StartsAt = a.ActiveAt
	}
	if a.StartsAt == 0 {
		return errors.New("an alert without startsAt")
	}
	if a.State == "pending" || a.State == "inactive" {
		g.sink.Drop("alert that was not firing")
		return nil
	}
	a.resolved = a.isResolved(g.now)
	if a.Fingerprint == "" {
		a.Fingerprint = fingerprint(a.Labels)
	}
	k := key{a.Fingerprint, a.StartsAt / when(time.Millisecond)} // the v2 API cuts what webhooks have in full
	old := g.known[k]
	switch {
	case old == nil:
		a.endLine = a.line
		g.known[k] = &a
		g.order = append(g.order, &a)
		g.sink.Keep(a.line)
	case a.resolved && !old.resolved:
		old.resolved, old.EndsAt, old.endLine = true, a.EndsAt, a.line
		g.sink.Keep(a.line)
	default:
		g.sink.Drop(repeated)
	}
	return nil
}

// isResolved tells whether the alert was over when it was written. Alertmanager gives an end to active alerts too, when
// they will be taken for resolved unless they are sent again: it lies behind the last update.
func (a *alert) isResolved(now int64) bool {
	switch {
	case a.EndsAt == 0:
		return false
	case a.Status.State == "resolved":
		return true
	case a.Status.State == "firing":
		return false
	case a.UpdatedAt != 0:
		return a.EndsAt <= a.UpdatedAt
	default:
		return int64(a.EndsAt) <= now
	}
}

// finish hands on the alerts, which are complete only now.
func (g *gathering) finish() {
	for _, a := range g.order {
		g.sink.Attach(a.events(g.sink)...)
	}
}

// events gives the firing of an alert and its resolution.
func (a *alert) events(s *document.Sink) []event.Event {
	labels := texts(a.Labels)
	if v := a.Annotations["runbook_url"]; v != "" {
		labels["runbook_url"] = string(v)
	}
	if len(a.Status.SilencedBy) > 0 {
		labels["suppressed"] = "silence"
	} else if len(a.Status.InhibitedBy) > 0 {
		labels["suppressed"] = "inhibition"
	}
	name := string(a.Labels["alertname"])
	e := event.Event{
		Time: int64(a.StartsAt), Kind: event.Alert, Name: name, State: "firing",
		Component: event.ComponentOf("", func(n string) string { return labels[n] }),
		Severity:  event.ParseUrgency(labels["severity"]),
		Title:     first(a.Annotations["summary"], a.Annotations["title"], document.Text(name)),
		Text:      first(a.Annotations["description"], a.Annotations["message"]),
		Labels:    labels, ID: a.Fingerprint, Origin: s.At(a.line, ""),
	}
	if !a.resolved {
		return []event.Event{e}
	}
	e.End = int64(a.EndsAt)
	end := e
	end.Time, end.End, end.State, end.Labels = e.End, 0, "resolved", maps.Clone(labels)
	end.Origin = s.At(a.endLine, "")
	return []event.Event{e, end}
}

func first(values ...document.Text) string {
	for _, v := range values {
		if v != "" {
			return string(v)
		}
	}
	return ""
}

func texts(m map[string]document.Text) map[string]string {
	out := make(map[string]string, len(m)+1)
	for k, v := range m {
		out[k] = string(v)
	}
	return out
}

// fingerprint is what Alertmanager itself computes from the labels.
func fingerprint(labels map[string]document.Text) string {
	set := make(model.LabelSet, len(labels))
	for k, v := range labels {
		set[model.LabelName(k)] = model.LabelValue(v)
	}
	return set.Fingerprint().String()
}

type silence struct {
	ID       string `json:"id"`
	Matchers []struct {
		Name    string `json:"name"`
		Value   string `json:"value"`
		IsRegex bool   `json:"isRegex"`
		IsEqual *bool  `json:"isEqual"`
	} `json:"matchers"`
	StartsAt  when   `json:"startsAt"`
	EndsAt    when   `json:"endsAt"`
	CreatedBy string `json:"createdBy"`
	Comment   string `json:"comment"`
}

// silence reads what a person muted.
func (g *gathering) silence(rec document.Record) error {
	var s silence
	if err := json.Unmarshal(rec.Raw, &s); err != nil {
		return err
	}
	if len(s.Matchers) == 0 || s.StartsAt == 0 {
		return errors.New("neither an alert nor a silence")
	}
	labels := map[string]string{}
	text := ""
	for _, m := range s.Matchers {
		op := "="
		switch equal := m.IsEqual == nil || *m.IsEqual; {
		case equal && m.IsRegex:
			op = "=~"
		case !equal && m.IsRegex:
			op = "!~"
		case !equal:
			op = "!="
		}
		if op == "=" {
			labels[m.Name] = m.Value
		}
		if text != "" {
			text += " "
		}
		text += fmt.Sprintf("%s%s%q", m.Name, op, m.Value)
	}
	g.sink.Keep(rec.Line, event.Event{
		Time: int64(s.StartsAt), End: int64(s.EndsAt), Kind: event.Action, Name: "silenced",
		Component: event.ComponentOf("", func(n string) string { return labels[n] }),
		Title:     "alerts silenced: " + text, Text: s.Comment, Labels: labels, Actor: s.CreatedBy, ID: s.ID,
	})
	return nil
}
