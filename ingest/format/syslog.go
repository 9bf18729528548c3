package format

import (
	"bytes"

	"github.com/hindcast/hindcast/ingest/event"
)

// syslogReader reads RFC 3164 as daemons write it to files, with or without the priority, with rsyslog's ISO times
// as well, journalctl's short forms, and RFC 5424.
type syslogReader struct {
	clock  clock
	levels levels
	// inner is nil where the lines are messages themselves.
	inner *inner
}

func openSyslog(s *settings, sample [][]byte) lineReader {
	l := &syslogReader{clock: s.clock}
	if s.within {
		return l
	}
	var said []spoken
	for _, line := range sample {
		var r event.Record
		if v := l.read(line, &r); v == whole {
			said = append(said, messageOf(&r))
		}
	}
	l.inner = new(inner)
	l.inner.open(s, said)
	return l
}

func (l *syslogReader) clone(s *scratch) lineReader {
	c := *l
	if l.inner != nil {
		c.inner = l.inner.clone(s)
	}
	return &c
}

func (l *syslogReader) setRoles(rs *roles) {
	if l.inner != nil {
		l.inner.setRoles(rs)
	}
}

func (l *syslogReader) setClock(f func(*clock)) { f(&l.clock) }

func (l *syslogReader) read(b []byte, r *event.Record) verdict {
	p := 0
	if len(b) > 20 && b[0] == '<' {
		n := digitRun(b[1:])
		if n == 0 || n > 3 || b[n+1] != '>' {
			return none
		}
		r.Severity = syslogLevel(int(number(b[1 : n+1])))
		p = n + 2
	} else if len(b) > 4 && b[0] == '-' && b[1] == '-' && b[2] == ' ' { // journalctl's remarks
		return skipped
	}
	if p+2 < len(b) && b[p] == '1' && b[p+1] == ' ' {
		return l.structured(b, p+2, r)
	}
	if p < len(b) && (b[p] == '*' || b[p] == '.') { // Cisco's: the clock is not set, or no longer kept right
		p++
	}
	t, n := l.clock.read(b[p:])
	v := whole
	switch {
	case n == 0:
		return none
	case n < 0:
		v, n = bare, -n
	case b[p]-'0' <= 9 && b[min(len(b)-1, p+10)] != 'T' && digitRun(b[p:]) != 10: // ISO times of syslog have a T
		return none
	}
	p += n
	if p+2 < len(b) && b[p] == ':' && b[p+1] == ' ' && b[p+2] == '%' { // a router's own log, which names no host
		r.Time = t
		return l.cisco(b, p+2, v, r)
	}
	if p >= len(b) || b[p] != ' ' {
		return none
	}
	host, p := word(b, p+1)
	if !hostName(host) || p >= len(b) || digitRun(host) == len(host) {
		return none
	}
	if _, n := l.levels.word(host); n == len(host) {
		return none
	}
	r.Time, r.Instance = t, host
	if p+3 < len(b) && b[p+1] == ':' && b[p+2] == ' ' { // Cisco's
		p += 2
	}
	tag, p := tag(b, p+1)
	r.Service = tag
	if len(tag) > 0 && tag[0] == '%' {
		r.Service, r.Logger = nil, tag
		r.Severity = ciscoSeverity(tag, r.Severity)
	}
	l.say(b[p:], r)
	return v
}

// cisco reads "%LINK-3-UPDOWN: message" at p.
func (l *syslogReader) cisco(b []byte, p int, v verdict, r *event.Record) verdict {
	name, p := tag(b, p)
	if name == nil {
		return none
	}
	r.Logger, r.Severity = name, ciscoSeverity(name, r.Severity)
	l.say(b[p:], r)
	return v
}

// ciscoSeverity reads the digit of "%ASA-4-106023" if the priority did not tell.
func ciscoSeverity(name []byte, known event.Severity) event.Severity {
	if known != event.Unknown {
		return known
	}
	for rest := name; ; {
		i := bytes.IndexByte(rest, '-')
		if i < 0 || i+2 >= len(rest) {
			return event.Unknown
		}
		if d := rest[i+1] - '0'; d <= 7 && rest[i+2] == '-' {
			return syslogLevel(int(d))
		}
		rest = rest[i+1:]
	}
}

// structured reads what follows the version of RFC 5424: TIMESTAMP HOST APP PROCID MSGID [DATA] MESSAGE.
func (l *syslogReader) structured(b []byte, p int, r *event.Record) verdict {
	v := whole
	if p < len(b) && b[p] == '-' {
		v, p = bare, p+1
	} else {
		t, n := l.clock.read(b[p:])
		switch {
		case n == 0:
			return none
		case n < 0:
			v, n = bare, -n
		}
		r.Time = t
		p += n
	}
	var part [4][]byte
	for i := range part {
		if p >= len(b) || b[p] != ' ' {
			return none
		}
		part[i], p = word(b, p+1)
		if string(part[i]) == "-" {
			part[i] = nil
		}
	}
	r.Instance, r.Service = part[0], part[1]
	if p+1 >= len(b) {
		return none
	}
	p++
	switch b[p] {
	case '-':
		p++
	case '[':
		for p < len(b) && b[p] == '[' {
			q := structuredData(b, p+1)
			if q < 0 {
				return none
			}
			p = q
		}
	default:
		if part[3] != nil { // Heroku leaves the data out
			return none
		}
	}
	if p < len(b) && b[p] == ' ' {
		p++
	}
	l.say(bytes.TrimPrefix(b[p:], []byte("\xef\xbb\xbf")), r)
	return v
}

