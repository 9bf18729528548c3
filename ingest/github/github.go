// Package github pulls deployments and what became of them from GitHub's REST API.
package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/change"
	"github.com/hindcast/hindcast/ingest/document"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/fetch"
)

const (
	pageSize = "100"
	// longest is how long a deployment may take from its creation to its last status: what was created longer before the
	// range is not looked at.
	longest = int64(24 * time.Hour)
	// mostDeployments bounds how many deployments of one repository have their statuses asked for, one request each.
	mostDeployments = 1000
	// mostPages bounds how often a next page is asked for, should a server always name one.
	mostPages = 1000
)

// Options say what is pulled. Name and Client are needed.
type Options struct {
	Name   string
	Client *fetch.Client
	// Repositories are OWNER/NAME, Environments those that count, all if empty.
	Repositories, Environments []string
}

// Source is the deployments of some repositories.
type Source struct{ o Options }

// New makes a source. Nothing is asked yet.
func New(o Options) *Source {
	client := *o.Client
	client.Header = client.Header.Clone()
	if client.Header == nil {
		client.Header = http.Header{}
	}
	client.Header.Set("Accept", "application/vnd.github+json")
	client.Header.Set("X-GitHub-Api-Version", "2022-11-28")
	o.Client = &client
	return &Source{o: o}
}

// Name gives the source's name.
func (s *Source) Name() string { return s.o.Name }

// Parts gives none: deployments are few and kept whole.
func (s *Source) Parts(context.Context, ingest.Query) ([]ingest.Part, error) { return nil, nil }

// Events yields a change for each deployment that ended, or else began, within the range. A repository that cannot be
// read is a gap.
func (s *Source) Events(ctx context.Context, within event.Range) iter.Seq2[*event.Batch, error] {
	return document.Stream(ctx, within, func(ctx context.Context, emit func(*event.Batch)) error {
		for _, repository := range s.o.Repositories {
			sink := document.NewSink(event.Origin{Source: s.o.Name, Path: repository + "/deployments"}, emit)
			if err := s.repository(ctx, repository, within, sink); err != nil {
				sink.Gap(event.Hole{Origin: sink.At(0, ""), Range: within, Reason: err.Error(), Failed: true})
			}
			sink.Flush()
		}
		return ctx.Err()
	})
}

// Check asks for one deployment of each repository.
func (s *Source) Check(ctx context.Context, _ ingest.Query) (ingest.Report, error) {
	r := ingest.Report{Server: s.o.Client.Base.Redacted(), Records: -1}
	var asked []string
	for _, repository := range s.o.Repositories {
		path := "repos/" + repository + "/deployments"
		var list []json.RawMessage
		var err error
		if r, err = s.o.Client.Probe(ctx, path, url.Values{"per_page": {"1"}}, &list); err != nil {
			return r, fmt.Errorf("%s: %w", repository, err)
		}
		asked = append(asked, path, path+"/ID/statuses")
	}
	r.Product, r.Asked = "GitHub", asked
	return r, nil
}

// deployment is what the API says of one.
type deployment struct {
	ID          document.Text  `json:"id"`
	SHA         string         `json:"sha"`
	Ref         string         `json:"ref"`
	Task        string         `json:"task"`
	Environment string         `json:"environment"`
	Description string         `json:"description"`
	Creator     user           `json:"creator"`
	Created     document.Stamp `json:"created_at"`
	raw         json.RawMessage
}

type user struct {
	Login string `json:"login"`
}

// status is one step of a deployment.
type status struct {
	State       string         `json:"state"`
	Description string         `json:"description"`
	Created     document.Stamp `json:"created_at"`
}

func (s *Source) repository(ctx context.Context, repository string, within event.Range, sink *document.Sink) error {
	list, err := s.deployments(ctx, repository, within, sink)
	if err != nil {
		return err
	}
	slices.Reverse(list) // the oldest first, to know what was there before
	versions := map[string]string{}
	for i := range list {
		d := &list[i]
		states, err := s.statuses(ctx, repository, d)
		if err != nil {
			return fmt.Errorf("statuses of deployment %s: %w", d.ID, err)
		}
		e, succeeded := d.event(repository, states, versions[d.Environment])
		if succeeded {
			versions[d.Environment] = d.version()
		}
		e.Origin.ID = string(d.ID)
		sink.Keep(0, e)
	}
	return nil
}

var errCircle = errors.New("the pages of the list go round in circles")

