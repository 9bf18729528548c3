package format

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/hindcast/hindcast/ingest/event"
)

// jsonReader reads one JSON object a line. It walks the object once and builds nothing: values of fields that play a
// role are kept as they lie there, and the rest is jumped over.
type jsonReader struct {
	v     values
	roles *roles
	keys  guesses
	// name is the role of the field "name", which loggers do not agree on.
	name role
	// inner reads messages that are records themselves; nil where the lines are messages.
	inner *inner
	// speaker is the program that alone writes as the sample is written, "" if many do.
	speaker string
	// silent is the severity of records that name none.
	silent event.Severity
}

func openJSON(s *settings, sample [][]byte) lineReader {
	j := &jsonReader{roles: s.roles}
	j.v.clock = s.clock
	j.v.s = &scratch{}
	// Python's JSON loggers call the logger what bunyan and pino call the service.
	for _, line := range sample {
		if bytes.Contains(line, []byte(`"name":`)) {
			if bytes.Contains(line, []byte(`"hostname":`)) && bytes.Contains(line, []byte(`"pid":`)) {
				j.name = serviceRole
			} else {
				j.name = loggerRole
			}
			j.setRoles(j.roles)
			break
		}
	}
	if !s.within {
		j.learn(s, sample)
	}
	return j
}

func (j *jsonReader) clone(s *scratch) lineReader {
	c := *j
	c.v.s, c.keys = s, guesses{}
	if j.inner != nil {
		c.inner = j.inner.clone(s)
	}
	return &c
}

func (j *jsonReader) setClock(f func(*clock)) { f(&j.v.clock) }

func (j *jsonReader) read(b []byte, r *event.Record) verdict {
	p := 0
	for p < len(b) && (b[p] == ' ' || b[p] == '\t') {
		p++
	}
	if p+1 >= len(b) || b[p] != '{' {
		return none
	}
	if ch := b[p+1]; ch != '"' && ch != '}' && ch != ' ' {
		return none
	}
	j.v.reset()
	j.keys.reset()
	p, ok := j.object(b, p, &j.roles.root, 0)
	if !ok {
		return broken
	}
	for p < len(b) && (b[p] == ' ' || b[p] == '\t' || b[p] == ',') { // a comma: lines cut out of an array
		p++
	}
	if p != len(b) {
		return broken
	}
	v := j.v.record(r, b)
	if j.v.rank[levelRole] == 0 {
		j.unlevelled(r)
	}
	return v
}

// deepest is how deep objects may be nested for their fields to be looked at.
const deepest = 6

// object reads the object that begins at b[p] and returns what is behind it.
func (j *jsonReader) object(b []byte, p int, n *node, depth int) (int, bool) {
	p = blanks(b, p+1)
	if p < len(b) && b[p] == '}' {
		return p + 1, true
	}
	for {
		kid, q, ok := j.key(b, p, n)
		if !ok {
			return q, false
		}
		if p, ok = j.value(b, blanks(b, q), kid, depth); !ok {
			return p, false
		}
		p = blanks(b, p)
		if p >= len(b) {
			return p, false
		}
		if b[p] == '}' {
			return p + 1, true
		}
		if b[p] != ',' {
			return p, false
		}
		p = blanks(b, p+1)
	}
}

// key reads the key at b[p:] and the colon behind it.
func (j *jsonReader) key(b []byte, p int, n *node) (kid *node, end int, ok bool) {
	if kid, end, ok = j.keys.find(b, p, n); ok {
		return kid, end, true
	}
	if p >= len(b) || b[p] != '"' {
		return nil, p, false
	}
	q := stringEnd(b, p+1)
	if q < 0 {
		return nil, p, false
	}
	kid = n.kid(b[p+1 : q])
	if q = blanks(b, q+1); q >= len(b) || b[q] != ':' {
		return nil, q, false
	}
	j.keys.learn(n, kid, b[p:q+1])
	return kid, q + 1, true
}

// value reads the value at b[p:], for n if anyone is interested, and returns what is behind it.
func (j *jsonReader) value(b []byte, p int, n *node, depth int) (int, bool) {
	if p >= len(b) {
		return p, false
	}
	switch ch := b[p]; ch {
	case '"':
		q := stringEnd(b, p+1)
		if q < 0 {
			return p, false
		}
		if n != nil {
			j.v.put(n, b[p+1:q], true)
		}
		return q + 1, true
	case '{':
		if n != nil && n.kids != nil && depth < deepest {
			start := p
			p, ok := j.object(b, p, n, depth+1)
			if ok && n.wanted != nil {
				j.v.s.fields = append(j.v.s.fields, event.Field{Key: n.wanted, Value: b[start:p]})
			}
			return p, ok
		}
		fallthrough
	case '[':
		q, ok := skipNested(b, p)
		if ok && n != nil {
			j.nested(n, b[p:q])
		}
		return q, ok
	default:
		q := p
		for q < len(b) && b[q] != ',' && b[q] != '}' && b[q] != ']' && b[q] > ' ' {
			if b[q] == '"' || b[q] == '{' || b[q] == '[' {
				return q, false
			}
			q++
		}
		if q == p {
			return q, false
		}
		if n != nil {
			j.v.put(n, b[p:q], false)
		}
		return q, true
	}
}

