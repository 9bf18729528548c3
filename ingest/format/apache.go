package format

import (
	"bytes"

	"github.com/hindcast/hindcast/ingest/event"
)

// apacheReader reads Apache's error log: "[Tue Oct 14 03:15:22.123456 2025] [proxy:error] [pid 7:tid 8] [client 10.0.0.7:5] message".
type apacheReader struct {
	clock  clock
	levels levels
}

func openApache(s *settings, _ [][]byte) lineReader { return &apacheReader{clock: s.clock} }

func (a *apacheReader) clone(*scratch) lineReader { c := *a; return &c }

func (a *apacheReader) setClock(f func(*clock)) { f(&a.clock) }

func (a *apacheReader) read(b []byte, r *event.Record) verdict {
	if len(b) < 30 || b[0] != '[' || !weekday(b[1:]) {
		return none
	}
	t, n := a.clock.read(b[1:])
	v := whole
	switch {
	case n == 0:
		return none
	case n < 0:
		n, v = -n, bare
	}
	p := n + 1
	if p >= len(b) || b[p] != ']' {
		return none
	}
	r.Time = t
	for p++; p+1 < len(b) && b[p] == ' ' && b[p+1] == '['; {
		q := bytes.IndexByte(b[p:], ']')
		if q < 0 {
			break
		}
		value := b[p+2 : p+q]
		if !a.bracket(value, r) {
			break
		}
		p += q + 1
	}
	if r.Severity == event.Unknown {
		return none
	}
	r.Message = bytes.TrimLeft(b[p:], " ")
	return v
}

// bracket takes in one bracket of the head and tells whether it is of the head.
func (a *apacheReader) bracket(value []byte, r *event.Record) bool {
	switch {
	case bytes.HasPrefix(value, []byte("pid ")), bytes.HasPrefix(value, []byte("tid ")), bytes.HasPrefix(value, []byte("client ")), bytes.HasPrefix(value, []byte("remote ")):
		return true
	case r.Severity != event.Unknown:
		return false
	}
	module, level, ok := bytes.Cut(value, []byte{':'})
	if !ok {
		module, level = nil, value
	}
	if bytes.HasPrefix(level, []byte("trace")) {
		r.Severity = event.Trace
	} else {
		r.Severity = a.levels.read(level)
	}
	if len(module) > 0 {
		r.Logger = module
	}
	return r.Severity != event.Unknown
}
