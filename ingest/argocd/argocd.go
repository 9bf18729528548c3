// Package argocd pulls the history of applications from Argo CD's API.
package argocd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/url"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/change"
	"github.com/hindcast/hindcast/ingest/document"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/fetch"
)

// Options say what is pulled. Name and Client are needed.
type Options struct {
	Name   string
	Client *fetch.Client
	// Applications are those that are asked for, all if empty.
	Applications []string
}

// Source is the syncs of some applications. Argo CD keeps the last ten of each, unless revisionHistoryLimit says otherwise.
type Source struct{ o Options }

// New makes a source. Nothing is asked yet.
func New(o Options) *Source { return &Source{o: o} }

// Name gives the source's name.
func (s *Source) Name() string { return s.o.Name }

// Parts gives none: syncs are few and kept whole.
func (s *Source) Parts(context.Context, ingest.Query) ([]ingest.Part, error) { return nil, nil }

// path is where applications are asked for.
const path = "api/v1/applications"

// Events yields a change for each sync within the range. An application that cannot be read is a gap.
func (s *Source) Events(ctx context.Context, within event.Range) iter.Seq2[*event.Batch, error] {
	return document.Stream(ctx, within, func(ctx context.Context, emit func(*event.Batch)) error {
		origin := event.Origin{Source: s.o.Name, Path: path}
		if len(s.o.Applications) == 0 {
			var list struct {
				Items []json.RawMessage `json:"items"`
			}
			if _, err := s.o.Client.JSON(ctx, path, nil, &list); err != nil {
				return err
			}
			return decode(ctx, list.Items, origin, within, emit)
		}
		for _, name := range s.o.Applications {
			var app json.RawMessage
			_, err := s.o.Client.JSON(ctx, path+"/"+url.PathEscape(name), nil, &app)
			if err == nil {
				err = decode(ctx, []json.RawMessage{app}, origin, within, emit)
			}
			if err != nil && ctx.Err() == nil {
				hole := event.Hole{Origin: origin, Range: within, Reason: fmt.Sprintf("application %s: %s", name, err), Failed: true}
				emit(&event.Batch{Origin: origin, Coverage: event.Coverage{Gaps: []event.Hole{hole}}})
			}
		}
		return ctx.Err()
	})
}

// Check asks for the version, and for the names of the applications.
func (s *Source) Check(ctx context.Context, _ ingest.Query) (ingest.Report, error) {
	var version struct{ Version string }
	r, err := s.o.Client.Probe(ctx, "api/version", nil, &version)
	if err != nil {
		return r, err
	}
	r.Product = "Argo CD " + version.Version
	var list struct {
		Items []json.RawMessage `json:"items"`
	}
	if _, err := s.o.Client.JSON(ctx, path, url.Values{"fields": {"items.metadata.name"}}, &list); err != nil {
		return r, err
	}
	if len(list.Items) == 0 {
		r.Notes = append(r.Notes, "the account sees no application")
	}
	r.Asked = []string{path}
	if len(s.o.Applications) > 0 {
		r.Asked = nil
	}
	for _, name := range s.o.Applications {
		r.Asked = append(r.Asked, path+"/"+name)
	}
	return r, nil
}

// decode hands applications to the decoder of their history. The API leaves out what kind of object they are.
func decode(ctx context.Context, apps []json.RawMessage, origin event.Origin, within event.Range, emit func(*event.Batch)) error {
	var b bytes.Buffer
	for _, raw := range apps {
		var members map[string]json.RawMessage
		if err := json.Unmarshal(raw, &members); err != nil {
			return fmt.Errorf("an application is no object: %w", err)
		}
		members["apiVersion"], members["kind"] = json.RawMessage(`"argoproj.io/v1alpha1"`), json.RawMessage(`"Application"`)
		delete(members, "operation") // what is under way has no end yet
		text, err := json.Marshal(members)
		if err != nil {
			return err
		}
		b.Write(text)
		b.WriteByte('\n')
		if gap, ok := forgotten(raw, origin, within); ok {
			emit(&event.Batch{Origin: origin, Coverage: event.Coverage{Gaps: []event.Hole{gap}}})
		}
	}
	return change.Decode(ctx, &b, origin, func(b *event.Batch) {
		c := &b.Coverage // what counts here is syncs, not applications
		c.Read += int64(len(b.Events)) - c.Kept
		c.Kept = int64(len(b.Events))
		emit(b)
	})
}

// usualHistory is how many syncs an application keeps unless it says otherwise.
const usualHistory = 10

// forgotten tells when the history of an application begins after the range does because it keeps no more syncs.
func forgotten(raw []byte, origin event.Origin, within event.Range) (event.Hole, bool) {
	var a struct {
		Metadata struct {
			Name string `json:"name"`
		} `json:"metadata"`
		Spec struct {
			Limit *int `json:"revisionHistoryLimit"`
		} `json:"spec"`
		Status struct {
			History []struct {
				DeployedAt document.Stamp `json:"deployedAt"`
			} `json:"history"`
		} `json:"status"`
	}
	if json.Unmarshal(raw, &a) != nil || len(a.Status.History) == 0 || within.IsZero() {
		return event.Hole{}, false
	}
	limit := usualHistory
	if a.Spec.Limit != nil {
		limit = *a.Spec.Limit
	}
	oldest := int64(a.Status.History[0].DeployedAt)
	if len(a.Status.History) < limit || oldest <= within.From {
		return event.Hole{}, false
	}
	return event.Hole{
		Origin: origin, Range: event.Range{From: within.From, To: min(oldest, within.To)},
		Reason: fmt.Sprintf("application %s keeps its last %d syncs, the first of %s: older ones are not known", a.Metadata.Name, limit, event.Time(oldest).Format("2006-01-02T15:04:05Z")),
	}, true
}
