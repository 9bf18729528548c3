package export

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"time"
)

// columns gives the usual names to the columns of tables of log records; others keep theirs.
var columns = map[string]string{
	"_time": "@timestamp", "@timestamp": "@timestamp", "date": "@timestamp", "timestamp": "@timestamp",
	"_raw": "message", "message": "message", "@message": "message", "content": "message", "line": "message",
	"host": "host", "service": "service", "status": "level", "level": "level", "log.level": "level", "service.name": "service",
}

// tableHeader gives the names of the columns of a table of log records, nil if head begins none. Only tables whose header
// names both a time and a message, and a first row with a time, are taken for one.
func tableHeader(head []byte) []string {
	first, rest, ok := bytes.Cut(head, []byte("\n"))
	if !ok || len(first) > 4096 || len(first) == 0 || first[0] == '{' || first[0] == '[' {
		return nil
	}
	names, err := csv.NewReader(bytes.NewReader(first)).Read()
	if err != nil || len(names) < 3 {
		return nil
	}
	for i, n := range names {
		if usual := columns[strings.ToLower(strings.TrimSpace(n))]; usual != "" && !slices.Contains(names[:i], usual) {
			names[i] = usual
		}
	}
	at := slices.Index(names, "@timestamp")
	if at < 0 || !slices.Contains(names, "message") {
		return nil
	}
	row, err := csv.NewReader(bytes.NewReader(rest)).Read()
	if err != nil || len(row) != len(names) {
		return nil
	}
	if v := stamp(row[at]); len(v) < 19 || v[4] != '-' {
		return nil
	}
	return names
}

// kibana is how Kibana writes times into a table, in the zone of the browser, which it does not name.
const kibana = "Jan 2, 2006 @ 15:04:05.000"

// stamp gives Kibana's times in the usual form, and others as they are.
func stamp(v string) string {
	if t, err := time.Parse(kibana, v); err == nil {
		return t.Format("2006-01-02T15:04:05.000")
	}
	return v
}

// table hands out the rows of a table as records.
type table struct {
	rows  *csv.Reader
	names []string
}

// next gives a row as JSON and the line it begins on.
func (t *table) next() (record []byte, line int64, err error) {
	row, err := t.rows.Read()
	if errors.Is(err, io.EOF) {
		return nil, 0, err
	}
	if err != nil || len(row) > len(t.names) {
		parseError := &csv.ParseError{}
		if errors.As(err, &parseError) {
			return nil, 0, err
		}
		return []byte(`{"broken`), 0, nil
	}
	at, _ := t.rows.FieldPos(0)
	fields := map[string]string{}
	for i, v := range row {
		if t.names[i] == "@timestamp" {
			v = stamp(v)
		}
		if v != "" {
			fields[t.names[i]] = v
		}
	}
	record, err = json.Marshal(fields)
	return record, int64(at), err
}
