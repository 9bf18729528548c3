package format

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/hindcast/hindcast/ingest/event"
)

// w3cReader reads IIS' and other extended logs, whose columns a line at the beginning names.
type w3cReader struct {
	clock clock
	s     *scratch
	// the columns of what is looked at, -1 if there is none
	date, time, status, method, path, took, host int
}

func openW3C(s *settings, sample [][]byte) lineReader {
	for _, line := range sample {
		names, ok := bytes.CutPrefix(line, []byte("#Fields:"))
		if !ok {
			continue
		}
		var columns []string
		for n := range bytes.FieldsSeq(names) {
			columns = append(columns, string(n))
		}
		w := &w3cReader{clock: s.clock, s: &scratch{}}
		w.clock.loc = nil // the standard says UTC
		for name, at := range map[string]*int{
			"date": &w.date, "time": &w.time, "sc-status": &w.status, "cs-method": &w.method, "cs-uri-stem": &w.path, "time-taken": &w.took, "s-computername": &w.host,
		} {
			*at = slices.Index(columns, name)
		}
		if w.date < 0 || w.time != w.date+1 {
			return nil
		}
		return w
	}
	return nil
}

func (w *w3cReader) clone(s *scratch) lineReader {
	c := *w
	c.s = s
	return &c
}

func (w *w3cReader) setClock(f func(*clock)) { f(&w.clock) }

func (w *w3cReader) read(b []byte, r *event.Record) verdict {
	if b[0] == '#' {
		return skipped
	}
	var method, path []byte
	v := none
	for p, i := 0, 0; p < len(b); i++ {
		value, q := column(b, p)
		switch i {
		case w.date:
			t, n := w.stamp(b, p, q)
			switch {
			case n == 0:
				return none
			case n < 0:
				v = bare
			default:
				r.Time, v = t, whole
			}
		case w.status:
			if n := number(value); n >= 100 && n < 600 {
				r.Status = int16(n)
			}
		case w.method:
			method = value
		case w.path:
			path = value
		case w.took:
			if r.Duration = seconds(value); r.Duration == 0 {
				r.Duration = max(0, number(value)) * 1e6
			}
		case w.host:
			r.Instance = value
		}
		p = q + 1
	}
	w.clock.zoned = true
	if v == none || path == nil {
		r.Message = b
		return v
	}
	n := len(w.s.bytes)
	m := append(w.s.bytes, '"')
	m = append(append(append(m, method...), ' '), path...)
	m = strconv.AppendInt(append(m, '"', ' '), int64(r.Status), 10)
	w.s.bytes = m
	r.Message, r.Severity = m[n:len(m):len(m)], statusSeverity(r.Status)
	return v
}

// column returns the value at b[p:] and where it ends; IIS parts them by blanks, CloudFront by tabs.
func column(b []byte, p int) ([]byte, int) {
	if q := bytes.IndexAny(b[p:], " \t"); q >= 0 {
		return b[p : p+q], p + q
	}
	return b[p:], len(b)
}

// stamp reads the date b[p:q] and the time in the column behind it.
func (w *w3cReader) stamp(b []byte, p, q int) (int64, int) {
	if q >= len(b) || b[q] == ' ' {
		return w.clock.read(b[p:])
	}
	n := len(w.s.bytes)
	w.s.bytes = append(append(w.s.bytes, b[p:q]...), ' ')
	clock, _ := column(b, q+1)
	w.s.bytes = append(w.s.bytes, clock...)
	return w.clock.read(w.s.bytes[n:])
}