// deployments lists those of a range and a little before, the newest first, as the API does.
func (s *Source) deployments(ctx context.Context, repository string, within event.Range, sink *document.Sink) ([]deployment, error) {
	owner, name, ok := strings.Cut(repository, "/")
	if !ok {
		return nil, errors.New("a repository is written OWNER/NAME")
	}
	q := url.Values{"per_page": {pageSize}}
	if len(s.o.Environments) == 1 {
		q.Set("environment", s.o.Environments[0])
	}
	var list []deployment
	page := fmt.Sprintf("repos/%s/%s/deployments", url.PathEscape(owner), url.PathEscape(name))
	for range mostPages {
		var raws []json.RawMessage
		header, err := s.o.Client.JSON(ctx, page, q, &raws)
		if err != nil {
			return nil, err
		}
		next := fetch.Next(header)
		if next == page {
			return nil, errCircle
		}
		page, q = next, nil
		for _, raw := range raws {
			d := deployment{raw: raw}
			err := json.Unmarshal(raw, &d)
			if err == nil && d.Created == 0 {
				err = errors.New("a deployment without created_at")
			}
			if err != nil {
				sink.Broken(0, err)
				continue
			}
			if !within.IsZero() && int64(d.Created) < within.From-longest {
				return list, nil
			}
			if !within.IsZero() && int64(d.Created) >= within.To || len(s.o.Environments) > 0 && !slices.Contains(s.o.Environments, d.Environment) {
				continue
			}
			if len(list) == mostDeployments {
				sink.Gap(event.Hole{Origin: sink.At(0, ""), Range: event.Range{From: within.From, To: int64(list[len(list)-1].Created)}, Reason: fmt.Sprintf("more than %d deployments: older ones were left out", mostDeployments)})
				return list, nil
			}
			list = append(list, d)
		}
		if page == "" {
			return list, nil
		}
	}
	return nil, errors.New("its list of deployments does not end")
}

// statuses lists what became of a deployment, the newest first.
func (s *Source) statuses(ctx context.Context, repository string, d *deployment) ([]status, error) {
	owner, name, _ := strings.Cut(repository, "/")
	var all []status
	q := url.Values{"per_page": {pageSize}}
	page := fmt.Sprintf("repos/%s/%s/deployments/%s/statuses", url.PathEscape(owner), url.PathEscape(name), url.PathEscape(string(d.ID)))
	for range mostPages {
		var list []status
		header, err := s.o.Client.JSON(ctx, page, q, &list)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
		switch next := fetch.Next(header); next {
		case "":
			return all, nil
		case page:
			return nil, errCircle
		default:
			page, q = next, nil
		}
	}
	return nil, errors.New("the list does not end")
}

// version is what was deployed: a tag or branch that looks like a version, else the commit.
func (d *deployment) version() string {
	if strings.ContainsAny(d.Ref, "0123456789") && strings.Contains(d.Ref, ".") {
		return d.Ref
	}
	if d.SHA != "" {
		return d.SHA
	}
	return d.Ref
}

// event makes a change of a deployment: it ended with the first status that says success or failure. A status "inactive"
// only says that a later one took its place.
func (d *deployment) event(repository string, states []status, previous string) (e event.Event, succeeded bool) {
	_, name, _ := strings.Cut(repository, "/")
	c := change.Deploy{
		ID: "deployment " + string(d.ID), Component: name, Version: d.version(), Previous: previous, Environment: d.Environment, Repository: repository,
		Actor: d.Creator.Login, Description: d.Description, Start: int64(d.Created),
	}
	slices.SortStableFunc(states, func(a, b status) int { return int(min(1, max(-1, int64(a.Created)-int64(b.Created)))) })
	for _, st := range states {
		switch st.State {
		case "success":
			c.State = "succeeded"
		case "failure", "error":
			c.State = "failed"
		default:
			continue
		}
		c.End = int64(st.Created)
		if c.Description == "" || c.State == "failed" && st.Description != "" {
			c.Description = st.Description
		}
		break
	}
	e = c.Event(string(d.raw))
	e.Component = event.NewComponent(name, "")
	if d.SHA != "" {
		e.Labels["revision"] = d.SHA
	}
	if d.Ref != "" && d.Ref != c.Version {
		e.Labels["ref"] = d.Ref
	}
	if t := strings.ToLower(d.Task); strings.Contains(t, "rollback") {
		e.Name, e.Title = "rollback", strings.Replace(e.Title, "deploy", "rollback", 1)
	}
	return e, c.State == "succeeded"
}