// structuredData finds the end of an element of structured data.
func structuredData(b []byte, p int) int {
	for quoted := false; p < len(b); p++ {
		switch b[p] {
		case '\\':
			p++
		case '"':
			quoted = !quoted
		case ']':
			if !quoted {
				return p + 1
			}
		}
	}
	return -1
}

// say takes the message apart as far as the program that wrote it has a head of its own.
func (l *syslogReader) say(m []byte, r *event.Record) {
	m = bytes.TrimLeft(m, " ")
	if string(r.Service) == "kernel" {
		m = uptimeBehind(m)
	}
	if l.inner != nil && l.inner.read(m, r) {
		return
	}
	r.Message = m
	if r.Severity == event.Unknown {
		r.Severity = l.levels.find(m)
	}
}

// uptimeBehind cuts the kernel's own stamp off.
func uptimeBehind(m []byte) []byte {
	if len(m) > 4 && m[0] == '[' {
		if _, n := uptime(m); n > 0 {
			m = bytes.TrimLeft(m[n:], " ")
		}
	}
	return m
}

// uptime reads the kernel's "[12345.678901]" and returns nanoseconds since the start.
func uptime(b []byte) (int64, int) {
	p := 1
	for p < len(b) && b[p] == ' ' {
		p++
	}
	n := digitRun(b[p:])
	if n == 0 || n > 9 || p+n+1 >= len(b) || b[p+n] != '.' {
		return 0, 0
	}
	f, w := fraction(b[p+n+1:])
	q := p + n + 1 + w
	if w < 3 || q >= len(b) || b[q] != ']' {
		return 0, 0
	}
	return number(b[p:p+n])*second + f, q + 1
}

// word returns the word at b[p:] and where it ends.
func word(b []byte, p int) ([]byte, int) {
	q := bytes.IndexByte(b[min(p, len(b)):], ' ')
	if q < 0 {
		return b[min(p, len(b)):], len(b)
	}
	return b[p : p+q], p + q
}

func hostName(b []byte) bool {
	if len(b) == 0 || len(b) > 255 {
		return false
	}
	letters := false
	for _, ch := range b {
		if !isWord(ch) && ch != '-' && ch != '.' && ch != ':' && ch != '/' && ch != '@' {
			return false
		}
		letters = letters || isWord(ch)
	}
	return letters && b[len(b)-1] != ':'
}

// tag reads syslog's "program[pid]: ", in which many programs take liberties: "sshd(pam_unix)[123]: ", "com.apple.cts[43] (label): ",
// "syslogd 1.4.1: ". It returns the program, nil if there is none, and where the message begins.
func tag(b []byte, p int) ([]byte, int) {
	for p < len(b) && b[p] == ' ' {
		p++
	}
	q := p
	for q < len(b) && q < p+longestWord && b[q] > ' ' && b[q] != '[' && b[q] != ':' && b[q] != '(' {
		q++
	}
	if q >= len(b) || q == p {
		return nil, p
	}
	name := b[p:q]
	if b[q] == ' ' {
		if n := spacedName(b[p:]); n > 0 {
			q = p + n
			name = b[p:q]
		}
	}
	if name[0] == '/' {
		name = name[bytes.LastIndexByte(name, '/')+1:]
	}
	if b[q] == '(' {
		i := bytes.IndexByte(b[q:], ')')
		if i < 0 || i > 40 {
			return nil, p
		}
		q += i + 1
	}
	if q < len(b) && b[q] == '[' {
		i := bytes.IndexByte(b[q:], ']')
		if i < 0 || i > 24 {
			return nil, p
		}
		q += i + 1
		if q+1 < len(b) && b[q] == ' ' && b[q+1] == '(' { // macOS names the job
			if i := bytes.Index(b[q:], []byte("): ")); i > 0 && i < longestWord {
				return name, q + i + 3
			}
		}
	}
	switch {
	case q+1 < len(b) && b[q] == ':' && (b[q+1] == ' ' || b[q+1] == '\t'):
		return name, q + 2
	case q+1 == len(b) && b[q] == ':':
		return name, q + 1
	case q < len(b) && b[q] == ' ':
		if v, e := word(b, q+1); len(v) > 1 && v[len(v)-1] == ':' && v[0]-'0' <= 9 && e < len(b) { // a version
			return name, e + 1
		}
	}
	return nil, p
}

// spacedName gives the length of a program's name with blanks before its process: macOS' "Microsoft Word[14463]:".
func spacedName(b []byte) int {
	if b[0] < 'A' || b[0] > 'Z' {
		return 0
	}
	i := bytes.IndexByte(b[:min(len(b), 48)], '[')
	if i < 3 {
		return 0
	}
	n := digitRun(b[i+1:])
	if n == 0 || i+n+2 >= len(b) || b[i+n+1] != ']' || b[i+n+2] != ':' {
		return 0
	}
	for _, ch := range b[:i] {
		if !isWord(ch) && ch != ' ' && ch != '.' && ch != '-' {
			return 0
		}
	}
	return i
}