// nested keeps an array or object that stands where a plain value is looked for: journald writes text that is not
// UTF-8 as an array of numbers, loggers write stacks as arrays of lines.
func (j *jsonReader) nested(n *node, raw []byte) {
	if raw[0] == '[' && n.role == stackRole {
		raw = j.lines(raw)
	}
	if raw[0] == '[' && n.role == messageRole {
		at := len(j.v.s.bytes)
		if b, ok := byteArray(j.v.s.bytes, raw); ok {
			j.v.s.bytes = b
			raw = b[at:len(b):len(b)]
		}
	}
	if raw[0] == '{' && n.role != stackRole && n.role != errorRole && n.wanted == nil {
		return
	}
	j.v.put(n, raw, false)
}

func blanks(b []byte, p int) int {
	for p < len(b) && (b[p] == ' ' || b[p] == '\t' || b[p] == '\n' || b[p] == '\r') {
		p++
	}
	return p
}

// stringEnd finds the quote that ends the string whose content begins at b[p], -1 if none does.
func stringEnd(b []byte, p int) int {
	for q := p; ; q++ {
		i := bytes.IndexByte(b[q:], '"')
		if i < 0 {
			return -1
		}
		q += i
		if q == p || b[q-1] != '\\' {
			return q
		}
		n := 2
		for q-n >= p && b[q-n] == '\\' {
			n++
		}
		if n&1 == 1 { // an even number of backslashes escape each other
			return q
		}
	}
}

// skipNested jumps over an array or object.
func skipNested(b []byte, p int) (int, bool) {
	depth := 0
	for ; p < len(b); p++ {
		switch b[p] {
		case '"':
			q := stringEnd(b, p+1)
			if q < 0 {
				return p, false
			}
			p = q
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return p + 1, true
			}
		}
	}
	return p, false
}

// unescape appends the text that the escaped s means. What is no escape stays as it is.
func unescape(dst, s []byte) []byte {
	for i := 0; i < len(s); {
		j := bytes.IndexByte(s[i:], '\\')
		if j < 0 || i+j+1 >= len(s) {
			return append(dst, s[i:]...)
		}
		dst = append(dst, s[i:i+j]...)
		i += j + 2
		switch ch := s[i-1]; ch {
		case 'n':
			dst = append(dst, '\n')
		case 't':
			dst = append(dst, '\t')
		case 'r':
			dst = append(dst, '\r')
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'u':
			r, n := unicodeEscape(s[i:])
			if n == 0 {
				dst = append(dst, '\\', 'u')
				continue
			}
			i += n
			dst = utf8.AppendRune(dst, r)
		case '"', '\\', '/', '\'':
			dst = append(dst, ch)
		default:
			dst = append(dst, '\\', ch)
		}
	}
	return dst
}

// unicodeEscape reads the four digits of an escape, and a second escape if it is the other half of a pair.
func unicodeEscape(s []byte) (rune, int) {
	r, ok := hex4(s)
	if !ok {
		return 0, 0
	}
	if utf16.IsSurrogate(r) {
		if len(s) >= 10 && s[4] == '\\' && s[5] == 'u' {
			if low, ok := hex4(s[6:]); ok {
				if d := utf16.DecodeRune(r, low); d != utf8.RuneError {
					return d, 10
				}
			}
		}
		return utf8.RuneError, 4
	}
	return r, 4
}

func hex4(s []byte) (rune, bool) {
	if len(s) < 4 {
		return 0, false
	}
	v := rune(0)
	for _, ch := range s[:4] {
		switch {
		case ch >= '0' && ch <= '9':
			ch -= '0'
		case ch|0x20 >= 'a' && ch|0x20 <= 'f':
			ch = ch | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		v = v<<4 | rune(ch)
	}
	return v, true
}

func (j *jsonReader) setRoles(rs *roles) {
	j.roles, j.keys = rs, guesses{}
	if j.inner != nil {
		j.inner.setRoles(rs)
	}
	if n := rs.root.add("name"); j.name != noRole && n.role == noRole {
		n.role, n.rank = j.name, 40
	}
}
