package format

import (
	"bytes"

	"github.com/hindcast/hindcast/ingest/event"
)

// haproxyReader reads HAProxy's traffic lines without a syslog header; with one, the syslog format hands them on.
//
//	10.0.0.7:51362 [14/Oct/2025:03:15:22.104] web api/api-2 0/0/5000/-1/5001 504 194 - - sH-- 12/12/3/1/0 0/0 "GET /cart HTTP/1.1"
type haproxyReader struct {
	clock clock
	s     *scratch
}

func openHAProxy(s *settings, _ [][]byte) lineReader {
	return &haproxyReader{clock: s.clock, s: &scratch{}}
}

func (h *haproxyReader) clone(s *scratch) lineReader {
	c := *h
	c.s = s
	return &c
}

func (h *haproxyReader) setClock(f func(*clock)) { f(&h.clock) }

func (h *haproxyReader) read(b []byte, r *event.Record) verdict {
	client, p := word(b, 0)
	if len(client) < 4 || bytes.IndexByte(client, ':') < 0 || p+3 >= len(b) || b[p+1] != '[' {
		return none
	}
	t, n := h.clock.read(b[p+2:])
	if n <= 0 || p+2+n+2 >= len(b) || b[p+2+n] != ']' || b[p+3+n] != ' ' {
		return none
	}
	r.Time = t
	return h.traffic(b, p+4+n, r)
}

// traffic reads what follows the stamp. The message is made of what says most: the request, the status, the server, how the session
// ended.
func (h *haproxyReader) traffic(b []byte, p int, r *event.Record) verdict {
	var part [5][]byte // frontend, backend/server, timers, status or bytes
	for i := range 4 {
		part[i], p = word(b, p)
		p++
	}
	if bytes.IndexByte(part[1], '/') < 0 || bytes.Count(part[2], []byte{'/'}) < 2 || p >= len(b) {
		return none
	}
	if i := bytes.LastIndexByte(part[2], '/'); i >= 0 {
		r.Duration = max(0, number(bytes.TrimLeft(part[2][i+1:], "+"))) * 1e6
	}
	var request, state []byte
	if bytes.Count(part[2], []byte{'/'}) == 4 && len(part[3]) == 3 && number(part[3]) >= 100 {
		r.Status = int16(number(part[3]))
		for range 3 { // bytes and two captured cookies
			_, p = word(b, p)
			p++
		}
		state, p = word(b, min(p, len(b)))
		if i := bytes.IndexByte(b[p:], '"'); i >= 0 {
			request = bytes.TrimRight(b[p+i:], " ")
		}
		r.Severity = statusSeverity(r.Status)
	} else {
		state, _ = word(b, p)
		r.Severity = event.Info
		if len(state) > 0 && state[0] != '-' {
			r.Severity = event.Notice
		}
	}
	n := len(h.s.bytes)
	m := h.s.bytes
	if len(request) > 0 {
		m = append(append(append(append(m, request...), ' '), part[3]...), ' ')
	} else {
		m = append(append(m, part[0]...), ' ')
	}
	m = append(append(append(m, part[1]...), ' '), state...)
	h.s.bytes = m
	r.Message = m[n:len(m):len(m)]
	return whole
}
