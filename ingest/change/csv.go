package change

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/hindcast/hindcast/ingest/document"
	"github.com/hindcast/hindcast/ingest/event"
)

// header is a table's first line.
type header struct {
	comma rune
	names []string
}

// csvHeader reads the header of a table of changes, nil if head begins none.
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
		values, err := split(row, comma)
		if err == nil && len(values) == len(names) && isRecord(h.fields(values)) {
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

func (h *header) fields(row []string) fields {
	f := fields{}
	for i, v := range row {
		if i < len(h.names) && h.names[i] != "" {
			f[h.names[i]] = strings.TrimSpace(v)
		}
	}
	return f
}

// csv reads a table of changes.
func (d *decoder) csv(ctx context.Context, r io.Reader, o event.Origin, h *header) error {
	rows := csv.NewReader(r)
	rows.Comma = h.comma
	rows.FieldsPerRecord = -1
	for n := 0; ; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
			d.sink.Broken(int64(wrong.StartLine), err)
			continue
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", o.Path, err)
		}
		if n == 0 {
			continue
		}
		line, _ := rows.FieldPos(0)
		if len(row) != len(h.names) {
			d.sink.Broken(int64(line), fmt.Errorf("%d columns, the header has %d", len(row), len(h.names)))
			continue
		}
		e, err := h.fields(row).event(strings.Join(row, string(h.comma)))
		if err != nil {
			d.sink.Broken(int64(line), err)
			continue
		}
		d.sink.Keep(int64(line), e)
	}
}
