// Package change reads what was changed and when: lists of deployments as JSON or CSV, Argo CD's and Helm's histories, AWS
// CloudTrail, git's log, and the logs of package managers: dpkg, apt, dnf, yum and pip.
package change

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/hindcast/hindcast/ingest/document"
	"github.com/hindcast/hindcast/ingest/event"
)

// headSize is how much of a document decides which form it has.
const headSize = 32 << 10

// lists are where records stand inside an object.
var lists = []string{
	"deployments", "deploys", "changes", "releases", "rollouts", "rollbacks", "history", "records", "items", "results", "events",
	"data", "data.deployments", "data.changes", "Events", "Records",
}

// Recognise tells whether head begins a list of changes, a history of releases or git's log.
func Recognise(head []byte) bool {
	if isGit(head) || textForm(head) != nil {
		return true
	}
	if first := firstByte(head); first != '{' && first != '[' {
		return csvHeader(head) != nil
	}
	shape := document.Shape(head)
	if isArgo(shape, "") || isArgo(shape, "items[].") {
		return true
	}
	if isRecord(fields(document.Under(shape, ""))) {
		return true
	}
	for _, l := range lists {
		if isRecord(fields(document.Under(shape, l+"[]."))) {
			return true
		}
	}
	return false
}

// Decode reads a document of changes, one event each.
func Decode(ctx context.Context, r io.Reader, o event.Origin, emit func(*event.Batch)) error {
	buffered := bufio.NewReaderSize(r, headSize)
	head, err := buffered.Peek(headSize)
	if err != nil && err != io.EOF {
		return fmt.Errorf("reading %s: %w", o.Path, err)
	}
	s := document.NewSink(o, emit)
	defer s.Flush()
	if isGit(head) {
		return decodeGit(ctx, buffered, o, s)
	}
	d := decoder{sink: s, versions: map[string]string{}}
	if decode := textForm(head); decode != nil {
		return decode(&d, ctx, buffered, o)
	}
	if c := firstByte(head); c != '{' && c != '[' {
		if h := csvHeader(head); h != nil {
			return d.csv(ctx, buffered, o, h)
		}
	}
	return document.Each(ctx, buffered, s, lists, d.record)
}

type decoder struct {
	sink *document.Sink
	// versions are the last read of each Helm release, whose history does not say what came before.
	versions map[string]string
}

