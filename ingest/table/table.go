// Package table reads series from tables: CSV as Grafana, InfluxDB's query and scripts save it, with a column of times, columns of
// numbers, and columns of text that say whose they are.
package table

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/hindcast/hindcast/ingest/document"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/prometheus"
)

const (
	headSize = 64 << 10
	// probed is how many rows of a head are looked at; fewer than least are no table.
	probed = 50
	least  = 3
)

// Recognise tells whether head begins a table of series.
func Recognise(head []byte) bool { return newTable(head) != nil }

// use is what a column is for.
type use uint8

const (
	ignored use = iota
	timeColumn
	numberColumn
	labelColumn
	// metricColumn names the metric whose value valueColumn has.
	metricColumn
	valueColumn
)

// table is the form of a table.
type table struct {
	comma rune
	// skipped is how many lines come before the header.
	skipped int
	names   []string
	uses    []use
}

// newTable reads the form off the first lines, nil if they are no table of series.
func newTable(head []byte) *table {
	if i := bytes.LastIndexByte(head, '\n'); i >= 0 {
		head = head[:i+1]
	}
	head = bytes.TrimPrefix(head, []byte("\ufeff"))
	skipped := 0
	for len(head) > 0 && (head[0] == '#' || head[0] == '\r' || head[0] == '\n' || bytes.HasPrefix(head, []byte("sep="))) {
		_, rest, ok := bytes.Cut(head, []byte("\n"))
		if !ok {
			return nil
		}
		head = rest
		skipped++
	}
	for _, comma := range ",;\t" {
		r := csv.NewReader(bytes.NewReader(head))
		r.Comma = comma
		r.ReuseRecord = false
		names, err := r.Read()
		if err != nil || len(names) < 2 {
			continue
		}
		t := &table{comma: comma, skipped: skipped, names: names, uses: make([]use, len(names))}
		var rows [][]string
		for len(rows) < probed {
			row, err := r.Read()
			if err != nil {
				break
			}
			rows = append(rows, row)
		}
		if len(rows) >= least && t.judge(rows) {
			return t
		}
	}
	return nil
}

// The names, simplified, by which columns are known.
var (
	timeNames   = []string{"time", "timestamp", "timestamps", "ts", "date", "datetime", "period", "timestamputc", "timeutc", "collectedat", "at"}
	valueNames  = []string{"value", "val", "metricvalue"}
	metricNames = []string{"metric", "metricname", "name", "field", "series", "measurement", "kpi", "kpiname"}
	// setAside are InfluxDB's own and the index that pandas writes.
	setAside = []string{"", "result", "table", "start", "stop", "index", "unnamed0"}
	// foreign columns are those of logs, requests and changes.
	foreign = []string{
		"message", "msg", "log", "text", "body", "line", "level", "severity", "loglevel", "logger", "path", "url", "uri", "method", "request",
		"useragent", "traceid", "spanid", "requestid", "version", "commit", "sha", "author", "user", "actor", "description", "title", "summary",
		"comment", "event", "reason", "status", "state", "action", "query", "exception", "error", "clientip", "remoteaddr", "referer",
	}
)

func simple(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r > 0x7f:
			return r
		}
		return -1
	}, name)
}

// judge finds out what each column is for, and whether the table is one of series.
func (t *table) judge(rows [][]string) bool {
	numbers, labels, times := 0, 0, 0
	for i, name := range t.names {
		key := simple(name)
		switch {
		case times == 0 && slices.Contains(timeNames, key) && all(rows, i, isTime):
			t.uses[i] = timeColumn
			times++
		case slices.Contains(setAside, key):
		case all(rows, i, isNumber) && !all(rows, i, isMissing):
			t.uses[i] = numberColumn
			numbers++
		case all(rows, i, isMissing):
		case slices.Contains(foreign, key):
			return false
		default:
			t.uses[i] = labelColumn
			labels++
		}
	}
	if times == 0 || numbers == 0 {
		return false
	}
	if labels > 0 && numbers == 1 {
		t.long()
	}
	return labels == 0 || !t.eachItsOwn(rows)
}

// long makes the one column of numbers the value of the metric that another column names, if there is such a column.
func (t *table) long() {
	value := slices.Index(t.uses, numberColumn)
	if !slices.Contains(valueNames, simple(t.names[value])) {
		return
	}
	found := false
	for i, name := range t.names {
		if t.uses[i] == labelColumn && slices.Contains(metricNames, simple(name)) {
			t.uses[i] = metricColumn
			found = true
		}
	}
	if found {
		t.uses[value] = valueColumn
	}
}

// eachItsOwn tells a list of different things, such as requests, from series: no row's labels come again, and no time does.
func (t *table) eachItsOwn(rows [][]string) bool {
	labels, times := map[string]bool{}, map[string]bool{}
	for _, row := range rows {
		var own []string
		for i, v := range row {
			switch t.uses[i] {
			case labelColumn, metricColumn:
				own = append(own, v)
			case timeColumn:
				times[v] = true
			}
		}
		labels[strings.Join(own, "\x00")] = true
	}
	return len(labels) == len(rows) && len(times) == len(rows)
}

func all(rows [][]string, column int, is func(string) bool) bool {
	return !slices.ContainsFunc(rows, func(row []string) bool { return !is(row[column]) })
}

