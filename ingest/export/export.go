// Package export reads what people save from log stores: it takes the records out of what the store puts around them, so that
// they are read as the lines of JSON they are. It knows Elasticsearch's answers and elasticdump, Loki's answers, logcli's and
// Grafana's downloads, Splunk's, Datadog's, CloudWatch's and OpenTelemetry's, and tables of log records as CSV.
package export

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"

	"github.com/hindcast/hindcast/ingest/document"
)

// lists are where records stand inside an answer.
var lists = []string{"hits.hits", "data.result", "data", "events", "results"}

// Recognise tells whether head begins an export of logs.
func Recognise(head []byte) bool {
	if tableHeader(head) != nil {
		return true
	}
	shape := document.Shape(head)
	has := func(path string) bool { _, ok := shape[path]; return ok }
	switch {
	case has("hits.hits[]._source"), has("_index") && has("_source"): // Elasticsearch, elasticdump
	case shape["data.resultType"] == "streams": // Loki
	case has("line") && has("timestamp") && (has("labels") || has("fields") || has("date")): // logcli, Grafana
	case has("result._raw") && has("result._time"), has("results[]._raw") && has("results[]._time"): // Splunk
	case shape["data[].type"] == "log" && has("data[].attributes.timestamp"): // Datadog
	case has("resourceLogs[].scopeLogs[].logRecords"): // OpenTelemetry
	case has("events[].timestamp") && has("events[].message") && has("events[].ingestionTime"): // CloudWatch
	default:
		return false
	}
	return true
}

// Reader gives the records of an export, a line each. Where a record does not begin on a line of its own in the export, its line
// is the first one free.
type Reader struct {
	// src is read as a table, or else as a document; which of them is found out at the first reading.
	src   io.Reader
	table *table
	doc   *document.Reader
	out   []byte
	line  int64
	err   error
}

// NewReader reads the export src.
func NewReader(src io.Reader) *Reader { return &Reader{src: src, line: 1} }

// headSize is how much of an export decides whether it is a table.
const headSize = 64 << 10

// open finds out what the export is.
func (r *Reader) open() {
	src := bufio.NewReaderSize(r.src, headSize)
	head, _ := src.Peek(headSize)
	if names := tableHeader(head); names != nil {
		r.table = &table{rows: csv.NewReader(src), names: names}
		r.table.rows.FieldsPerRecord = -1
		_, r.err = r.table.rows.Read() // the header
		return
	}
	r.doc = document.NewReader(src, lists...)
}

// Read gives lines. A broken record gives a line that is no JSON; an export that is cut short ends in [io.ErrUnexpectedEOF].
func (r *Reader) Read(p []byte) (int, error) {
	for len(r.out) == 0 {
		if r.err != nil {
			return 0, r.err
		}
		r.fill()
	}
	n := copy(p, r.out)
	r.out = r.out[n:]
	return n, nil
}

func (r *Reader) fill() {
	if r.doc == nil && r.table == nil {
		r.open()
		return
	}
	if r.table != nil {
		record, line, err := r.table.next()
		if r.err = err; err == nil {
			r.put(line, record)
		}
		return
	}
	rec, err := r.doc.Next()
	if lost, ok := errors.AsType[*document.LostError](err); ok && lost.Err == nil {
		err = io.ErrUnexpectedEOF
	}
	r.err = err
	if err != nil || rec.Envelope {
		return
	}
	lines := [][]byte{[]byte(`{"broken`)}
	if rec.Err == nil {
		lines = unwrap(rec.Raw)
	}
	r.put(rec.Line, lines...)
}

// put hands out lines, the first of them on the line that it has in the export.
func (r *Reader) put(at int64, lines ...[]byte) {
	r.out = r.out[:0]
	for ; r.line < at; r.line++ {
		r.out = append(r.out, '\n')
	}
	for _, l := range lines {
		r.out = append(append(r.out, l...), '\n')
		r.line++
	}
}

// wrapped has what stores put around a record.
type wrapped struct {
	Source json.RawMessage `json:"_source"`
	Result json.RawMessage `json:"result"`
	// Attributes is Datadog's, which has those of the log itself inside.
	Attributes json.RawMessage `json:"attributes"`
	Type       string          `json:"type"`
	// Stream and Values are Loki's, Labels logcli's, Fields Grafana's.
	Stream    map[string]json.RawMessage `json:"stream"`
	Values    [][]json.RawMessage        `json:"values"`
	Labels    map[string]json.RawMessage `json:"labels"`
	Fields    map[string]json.RawMessage `json:"fields"`
	Line      json.RawMessage            `json:"line"`
	Timestamp json.RawMessage            `json:"timestamp"`
	// Raw and Time are Splunk's.
	Raw  json.RawMessage `json:"_raw"`
	Time json.RawMessage `json:"_time"`
	Host json.RawMessage `json:"host"`
	// ResourceLogs are OpenTelemetry's.
	ResourceLogs []otlp `json:"resourceLogs"`
}

// unwrap gives the records in one value of an export. What is nothing known comes as it is.
func unwrap(raw []byte) [][]byte {
	var w wrapped
	switch err := json.Unmarshal(raw, &w); {
	case err != nil:
	case w.ResourceLogs != nil:
		var all [][]byte
		for i := range w.ResourceLogs {
			all = append(all, w.ResourceLogs[i].records()...)
		}
		return all
	case w.Source != nil:
		return [][]byte{compact(w.Source)}
	case w.Type == "log" && w.Attributes != nil:
		return [][]byte{levelled(w.Attributes)}
	case w.Raw == nil && w.Result != nil:
		return unwrap(w.Result)
	case w.Raw != nil && w.Time != nil:
		return [][]byte{line(w.Time, w.Raw, map[string]json.RawMessage{"host": w.Host})}
	case w.Stream != nil:
		all := make([][]byte, 0, len(w.Values))
		for _, v := range w.Values {
			if len(v) >= 2 {
				all = append(all, line(v[0], v[1], w.Stream))
			}
		}
		return all
	case w.Line != nil && w.Labels != nil:
		return [][]byte{line(w.Timestamp, w.Line, w.Labels)}
	case w.Line != nil:
		return [][]byte{line(w.Timestamp, w.Line, w.Fields)}
	}
	return [][]byte{compact(raw)}
}

// line makes a record of a text, its time and its labels, which must not take the place of the others.
func line(at, text json.RawMessage, labels map[string]json.RawMessage) []byte {
	record := map[string]json.RawMessage{}
	for name, v := range labels {
		if v != nil && name != "message" && name != "msg" && name != "time" && name != "timestamp" {
			record[name] = v
		}
	}
	if level := record["detected_level"]; level != nil && record["level"] == nil {
		record["level"] = level
	}
	delete(record, "detected_level")
	record["@timestamp"], record["message"] = at, text
	b, err := json.Marshal(record)
	if err != nil {
		return compact(text)
	}
	return b
}

// levelled gives the level of Datadog's records, which is called status there, its usual name.
func levelled(raw []byte) []byte {
	var record map[string]json.RawMessage
	if json.Unmarshal(raw, &record) == nil && record["level"] == nil && record["status"] != nil {
		record["level"] = record["status"]
		delete(record, "status")
		if b, err := json.Marshal(record); err == nil {
			return b
		}
	}
	return compact(raw)
}

// compact puts a value on one line.
func compact(raw []byte) []byte {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return bytes.ReplaceAll(raw, []byte{'\n'}, []byte{' '})
	}
	return b.Bytes()
}
