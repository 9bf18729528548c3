package format

import (
	"bytes"

	"github.com/hindcast/hindcast/ingest/event"
)

// squidReader reads Squid's own access log: the time, how long it took, the client, the result and status, bytes, the
// method and the address.
//
//	1760411722.104    123 10.0.0.7 TCP_MISS/200 1234 GET http://example.com/ - HIER_DIRECT/93.184.216.34 text/html
type squidReader struct{ clock clock }

func openSquid(s *settings, _ [][]byte) lineReader { return &squidReader{clock: s.clock} }

func (q *squidReader) clone(*scratch) lineReader { c := *q; return &c }

func (q *squidReader) setClock(f func(*clock)) { f(&q.clock) }

func (q *squidReader) read(b []byte, r *event.Record) verdict {
	if len(b) < 40 || digitRun(b) != 10 || b[10] != '.' {
		return none
	}
	t, n := q.clock.read(b)
	if n <= 0 {
		return none
	}
	for n < len(b) && b[n] == ' ' {
		n++
	}
	took, p := word(b, n)
	_, p = word(b, p+1)
	result, p := word(b, p+1)
	i := bytes.IndexByte(result, '/')
	if number(took) < 0 || len(took) > 12 || i < 4 || len(result) != i+4 || !bytes.Contains(result[:i], []byte{'_'}) {
		return none
	}
	size, p := word(b, p+1)
	if number(size) < 0 || p+1 >= len(b) {
		return none
	}
	r.Time, r.Duration, r.Message = t, number(took)*1e6, b[n+len(took)+1:]
	r.Status = int16(max(0, number(result[i+1:])))
	r.Severity = statusSeverity(r.Status)
	return whole
}
