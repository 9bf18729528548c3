package format

import (
	"bytes"

	"github.com/hindcast/hindcast/ingest/event"
)

// text reads lines of any program: it learns from a sample where the stamp stands and what the head behind it holds, and
// looks for a stamp elsewhere in lines that differ.
type text struct {
	clock  clock
	levels levels
	// skip is how many words stand before the stamp in most lines; open is the bracket before it, 0 for none.
	skip int
	open byte
	// head is what follows the stamp in most lines.
	head []elem
	// levelInHead is set if the head has a level, so that none is looked for in the message.
	levelInHead bool
}

// elem is one kind of thing that a head holds.
type elem uint8

const (
	noElem      elem = iota
	levelElem        // WARN
	bracketElem      // [main], (1234), <info>, {task.py:12}
	numberElem       // 1234
	programElem      // sshd[1234]:
	loggerElem       // org.app.Main:
	dashElem         // app.main -
	dottedElem       // org.app.Main
	elems
)

// stampReach is how far into a line a stamp is looked for.
const stampReach = 64

// longestHead is how many elements a head may have.
const longestHead = 6

func openText(s *settings, sample [][]byte) lineReader {
	t := &text{clock: s.clock}
	type place struct {
		skip int
		open byte
	}
	votes := map[place]int{}
	var best place
	for _, line := range sample {
		skip, open, _, _, n := t.search(line)
		if n == 0 {
			continue
		}
		p := place{skip, open}
		if votes[p]++; votes[p] > votes[best] || votes[p] == votes[best] && p.skip < best.skip {
			best = p
		}
	}
	t.skip, t.open = best.skip, best.open
	t.learnHead(sample)
	return t
}

func (t *text) clone(*scratch) lineReader {
	c := *t
	return &c
}

func (t *text) setClock(f func(*clock)) { f(&t.clock) }

// learnHead finds the elements that follow the stamp in most lines.
func (t *text) learnHead(sample [][]byte) {
	type cut struct {
		line []byte
		p    int
	}
	var rest []cut
	for _, line := range sample {
		if _, at, n := t.stamp(line); n > 0 {
			rest = append(rest, cut{line, skipSeparators(line, at+n)})
		}
	}
	for range longestHead {
		var count [elems]int
		values := map[string]int{}
		weak := 0 // words that may be the first of a sentence, "Error connecting"
		for _, c := range rest {
			e, start, end, _ := t.elem(c.line, c.p)
			count[e]++
			if e == loggerElem || e == dashElem {
				values[string(c.line[start:end])]++
			}
			if e == levelElem && end+1 < len(c.line) && c.line[end] == ' ' && c.line[end+1] != ' ' && c.line[end-1] >= 'a' {
				weak++
			}
		}
		best := noElem
		for e := levelElem; e < elems; e++ {
			if count[e] > count[best] || best == noElem && count[e] > 0 {
				best = e
			}
		}
		share := 0.6
		if best == levelElem {
			share = 0.5
			if weak*2 >= count[levelElem] {
				share = 0.9
			}
		}
		if best == levelElem && t.levelInHead { // the first word of what is said
			return
		}
		if best == noElem || float64(count[best]) < share*float64(len(rest)) || len(rest) < 1 {
			return
		}
		if best == loggerElem && len(rest) >= 8 && len(values)*2 > count[best] { // the first words of sentences, not names
			return
		}
		t.head = append(t.head, best)
		t.levelInHead = t.levelInHead || best == levelElem
		kept := rest[:0]
		for _, c := range rest {
			e, start, end, next := t.elem(c.line, c.p)
			if e == best {
				if e == bracketElem {
					if s, n := t.levels.word(c.line[start:end]); n > 0 && s != event.Unknown {
						t.levelInHead = true
					}
				}
				kept = append(kept, cut{c.line, next})
			}
		}
		rest = kept
	}
}

func (t *text) read(b []byte, r *event.Record) verdict {
	ns, at, n := t.stamp(b)
	if n == 0 {
		return none
	}
	v := whole
	if n < 0 {
		n, v = -n, bare
	}
	r.Time = ns
	p := skipSeparators(b, at+n)
	for _, want := range t.head {
		e, start, end, next := t.elem(b, p)
		if e != want {
			break
		}
		t.take(r, e, b[start:end])
		p = next
	}
	r.Message = b[p:]
	if at > 1 && t.skip == 0 && t.open == 0 || len(r.Message) == 0 { // a stamp in mid-sentence
		r.Message = b
	}
	if r.Severity == event.Unknown && at > 3 { // the level stands before the stamp
		r.Severity, _ = t.levels.word(bytes.TrimLeft(b[:at], "["))
	}
	if r.Severity == event.Unknown {
		r.Severity = t.levels.find(r.Message)
	}
	return v
}

// take puts an element into the record.
func (t *text) take(r *event.Record, e elem, value []byte) {
	switch e {
	case levelElem:
		if s := t.levels.read(value); s != event.Unknown {
			r.Severity = s
		}
	case bracketElem:
		if r.Severity == event.Unknown {
			if s, n := t.levels.word(value); n > 0 && len(bytes.TrimRight(value[n:], " ")) == 0 {
				r.Severity = s
				return
			}
		}
		if r.Logger == nil && bytes.IndexByte(value, '.') > 0 && bytes.IndexByte(value, ' ') < 0 {
			r.Logger = value
		}
	case programElem:
		r.Service = value
	case loggerElem, dashElem, dottedElem:
		r.Logger = value
	}
}

