package change

import (
	"errors"
	"path"
	"strings"
	"time"

	"github.com/hindcast/hindcast/ingest/document"
	"github.com/hindcast/hindcast/ingest/event"
)

// fields are a record's plain values by simplified names.
type fields map[string]string

// The names that records give to the same thing, simplified, the best first.
var (
	endNames = []string{
		"finishedat", "completedat", "deployedat", "time", "timestamp", "endedat", "at", "date", "datetime", "updated", "updatedat",
		"createdat", "created", "appliedat", "releasedat", "mergedat", "when",
	}
	startNames      = []string{"startedat", "starttime", "started", "start"}
	componentNames  = []string{"service", "service.name", "app", "app.name", "application", "application.name", "component", "project", "project.name", "repository", "repository.name", "repo"}
	versionNames    = []string{"version", "newversion", "toversion", "tag", "release", "image", "revision", "sha", "commit", "ref"}
	previousNames   = []string{"previousversion", "previous", "oldversion", "fromversion", "previousrevision", "previousimage"}
	repositoryNames = []string{"repository", "repository.name", "repo", "repositoryurl", "repourl"}
	actorNames      = []string{"deployedby", "author", "user", "user.login", "user.name", "user.username", "actor", "creator.login", "triggeredby", "initiatedby", "by", "username", "who"}
	kindNames       = []string{"kind", "type", "changetype", "event", "action", "category"}
	idNames         = []string{"id", "deployid", "deploymentid", "changeid", "releaseid", "number", "ticket", "key"}
	stateNames      = []string{"status", "state", "result", "outcome"}
	textNames       = []string{"description", "comment", "summary", "title", "reason", "message", "notes"}
)

func (f fields) first(names []string) string {
	for _, n := range names {
		if v := f[n]; v != "" {
			return v
		}
	}
	return ""
}

// isLog tells a log's record, which has a level, from a change.
func isLog(f fields) bool {
	for _, n := range []string{"level", "lvl", "loglevel", "log.level", "logger", "caller", "msg"} {
		if _, ok := f[n]; ok {
			return true
		}
	}
	_, severity := f["severity"]
	_, message := f["message"]
	return severity && message
}

// isRecord tells whether a record is a change: it has a time, something that was changed, and to what or how.
func isRecord(f fields) bool {
	if isLog(f) {
		return false
	}
	f.plainFlag()
	f.plainTrail()
	stamp := first(f.first(endNames), f.first(startNames))
	if _, ok := parseTime(stamp); !ok {
		return false
	}
	if f["chart"] != "" && f["revision"] != "" && f["updated"] != "" {
		return true
	}
	if f.first(componentNames) == "" {
		return false
	}
	if nameOf(f.first(kindNames)) != "" || f.first(previousNames) != "" {
		return true
	}
	hints := 0
	for _, names := range [][]string{stateNames, actorNames, idNames, textNames, startNames, {"environment", "env"}} {
		if f.first(names) != "" {
			hints++
		}
	}
	return f.first(versionNames) != "" && hints >= 2 && f["message"] == ""
}

// nameOf gives the kind of change by a word of the record, empty if it is none.
func nameOf(kind string) string {
	kind = strings.ToLower(kind)
	for _, w := range [...][2]string{
		{"rollback", "rollback"},
		{"roll_back", "rollback"},
		{"rolled back", "rollback"},
		{"revert", "rollback"},
		{"deploy", "deploy"},
		{"release", "deploy"},
		{"rollout", "rollout"},
		{"migration", "migration"},
		{"flag", "flag"},
		{"config", "config"},
		{"scal", "scale"},
		{"package", "package"},
		{"upgrade", "deploy"},
		{"commit", "commit"},
		{"restart", "rollout"},
		{"change", "config"},
		{"infra", "config"},
		{"maintenance", "config"},
		{"network", "config"},
		{"firewall", "config"},
	} {
		if strings.Contains(kind, w[0]) {
			return w[1]
		}
	}
	return ""
}

