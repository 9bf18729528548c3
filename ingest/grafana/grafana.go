// Package grafana pulls annotations from Grafana: what people and pipelines wrote into dashboards, and what its own alerts
// did.
package grafana

import (
	"context"
	"encoding/json"
	"errors"
	"html"
	"iter"
	"math"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/document"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/fetch"
)

const (
	// pageSize is how many annotations are asked for at a time. The API has no pages: the next ones are asked for by time.
	pageSize = 1000
	path     = "api/annotations"
	// mostPages bounds how often a next page is asked for, should a server always name one.
	mostPages = 1000
)

// Options say what is pulled. Name and Client are needed.
type Options struct {
	Name   string
	Client *fetch.Client
	// Tags narrow it down to annotations that have all of them.
	Tags []string
}

// Source is the annotations of one Grafana.
type Source struct{ o Options }

// New makes a source. Nothing is asked yet.
func New(o Options) *Source { return &Source{o: o} }

// Name gives the source's name.
func (s *Source) Name() string { return s.o.Name }

// Parts gives none: annotations are few and kept whole.
func (s *Source) Parts(context.Context, ingest.Query) ([]ingest.Part, error) { return nil, nil }

// Events yields the annotations of the range: changes by their tags, alerts, and what people noted.
func (s *Source) Events(ctx context.Context, within event.Range) iter.Seq2[*event.Batch, error] {
	return document.Stream(ctx, within, func(ctx context.Context, emit func(*event.Batch)) error {
		sink := document.NewSink(event.Origin{Source: s.o.Name, Path: path}, emit)
		defer sink.Flush()
		return s.pages(ctx, within, sink)
	})
}

// pages asks for the newest annotations, then for those up to the oldest of them, until there are no more.
func (s *Source) pages(ctx context.Context, within event.Range, sink *document.Sink) error {
	q := url.Values{"limit": {strconv.Itoa(pageSize)}, "tags": s.o.Tags}
	if !within.IsZero() {
		q.Set("from", strconv.FormatInt(within.From/1e6, 10))
		q.Set("to", strconv.FormatInt(within.To/1e6, 10))
	}
	seen := map[document.Text]bool{}
	for range mostPages {
		var list []json.RawMessage
		if _, err := s.o.Client.JSON(ctx, path, q, &list); err != nil {
			return err
		}
		oldest, fresh := int64(0), 0
		for _, raw := range list {
			a, err := read(raw)
			if err != nil {
				sink.Broken(0, err)
				continue
			}
			if t := a.Time * 1e6; oldest == 0 || t < oldest {
				oldest = t
			}
			if !seen[a.ID] {
				seen[a.ID] = true
				fresh++
				sink.Keep(0, a.event(string(raw)))
			}
		}
		if len(list) < pageSize {
			return nil
		}
		if fresh == 0 {
			at := event.Range{From: within.From, To: oldest}
			sink.Gap(event.Hole{Origin: sink.At(0, ""), Range: at, Failed: true, Reason: "more than " + strconv.Itoa(pageSize) + " annotations of one moment: those before it cannot be asked for (narrow it with tags)"})
			return nil
		}
		q.Set("to", strconv.FormatInt(oldest/1e6, 10))
	}
	return errors.New("its annotations do not end")
}

// Check asks for the version, and for one annotation.
func (s *Source) Check(ctx context.Context, _ ingest.Query) (ingest.Report, error) {
	var health struct{ Version string }
	r, err := s.o.Client.Probe(ctx, "api/health", nil, &health)
	if err != nil {
		return r, err
	}
	r.Product = "Grafana " + health.Version
	q := url.Values{"limit": {"1"}, "tags": s.o.Tags}
	var list []json.RawMessage
	if _, err := s.o.Client.JSON(ctx, path, q, &list); err != nil {
		return r, err
	}
	if len(list) == 0 {
		r.Notes = append(r.Notes, "there is no annotation that fits")
	}
	r.Asked = []string{path}
	return r, nil
}

// annotation is one of them. Its times are in milliseconds.
type annotation struct {
	ID        document.Text `json:"id"`
	AlertID   document.Text `json:"alertId"`
	AlertName string        `json:"alertName"`
	NewState  string        `json:"newState"`
	Time      int64         `json:"time"`
	TimeEnd   int64         `json:"timeEnd"`
	Login     string        `json:"login"`
	Text      string        `json:"text"`
	Tags      []string      `json:"tags"`
	Dashboard string        `json:"dashboardUID"`
}

// latest is the last millisecond that nanoseconds can count to.
const latest = math.MaxInt64 / 1_000_000

