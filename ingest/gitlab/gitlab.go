// Package gitlab pulls deployments from GitLab's REST API.
package gitlab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
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
	// before is how much before the range deployments are asked for, to know which version was there.
	before = 7 * 24 * time.Hour
	// mostPages bounds how often a next page is asked for, should a server always name one.
	mostPages = 1000
)

// Options say what is pulled. Name and Client are needed.
type Options struct {
	Name   string
	Client *fetch.Client
	// Projects are GROUP/NAME or numbers, Environments those that count, all if empty.
	Projects, Environments []string
}

// Source is the deployments of some projects.
type Source struct{ o Options }

// New makes a source. Nothing is asked yet.
func New(o Options) *Source { return &Source{o: o} }

// Name gives the source's name.
func (s *Source) Name() string { return s.o.Name }

// Parts gives none: deployments are few and kept whole.
func (s *Source) Parts(context.Context, ingest.Query) ([]ingest.Part, error) { return nil, nil }

// Events yields a change for each deployment that ended, or else began, within the range. A project that cannot be read
// is a gap.
func (s *Source) Events(ctx context.Context, within event.Range) iter.Seq2[*event.Batch, error] {
	return document.Stream(ctx, within, func(ctx context.Context, emit func(*event.Batch)) error {
		for _, project := range s.o.Projects {
			sink := document.NewSink(event.Origin{Source: s.o.Name, Path: project + "/deployments"}, emit)
			if err := s.project(ctx, project, within, sink); err != nil {
				sink.Gap(event.Hole{Origin: sink.At(0, ""), Range: within, Reason: err.Error(), Failed: true})
			}
			sink.Flush()
		}
		return ctx.Err()
	})
}

// deployment is what the API says of one.
type deployment struct {
	ID      document.Text  `json:"id"`
	IID     document.Text  `json:"iid"`
	Ref     string         `json:"ref"`
	SHA     string         `json:"sha"`
	Status  string         `json:"status"`
	Created document.Stamp `json:"created_at"`
	Updated document.Stamp `json:"updated_at"`
	User    struct {
		Username string `json:"username"`
	} `json:"user"`
	Environment struct {
		Name string `json:"name"`
	} `json:"environment"`
	// Deployable is the job that deployed; its start and end are the deployment's.
	Deployable *struct {
		Tag      bool           `json:"tag"`
		Started  document.Stamp `json:"started_at"`
		Finished document.Stamp `json:"finished_at"`
		Commit   struct {
			Title string `json:"title"`
		} `json:"commit"`
	} `json:"deployable"`
}

func (s *Source) project(ctx context.Context, project string, within event.Range, sink *document.Sink) error {
	q := url.Values{"per_page": {pageSize}, "order_by": {"updated_at"}, "sort": {"asc"}}
	if !within.IsZero() {
		q.Set("updated_after", event.Time(within.From).Add(-before).Format(time.RFC3339))
		q.Set("updated_before", event.Time(within.To).Add(time.Second).Format(time.RFC3339))
	}
	if len(s.o.Environments) == 1 {
		q.Set("environment", s.o.Environments[0])
	}
	versions := map[string]string{}
	page := deploymentsOf(project)
	for range mostPages {
		var list []json.RawMessage
		header, err := s.o.Client.JSON(ctx, page, q, &list)
		if err != nil {
			return err
		}
		for _, raw := range list {
			s.take(raw, project, versions, sink)
		}
		switch next := fetch.Next(header); next {
		case "":
			return nil
		case page:
			return errors.New("the pages of its deployments go round in circles")
		default:
			page, q = next, nil
		}
	}
	return errors.New("its list of deployments does not end")
}

func deploymentsOf(project string) string {
	return "api/v4/projects/" + url.PathEscape(project) + "/deployments"
}

// Check asks for one deployment of each project.
func (s *Source) Check(ctx context.Context, _ ingest.Query) (ingest.Report, error) {
	r := ingest.Report{Server: s.o.Client.Base.Redacted(), Records: -1}
	var asked []string
	for _, project := range s.o.Projects {
		path := deploymentsOf(project)
		var list []json.RawMessage
		var err error
		if r, err = s.o.Client.Probe(ctx, path, url.Values{"per_page": {"1"}}, &list); err != nil {
			return r, fmt.Errorf("%s: %w", project, err)
		}
		asked = append(asked, path)
	}
	r.Product, r.Asked = "GitLab", asked
	return r, nil
}

// take makes a change of a deployment. versions are those that were deployed before, by environment.
func (s *Source) take(raw json.RawMessage, project string, versions map[string]string, sink *document.Sink) {
	var d deployment
	err := json.Unmarshal(raw, &d)
	if err == nil && d.Created == 0 {
		err = errors.New("a deployment without created_at")
	}
	if err != nil {
		sink.Broken(0, err)
		return
	}
	if len(s.o.Environments) > 0 && !slices.Contains(s.o.Environments, d.Environment.Name) {
		sink.Drop("deployment to another environment")
		return
	}
	e := d.event(project, versions[d.Environment.Name], string(raw))
	if d.Status == "success" {
		versions[d.Environment.Name] = d.version()
	}
	e.Origin.ID = string(d.ID)
	sink.Keep(0, e)
}

// version is what was deployed: a tag, else the commit.
func (d *deployment) version() string {
	if d.SHA == "" || d.Deployable != nil && d.Deployable.Tag {
		return d.Ref
	}
	return d.SHA
}

func (d *deployment) event(project, previous, raw string) event.Event {
	name := project[strings.LastIndexByte(project, '/')+1:]
	c := change.Deploy{
		ID: "deployment " + string(d.IID), Component: name, Version: d.version(), Previous: previous, Environment: d.Environment.Name,
		Repository: project, Actor: d.User.Username, Start: int64(d.Created),
	}
	if d.IID == "" {
		c.ID = "deployment " + string(d.ID)
	}
	if j := d.Deployable; j != nil {
		c.Description = j.Commit.Title
		if j.Started != 0 {
			c.Start = int64(j.Started)
		}
		c.End = int64(j.Finished)
	}
	switch d.Status {
	case "success":
		c.State = "succeeded"
	case "failed", "canceled":
		c.State = "failed"
	default: // created, running, blocked: it has not ended
		c.End = 0
	}
	if c.State != "" && c.End == 0 {
		c.End = int64(d.Updated)
	}
	e := c.Event(raw)
	e.Component = event.NewComponent(name, "")
	if d.SHA != "" {
		e.Labels["revision"] = d.SHA
	}
	if d.Ref != "" && d.Ref != c.Version {
		e.Labels["ref"] = d.Ref
	}
	return e
}
