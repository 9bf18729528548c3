package table

import (
	"regexp"
	"slices"
	"strings"

	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/prometheus"
)

// column is what the name of a column of numbers says: the metric, and whose it is.
type column struct {
	name   string
	labels []event.Label
	// owner is the component if no label names one.
	owner string
}

// panel is the name of a file that Grafana saves a panel's data in: its title, and when that was.
var panel = regexp.MustCompile(`^(.+?)-data-(?:as-[a-z]+-)?\d{4}-\d\d-\d\d`)

// namesOf reads the names of a table's columns. The file's name tells the component if nothing else does.
func namesOf(t *table, file string) []column {
	var wide []string
	for i, u := range t.uses {
		if u == numberColumn {
			wide = append(wide, t.names[i])
		}
	}
	title := ""
	if m := panel.FindStringSubmatch(file); m != nil {
		title, file = m[1], ""
	}
	owners := ownersOf(wide)
	columns := make([]column, len(t.names))
	for i, u := range t.uses {
		if u != numberColumn && u != valueColumn {
			continue
		}
		text := strings.TrimSpace(t.names[i])
		c := column{name: metricName(text), owner: ownerIn(file)}
		switch name, labels, ok := prometheus.ParseSeries(text); {
		case ok && len(labels) > 0:
			c.name, c.labels = first(name, metricName(title), metricName(file)), labels
		case owners[text] != "":
			owner := owners[text]
			c.name, c.labels = metricName(text[len(owner)+1:]), []event.Label{{Name: "service", Value: owner}}
		case title != "" && slices.Contains(valueNames, simple(text)):
			c.name = metricName(title)
		case title != "":
			c.name, c.labels = metricName(title), []event.Label{{Name: "service", Value: text}}
		case slices.Contains(valueNames, simple(text)) && file != "":
			c.name, c.owner = metricName(file), ""
		}
		columns[i] = c
	}
	return columns
}

// amounts are words that metrics are called by, and components are not; kinds are those that only say which number of a metric.
var (
	amounts = regexp.MustCompile(`(?i)^(?:latency|cpu|mem|memory|errors?|requests?|reqs?|rps|qps|connections?|conns?|time|usage|disk|diskio|net|network|load|workload|traffic|duration|response|bytes|packets|queue|heap|gc|threads?|sessions?|pool|hits?|miss(?:es)?|rate|count|total|io|iops|read|write|used|free|max|min)$`)
	kinds   = regexp.MustCompile(`(?i)^(?:p?\d+(?:[.-]\d+)?(?:th)?|avg|average|mean|median|max|min|sum|count|total|rate|ms|s|sec|seconds|bytes|mb|gb|percent|pct|std)$`)
)

// ownersOf finds columns that are called after a component and a metric, such as cart_cpu, cart_errors, api_cpu and api_errors: the
// same endings come behind different beginnings, and several behind each. It gives the component by the column's name.
func ownersOf(names []string) map[string]string {
	type cut struct{ owner, metric string }
	var cuts [][]cut
	endings, beginnings := map[string]map[string]bool{}, map[string]map[string]bool{}
	note := func(m map[string]map[string]bool, key, value string) {
		if m[key] == nil {
			m[key] = map[string]bool{}
		}
		m[key][value] = true
	}
	for _, name := range names {
		var list []cut
		for i := 1; i < len(name)-1; i++ {
			if !strings.ContainsRune("_./: |", rune(name[i])) {
				continue
			}
			c := cut{name[:i], name[i+1:]}
			last := c.owner[strings.LastIndexAny(c.owner, "_./: |")+1:]
			begin, _, _ := strings.Cut(strings.Map(separator, c.metric), "_")
			if last == "" || begin == "" || amounts.MatchString(last) || kinds.MatchString(begin) && !amounts.MatchString(begin) {
				continue
			}
			list = append(list, c)
			note(endings, c.metric, c.owner)
			note(beginnings, c.owner, c.metric)
		}
		cuts = append(cuts, list)
	}
	owners := map[string]string{}
	for i, name := range names {
		for _, c := range slices.Backward(cuts[i]) { // the longest component first
			if len(endings[c.metric]) > 1 && len(beginnings[c.owner]) > 1 {
				owners[name] = c.owner
				break
			}
		}
	}
	return owners
}

func separator(r rune) rune {
	if strings.ContainsRune("./: |-", r) {
		return '_'
	}
	return r
}

// general are words of file names that name no component.
var general = regexp.MustCompile(`(?i)^(?:metrics?|series|timeseries|time|data|export|exported|stats|statistics|dashboard|panel|grafana|prometheus|influx(?:db)?|cloudwatch|csv|query|results?|table|monitoring|telemetry|samples|kpis?|raw|all|hosts?|nodes?|services?|system|simple|normal|anomalous|incident|window|baseline|minute|hourly|\d[\d_T-]*)$`)

// ownerIn is the component that a file's name names: api.csv, api_metrics.csv.
func ownerIn(file string) string {
	var words []string
	for _, w := range strings.FieldsFunc(file, func(r rune) bool { return r == '_' || r == ' ' }) {
		if !general.MatchString(w) && !amounts.MatchString(w) {
			words = append(words, w)
		}
	}
	if len(words) != 1 {
		return ""
	}
	return words[0]
}

// metricName makes a name that PromQL can have of a text.
func metricName(text string) string {
	name := strings.Trim(strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return r != ':' && r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}), "_"), "_")
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		return "_" + name
	}
	return name
}

// labelName makes the name of a label of a column's.
func labelName(text string) string { return strings.ToLower(metricName(text)) }

func first(values ...string) string {
	for _, v := range values {
		if v != "" && v != "_" {
			return v
		}
	}
	return "value"
}
