package rule

import (
	"fmt"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/prometheus/common/model"

	"github.com/hindcast/hindcast/correlate/query"
	"github.com/hindcast/hindcast/ingest/event"
)

// testFile is a file of unit tests of rules.
type testFile struct {
	name  string
	rules []text
	tests []*unit
}

// unit is one test: what was seen, and what conditions must be recognised.
type unit struct {
	name string
	// source says where its lines, series and events come from: a program's source or manual, or a recorded fixture.
	source    string
	at        Position
	interval  int64
	window    event.Range
	baseline  int64
	logs      []testLog
	series    []event.Series
	events    []event.Event
	topology  event.Topology
	expect    []expectation
	suspects  []string
	asksFor   bool
	seriesRaw []rawSeries
}

// testLog is a record, and how often it comes.
type testLog struct {
	at, every int64
	repeat    int64
	line      int64
	service   string
	instance  string
	record    event.Record
}

type rawSeries struct {
	series, values text
	from           int64
}

// expectation is one condition that must be recognised. What is not given is not compared.
type expectation struct {
	condition text
	component string
	at        int64
	hasTime   bool
	tolerance int64
	count     int64
	title     string
	values    map[string]string
}

// maxRepeat bounds how many records one line of a test makes.
const maxRepeat = 100_000

// usualTolerance is how far an onset may be off if a test does not say.
const usualTolerance = int64(time.Minute)

func parseTests(name string, data []byte) (*testFile, error) {
	d := newDocument(name, data)
	f := &testFile{name: name}
	d.read(data, func(body ast.Node) {
		d.mapping(body, "a test file", fields{
			"rule_files": func(n ast.Node) { f.rules = append(f.rules, d.texts(n)...) },
			"tests":      func(n ast.Node) { d.list(n, func(n ast.Node) { f.tests = append(f.tests, d.unit(n)) }) },
		})
	})
	if len(f.rules) == 0 && len(d.faults) == 0 {
		d.fault(Position{}, "the test file names no rule_files", "rule_files: [NAME.yml], relative to the test file")
	}
	return f, d.faults.err()
}

func (d *document) unit(n ast.Node) *unit {
	u := &unit{at: at(n), interval: int64(15 * time.Second), baseline: int64(time.Hour)}
	d.mapping(n, "a test", fields{
		"name":     func(n ast.Node) { u.name = d.text(n).string },
		"source":   func(n ast.Node) { u.source = d.text(n).string },
		"interval": func(n ast.Node) { u.interval = d.duration(n) },
		"baseline": func(n ast.Node) { u.baseline = d.duration(n) },
		"window": func(n ast.Node) {
			d.mapping(n, "a window", fields{
				"from": func(n ast.Node) { u.window.From = d.offset(n) },
				"to":   func(n ast.Node) { u.window.To = d.offset(n) },
			})
		},
		"input": func(n ast.Node) {
			d.mapping(n, "the input", fields{
				"logs":   func(n ast.Node) { d.list(n, func(n ast.Node) { u.logs = append(u.logs, d.testLog(n)) }) },
				"series": func(n ast.Node) { d.list(n, func(n ast.Node) { u.seriesRaw = append(u.seriesRaw, d.rawSeries(n)) }) },
				"events": func(n ast.Node) { d.list(n, func(n ast.Node) { u.events = append(u.events, d.testEvent(n)) }) },
			})
		},
		"topology": func(n ast.Node) {
			d.pairs(n, "the topology", func(caller text, callees ast.Node) {
				for _, c := range d.strings(callees) {
					u.topology.AddCall(caller.string, c)
				}
			})
		},
		"expect":   func(n ast.Node) { d.list(n, func(n ast.Node) { u.expect = append(u.expect, d.expectation(n)) }) },
		"suspects": func(n ast.Node) { u.suspects, u.asksFor = d.strings(n), true },
	})
	for _, r := range u.seriesRaw {
		s, err := query.ParseSeries(r.series.string, r.values.string, testStart+r.from, u.interval)
		if err != nil {
			d.fault(r.series.at, "series: "+err.Error(), `write series: 'name{label="x"}' and values: '1 2 _ 0+5x60'`)
			continue
		}
		u.series = append(u.series, s)
	}
	if u.name == "" {
		u.name = fmt.Sprintf("line %d", u.at.Line)
	}
	return u
}

