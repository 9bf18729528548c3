package rule

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/hindcast/hindcast/ingest/event"
)

// An Example is evidence with what must be recognised in it.
type Example struct {
	// Name is the test's, RuleFiles what it is tested with, as a test file names them.
	Name      string
	RuleFiles []string
	Evidence  Evidence
	Window    event.Window
	Topology  event.Topology
	Expect    []Condition
	// Suspects are the causes that must come first; none if the test is not to ask.
	Suspects []string
}

// WriteTest writes an example as a unit test of rules. Times become relative to the window's beginning. Samples that do
// not stand on the series' step are written at the step nearest to them.
func WriteTest(x Example) ([]byte, error) {
	e, w := x.Evidence, x.Window
	rel := func(ns int64) string { return relative(ns - w.From) }
	var logs, series, events, conditions []yaml.MapSlice
	for i := range e.Records {
		logs = append(logs, writeRecord(&e.Records[i], rel))
	}
	interval := commonStep(e.Series)
	for i := range e.Series {
		if s := writeSeries(&e.Series[i], interval, rel); s != nil {
			series = append(series, s)
		}
	}
	for i := range e.Events {
		events = append(events, writeEvent(&e.Events[i], rel))
	}
	for _, c := range x.Expect {
		conditions = append(conditions, yaml.MapSlice{{Key: "condition", Value: c.ID}, {Key: "component", Value: c.Component}, {Key: "at", Value: rel(c.Onset)}})
	}
	input := yaml.MapSlice{}
	for _, part := range []struct {
		key string
		of  []yaml.MapSlice
	}{{"logs", logs}, {"series", series}, {"events", events}} {
		if len(part.of) > 0 {
			input = append(input, yaml.MapItem{Key: part.key, Value: part.of})
		}
	}
	unit := yaml.MapSlice{
		{Key: "name", Value: x.Name},
		{Key: "interval", Value: relative(interval)},
		{Key: "window", Value: yaml.MapSlice{{Key: "from", Value: "0m"}, {Key: "to", Value: rel(w.To)}}},
	}
	if base := w.From - w.Baseline.From; base > 0 && w.Baseline.From != 0 {
		unit = append(unit, yaml.MapItem{Key: "baseline", Value: relative(base)})
	}
	unit = append(unit, yaml.MapItem{Key: "input", Value: input})
	if calls := callsAmong(x.Topology, x.Expect); len(calls) > 0 {
		unit = append(unit, yaml.MapItem{Key: "topology", Value: calls})
	}
	unit = append(unit, yaml.MapItem{Key: "expect", Value: conditions})
	if len(x.Suspects) > 0 {
		unit = append(unit, yaml.MapItem{Key: "suspects", Value: x.Suspects})
	}
	out, err := writeYAML(yaml.MapSlice{{Key: "rule_files", Value: x.RuleFiles}, {Key: "tests", Value: []yaml.MapSlice{unit}}})
	if err != nil {
		return nil, fmt.Errorf("writing the test: %w", err)
	}
	return out, nil
}

// callsAmong are the calls between the components of conditions.
func callsAmong(t event.Topology, conditions []Condition) yaml.MapSlice {
	about := map[string]bool{}
	for _, c := range conditions {
		about[c.Component] = true
	}
	var out yaml.MapSlice
	for _, caller := range slices.Sorted(maps.Keys(t.Calls)) {
		callees := slices.DeleteFunc(slices.Clone(t.Calls[caller]), func(c string) bool { return !about[c] })
		if about[caller] && len(callees) > 0 {
			out = append(out, yaml.MapItem{Key: caller, Value: callees})
		}
	}
	return out
}

// relative writes a span as offsets are read, to the millisecond.
func relative(ns int64) string {
	if ns < 0 {
		return "-" + relative(-ns)
	}
	ms := (ns + int64(time.Millisecond)/2) / int64(time.Millisecond)
	if ms == 0 {
		return "0"
	}
	return durationText(ms * int64(time.Millisecond))
}

