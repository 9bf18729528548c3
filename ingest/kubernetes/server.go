package kubernetes

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strings"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/document"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/fetch"
)

const (
	pageSize = "500"
	// mostBytes bounds how much of events is held in memory; a big cluster has some ten thousand of a kilobyte each.
	mostBytes = 256 << 20
	// mostPages bounds how often a next page is asked for, should a server always name one.
	mostPages = 1000
)

// groups are the API groups that give events. They are two views of the same objects; a cluster may allow only one.
var groups = []string{"api/v1", "apis/events.k8s.io/v1"}

// Options say what is pulled. Name and Client are needed.
type Options struct {
	Name   string
	Client *fetch.Client
	// Namespaces are those that are asked for, all if empty.
	Namespaces []string
}

// Source is the events that an API server still has, of about the last hour.
type Source struct{ o Options }

// New makes a source. Nothing is asked yet.
func New(o Options) *Source { return &Source{o: o} }

// Name gives the source's name.
func (s *Source) Name() string { return s.o.Name }

// Parts gives none: events are kept whole.
func (s *Source) Parts(context.Context, ingest.Query) ([]ingest.Part, error) { return nil, nil }

// Events yields the events of the range, each once, and the changes that can be seen in them. What the server does not
// have any more is a gap, and so is a namespace that cannot be read.
func (s *Source) Events(ctx context.Context, within event.Range) iter.Seq2[*event.Batch, error] {
	return document.Stream(ctx, within, func(ctx context.Context, emit func(*event.Batch)) error {
		p := pull{source: s, seen: map[string]bool{}, origin: event.Origin{Source: s.o.Name, Path: "events"}}
		scopes := s.scopes()
		failed := 0
		for _, scope := range scopes {
			if err := p.scope(ctx, scope); err != nil {
				failed++
				if failed == len(scopes) || ctx.Err() != nil {
					return err
				}
				p.coverage.Gaps = append(p.coverage.Gaps, event.Hole{Origin: p.origin, Range: within, Reason: fmt.Sprintf("namespace %s: %s", scope, err), Failed: true})
			}
		}
		p.forgotten(within)
		emit(&event.Batch{Origin: p.origin, Coverage: p.coverage})
		return Decode(ctx, &p.text, p.origin, emit)
	})
}

// pull gathers the events of all namespaces, since rollouts are told from several of them.
type pull struct {
	source   *Source
	origin   event.Origin
	seen     map[string]bool
	text     bytes.Buffer
	oldest   int64
	coverage event.Coverage
}

// scope asks for the events of one namespace, or of all, from both groups. One of the two is enough.
func (p *pull) scope(ctx context.Context, namespace string) error {
	var errs []error
	for _, g := range groups {
		if err := p.list(ctx, eventsOf(g, namespace)); err != nil {
			errs = append(errs, err)
		}
	}
	switch {
	case len(errs) == len(groups):
		return errs[0]
	case len(errs) > 0 && !refused(errs[0]):
		return errs[0]
	}
	return ctx.Err()
}

// scopes are the namespaces that are asked for, an empty one for all.
func (s *Source) scopes() []string {
	if len(s.o.Namespaces) == 0 {
		return []string{""}
	}
	return s.o.Namespaces
}

func eventsOf(group, namespace string) string {
	if namespace == "" {
		return group + "/events"
	}
	return group + "/namespaces/" + url.PathEscape(namespace) + "/events"
}

// refused tells whether a group of the API is not there or not allowed, which does not matter if the other is.
func refused(err error) bool {
	status, ok := errors.AsType[*fetch.StatusError](err)
	return ok && (status.Status == http.StatusForbidden || status.Status == http.StatusNotFound)
}

// list reads all pages. A list that has grown too old in between is begun anew: what was read is known by its uid.
func (p *pull) list(ctx context.Context, path string) error {
	q := url.Values{"limit": {pageSize}}
	again := false
	for range mostPages {
		var page struct {
			Metadata struct {
				Continue string `json:"continue"`
			} `json:"metadata"`
			Items []json.RawMessage `json:"items"`
		}
		_, err := p.source.o.Client.JSON(ctx, path, q, &page)
		if status, ok := errors.AsType[*fetch.StatusError](err); ok && status.Status == http.StatusGone && !again && q.Has("continue") {
			again = true
			q.Del("continue")
			continue
		}
		if err != nil {
			return err
		}
		for _, raw := range page.Items {
			if err := p.take(raw); err != nil {
				return err
			}
		}
		switch page.Metadata.Continue {
		case "":
			return nil
		case q.Get("continue"):
			return errors.New("its list of events goes round in circles")
		}
		q.Set("continue", page.Metadata.Continue)
	}
	return errors.New("its list of events does not end")
}

// Check asks for the version, and for one event.
func (s *Source) Check(ctx context.Context, _ ingest.Query) (ingest.Report, error) {
	var version struct {
		GitVersion string `json:"gitVersion"`
	}
	r, err := s.o.Client.Probe(ctx, "version", nil, &version)
	if err != nil {
		return r, err
	}
	r.Product = "Kubernetes " + version.GitVersion
	scopes := s.scopes()
	for i, scope := range scopes {
		for _, g := range groups {
			r.Asked = append(r.Asked, eventsOf(g, scope))
		}
		var page struct {
			Metadata struct {
				Remaining int64 `json:"remainingItemCount"`
			} `json:"metadata"`
			Items []json.RawMessage `json:"items"`
		}
		if _, err := s.o.Client.JSON(ctx, eventsOf(groups[0], scope), url.Values{"limit": {"1"}}, &page); err != nil {
			return r, err
		}
		if i == 0 {
			r.Records = 0
		}
		r.Records += int64(len(page.Items)) + page.Metadata.Remaining
	}
	r.Notes = append(r.Notes, "an API server keeps events for about an hour")
	return r, nil
}

// take keeps an event unless it is known.
func (p *pull) take(raw json.RawMessage) error {
	var k coreEvent
	if err := json.Unmarshal(raw, &k); err == nil {
		key := cmp.Or(k.Metadata.UID, k.Metadata.Namespace+"/"+k.Metadata.Name)
		if key != "/" && p.seen[key] {
			return nil
		}
		p.seen[key] = true
		at := firstStamp(k.Last, k.DeprecatedLast, k.EventTime, k.First, k.DeprecatedFirst, k.Metadata.Created)
		if k.Series != nil {
			at = max(at, int64(k.Series.Last))
		}
		if at != 0 && (p.oldest == 0 || at < p.oldest) {
			p.oldest = at
		}
	}
	if p.text.Len()+len(raw) > mostBytes {
		return fmt.Errorf("there are more than %d bytes of events: name namespaces", mostBytes)
	}
	p.text.Write(raw)
	p.text.WriteByte('\n')
	return nil
}

// forgotten notes that the server does not have the events of the beginning of a range: it keeps each for about an hour
// after it was last seen.
func (p *pull) forgotten(within event.Range) {
	if within.IsZero() || p.oldest != 0 && p.oldest <= within.From {
		return
	}
	hole := event.Hole{Origin: p.origin, Range: within, Reason: "the API server has no events any more: it keeps them for about an hour"}
	if p.oldest != 0 {
		hole.Range.To = min(p.oldest, within.To)
		hole.Reason = "the API server has no events from before " + event.Time(p.oldest).Format("2006-01-02T15:04:05Z") + " any more: it keeps them for about an hour"
	}
	if len(p.source.o.Namespaces) > 0 {
		hole.Reason += " (of " + strings.Join(p.source.o.Namespaces, ", ") + ")"
	}
	p.coverage.Gaps = append(p.coverage.Gaps, hole)
}