func (d *document) testLog(n ast.Node) testLog {
	l := testLog{repeat: 1, every: int64(time.Second), line: int64(at(n).Line)}
	r := &l.record
	detail := ""
	d.mapping(n, "a log record", fields{
		"at":    func(n ast.Node) { l.at = d.offset(n) },
		"every": func(n ast.Node) { l.every = d.duration(n) },
		"repeat": func(n ast.Node) {
			if l.repeat = d.integer(n, 1); l.repeat > maxRepeat {
				d.fault(at(n), fmt.Sprintf("a record may be repeated %d times at the most", maxRepeat), "")
				l.repeat = 1
			}
		},
		"service":  func(n ast.Node) { l.service = d.text(n).string },
		"instance": func(n ast.Node) { l.instance = d.text(n).string },
		"logger":   func(n ast.Node) { r.Logger = []byte(d.text(n).string) },
		"message":  func(n ast.Node) { r.Message = []byte(d.text(n).string) },
		"detail":   func(n ast.Node) { detail = d.text(n).string },
		"status":   func(n ast.Node) { r.Status = int16(d.integer(n, 0)) },
		"duration": func(n ast.Node) { r.Duration = d.duration(n) },
		"severity": func(n ast.Node) {
			t := d.text(n)
			if r.Severity = event.ParseSeverity([]byte(t.string)); r.Severity == event.Unknown {
				d.fault(t.at, fmt.Sprintf("the severity %q is not known", t.string), "trace, debug, info, notice, warn, error or critical")
			}
		},
		"fields": func(n ast.Node) {
			d.pairs(n, "fields", func(key text, value ast.Node) {
				r.Fields = append(r.Fields, event.Field{Key: []byte(key.string), Value: []byte(d.text(value).string)})
			})
		},
	})
	// As a decoder does: the first line is the message, what follows is detail.
	r.Message, r.Detail = splitRecord(r.Message, detail)
	return l
}

func (d *document) rawSeries(n ast.Node) rawSeries {
	var r rawSeries
	d.mapping(n, "a series", fields{
		"series": func(n ast.Node) { r.series = d.text(n) },
		"values": func(n ast.Node) { r.values = d.text(n) },
		"at":     func(n ast.Node) { r.from = d.offset(n) },
	})
	return r
}

func (d *document) testEvent(n ast.Node) event.Event {
	e := event.Event{Origin: event.Origin{Source: "test", Path: d.file, Line: int64(at(n).Line)}}
	instance := ""
	d.mapping(n, "an event", fields{
		"at":  func(n ast.Node) { e.Time = testStart + d.offset(n) },
		"end": func(n ast.Node) { e.End = testStart + d.offset(n) },
		"kind": func(n ast.Node) {
			e.Kind = event.Kind(d.oneOf(n, "the kind", []string{"alert", "change", "kubernetes", "action"}))
		},
		"name":      func(n ast.Node) { e.Name = d.text(n).string },
		"state":     func(n ast.Node) { e.State = d.text(n).string },
		"component": func(n ast.Node) { e.Component.Name = d.text(n).string },
		"instance":  func(n ast.Node) { instance = d.text(n).string },
		"title":     func(n ast.Node) { e.Title = d.text(n).string },
		"text":      func(n ast.Node) { e.Text = d.text(n).string },
		"id":        func(n ast.Node) { e.ID = d.text(n).string },
		"count":     func(n ast.Node) { e.Count = d.integer(n, 1) },
		"labels": func(n ast.Node) {
			e.Labels = map[string]string{}
			d.pairs(n, "labels", func(key text, value ast.Node) { e.Labels[key.string] = d.text(value).string })
		},
	})
	e.Component.Instance = instance
	return e
}

func (d *document) expectation(n ast.Node) expectation {
	x := expectation{tolerance: usualTolerance}
	d.mapping(n, "an expected condition", fields{
		"condition": func(n ast.Node) { x.condition = d.text(n) },
		"component": func(n ast.Node) { x.component = d.text(n).string },
		"at":        func(n ast.Node) { x.at, x.hasTime = d.offset(n), true },
		"tolerance": func(n ast.Node) { x.tolerance = d.duration(n) },
		"count":     func(n ast.Node) { x.count = d.integer(n, 1) },
		"title":     func(n ast.Node) { x.title = d.text(n).string },
		"values": func(n ast.Node) {
			x.values = map[string]string{}
			d.pairs(n, "values", func(key text, value ast.Node) { x.values[key.string] = d.text(value).string })
		},
	})
	return x
}

// offset reads a time of a test: 0m is the window's usual beginning, and what lies before it is negative.
func (d *document) offset(n ast.Node) int64 {
	t := d.text(n)
	s, sign := t.string, int64(1)
	if len(s) > 1 && s[0] == '-' {
		s, sign = s[1:], -1
	}
	if s == "0" {
		return 0
	}
	v, err := model.ParseDuration(s)
	if err != nil {
		d.fault(t.at, fmt.Sprintf("%q is not a time of the test", t.string), "write 0m, 90s, 5m, or -30m for half an hour before the window")
		return 0
	}
	return sign * int64(v)
}