// stamp finds the stamp of a line: at its usual place, and otherwise anywhere near the beginning. It returns the time, where the
// stamp begins, and its length as [clock.read] does.
func (t *text) stamp(b []byte) (ns int64, at, n int) {
	p := 0
	for range t.skip {
		q := bytes.IndexByte(b[p:min(len(b), p+stampReach)], ' ')
		if q < 0 {
			p = len(b)
			break
		}
		p += q + 1
		for p < len(b) && b[p] == ' ' {
			p++
		}
	}
	if t.open != 0 && p < len(b) && b[p] == t.open {
		p++
	}
	if p < len(b) {
		if ns, n = t.clock.read(b[p:]); n != 0 {
			return ns, p, n
		}
	}
	_, _, ns, at, n = t.search(b)
	return ns, at, n
}

// search looks for a stamp where a word begins, within the reach.
func (t *text) search(b []byte) (skip int, open byte, ns int64, at, n int) {
	end := min(len(b), stampReach)
	for i := range end {
		ch := b[i]
		if i > 0 {
			switch prev := b[i-1]; prev {
			case ' ', '\t':
				open = 0
				if ch != ' ' && ch != '\t' {
					skip++
				}
			case '[', '(', '"', '<', '=', '|', '>', '\'':
				open = prev
			default:
				continue
			}
		}
		if ch-'0' > 9 && (ch < 'A' || ch > 'Z') {
			continue
		}
		if ns, n = t.clock.read(b[i:]); n > 0 || n < 0 && i == 0 {
			if i > 0 && n >= 10 && digitRun(b[i:]) == n { // bare digits are no stamp in mid-line
				continue
			}
			return skip, open, ns, i, n
		}
	}
	return 0, 0, 0, 0, 0
}

// skipSeparators skips what stands between the elements of a head.
func skipSeparators(b []byte, p int) int {
	for p < len(b) {
		switch b[p] {
		case ' ', '\t', ']', ')', '}', '>', '|', ':', ',', ';':
			p++
		case '"': // of a table's columns, not of what is said
			if (p == 0 || !tableMark(b[p-1])) && (p+1 >= len(b) || !tableMark(b[p+1])) {
				return p
			}
			p++
		case '-':
			if p+1 < len(b) && b[p+1] != ' ' && b[p+1] != '-' {
				return p
			}
			p++
		default:
			return p
		}
	}
	return p
}

// tableMark tells the characters that part columns.
func tableMark(ch byte) bool { return ch == ',' || ch == ';' || ch == '\t' || ch == '|' }

// elem tells what stands at b[p:], where its value lies, and where the next thing begins.
func (t *text) elem(b []byte, p int) (e elem, start, end, next int) {
	if p >= len(b) {
		return noElem, p, p, p
	}
	ch := b[p]
	switch {
	case ch == '[' || ch == '(' || ch == '{' || ch == '<':
		if q := closing(b, p); q > 0 {
			return bracketElem, p + 1, q, skipSeparators(b, q+1)
		}
	case ch-'0' <= 9:
		n := digitRun(b[p:])
		if q := p + n; n <= 10 && q < len(b) && (b[q] == ' ' || b[q] == '\t' || b[q] == '|' || b[q] == ']' || b[q] == ':') {
			return numberElem, p, q, skipSeparators(b, q)
		}
	case ch|0x20 >= 'a' && ch|0x20 <= 'z' || ch == '_':
		if _, n := t.levels.word(b[p:]); n > 0 {
			return levelElem, p, p + n, skipSeparators(b, p+n)
		}
		return name(b, p)
	}
	return noElem, p, p, p
}

// closing finds the bracket that closes the one at b[p], which may hold further ones.
func closing(b []byte, p int) int {
	depth := 0
	for q := p; q < len(b) && q < p+longestWord; q++ {
		switch b[q] {
		case '[', '(', '{', '<':
			depth++
		case ']', ')', '}', '>':
			if depth--; depth == 0 {
				return q
			}
		}
	}
	return -1
}

// name tells a program, a logger or a dotted name.
func name(b []byte, p int) (e elem, start, end, next int) {
	q, dots := p, 0
	for q < len(b) && q < p+longestWord {
		ch := b[q]
		if ch == '.' || ch == '/' || ch == '$' {
			dots++
		} else if !isWord(ch) && ch != '-' && ch != '@' {
			break
		}
		q++
	}
	if q >= len(b) {
		return noElem, p, p, p
	}
	switch b[q] {
	case '[':
		if n := digitRun(b[q+1:]); n > 0 && q+n+2 < len(b) && b[q+n+1] == ']' && b[q+n+2] == ':' {
			return programElem, p, q, skipSeparators(b, q+n+3)
		}
	case ':':
		if n := digitRun(b[q+1:]); n > 0 && n < 6 && q+n+1 < len(b) && (b[q+n+1] == ' ' || b[q+n+1] == ':') { // file.go:123
			return loggerElem, p, q, skipSeparators(b, q+n+1)
		}
		if q+1 < len(b) && (b[q+1] == ' ' || b[q+1] == '\t') {
			return loggerElem, p, q, skipSeparators(b, q+1)
		}
	case ' ':
		s := q
		for s < len(b) && b[s] == ' ' {
			s++
		}
		switch {
		case s+1 < len(b) && b[s] == '-' && b[s+1] == ' ':
			return dashElem, p, q, skipSeparators(b, s+1)
		case s+1 < len(b) && b[s] == ':' && b[s+1] == ' ':
			return loggerElem, p, q, skipSeparators(b, s+1)
		case dots > 0 && b[q-1] != '.' && b[p] != '/':
			return dottedElem, p, q, s
		}
	}
	return noElem, p, p, p
}
