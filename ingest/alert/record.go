package alert

import (
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/hindcast/hindcast/ingest/document"
	"github.com/hindcast/hindcast/ingest/event"
)

// The names that records give to the same thing, simplified, the best first.
var (
	nameNames      = []string{"alertname", "alert", "alert.name", "alertrule", "alarmname", "alarm", "alarm.name", "monitorname", "rulename", "labels.alertname"}
	looseNames     = []string{"name", "rule", "rule.name", "monitor", "monitor.name", "check", "trigger", "title", "summary", "message"}
	startNames     = []string{"startsat", "startedat", "starttime", "firedat", "firingat", "triggeredat", "openedat", "statechangetime", "stateupdatedtimestamp", "activeat", "createdat", "created", "time", "timestamp", "date", "datetime", "at", "occurredat", "start"}
	endNames       = []string{"endsat", "endedat", "endtime", "resolvedat", "closedat", "recoveredat", "clearedat", "end"}
	stateNames     = []string{"newstatevalue", "statevalue", "state", "status", "alertstate", "newstate", "transition", "alerttransition", "eventtype", "historysummary"}
	severityNames  = []string{"severity", "labels.severity", "priority", "urgency", "criticality", "level"}
	textNames      = []string{"description", "summary", "message", "details", "newstatereason", "statereason", "reason", "title", "annotations.description", "annotations.summary", "alarmdescription"}
	idNames        = []string{"id", "alertid", "fingerprint", "alias", "incidentid", "uuid"}
	componentNames = []string{"service", "service.name", "app", "application", "component", "resource", "entity", "target", "source"}
)

func first(f map[string]string, names []string) string {
	for _, n := range names {
		if v := f[n]; v != "" {
			return v
		}
	}
	return ""
}

// isAlert tells whether a record is an alert: it has a name, a time, and a state, an end or a severity. Unless it stands where only
// alerts do, the name must be called that of an alert or an alarm.
func isAlert(f map[string]string, sure bool) bool {
	for _, n := range []string{"msg", "logger", "caller", "log.level", "labels.alertname", "incidentkey", "dedupkey"} {
		if _, ok := f[n]; ok {
			return false
		}
	}
	f = unpacked(f)
	named := first(f, nameNames) != "" || sure && first(f, looseNames) != ""
	_, timed := timeOf(f, startNames)
	return named && timed && (stateOf(f) != "" || first(f, endNames) != "" || first(f, severityNames) != "")
}

// unpacked gives CloudWatch's alarm that a notification of SNS carries, and other records as they are.
func unpacked(f map[string]string) map[string]string {
	text := f["message"]
	if f["type"] != "Notification" || !strings.HasPrefix(text, "{") {
		return f
	}
	var members map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &members) != nil || members["AlarmName"] == nil {
		return f
	}
	return document.Flatten(members)
}

func timeOf(f map[string]string, names []string) (int64, bool) {
	for _, n := range names {
		if ns, ok := document.ParseTime(f[n]); ok && ns > 0 {
			return ns, true
		}
	}
	return 0, false
}

// The words of states. A summary such as "Alarm updated from OK to ALARM" says the new one last.
var (
	firing   = regexp.MustCompile(`(?i)^(?:firing|fired|alerting|triggered|trigger|open|opened|active|alarm|alert|critical|warning|warn|error|problem|down|new|started|unacknowledged|acknowledged|acked|failing|bad)$`)
	resolved = regexp.MustCompile(`(?i)^(?:resolved|resolve|ok|okay|closed|close|recovered|recovery|normal|cleared|clear|inactive|up|ended|fixed|good|healthy)$`)
)

// stateOf gives "firing" or "resolved", empty if the record does not say.
func stateOf(f map[string]string) string {
	for _, n := range stateNames {
		words := strings.Fields(f[n])
		if len(words) == 0 {
			continue
		}
		switch last := words[len(words)-1]; {
		case resolved.MatchString(last):
			return "resolved"
		case firing.MatchString(last):
			return "firing"
		}
	}
	return ""
}

// gathering holds the alerts until all are known: histories have the newest first.
type gathering struct {
	sink *document.Sink
	all  []read
}

// read is an alert's event, and the line that its record begins at.
type read struct {
	event.Event
	line int64
}

func (g *gathering) record(line int64, f map[string]string, raw string) error {
	f = unpacked(f)
	at, ok := timeOf(f, startNames)
	if !ok {
		return errors.New("an alert without a time")
	}
	name := cmp.Or(first(f, nameNames), first(f, looseNames))
	if name == "" {
		return errors.New("an alert without a name")
	}
	labels := labelsOf(f)
	e := event.Event{
		Time: at, Kind: event.Alert, Name: name, State: cmp.Or(stateOf(f), "firing"),
		Component: event.ComponentOf("", func(n string) string { return labels[n] }),
		Severity:  event.ParseUrgency(first(f, severityNames)),
		Title:     cmp.Or(first(f, textNames), name), Text: strings.TrimSpace(raw), Labels: labels, ID: first(f, idNames), Origin: g.sink.At(line, ""),
	}
	if e.Component.Name == "" {
		e.Component = event.NewComponent(first(f, componentNames), "")
	}
	if end, ok := timeOf(f, endNames); ok && end > at { // its beginning and its end in one record
		e.State, e.End = "firing", end
	}
	g.all = append(g.all, read{e, line})
	return nil
}

// finish joins the firing of each alert with its resolution, and hands them on.
func (g *gathering) finish() {
	slices.SortStableFunc(g.all, func(a, b read) int { return cmp.Compare(a.Time, b.Time) })
	firing := map[string]*read{}
	var kept []*read
	for i := range g.all {
		e := &g.all[i]
		key := e.Name + "\x00" + e.Component.Name + "\x00" + e.Component.Instance
		open := firing[key]
		switch {
		case e.State == "resolved":
			if open != nil {
				open.End = e.Time
				if e.Title == e.Name {
					e.Title = open.Title
				}
				delete(firing, key)
			}
		case e.End != 0:
		case open != nil:
			g.sink.Drop("alert notified again")
			continue
		default:
			firing[key] = e
		}
		kept = append(kept, e)
	}
	for _, e := range kept {
		g.sink.Keep(e.line, e.Event)
		if e.End != 0 && !slices.ContainsFunc(kept, func(o *read) bool { return o.State == "resolved" && o.Time == e.End && o.Name == e.Name }) {
			g.sink.Attach(over(e.Event))
		}
	}
}

// over is the end of an alert as an event of its own.
func over(e event.Event) event.Event {
	e.Time, e.End, e.State, e.Labels = e.End, 0, "resolved", maps.Clone(e.Labels)
	return e
}

// labelsOf gives a record's members that say whose the alert is, under their own names.
func labelsOf(f map[string]string) map[string]string {
	labels := map[string]string{}
	for k, v := range f {
		outer, inner, nested := strings.Cut(k, ".")
		switch {
		case v == "" || len(v) > 200:
		case !nested:
			labels[k] = v
		case outer == "labels" || outer == "tags" || outer == "dimensions":
			labels[inner] = v
		}
	}
	for _, names := range [][]string{nameNames, looseNames, startNames, endNames, stateNames, textNames, idNames} {
		for _, n := range names {
			delete(labels, n)
		}
	}
	return labels
}
