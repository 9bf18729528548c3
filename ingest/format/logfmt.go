package format

import (
	"bytes"

	"github.com/hindcast/hindcast/ingest/event"
)

// logfmtReader reads key=value lines.
type logfmtReader struct {
	v     values
	roles *roles
	keys  guesses
}

func openLogfmt(s *settings, _ [][]byte) lineReader {
	l := &logfmtReader{roles: s.roles}
	l.v.clock = s.clock
	l.v.s = &scratch{}
	return l
}

func (l *logfmtReader) clone(s *scratch) lineReader {
	c := *l
	c.v.s, c.keys = s, guesses{}
	return &c
}

func (l *logfmtReader) setClock(f func(*clock)) { f(&l.v.clock) }

func (l *logfmtReader) read(b []byte, r *event.Record) verdict {
	l.v.reset()
	l.keys.reset()
	p, pairs, first := 0, 0, -1
	for p < len(b) {
		if b[p] == ' ' || b[p] == '\t' {
			p++
			continue
		}
		start := p
		n, q, ok := l.key(b, p)
		p = q
		if !ok {
			if pairs == 0 {
				return none
			}
			for p = max(p, start+1); p < len(b) && b[p] > ' '; p++ { // a word without a value, or a control character
			}
			continue
		}
		var value []byte
		quoted := false
		if p < len(b) && b[p] == '"' {
			q = stringEnd(b, p+1)
			if q < 0 { // the quote is never closed: what is left is the value
				q = len(b)
			}
			value, quoted = b[p+1:q], true
			p = min(q+1, len(b))
		} else {
			q = bytes.IndexByte(b[p:], ' ')
			if q < 0 {
				q = len(b) - p
			}
			value = b[p : p+q]
			p += q
		}
		pairs++
		if n != nil {
			l.v.put(n, value, quoted)
		}
		if first < 0 && (n == nil || n.role == noRole || n.role > priorityRole) {
			first = start
		}
	}
	if pairs < 2 || l.v.rank[timeRole] == 0 && l.v.rank[levelRole] == 0 && l.v.rank[messageRole] == 0 {
		return none
	}
	return l.v.record(r, b[max(0, first):])
}

// key reads the key at b[p:] and the equals sign behind it. If there is none, end is where the word breaks off.
func (l *logfmtReader) key(b []byte, p int) (n *node, end int, ok bool) {
	root := &l.roles.root
	if n, end, ok = l.keys.find(b, p, root); ok {
		return n, end, true
	}
	q := p
	for q < len(b) && b[q] > ' ' && b[q] != '=' && b[q] != '"' {
		q++
	}
	if q >= len(b) || b[q] != '=' || q == p {
		return nil, q, false
	}
	n = root.kid(b[p:q])
	l.keys.learn(root, n, b[p:q+1])
	return n, q + 1, true
}

func (l *logfmtReader) setRoles(rs *roles) { l.roles, l.keys = rs, guesses{} }