func writeRecord(r *event.Record, rel func(int64) string) yaml.MapSlice {
	out := yaml.MapSlice{{Key: "at", Value: rel(r.Time)}}
	add := func(key, value string) {
		if value != "" {
			out = append(out, yaml.MapItem{Key: key, Value: value})
		}
	}
	add("service", string(r.Service))
	add("instance", string(r.Instance))
	add("logger", string(r.Logger))
	if r.Severity != event.Unknown {
		add("severity", r.Severity.String())
	}
	if r.Status > 0 {
		out = append(out, yaml.MapItem{Key: "status", Value: r.Status})
	}
	if r.Duration >= int64(time.Millisecond) {
		add("duration", relative(r.Duration))
	}
	add("message", strings.ToValidUTF8(string(r.Message), "\uFFFD"))
	add("detail", strings.ToValidUTF8(string(r.Detail), "\uFFFD"))
	if len(r.Fields) > 0 {
		var fields yaml.MapSlice
		for _, f := range r.Fields {
			fields = append(fields, yaml.MapItem{Key: string(f.Key), Value: string(f.Value)})
		}
		out = append(out, yaml.MapItem{Key: "fields", Value: fields})
	}
	return out
}

func writeEvent(e *event.Event, rel func(int64) string) yaml.MapSlice {
	out := yaml.MapSlice{{Key: "at", Value: rel(e.Time)}, {Key: "kind", Value: string(e.Kind)}}
	if e.End != 0 {
		out = append(out, yaml.MapItem{Key: "end", Value: rel(e.End)})
	}
	for _, p := range [][2]string{
		{"name", e.Name}, {"state", e.State}, {"component", e.Component.Name}, {"instance", e.Component.Instance}, {"title", e.Title}, {"text", e.Text}, {"id", e.ID},
	} {
		if p[1] != "" {
			out = append(out, yaml.MapItem{Key: p[0], Value: p[1]})
		}
	}
	if e.Count > 1 {
		out = append(out, yaml.MapItem{Key: "count", Value: e.Count})
	}
	if len(e.Labels) > 0 {
		var labels yaml.MapSlice
		for _, k := range slices.Sorted(maps.Keys(e.Labels)) {
			labels = append(labels, yaml.MapItem{Key: k, Value: e.Labels[k]})
		}
		out = append(out, yaml.MapItem{Key: "labels", Value: labels})
	}
	return out
}

// commonStep is the smallest distance of samples, since a test has one interval for all series.
func commonStep(series []event.Series) int64 {
	step := int64(0)
	for i := range series {
		s := &series[i]
		own := s.Step
		if own == 0 && len(s.Times) > 1 {
			own = s.Times[1] - s.Times[0]
		}
		if own > 0 && (step == 0 || own < step) {
			step = own
		}
	}
	if step == 0 {
		return int64(15 * time.Second)
	}
	return max(step, int64(time.Millisecond))
}

// writeSeries writes samples as promtool does, runs of one value as "5x3" and holes as "_".
func writeSeries(s *event.Series, interval int64, rel func(int64) string) yaml.MapSlice {
	if len(s.Times) == 0 {
		return nil
	}
	var values []string
	add := func(v string, n int64) {
		switch {
		case n == 1:
			values = append(values, v)
		case v == "_":
			values = append(values, fmt.Sprintf("_x%d", n))
		default:
			values = append(values, fmt.Sprintf("%sx%d", v, n-1))
		}
	}
	at, run, n := int64(0), "", int64(0)
	for k, t := range s.Times {
		slot := (t - s.Times[0] + interval/2) / interval
		if slot < at {
			continue // two samples nearest to one step
		}
		v := "_"
		if !math.IsNaN(s.Values[k]) {
			v = strconv.FormatFloat(s.Values[k], 'g', -1, 64)
		}
		if slot > at || v != run {
			if n > 0 {
				add(run, n)
			}
			if slot > at {
				add("_", slot-at)
			}
			run, n = v, 0
		}
		n++
		at = slot + 1
	}
	add(run, n)
	return yaml.MapSlice{{Key: "series", Value: s.String()}, {Key: "at", Value: rel(s.Times[0])}, {Key: "values", Value: strings.Join(values, " ")}}
}
