// Package alert reads alerts that are written down without Alertmanager's labels: records with a name, a time and a state, as
// JSON or CSV, and CloudWatch's notifications and histories of alarms.
package alert

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/hindcast/hindcast/ingest/document"
	"github.com/hindcast/hindcast/ingest/event"
)

const headSize = 64 << 10

// lists are where alerts stand inside an answer. Records in the first ones are alerts whatever they call their names.
var lists = []string{
	"alerts", "alarms", "data.alerts", "AlarmHistoryItems", "MetricAlarms",
	"data", "items", "results", "records", "events", "notifications",
}

// sureLists is how many of lists hold alerts alone.
const sureLists = 5

// Recognise tells whether head begins a list of alerts.
func Recognise(head []byte) bool {
	switch firstByte(head) {
	case '{', '[':
	default:
		return csvHeader(head) != nil
	}
	shape := document.Shape(head)
	if isAlert(document.Under(shape, ""), false) {
		return true
	}
	for i, l := range lists {
		if isAlert(document.Under(shape, l+"[]."), i < sureLists) {
			return true
		}
	}
	return false
}

func firstByte(head []byte) byte {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n\x1e")
	if len(head) == 0 {
		return 0
	}
	return head[0]
}

// Decode reads a list of alerts: an event for each firing and each resolution.
func Decode(ctx context.Context, r io.Reader, o event.Origin, emit func(*event.Batch)) error {
	s := document.NewSink(o, emit)
	defer s.Flush()
	buffered := bufio.NewReaderSize(r, headSize)
	head, err := buffered.Peek(headSize)
	if err != nil && err != io.EOF {
		return fmt.Errorf("reading %s: %w", o.Path, err)
	}
	g := gathering{sink: s}
	defer g.finish()
	if h := csvHeader(head); h != nil {
		return g.csv(ctx, buffered, o, h)
	}
	return document.Each(ctx, buffered, s, lists, func(rec document.Record) error {
		if rec.Envelope {
			return nil
		}
		var members map[string]json.RawMessage
		if err := json.Unmarshal(rec.Raw, &members); err != nil {
			return err
		}
		return g.record(rec.Line, document.Flatten(members), string(rec.Raw))
	})
}

// header is a table's first line.
type header struct {
	comma rune
	names []string
}

// csvHeader reads the header of a table of alerts, nil if head begins none.
func csvHeader(head []byte) *header {
	line, rest, ok := bytes.Cut(bytes.TrimPrefix(head, []byte("\ufeff")), []byte("\n"))
	if !ok || len(line) > 4096 {
		return nil
	}
	row, _, _ := bytes.Cut(rest, []byte("\n"))
	for _, comma := range ",;\t" {
		names, err := split(line, comma)
		if err != nil || len(names) < 3 {
			continue
		}
		h := header{comma: comma}
		for _, n := range names {
			h.names = append(h.names, document.Simple(strings.TrimSpace(n)))
		}
		if values, err := split(row, comma); err == nil && len(values) == len(names) && isAlert(h.fields(values), false) {
			return &h
		}
	}
	return nil
}

func split(line []byte, comma rune) ([]string, error) {
	r := csv.NewReader(bytes.NewReader(line))
	r.Comma = comma
	return r.Read()
}

func (h *header) fields(row []string) map[string]string {
	f := map[string]string{}
	for i, v := range row {
		if i < len(h.names) && h.names[i] != "" {
			f[h.names[i]] = strings.TrimSpace(v)
		}
	}
	return f
}

func (g *gathering) csv(ctx context.Context, r io.Reader, o event.Origin, h *header) error {
	rows := csv.NewReader(r)
	rows.Comma, rows.FieldsPerRecord = h.comma, -1
	if _, err := rows.Read(); err != nil { // the header
		return fmt.Errorf("reading %s: %w", o.Path, err)
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
			g.sink.Broken(int64(wrong.StartLine), wrong.Err)
			continue
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", o.Path, err)
		}
		line, _ := rows.FieldPos(0)
		if err := g.record(int64(line), h.fields(row), strings.Join(row, string(h.comma))); err != nil {
			g.sink.Broken(int64(line), err)
		}
	}
}
