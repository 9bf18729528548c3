package format

import (
	"bytes"

	"github.com/hindcast/hindcast/ingest/event"
)

// redisReader reads Redis and Sentinel: "1:M 14 Oct 2025 03:15:22.104 # message", where the mark is the level.
type redisReader struct{ clock clock }

func openRedis(s *settings, _ [][]byte) lineReader { return &redisReader{clock: s.clock} }

func (l *redisReader) clone(*scratch) lineReader { c := *l; return &c }

func (l *redisReader) setClock(f func(*clock)) { f(&l.clock) }

func (l *redisReader) read(b []byte, r *event.Record) verdict {
	p := 0
	if len(b) > 0 && b[0] == '[' { // before version 3
		p = 1
	}
	n := digitRun(b[p:])
	p += n
	if n == 0 || p+3 >= len(b) || b[p] != ':' && b[p] != ']' {
		return none
	}
	if rest, ok := bytes.CutPrefix(b[p:], []byte(":signal-handler (")); ok {
		t, n := l.clock.read(rest)
		if n <= 0 || n+2 >= len(rest) || rest[n] != ')' {
			return none
		}
		r.Time, r.Severity, r.Message = t, event.Warn, rest[n+2:]
		return whole
	}
	if b[p] == ':' {
		if role := b[p+1]; role != 'M' && role != 'S' && role != 'X' && role != 'C' {
			return none
		}
		p++
	}
	p++
	if b[p] != ' ' {
		return none
	}
	t, n := l.clock.read(b[p+1:])
	v := whole
	switch {
	case n == 0:
		return none
	case n < 0:
		n, v = -n, bare
	}
	p += n + 1
	if p+2 >= len(b) || b[p] != ' ' || b[p+2] != ' ' {
		return none
	}
	switch b[p+1] {
	case '.':
		r.Severity = event.Debug
	case '-':
		r.Severity = event.Info
	case '*':
		r.Severity = event.Notice
	case '#':
		r.Severity = event.Warn
	default:
		return none
	}
	r.Time, r.Message = t, b[p+3:]
	return v
}
