package format

import (
	"bytes"

	"github.com/hindcast/hindcast/ingest/event"
)

// cockroachReader reads CockroachDB's crdb-v1 and crdb-v2: the level and the date, the goroutine, an optional channel, the
// place in the source, tags, in v2 a counter, and the message. A plus sign behind the counter continues a message.
//
//	E251014 03:15:22.104566 312 2@server/node.go:533 ⋮ [T1,n1] 78  message
type cockroachReader struct {
	clock  clock
	levels levels
}

func openCockroach(s *settings, _ [][]byte) lineReader { return &cockroachReader{clock: s.clock} }

func (c *cockroachReader) clone(*scratch) lineReader { d := *c; return &d }

func (c *cockroachReader) setClock(f func(*clock)) { f(&c.clock) }

func (c *cockroachReader) read(b []byte, r *event.Record) verdict {
	if len(b) < 30 || digitRun(b[1:]) != 6 || b[0] != 'I' && b[0] != 'W' && b[0] != 'E' && b[0] != 'F' {
		return none
	}
	t, n := c.clock.read(b[1:])
	v := whole
	switch {
	case n == 0:
		return none
	case n < 0:
		n, v = -n, bare
	}
	if n++; n >= len(b) || b[n] != ' ' {
		return none
	}
	goroutine, p := word(b, n+1)
	place, p := word(b, p+1)
	place = place[bytes.IndexByte(place, '@')+1:] // behind the channel
	colon := bytes.LastIndexByte(place, ':')
	if number(goroutine) < 0 || colon < 1 {
		return none
	}
	r.Time, r.Severity, r.Logger = t, c.levels.read(b[:1]), place[:colon]
	m := bytes.TrimLeft(b[p:], " ")
	m = bytes.TrimLeft(bytes.TrimPrefix(m, []byte("⋮")), " ")
	if len(m) > 0 && m[0] == '[' {
		if q := bytes.IndexByte(m, ']'); q > 0 {
			m = m[q+1:]
		}
	}
	m = bytes.TrimPrefix(m, []byte(" "))
	if d := digitRun(m); d > 0 && d+1 < len(m) && m[d] == ' ' {
		switch m[d+1] {
		case ' ', '=', '!':
			m = m[d+2:]
		case '+', '|':
			r.Message = m[d+2:]
			return joins
		}
	}
	r.Message = bytes.TrimLeft(m, " ")
	return v
}
