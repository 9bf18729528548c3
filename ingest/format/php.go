package format

import (
	"bytes"
	"strings"
	"time"

	"github.com/hindcast/hindcast/ingest/event"
)

// phpReader reads what PHP, PHP-FPM and Monolog (with Laravel and Symfony) write behind a stamp in brackets:
//
//	[14-Oct-2025 03:15:22 Europe/Berlin] PHP Warning:  Undefined variable $x in /var/www/a.php on line 3
//	[14-Oct-2025 03:15:23] WARNING: [pool www] server reached pm.max_children setting (5)
//	[2025-10-14T03:15:24.104566+00:00] app.ERROR: Connection refused {"exception":"..."} []
type phpReader struct {
	clock  clock
	levels levels
	// zone is the one met last, with the name it has in the log.
	zone     string
	location *time.Location
}

func openPHP(s *settings, _ [][]byte) lineReader { return &phpReader{clock: s.clock} }

func (p *phpReader) clone(*scratch) lineReader { c := *p; return &c }

func (p *phpReader) setClock(f func(*clock)) { f(&p.clock) }

func (p *phpReader) read(b []byte, r *event.Record) verdict {
	if len(b) < 24 || b[0] != '[' {
		return none
	}
	t, n := p.clock.read(b[1:])
	v := whole
	switch {
	case n == 0:
		return none
	case n < 0:
		n, v = -n, bare
	}
	n++
	if n < len(b) && b[n] == ' ' {
		end := bytes.IndexByte(b[n:min(len(b), n+48)], ']')
		if end < 0 {
			return none
		}
		var ok bool
		if t, ok = p.in(string(b[n+1:n+end]), t); !ok {
			return none
		}
		n += end
	}
	if n+2 >= len(b) || b[n] != ']' || b[n+1] != ' ' {
		return none
	}
	r.Time = t
	if !p.said(b[n+2:], r) {
		return none
	}
	return v
}

// in turns a time read as one of the file's zone into that of a zone named as PHP's date.timezone is.
func (p *phpReader) in(name string, t int64) (int64, bool) {
	if name != p.zone {
		p.zone, p.location = name, nil
		if zoneName(name) {
			if loc, err := time.LoadLocation(name); err == nil {
				p.location = loc
			}
		}
	}
	if p.location == nil {
		return 0, false
	}
	p.clock.zoned = true
	var wall time.Time
	if p.clock.loc == nil {
		wall = time.Unix(0, t-p.clock.shift).UTC()
	} else {
		wall = time.Unix(0, t-p.clock.shift).In(p.clock.loc)
	}
	y, m, d := wall.Date()
	return time.Date(y, m, d, wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), p.location).UnixNano(), true
}

// zoneName tells whether a text has the form of a zone's name, such as America/Port-au-Prince.
func zoneName(s string) bool {
	for i := range len(s) {
		if !isWord(s[i]) && s[i] != '/' && s[i] != '-' && s[i] != '+' {
			return false
		}
	}
	return strings.Contains(s, "/")
}

// said reads the level and the message.
func (p *phpReader) said(m []byte, r *event.Record) bool {
	if rest, ok := bytes.CutPrefix(m, []byte("PHP ")); ok {
		i := bytes.Index(rest, []byte(": "))
		if i < 0 || i > 32 {
			return false
		}
		switch kind := string(rest[:i]); kind {
		case "Fatal error", "Parse error", "Recoverable fatal error":
			r.Severity = event.Error
		case "Warning":
			r.Severity = event.Warn
		case "Notice", "Deprecated", "Strict Standards":
			r.Severity = event.Notice
		case "Stack trace":
		default:
			return false
		}
		r.Message = m
		return true
	}
	i := bytes.Index(m[:min(len(m), longestWord)], []byte(": "))
	if i <= 0 {
		return false
	}
	word := m[:i]
	dot := bytes.LastIndexByte(word, '.')
	for _, ch := range word[dot+1:] {
		if ch < 'A' || ch > 'Z' {
			return false
		}
	}
	if r.Severity = p.levels.read(word[dot+1:]); r.Severity == event.Unknown || bytes.IndexByte(word, ' ') >= 0 {
		return false
	}
	if dot > 0 {
		r.Logger = word[:dot]
	}
	r.Message = m[i+2:]
	return true
}