func read(raw []byte) (*annotation, error) {
	var a annotation
	if err := json.Unmarshal(raw, &a); err != nil {
		return nil, err
	}
	if a.Time <= 0 || a.Time > latest || a.TimeEnd > latest {
		return nil, errors.New("an annotation without a time")
	}
	return &a, nil
}

func (a *annotation) event(raw string) event.Event {
	text := plain(a.Text)
	title, _, _ := strings.Cut(text, "\n")
	e := event.Event{
		Time: a.Time * 1e6, Kind: event.Action, Name: "note", Title: title, Text: text, Actor: a.Login, ID: string(a.ID), Labels: map[string]string{},
	}
	if a.TimeEnd > a.Time {
		e.End = a.TimeEnd * 1e6
	}
	if e.Text == "" {
		e.Text = raw
	}
	a.tags(&e)
	if e.Title == "" {
		e.Title = strings.Join(a.Tags, " ")
	}
	if a.Dashboard != "" {
		e.Labels["dashboard"] = a.Dashboard
	}
	switch {
	case a.NewState != "" && (a.AlertName != "" || a.AlertID != "" && a.AlertID != "0"):
		a.alert(&e)
	case e.Name != "note":
		e.Kind, e.State = event.Change, state(a.Tags)
		if e.End != 0 { // a change is in effect when it is over
			e.Labels["started_at"] = event.Time(e.Time).Format(time.RFC3339Nano)
			e.Time, e.End = e.End, 0
		}
	}
	return e
}

// alert makes the event that of an alert of Grafana's own.
func (a *annotation) alert(e *event.Event) {
	e.Kind, e.Name, e.ID = event.Alert, a.AlertName, "alert "+string(a.AlertID)
	e.Origin.ID = string(a.ID)
	if e.Name == "" {
		e.Name = e.ID
	}
	e.Title = e.Name + " is " + strings.ToLower(a.NewState)
	switch s := strings.ToLower(a.NewState); {
	case strings.HasPrefix(s, "alerting"):
		e.State, e.Severity, e.End = "firing", event.Error, 0
	case strings.HasPrefix(s, "ok"), strings.HasPrefix(s, "normal"):
		e.State, e.End = "resolved", 0
	default: // pending, no data, paused
		e.Kind = event.Action
		e.Name = "alert " + s
	}
}

// changes are the words of tags that mean a change, with the name of the change.
var changes = map[string]string{
	"deploy": "deploy", "deployment": "deploy", "deployed": "deploy", "release": "deploy", "released": "deploy", "upgrade": "deploy",
	"rollout": "rollout", "restart": "rollout", "rollback": "rollback", "revert": "rollback",
	"config": "config", "configuration": "config", "change": "config", "maintenance": "config", "migration": "migration",
	"flag": "flag", "feature-flag": "flag", "featureflag": "flag", "scale": "scale", "scaling": "scale",
}

// named are the names of tags such as "service:checkout" and what they are here.
var named = map[string]string{
	"service": "service", "app": "service", "application": "service", "component": "service",
	"version": "version", "tag": "version", "release": "version", "env": "environment", "environment": "environment", "repo": "repository",
	"repository": "repository", "sha": "revision", "commit": "revision", "host": "host",
}

// tags reads what the tags say: words, and names with values behind a colon or an equals sign.
func (a *annotation) tags(e *event.Event) {
	for _, t := range a.Tags {
		name, value, ok := strings.Cut(t, ":")
		if !ok {
			name, value, ok = strings.Cut(t, "=")
		}
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		switch kind := changes[strings.ToLower(t)]; {
		case kind != "" && e.Name == "note":
			e.Name = kind
		case ok && value != "" && named[name] == "service":
			e.Component = event.NewComponent(value, e.Component.Instance)
		case ok && value != "" && named[name] == "host":
			e.Component.Instance = value
		case ok && value != "" && named[name] != "":
			e.Labels[named[name]] = value
		}
		if kind := changes[name]; ok && kind != "" && e.Name == "note" {
			e.Name = kind
		}
	}
	if e.Component.Name == "" && e.Component.Instance != "" {
		e.Component = event.NewComponent("", e.Component.Instance)
	}
}

// state says what became of a change, by its tags.
func state(tags []string) string {
	for _, t := range tags {
		switch strings.ToLower(t) {
		case "failed", "failure", "error":
			return "failed"
		case "success", "succeeded", "finished", "done":
			return "succeeded"
		}
	}
	return ""
}

var (
	breaks  = regexp.MustCompile(`(?i)<br\s*/?>|</p>|</div>|</li>`)
	element = regexp.MustCompile(`<[^<>]*>`)
)

// plain takes the HTML out that annotations may hold.
func plain(text string) string {
	text = element.ReplaceAllString(breaks.ReplaceAllString(text, "\n"), "")
	return strings.TrimSpace(html.UnescapeString(text))
}
