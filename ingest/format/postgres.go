package format

import (
	"bytes"

	"github.com/hindcast/hindcast/ingest/event"
)

// postgresReader reads what PostgreSQL writes to stderr: any log_line_prefix that begins with a stamp, a severity, a
// colon and two blanks. The lines that explain a record have heads of their own and are joined to it.
type postgresReader struct{ clock clock }

func openPostgres(s *settings, _ [][]byte) lineReader { return &postgresReader{clock: s.clock} }

func (p *postgresReader) clone(*scratch) lineReader { c := *p; return &c }

func (p *postgresReader) setClock(f func(*clock)) { f(&p.clock) }

// longestPrefix is how far into a line the severity is looked for: application names are up to 63 bytes, and so are users and databases.
const longestPrefix = 400

func (p *postgresReader) read(b []byte, r *event.Record) verdict {
	at := 0
	if len(b) > 0 && b[0] == '[' { // the process before the stamp
		if at = bytes.IndexByte(b[:min(len(b), 24)], ' ') + 1; at == 0 {
			return none
		}
	}
	if at >= len(b) || b[at]-'0' > 9 { // syslog's stamps begin with the month
		return none
	}
	t, n := p.clock.read(b[at:])
	v := whole
	switch {
	case n == 0:
		return none
	case n < 0:
		n, v = -n, bare
	}
	start, end, ok := severityAt(b, at+n)
	if !ok {
		return none
	}
	word := b[start:end]
	sev, joined := postgresSeverity(word)
	if joined {
		r.Message = b[start:]
		return joins
	}
	if sev == event.Unknown {
		return none
	}
	r.Time, r.Severity, r.Message = t, sev, bytes.TrimLeft(b[end+1:], " ")
	return v
}

// syslogPostgres reads what PostgreSQL says to syslog: a counter, "[5-1]", perhaps a prefix, and the severity. What
// explains a record is a record of its own here, since others' lines stand between.
type syslogPostgres struct{ postgresReader }

func openPostgresSyslog(s *settings, _ [][]byte) lineReader {
	return &syslogPostgres{postgresReader{s.clock}}
}

func (p *syslogPostgres) clone(*scratch) lineReader { c := *p; return &c }

func (p *syslogPostgres) read(b []byte, r *event.Record) verdict {
	if len(b) > 5 && b[0] == '[' && b[1]-'0' <= 9 {
		if i := bytes.Index(b[:min(len(b), 24)], []byte("] ")); i > 0 {
			b = b[i+2:]
		}
	}
	start, end, ok := severityAt(b, 0)
	if !ok {
		return none
	}
	sev, joined := postgresSeverity(b[start:end])
	switch {
	case joined:
		r.Severity, r.Message = event.Info, b[start:]
	case sev == event.Unknown:
		return none
	default:
		r.Severity, r.Message = sev, bytes.TrimLeft(b[end+1:], " ")
	}
	return bare
}

// severityAt finds the word in capitals before a colon and two blanks.
func severityAt(b []byte, from int) (start, end int, ok bool) {
	limit := min(len(b), from+longestPrefix)
	for q := from; q < limit; {
		i := bytes.Index(b[q:limit], []byte(":  "))
		if i < 0 {
			return 0, 0, false
		}
		end = q + i
		start = end
		for start > from && (b[start-1] >= 'A' && b[start-1] <= 'Z' || b[start-1] >= '0' && b[start-1] <= '9') {
			start--
		}
		if end-start >= 3 && (start == from || !isWord(b[start-1])) {
			return start, end, true
		}
		q = end + 1
	}
	return 0, 0, false
}

func postgresSeverity(word []byte) (sev event.Severity, joined bool) {
	switch string(word) {
	case "LOG", "INFO":
		return event.Info, false
	case "NOTICE":
		return event.Notice, false
	case "WARNING":
		return event.Warn, false
	case "ERROR":
		return event.Error, false
	case "FATAL", "PANIC":
		return event.Critical, false
	case "DEBUG", "DEBUG1", "DEBUG2", "DEBUG3", "DEBUG4", "DEBUG5":
		return event.Debug, false
	case "DETAIL", "HINT", "STATEMENT", "CONTEXT", "QUERY", "LOCATION", "BACKTRACE":
		return event.Unknown, true
	}
	return event.Unknown, false
}

// csvReader reads PostgreSQL's csvlog.
type csvReader struct {
	clock clock
	s     *scratch
}

func openPostgresCSV(s *settings, _ [][]byte) lineReader { return &csvReader{s.clock, &scratch{}} }

func (c *csvReader) clone(s *scratch) lineReader {
	d := *c
	d.s = s
	return &d
}

func (c *csvReader) setClock(f func(*clock)) { f(&c.clock) }

func (c *csvReader) read(b []byte, r *event.Record) verdict {
	t, n := c.clock.read(b)
	v := whole
	switch {
	case n == 0:
		return none
	case n < 0:
		n, v = -n, bare
	}
	if n >= len(b) || b[n] != ',' {
		return none
	}
	r.Time = t
	p, field := n, 0
	for p < len(b) && b[p] == ',' {
		var value []byte
		value, p = c.field(b, p+1)
		field++
		switch field {
		case 11:
			sev, _ := postgresSeverity(value)
			if sev == event.Unknown {
				return none
			}
			r.Severity = sev
		case 13:
			r.Message = value
			if i := bytes.IndexByte(value, '\n'); i >= 0 {
				r.Message = value[:i]
			}
		case 14, 15, 18, 19:
			if len(value) > 0 {
				r.Detail = c.s.join(r.Detail, c.label(field, value))
			}
		}
	}
	if field < 13 {
		return none
	}
	return v
}

func (c *csvReader) label(field int, value []byte) []byte {
	n := len(c.s.bytes)
	name := map[int]string{14: "DETAIL:  ", 15: "HINT:  ", 18: "CONTEXT:  ", 19: "STATEMENT:  "}[field]
	c.s.bytes = append(append(c.s.bytes, name...), value...)
	return c.s.bytes[n:len(c.s.bytes):len(c.s.bytes)]
}

// field reads one field, in quotes or not. Quotes that the line does not close end with it: the rest is on the next lines.
func (c *csvReader) field(b []byte, p int) ([]byte, int) {
	if p >= len(b) || b[p] != '"' {
		q := bytes.IndexByte(b[p:], ',')
		if q < 0 {
			return b[p:], len(b)
		}
		return b[p : p+q], p + q
	}
	p++
	for q, doubled := p, false; ; {
		i := bytes.IndexByte(b[q:], '"')
		if i < 0 {
			return b[p:], len(b)
		}
		q += i
		if q+1 < len(b) && b[q+1] == '"' {
			doubled = true
			q += 2
			continue
		}
		value := b[p:q]
		if doubled {
			n := len(c.s.bytes)
			for i := 0; i < len(value); i++ {
				c.s.bytes = append(c.s.bytes, value[i])
				if value[i] == '"' {
					i++
				}
			}
			value = c.s.bytes[n:len(c.s.bytes):len(c.s.bytes)]
		}
		return value, q + 1
	}
}