func (d *decoder) record(rec document.Record) error {
	if rec.Envelope {
		return nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(rec.Raw, &members); err != nil {
		return err
	}
	if members["metadata"] != nil && members["status"] != nil && bytes.Contains(rec.Raw, []byte("argoproj.io")) {
		return d.argo(rec)
	}
	f := fields(document.Flatten(members))
	if f["chart"] != "" && f["revision"] != "" {
		return d.helm(rec, f)
	}
	if isLog(f) {
		d.sink.Drop("log record among changes")
		return nil
	}
	if f.isTrail() && f.changesNothing() {
		d.sink.Drop("call that changes nothing")
		return nil
	}
	e, err := f.event(string(rec.Raw))
	if err != nil {
		return err
	}
	d.sink.Keep(rec.Line, e)
	return nil
}

func firstByte(head []byte) byte {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n\x1e")
	if len(head) == 0 {
		return 0
	}
	return head[0]
}

func isArgo(shape map[string]string, at string) bool {
	_, ok := shape[at+"status.history"]
	return ok && shape[at+"kind"] == "Application" && strings.HasPrefix(shape[at+"apiVersion"], "argoproj.io/")
}

type application struct {
	Metadata struct {
		Name string `json:"name"`
	} `json:"metadata"`
	Spec struct {
		Source  source   `json:"source"`
		Sources []source `json:"sources"`
	} `json:"spec"`
	Status struct {
		History []struct {
			ID       document.Text `json:"id"`
			Revision string        `json:"revision"`
			// Revisions and Sources are there instead for an application of several sources.
			Revisions   []string       `json:"revisions"`
			Sources     []source       `json:"sources"`
			DeployedAt  document.Stamp `json:"deployedAt"`
			StartedAt   document.Stamp `json:"deployStartedAt"`
			Source      source         `json:"source"`
			InitiatedBy struct {
				Username  string `json:"username"`
				Automated bool   `json:"automated"`
			} `json:"initiatedBy"`
		} `json:"history"`
		Operation *operation `json:"operationState"`
	} `json:"status"`
}

// operation is what was tried last; it is in the history only if it succeeded.
type operation struct {
	Phase      string         `json:"phase"`
	Message    string         `json:"message"`
	StartedAt  document.Stamp `json:"startedAt"`
	FinishedAt document.Stamp `json:"finishedAt"`
	Operation  struct {
		InitiatedBy struct {
			Username  string `json:"username"`
			Automated bool   `json:"automated"`
		} `json:"initiatedBy"`
	} `json:"operation"`
	SyncResult struct {
		Revision string `json:"revision"`
		Source   source `json:"source"`
	} `json:"syncResult"`
}

type source struct {
	RepoURL string `json:"repoURL"`
	Path    string `json:"path"`
}

// argo gives an event for each sync in an application's history.
func (d *decoder) argo(rec document.Record) error {
	var a application
	if err := json.Unmarshal(rec.Raw, &a); err != nil {
		return err
	}
	if a.Metadata.Name == "" {
		return errors.New("an application without a name")
	}
	var events []event.Event
	previous := ""
	for _, h := range a.Status.History {
		if h.DeployedAt == 0 {
			d.sink.Note("%s: a sync of %s without deployedAt was left out", d.sink.At(rec.Line, ""), a.Metadata.Name)
			continue
		}
		if h.Revision == "" && len(h.Revisions) > 0 {
			h.Revision = h.Revisions[0]
		}
		if len(h.Sources) > 0 {
			h.Source = h.Sources[0]
		}
		c := change{
			name: "deploy", component: a.Metadata.Name, version: short(h.Revision), previous: previous, id: string(h.ID),
			repository: first(h.Source.RepoURL, a.repository()), actor: h.InitiatedBy.Username, end: int64(h.DeployedAt), start: int64(h.StartedAt),
		}
		if c.actor == "" && h.InitiatedBy.Automated {
			c.actor = "automated"
		}
		text, err := json.Marshal(h)
		if err != nil {
			return err
		}
		e := c.event(string(text))
		e.ID = a.Metadata.Name + "/" + string(h.ID)
		if h.Revision != "" {
			e.Labels["revision"] = h.Revision
		}
		if p := first(h.Source.Path, a.Spec.Source.Path); p != "" {
			e.Labels["path"] = p
		}
		events = append(events, e)
		previous = c.version
	}
	if o := a.Status.Operation; o != nil && (o.Phase == "Failed" || o.Phase == "Error") && o.FinishedAt != 0 {
		events = append(events, a.failed(o, previous))
	}
	d.sink.Keep(rec.Line, events...)
	return nil
}

// repository is where the application's manifests come from.
func (a *application) repository() string {
	if a.Spec.Source.RepoURL == "" && len(a.Spec.Sources) > 0 {
		return a.Spec.Sources[0].RepoURL
	}
	return a.Spec.Source.RepoURL
}

// failed makes the change of a sync that came to nothing.
func (a *application) failed(o *operation, previous string) event.Event {
	c := change{
		name: "deploy", state: "failed", component: a.Metadata.Name, version: short(o.SyncResult.Revision), previous: previous,
		repository: first(o.SyncResult.Source.RepoURL, a.repository()), actor: o.Operation.InitiatedBy.Username,
		start: int64(o.StartedAt), end: int64(o.FinishedAt), description: o.Message,
	}
	if c.actor == "" && o.Operation.InitiatedBy.Automated {
		c.actor = "automated"
	}
	e := c.event(o.Message)
	e.ID = a.Metadata.Name + "/" + event.Time(e.Time).Format(time.RFC3339)
	if o.SyncResult.Revision != "" {
		e.Labels["revision"] = o.SyncResult.Revision
	}
	return e
}

// helm reads one revision of a release. The release's own name is not in its history; the chart's stands for it.
func (d *decoder) helm(rec document.Record, f fields) error {
	c := change{name: "deploy", version: f["appversion"], id: "revision " + f["revision"], state: "succeeded"}
	chart, chartVersion := cutChart(f["chart"])
	c.component = first(f["name"], chart)
	c.version = first(c.version, chartVersion)
	at, ok := parseTime(f["updated"])
	if !ok {
		return fmt.Errorf("%q is not a time", f["updated"])
	}
	c.end = at
	c.previous = d.versions[c.component]
	d.versions[c.component] = c.version
	description := strings.ToLower(f["description"])
	switch {
	case strings.HasPrefix(description, "rollback"):
		c.name = "rollback"
	case strings.HasPrefix(f["status"], "uninstall"):
		c.name = "rollout"
	}
	if f["status"] == "failed" || strings.Contains(description, "failed") {
		c.state = "failed"
	}
	e := c.event(string(rec.Raw))
	e.ID = c.component + "/" + f["revision"] // a revision's number alone is no key
	e.Labels["chart"], e.Labels["revision"] = f["chart"], f["revision"]
	d.sink.Keep(rec.Line, e)
	return nil
}

// cutChart cuts "user-api-0.9.39" before its version.
func cutChart(chart string) (name, version string) {
	for i := 1; i+1 < len(chart); i++ {
		if chart[i] == '-' && chart[i+1] >= '0' && chart[i+1] <= '9' && strings.Contains(chart[i:], ".") {
			return chart[:i], chart[i+1:]
		}
	}
	return chart, ""
}

// short cuts a commit's hash as git shows it.
func short(revision string) string {
	if len(revision) == 40 && isHex(revision) {
		return revision[:7]
	}
	return revision
}

func isHex(s string) bool {
	return strings.Trim(s, "0123456789abcdef") == ""
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
