package loki

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/format"
)

const (
	// sampleSize is how many lines a format is judged by.
	sampleSize = 200
	// stampLayout is RFC 3339 with all digits, as container runtimes write it.
	stampLayout = "2006-01-02T15:04:05.000000000Z07:00"
)

// Labels that say what wrote the lines, and further ones that say where. Others, which may be different for each line where
// a server does not tell metadata from labels, do not part lines.
var (
	programLabels = []string{
		"cluster", "namespace", "k8s_namespace_name", "service_namespace", "service_name", "app", "app_kubernetes_io_name", "application", "service", "job",
		"component", "container", "k8s_container_name", "container_name", "compose_service", "unit", "syslog_identifier",
	}
	placeLabels = []string{
		"pod", "k8s_pod_name", "instance", "node", "node_name", "k8s_node_name", "host", "hostname", "host_name", "filename", "stream", "container_id",
	}
	pathLabels = slices.Concat(programLabels, placeLabels)
)

// agents are values of the label job that tell where an agent found the lines and not whose they are.
var agents = []string{"varlog", "varlogs", "syslog", "systemd-journal", "journal", "journald", "docker", "containers", "containerlogs", "loki", "promtail", "alloy"}

// present gives the labels of a list that a stream has, sorted by name.
func present(labels map[string]string, list []string) []event.Label {
	var all []event.Label
	for _, name := range list {
		if v := labels[name]; v != "" {
			all = append(all, event.Label{Name: name, Value: v})
		}
	}
	slices.SortFunc(all, func(a, b event.Label) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// selectorOf writes the labels of a list that a stream has as a selector.
func selectorOf(labels map[string]string, list []string) string {
	return narrowed("{}", present(labels, list))
}

// componentOf tells whose lines a stream has.
func componentOf(labels map[string]string) event.Component {
	return event.ComponentOf("", func(name string) string {
		v := labels[name]
		switch {
		case name == "service" && v == "":
			return cmp.Or(labels["compose_service"], labels["swarm_service"], strings.TrimSuffix(labels["unit"], ".service"), labels["syslog_identifier"])
		case name == "service_name" && v == "unknown_service":
			return ""
		case name == "job" && slices.Contains(agents, v):
			return ""
		case name == "pod" && v == "":
			return labels["k8s_pod_name"]
		}
		return v
	})
}

// profile is how the lines of a program are read, found out once.
type profile struct {
	once sync.Once
	*format.Profile
}

// reader reads the lines of one program at one place.
type reader struct {
	path     string
	batch    event.Batch
	decoder  *format.Decoder
	wanted   event.Wanted
	severity event.Severity
	// text is the block being read, rest what of it may go on.
	text, rest []byte
	// lines counts those that were read; about has the metadata of those that have any, by their number.
	lines int64
	about map[int64]map[string]string
	// last is the time of the record before, same how many had it.
	last int64
	same int
}

// reader makes one. The format is found by the first lines of the program in all of the range, so that it is the same in
// every part.
func (p *pull) reader(ctx context.Context, path string, s *lines) *reader {
	program := present(s.labels, programLabels)
	key := narrowed("{}", program)
	p.mu.Lock()
	known, ok := p.profiles[key]
	if !ok {
		known = &profile{}
		p.profiles[key] = known
	}
	p.mu.Unlock()
	known.once.Do(func() { known.Profile = p.recognise(ctx, program, s) })
	return &reader{
		path: path, decoder: known.Decoder(), wanted: p.wanted, severity: levelOf(s.labels), about: map[int64]map[string]string{},
		batch: event.Batch{Origin: event.Origin{Source: p.source.o.Name, Path: path}, Component: componentOf(s.labels)},
	}
}

// recognise finds the format of a program's lines.
func (p *pull) recognise(ctx context.Context, program []event.Label, s *lines) *format.Profile {
	var sample []entry
	if page, err := p.source.ask(ctx, narrowed(p.query, program), p.within, min(sampleSize, p.source.pageSize())); err == nil {
		for i := range page.streams {
			sample = append(sample, page.streams[i].entries...)
		}
		slices.SortStableFunc(sample, func(a, b entry) int { return cmp.Compare(a.time, b.time) })
	}
	if len(sample) == 0 {
		sample = s.entries
	}
	var text []byte
	for i := range sample {
		text, _ = appendLines(text, &sample[i])
	}
	o := format.Options{Location: p.source.o.Location, Wanted: p.wanted, Now: p.within.To, Reference: p.within.To}
	if found, err := format.Recognise(text, o); err == nil {
		return found
	}
	plain, err := format.Recognise([]byte(event.Time(p.within.From).Format(stampLayout)+" stdout F nothing is known of the lines\n"), o)
	if err != nil {
		panic("BUG: a line of text is not recognised: " + err.Error())
	}
	return plain
}

// appendLines writes an entry as a container runtime would, each of its lines with the entry's time, and gives how many
// lines that are.
func appendLines(b []byte, e *entry) ([]byte, int64) {
	n := int64(0)
	for line := range bytes.Lines(e.line) {
		b = event.Time(e.time).AppendFormat(b, stampLayout)
		b = append(b, " stdout F "...)
		b = append(b, bytes.TrimRight(line, "\r\n")...)
		b = append(b, '\n')
		n++
	}
	return b, n
}

// feed reads entries. With last, what may still go on is whole. The batch is valid until the next call.
func (r *reader) feed(entries []entry, last bool) *event.Batch {
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(a.time, b.time) })
	r.text = append(r.text[:0], r.rest...)
	for i := range entries {
		if len(entries[i].data) > 0 {
			r.about[r.lines+1] = entries[i].data
		}
		var n int64
		r.text, n = appendLines(r.text, &entries[i])
		r.lines += n
	}
	records, cov, used := r.decoder.Block(r.text, last)
	r.rest = append(r.rest[:0], r.text[used:]...)
	for i := range records {
		r.finish(&records[i])
	}
	open := r.lines - int64(bytes.Count(r.rest, []byte("\n")))
	for line := range r.about {
		if line <= open {
			delete(r.about, line)
		}
	}
	r.batch.Records, r.batch.Coverage = records, cov
	return &r.batch
}

// finish adds what a record has from Loki: its place, and the metadata of its first line.
func (r *reader) finish(rec *event.Record) {
	about := r.about[rec.Line]
	if rec.Severity == event.Unknown {
		rec.Severity = cmp.Or(levelOf(about), r.severity)
	}
	for _, name := range r.wanted {
		if v := about[name]; v != "" {
			rec.Fields = append(rec.Fields, event.Field{Key: []byte(name), Value: []byte(v)})
		}
	}
	if r.same++; rec.Time != r.last {
		r.same, r.last = 1, rec.Time
	}
	rec.ID = strconv.AppendInt(nil, rec.Time, 10)
	if r.same > 1 {
		rec.ID = strconv.AppendInt(append(rec.ID, '-'), int64(r.same), 10)
	}
	rec.Line = 0
}

// levelOf reads the level out of labels or metadata.
func levelOf(labels map[string]string) event.Severity {
	for _, name := range []string{"level", "severity_text", "severity"} { // detected_level is a guess
		if v := labels[name]; v != "" {
			return event.ParseSeverity([]byte(v))
		}
	}
	return event.Unknown
}
