package format

import (
	"bytes"

	"github.com/hindcast/hindcast/ingest/event"
)

// albReader reads the access logs of AWS' load balancers. The application's begin with the kind of the request:
//
//	https 2025-10-14T03:15:22.104566Z app/shop/50dc 10.0.0.7:51362 10.0.1.5:80 0.000 0.001 0.000 502 - 34 366 "GET https://shop:443/cart HTTP/1.1" "curl/8.5" ...
type albReader struct {
	clock clock
	s     *scratch
}

func openALB(s *settings, _ [][]byte) lineReader { return &albReader{clock: s.clock, s: &scratch{}} }

func (a *albReader) clone(s *scratch) lineReader {
	c := *a
	c.s = s
	return &c
}

func (a *albReader) setClock(f func(*clock)) { f(&a.clock) }

func (a *albReader) read(b []byte, r *event.Record) verdict {
	p := 0
	if len(b) > 60 && b[0] >= 'a' && b[0] <= 'z' {
		var kind []byte
		kind, p = word(b, 0)
		switch string(kind) {
		case "http", "https", "h2", "grpcs", "ws", "wss":
		default:
			return none
		}
		p++
	}
	if len(b) < p+40 || b[p+10] != 'T' {
		return none
	}
	t, n := a.clock.read(b[p:])
	if n <= 0 || p+n >= len(b) || b[p+n] != ' ' {
		return none
	}
	p += n + 1
	var part [10][]byte // name, client, target, three times, two statuses, bytes received and sent
	for i := range part {
		if p >= len(b) {
			return none
		}
		part[i], p = word(b, p)
		p++
	}
	if p >= len(b) || b[p] != '"' || bytes.IndexByte(part[1], ':') < 0 {
		return none
	}
	q := stringEnd(b, p+1)
	if q < 0 || len(part[6]) != 3 && string(part[6]) != "-" {
		return none
	}
	at := len(a.s.bytes)
	a.s.bytes = append(append(append(a.s.bytes, b[p:q+1]...), ' '), part[6]...)
	r.Time, r.Service, r.Message = t, balancer(part[0]), a.s.bytes[at:len(a.s.bytes):len(a.s.bytes)]
	r.Status = int16(max(0, number(part[6])))
	for _, took := range part[3:6] {
		r.Duration += seconds(took)
	}
	r.Severity = statusSeverity(r.Status)
	return whole
}

// balancer takes the name out of "app/shop/50dc6c495c0c9188".
func balancer(b []byte) []byte {
	if i := bytes.IndexByte(b, '/'); i > 0 {
		b = b[i+1:]
		if j := bytes.IndexByte(b, '/'); j > 0 {
			b = b[:j]
		}
	}
	return b
}
