package format

import (
	"bytes"

	"github.com/hindcast/hindcast/ingest/event"
)

// accessReader reads the access logs of nginx, Apache and what imitates them, common or combined, with anything behind:
//
//	10.0.0.7 - - [14/Oct/2025:03:15:22 +0000] "GET /cart HTTP/1.1" 503 1234 "-" "curl/8.5" 0.123
type accessReader struct {
	clock  clock
	s      *scratch
	wanted map[string][]byte
}

func openAccess(s *settings, _ [][]byte) lineReader {
	a := &accessReader{clock: s.clock, s: &scratch{}}
	a.want(s.Wanted)
	return a
}

func (a *accessReader) want(w event.Wanted) {
	a.wanted = nil
	for _, name := range w {
		switch name {
		case "method", "path", "client", "bytes", "user_agent", "referer":
			if a.wanted == nil {
				a.wanted = map[string][]byte{}
			}
			a.wanted[name] = []byte(name)
		}
	}
}

func (a *accessReader) clone(s *scratch) lineReader {
	c := *a
	c.s = s
	return &c
}

func (a *accessReader) setClock(f func(*clock)) { f(&a.clock) }

func (a *accessReader) read(b []byte, r *event.Record) verdict {
	open := bytes.IndexByte(b[:min(len(b), 300)], '[')
	if open == 0 {
		return a.bracketed(b, r)
	}
	if open < 2 || b[open-1] != ' ' {
		return none
	}
	t, n := a.clock.read(b[open+1:])
	v := whole
	switch {
	case n == 0:
		return none
	case n < 0:
		n, v = -n, bare
	}
	p := open + 1 + n
	if p+3 >= len(b) || b[p] != ']' || b[p+1] != ' ' || b[p+2] != '"' {
		return none
	}
	r.Time = t
	start := p + 2
	q := stringEnd(b, p+3)
	if q < 0 || q+4 >= len(b) || b[q+1] != ' ' {
		return none
	}
	if status := b[q+2:]; digitRun(status) == 3 && (len(status) == 3 || status[3] == ' ') {
		r.Status = int16(number(status[:3]))
		p = q + 5
	} else if status[0] == '-' {
		p = q + 3
	} else {
		return none
	}
	r.Message = b[start:p]
	r.Severity = statusSeverity(r.Status)
	r.Duration = requestTime(b, p)
	if a.wanted != nil {
		a.fields(b, start+1, q, p, r)
	}
	return v
}

// requestTime looks behind status and bytes for the time the request took: the first number with a fraction, which is seconds
// everywhere. Apache's %D, whole microseconds, is not told from other numbers.
func requestTime(b []byte, p int) int64 {
	for p < len(b) {
		switch ch := b[p]; {
		case ch == '"':
			q := stringEnd(b, p+1)
			if q < 0 {
				return 0
			}
			if d := seconds(b[p+1 : q]); d > 0 {
				return d
			}
			p = q + 1
		case ch == ' ' || ch == '=':
			p++
		case ch-'0' <= 9:
			q := p
			for q < len(b) && b[q] > ' ' && b[q] != '"' {
				q++
			}
			if d := seconds(b[p:q]); d > 0 {
				return d
			}
			p = q
		case ch == '[':
			q := bytes.IndexByte(b[p:], ']')
			if q < 0 {
				return 0
			}
			p += q + 1
		default:
			for p < len(b) && b[p] != ' ' && b[p] != '"' && b[p] != '=' {
				p++
			}
		}
	}
	return 0
}

// bracketed reads what begins with the stamp: Envoy's and Istio's logs, and those of Django's own server.
//
//	[2025-10-14T03:15:22.104Z] "GET /cart HTTP/1.1" 503 UF,URX - 0 91 12 - "10.0.0.7" "curl/8.5" "8a1c" "shop" "10.0.0.5:8080"
//	[14/Oct/2025 03:15:22] "GET /cart HTTP/1.1" 500 145
func (a *accessReader) bracketed(b []byte, r *event.Record) verdict {
	if len(b) < 24 {
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
	if p+6 >= len(b) || b[p] != ']' || b[p+1] != ' ' || b[p+2] != '"' {
		return none
	}
	start := p + 2
	q := stringEnd(b, start+1)
	if q < 0 || q+2 >= len(b) || b[q+1] != ' ' {
		return none
	}
	status, p := word(b, q+2)
	switch {
	case len(status) == 3 && number(status) >= 100:
		r.Status = int16(number(status))
	case string(status) != "0": // Envoy's, for a request that had no answer
		return none
	}
	r.Time, r.Severity = t, statusSeverity(r.Status)
	if flags, end := word(b, p+1); len(flags) > 0 && flags[0] >= 'A' && flags[0] <= 'Z' { // Envoy's reasons
		p = end
		if details, end := word(b, p+1); len(details) > 0 && details[0] >= 'a' && details[0] <= 'z' { // and what it says of them, blanks as underscores
			p = end
		}
	}
	if r.Status == 0 && p > q+3 { // cut off, and a reason
		r.Severity = event.Warn
	}
	r.Message, r.Duration = b[start:p], took(b, p)
	if a.wanted != nil {
		a.fields(b, start+1, q, p, r)
	}
	return v
}

// took finds Envoy's duration: the third of the first three whole numbers in a row.
func took(b []byte, p int) int64 {
	for row := 0; p < len(b); {
		w, q := word(b, p+1)
		n := number(w)
		switch {
		case len(w) == 0 || n < 0 || len(w) > 12:
			row = 0
		case row == 2:
			return n * 1e6
		default:
			row++
		}
		p = q
	}
	return 0
}

// seconds reads a number with a fraction and nothing else, or a whole one of milliseconds, as Traefik's "12ms".
func seconds(b []byte) int64 {
	n := digitRun(b)
	if n == 0 || n > 6 || n+1 >= len(b) {
		return 0
	}
	if b[n] == 'm' && string(b[n:]) == "ms" {
		return number(b[:n]) * 1e6
	}
	if b[n] != '.' {
		return 0
	}
	f, w := fraction(b[n+1:])
	if n+1+w != len(b) {
		return 0
	}
	return number(b[:n])*second + f
}

// fields fills in what was asked for of the request b[start:end] and what follows at p.
func (a *accessReader) fields(b []byte, start, end, p int, r *event.Record) {
	n := len(a.s.fields)
	add := func(name string, value []byte) {
		if key := a.wanted[name]; key != nil && len(value) > 0 && string(value) != "-" {
			a.s.fields = append(a.s.fields, event.Field{Key: key, Value: value})
		}
	}
	client, q := word(b, 0)
	if bytes.Count(b[:bytes.IndexByte(b, '[')], []byte{' '}) > 3 { // Apache's virtual host stands before
		client, _ = word(b, q+1)
	}
	if len(client) > 0 && client[0] != '[' {
		add("client", client)
	}
	if i := bytes.IndexByte(b[start:end], ' '); i > 0 {
		add("method", b[start:start+i])
		path, _ := word(b[:end], start+i+1)
		add("path", path)
	}
	if p < len(b) {
		size, q := word(b, p+1)
		if number(size) >= 0 {
			add("bytes", size)
		}
		for _, name := range [...]string{"referer", "user_agent"} {
			if q+2 >= len(b) || b[q+1] != '"' {
				break
			}
			e := stringEnd(b, q+2)
			if e < 0 {
				break
			}
			add(name, b[q+2:e])
			q = e + 1
		}
	}
	if m := len(a.s.fields); m > n {
		r.Fields = a.s.fields[n:m:m]
	}
}
