package prometheus

import (
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
)

// reason is why a metric is asked for. The first are the most important: the budget is spent in this order.
type reason int

const (
	alertRule reason = iota
	ruleLibrary
	goldenSignal
	theRest
)

func (r reason) String() string {
	return [...]string{"alerting rules that fired look at", "rules look at", "show how services do", "there are besides"}[r]
}

// wish is a metric that is worth asking for.
type wish struct {
	name string
	why  reason
	// matchers are the selections of it that are used, as they stand between braces; the empty one is all of it.
	matchers []string
}

// wishes is an ordered set of them.
type wishes struct {
	all []*wish
	by  map[string]*wish
}

func (w *wishes) add(name, matcher string, why reason) {
	if isAlert(name) || name == "" {
		return
	}
	old, ok := w.by[name]
	if !ok {
		old = &wish{name: name, why: why}
		w.by[name] = old
		w.all = append(w.all, old)
	}
	if old.why == why && !slices.Contains(old.matchers, matcher) {
		old.matchers = append(old.matchers, matcher)
	}
}

// families are the metrics that show how a service, its process, its container and its host do, as the usual libraries
// and exporters name them.
var families = regexp.MustCompile(`^(` + strings.Join([]string{
	`up`, `probe_(success|duration_seconds|http_status_code|ssl_earliest_cert_expiry)`,
	`.*requests?_total`, `.*requests`, `.*errors?_total`, `.*request(s|_duration)_seconds_(bucket|count|sum|max)`, `.*:.*(request|error|latency|duration).*`,
	`http_server_.*`, `grpc_(server|client)_(handled_total|handling_seconds_(bucket|count|sum))`, `.*_(latency|duration)_(milli)?seconds_(bucket|count|sum)`,
	`process_(cpu_seconds_total|resident_memory_bytes|open_fds|max_fds|start_time_seconds)`,
	`go_(goroutines|threads|memstats_heap_(inuse|alloc)_bytes|gc_duration_seconds(_sum|_count)?)`,
	`jvm_(memory_(used|max)_bytes|threads_.*|gc_(pause|collection)_seconds_(sum|count|max))`, `nodejs_(heap_size_used_bytes|eventloop_lag_.*)`, `python_gc_.*`,
	`container_(memory_(working_set_bytes|usage_bytes|rss)|spec_memory_limit_bytes|cpu_(usage_seconds_total|cfs_(throttled_)?periods_total)|oom_events_total|start_time_seconds)`,
	`kube_(pod_(status_(phase|ready|reason)|container_status_.*)|deployment_status_replicas.*|node_status_condition)`,
	`node_(load1|cpu_seconds_total|memory_Mem(Available|Total)_bytes|filesystem_(avail|size)_bytes|filesystem_files(_free)?|disk_io_time_seconds_total|disk_(written|read)_bytes_total|network_.*_(errs|drop)_total|boot_time_seconds|vmstat_oom_kill|pressure_.*)`,
	`.*_up`, `.*connections?(_(active|idle|pending|max|total|timeout_total|creation_seconds.*))?`, `.*_(queue|pool|lag|backlog)(_.*)?`,
}, "|") + `)$`)

// own are the metrics of the monitoring itself.
var own = regexp.MustCompile(`^(scrape_|prometheus_|promhttp_|alertmanager_|net_conntrack_|loki_|promtail_|grafana_|cortex_|thanos_|vm_|vmalert_|vmagent_|tempo_)`)

const (
	// mostGolden bounds the metrics that are asked for by their names alone.
	mostGolden = 2000
	// mostOfAll is up to how many metrics a server may have for all of them to be asked for.
	mostOfAll = 1000
)

// wanted lists what is worth asking for, most important first.
func (s *Source) wanted(found *survey, q ingest.Query) *wishes {
	w := &wishes{by: map[string]*wish{}}
	var exprs []string
	for _, name := range fired(q) {
		for _, expr := range found.alerting[name] {
			exprs = append(exprs, expr)
			for _, m := range namesIn(expr) {
				exprs = append(exprs, found.recorded[m]...)
			}
		}
	}
	for _, expr := range exprs {
		w.expression(found, expr, alertRule)
	}
	for _, expr := range s.o.Expressions {
		w.expression(found, expr, ruleLibrary)
	}
	golden := slices.DeleteFunc(slices.Clone(found.names), func(name string) bool { return !families.MatchString(name) || own.MatchString(name) })
	if len(golden) > mostGolden {
		found.note("not asked for: of the metrics that %s, %d beyond the first %d", goldenSignal, len(golden)-mostGolden, mostGolden)
		golden = golden[:mostGolden]
	}
	for _, name := range golden {
		w.add(name, "", goldenSignal)
	}
	if len(found.names) <= mostOfAll {
		for _, name := range found.names {
			if !own.MatchString(name) {
				w.add(name, "", theRest)
			}
		}
	}
	return w
}

// fired gives the names of alerts that were firing in the window, sorted.
func fired(q ingest.Query) []string {
	var names []string
	for e := range alertsIn(q) {
		names = append(names, e.Name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// alertsIn gives the alerts that were firing in the window.
func alertsIn(q ingest.Query) func(yield func(*event.Event) bool) {
	return func(yield func(*event.Event) bool) {
		for i := range q.Alerts {
			e := &q.Alerts[i]
			if e.Kind != event.Alert || e.State == "resolved" || e.Time >= q.Window.To || e.End != 0 && e.End < q.Window.From {
				continue
			}
			if !yield(e) {
				return
			}
		}
	}
}

// expression adds what an expression selects. Metrics that are not there are left out where that is known.
func (w *wishes) expression(found *survey, expr string, why reason) {
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	if err != nil {
		found.note("an expression is not PromQL, so what it looks at is not known: %s: %s", expr, err)
		return
	}
	parser.Inspect(parsed, func(n parser.Node, _ []parser.Node) error {
		s, ok := n.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		var names []*labels.Matcher
		var rest []string
		for _, m := range s.LabelMatchers {
			if m.Name == model.MetricNameLabel {
				names = append(names, m)
			} else {
				rest = append(rest, m.Name+m.Type.String()+quote(m.Value))
			}
		}
		slices.Sort(rest)
		matcher := strings.Join(rest, ",")
		switch {
		case len(names) == 0:
		case !found.known && names[0].Type == labels.MatchEqual:
			w.add(names[0].Value, matcher, why)
		default:
			for _, name := range found.names {
				if !slices.ContainsFunc(names, func(m *labels.Matcher) bool { return !m.Matches(name) }) {
					w.add(name, matcher, why)
				}
			}
		}
		return nil
	})
}

// namesIn gives the names of the metrics that an expression selects.
func namesIn(expr string) []string {
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	if err != nil {
		return nil
	}
	var names []string
	parser.Inspect(parsed, func(n parser.Node, _ []parser.Node) error {
		if s, ok := n.(*parser.VectorSelector); ok && s.Name != "" {
			names = append(names, s.Name)
		}
		return nil
	})
	return names
}

// rename gives the name and the expression of a series of the result.
func (u *UserQuery) rename(name string) (string, string) {
	if name == "" {
		name = u.Name
	}
	if u.Unit != "" && !strings.HasSuffix(name, "_"+u.Unit) {
		name += "_" + u.Unit
	}
	return name, u.Expr
}