// stateOf gives what became of a change, empty if the record does not say or it was under way.
func stateOf(status string) string {
	switch s := strings.ToLower(status); {
	case s == "":
		return ""
	case strings.Contains(s, "fail"), strings.Contains(s, "error"), strings.Contains(s, "abort"), strings.Contains(s, "cancel"), s == "rolled_back":
		return "failed"
	case strings.Contains(s, "succe"), s == "ok", s == "done", s == "complete", s == "completed", s == "deployed", s == "finished", s == "superseded", s == "active", s == "live":
		return "succeeded"
	}
	return ""
}

// change has what the forms of a change share.
type change struct {
	name, state, component, version, previous, environment, repository, actor, id, description string
	start, end                                                                                 int64
}

func (f fields) event(raw string) (event.Event, error) {
	f.plainFlag()
	f.plainTrail()
	c := change{
		name: nameOf(f.first(kindNames)), state: stateOf(f.first(stateNames)), component: f.first(componentNames),
		version: f.first(versionNames), previous: f.first(previousNames), environment: first(f["environment"], f["env"], f["environment.name"]),
		repository: f.first(repositoryNames), actor: f.first(actorNames), id: f.first(idNames), description: f.first(textNames),
	}
	for _, n := range endNames {
		if ns, ok := parseTime(f[n]); ok {
			c.end = ns
			break
		}
	}
	for _, n := range startNames {
		if ns, ok := parseTime(f[n]); ok {
			c.start = ns
			break
		}
	}
	if c.start == 0 && c.end == 0 {
		return event.Event{}, errors.New("a change without a time")
	}
	if c.component == "" && c.version == "" && c.description == "" && c.name == "" {
		return event.Event{}, errors.New("a change that does not say of what")
	}
	if c.name == "" {
		c.name = "deploy"
	}
	if d := strings.ToLower(c.description); c.name == "deploy" && (strings.HasPrefix(d, "rollback") || strings.HasPrefix(d, "roll back") || strings.HasPrefix(d, "revert to")) {
		c.name = "rollback"
	}
	return c.event(raw), nil
}

// event gives the change at its end, when it is in effect everywhere, or at its start if no end is known.
func (c *change) event(raw string) event.Event {
	e := event.Event{
		Time: first64(c.end, c.start), Kind: event.Change, Name: c.name, State: c.state, Text: strings.TrimSpace(raw), Actor: c.actor, ID: c.id,
		Component: event.Component{Name: c.component}, Title: c.title(), Labels: map[string]string{},
	}
	if c.start != 0 && c.start < e.Time {
		e.Labels["started_at"] = event.Time(c.start).Format(time.RFC3339Nano)
	}
	for _, l := range [...][2]string{
		{"version", c.version}, {"previous_version", c.previous}, {"repository", c.repository}, {"environment", c.environment}, {"description", c.description},
	} {
		if l[1] != "" {
			e.Labels[l[0]] = l[1]
		}
	}
	return e
}

func (c *change) title() string {
	var b strings.Builder
	switch c.name {
	case "config", "flag", "package":
		b.WriteString(c.name + " change")
	default:
		b.WriteString(c.name)
	}
	if c.component != "" {
		b.WriteString(" of " + c.component)
	}
	if c.version != "" {
		b.WriteString(" " + short(c.version))
	}
	if c.previous != "" && c.previous != c.version {
		b.WriteString(" (was " + short(c.previous) + ")")
	}
	if c.state == "failed" {
		b.WriteString(" failed")
	}
	if c.description != "" && (c.version == "" || c.name == "config" && c.previous == "") {
		b.WriteString(": " + c.description)
	}
	if c.id != "" {
		b.WriteString(", " + c.id)
	}
	return b.String()
}

// parseTime reads a time; 1970 is none.
func parseTime(s string) (int64, bool) {
	ns, ok := document.ParseTime(s)
	return ns, ok && ns > 0
}

func first64(values ...int64) int64 {
	for _, v := range values {
		if v != 0 {
			return v
		}
	}
	return 0
}

// repositoryOf guesses a repository by the name of the file that holds its log: "git-shop.txt", "user-api.git.log".
func repositoryOf(file string) string {
	name := path.Base(strings.ReplaceAll(file, "\\", "/"))
	name, _, _ = strings.Cut(strings.TrimPrefix(strings.TrimPrefix(name, "git-log"), "git-"), ".")
	switch name = strings.Trim(name, "-_"); name {
	case "git", "log", "gitlog", "git_log", "commits":
		return ""
	}
	return name
}