func isTime(v string) bool { _, ok := document.ParseTime(v); return ok }

// isMissing tells cells that have no value.
func isMissing(v string) bool {
	switch strings.ToLower(strings.TrimSpace(v)) {
	case "", "-", "nan", "null", "none", "n/a", "undefined":
		return true
	}
	return false
}

func isNumber(v string) bool { _, err := number(v); return err == nil }

// number reads a cell; one that is missing is NaN. A percent sign is left out.
func number(v string) (float64, error) {
	if isMissing(v) {
		return math.NaN(), nil
	}
	return strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(v), "%")), 64)
}

// Decode reads a table.
func Decode(ctx context.Context, r io.Reader, o event.Origin, emit func(*event.Batch)) error {
	s := document.NewSink(o, emit)
	defer s.Flush()
	buffered := bufio.NewReaderSize(r, headSize)
	head, err := buffered.Peek(headSize)
	if err != nil && err != io.EOF {
		return fmt.Errorf("reading %s: %w", o.Path, err)
	}
	t := newTable(head)
	if t == nil {
		s.Broken(1, errors.New("no table with a column of times and columns of numbers"))
		return nil
	}
	for range t.skipped {
		if _, err := buffered.ReadString('\n'); err != nil {
			return fmt.Errorf("reading %s: %w", o.Path, err)
		}
	}
	rows := csv.NewReader(buffered)
	rows.Comma, rows.ReuseRecord, rows.FieldsPerRecord = t.comma, true, -1
	if _, err := rows.Read(); err != nil { // the header
		return fmt.Errorf("reading %s: %w", o.Path, err)
	}
	g := gathering{table: t, names: namesOf(t, stem(o.Path)), series: map[string]*event.Series{}, origin: o}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
			s.Broken(int64(wrong.StartLine+t.skipped), wrong.Err)
			continue
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", o.Path, err)
		}
		line, _ := rows.FieldPos(0)
		if err := g.row(row); err != nil {
			s.Broken(int64(line+t.skipped), err)
			continue
		}
		s.Keep(int64(line + t.skipped))
	}
	for _, x := range g.order {
		prometheus.Tidy(x)
		if len(x.Times) > 0 {
			s.AttachSeries(*x)
		}
	}
	return nil
}

// stem is a file's name without its endings.
func stem(file string) string {
	name, _, _ := strings.Cut(path.Base(filepath.ToSlash(file)), ".")
	if name == "-" || name == "/" {
		return ""
	}
	return name
}

// gathering makes series of rows.
type gathering struct {
	table  *table
	names  []column
	series map[string]*event.Series
	order  []*event.Series
	origin event.Origin
	key    []byte
}

func (g *gathering) row(row []string) error {
	if len(row) != len(g.table.names) {
		return fmt.Errorf("%d cells, but the header has %d", len(row), len(g.table.names))
	}
	var at int64
	g.key = g.key[:0]
	for i, v := range row {
		switch g.table.uses[i] {
		case timeColumn:
			t, ok := document.ParseTime(v)
			if !ok {
				return fmt.Errorf("%q is no time", v)
			}
			at = t
		case labelColumn, metricColumn:
			g.key = append(append(g.key, v...), 0)
		}
	}
	own := len(g.key)
	for i, v := range row {
		if g.table.uses[i] != numberColumn && g.table.uses[i] != valueColumn {
			continue
		}
		x, err := number(v)
		if err != nil {
			return fmt.Errorf("%q in column %q is no number", v, g.table.names[i])
		}
		if math.IsNaN(x) {
			continue
		}
		g.key = strconv.AppendInt(g.key[:own], int64(i), 10)
		s, ok := g.series[string(g.key)]
		if !ok {
			s = g.newSeries(row, i)
			g.series[string(g.key)] = s
			g.order = append(g.order, s)
		}
		s.Times, s.Values = append(s.Times, at), append(s.Values, x)
	}
	return nil
}

// newSeries names the series of a column in a row.
func (g *gathering) newSeries(row []string, i int) *event.Series {
	c := g.names[i]
	labels := map[string]string{}
	for _, l := range c.labels {
		labels[l.Name] = l.Value
	}
	var metric []string
	for k, v := range row {
		switch g.table.uses[k] {
		case metricColumn:
			if simple(g.table.names[k]) == "measurement" { // InfluxDB's, of which the fields are parts
				metric = slices.Insert(metric, 0, v)
			} else {
				metric = append(metric, v)
			}
		case labelColumn:
			if v = strings.TrimSpace(v); v != "" {
				labels[labelName(g.table.names[k])] = v
			}
		}
	}
	s := &event.Series{Name: c.name, Origin: g.origin}
	if len(metric) > 0 {
		s.Name = metricName(strings.Join(metric, "_"))
	}
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		s.Labels = append(s.Labels, event.Label{Name: name, Value: labels[name]})
	}
	if s.Component().Name == "" && c.owner != "" {
		s.Labels = append(s.Labels, event.Label{Name: "service", Value: c.owner})
		slices.SortFunc(s.Labels, func(a, b event.Label) int { return strings.Compare(a.Name, b.Name) })
	}
	return s
}
