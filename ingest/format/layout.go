package format

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/hindcast/hindcast/ingest/event"
)

// A layout is the way a program writes the head of its lines, as a list of steps. It is written as a person would
// show it:
//
//	$time $level [$thread] $logger - $message
//
// A blank stands for one or more blanks, "~" for any number of them, and everything else but the names for itself.
// The names: $time; $clock, a time of day alone; $level; $letter, a level of one letter; $num, digits; $service, $host, $logger, words; $class, a logger that looks like a class; $word, a
// word of no interest; $thread, anything up to what follows; $origin, a logger as long; $message, the rest, which ends every layout.
type layout []step

type step struct {
	kind stepKind
	// lit is the text to match for literal steps, and what ends the word for the others; "" is a blank or the end.
	lit string
	// stops are the bytes at which a word has to be looked at.
	stops *[256]bool
}

type stepKind uint8

const (
	literalStep stepKind = iota
	timeStep
	clockStep
	levelStep
	letterStep
	numStep
	wordStep
	serviceStep
	hostStep
	loggerStep
	classStep
	threadStep
	originStep
	messageStep
)

var stepNames = map[string]stepKind{
	"time": timeStep, "clock": clockStep, "level": levelStep, "letter": letterStep, "num": numStep, "word": wordStep, "service": serviceStep, "host": hostStep,
	"logger": loggerStep, "class": classStep, "thread": threadStep, "origin": originStep, "message": messageStep,
}

// parseLayout reads a layout as a person writes it.
func parseLayout(text string) (layout, error) {
	var l layout
	for i := 0; i < len(text); {
		j := i
		if text[i] == '$' {
			for j = i + 1; j < len(text) && text[j] >= 'a' && text[j] <= 'z'; j++ {
			}
			kind, ok := stepNames[text[i+1:j]]
			if !ok {
				return nil, fmt.Errorf("layout %q, at %d: unknown name %q", text, i+1, text[i:j])
			}
			l = append(l, step{kind: kind})
		} else {
			for j < len(text) && text[j] != '$' {
				j++
			}
			l = append(l, step{lit: text[i:j]})
		}
		i = j
	}
	if len(l) == 0 || l[len(l)-1].kind != messageStep {
		return nil, fmt.Errorf("layout %q does not end in $message", text)
	}
	for i := range l[:len(l)-1] {
		if l[i].kind != literalStep && l[i+1].kind == literalStep {
			l[i].lit = l[i+1].lit
		}
		l[i].stops = new([256]bool)
		for ch := range 256 {
			l[i].stops[ch] = l[i].ends(byte(ch)) || !l[i].spaced() && (ch == ' ' || ch == '\t')
		}
	}
	return l, nil
}

func mustLayout(text string) layout {
	l, err := parseLayout(text)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return l
}

// layouts is the reader of a format that is a list of layouts, tried in order.
type layouts struct {
	clock  clock
	levels levels
	list   []layout
	finish func(r *event.Record) // a format's last touch, may be nil
}

func (ls *layouts) clone(*scratch) lineReader {
	c := *ls
	return &c
}

func (ls *layouts) setClock(f func(*clock)) { f(&ls.clock) }

func (ls *layouts) read(b []byte, r *event.Record) verdict {
	for i, l := range ls.list {
		if i > 0 {
			*r = event.Record{}
		}
		if v := l.read(b, &ls.clock, &ls.levels, r); v != none {
			if ls.finish != nil {
				ls.finish(r)
			}
			return v
		}
	}
	return none
}

// read reads a line. Without a $time the record is bare.
func (l layout) read(b []byte, c *clock, lv *levels, r *event.Record) verdict {
	p, v := 0, bare
	for i := range l {
		s := &l[i]
		start := p
		switch s.kind {
		case literalStep:
			if p = matchLiteral(b, p, s.lit); p < 0 {
				return none
			}
		case timeStep, clockStep:
			t, n := c.stamp(b[p:], s.kind == clockStep)
			switch {
			case n > 0:
				r.Time, p, v = t, p+n, whole
			case n < 0:
				p -= n
			default:
				return none
			}
		case levelStep:
			for p < len(b) && b[p]|0x20 >= 'a' && b[p]|0x20 <= 'z' {
				p++
			}
			if r.Severity = lv.read(b[start:p]); r.Severity == event.Unknown {
				return none
			}
		case letterStep:
			if p++; p > len(b) {
				return none
			}
			if r.Severity = lv.read(b[start:p]); r.Severity == event.Unknown {
				return none
			}
		case numStep:
			if p += digitRun(b[p:]); p == start {
				return none
			}
		case messageStep:
			r.Message = b[p:]
		default:
			if p = s.word(b, p); p <= start {
				return none
			}
			switch s.kind {
			case serviceStep:
				r.Service = b[start:p]
			case hostStep:
				r.Instance = b[start:p]
			case classStep:
				if !classLike(b[start:p]) {
					return none
				}
				r.Logger = b[start:p]
			case loggerStep, originStep:
				r.Logger = b[start:p]
			}
		}
	}
	return v
}

// longestWord bounds a word or thread name of a head.
const longestWord = 160

// word finds where a word ends that begins at b[p:], -1 if what must follow it does not.
func (s *step) word(b []byte, p int) int {
	end := min(len(b), p+longestWord)
	for q := p; q < end; q++ {
		ch := b[q]
		if !s.stops[ch] {
			continue
		}
		if (ch == ' ' || ch == '\t') && !s.spaced() {
			if s.lit == "" || s.lit[0] == ' ' || s.lit[0] == '~' && matchLiteral(b, q, s.lit) >= 0 {
				return q
			}
			return -1
		}
		if s.ends(ch) {
			if matchLiteral(b, q, s.lit) >= 0 {
				return q
			}
			if ch == ']' && s.lit[0] == ']' && !s.spaced() {
				return -1
			}
		}
	}
	if s.spaced() {
		return -1
	}
	if end == len(b) && s.lit == "" {
		return end
	}
	return -1
}

// spaced tells whether the word may have blanks in it.
func (s *step) spaced() bool {
	return (s.kind == threadStep || s.kind == originStep) && s.lit != ""
}

// ends tells whether the literal that ends a word may begin with ch.
func (s *step) ends(ch byte) bool {
	return len(s.lit) > 0 && (ch == s.lit[0] || s.lit[0] == '~' && len(s.lit) > 1 && ch == s.lit[1])
}

// matchLiteral matches lit at b[p:] and returns what is behind it, -1 if it does not match.
func matchLiteral(b []byte, p int, lit string) int {
	for i := range len(lit) {
		switch ch := lit[i]; ch {
		case ' ':
			if p >= len(b) || b[p] != ' ' && b[p] != '\t' {
				return -1
			}
			fallthrough
		case '~':
			for p < len(b) && (b[p] == ' ' || b[p] == '\t') {
				p++
			}
		default:
			if p >= len(b) || b[p] != ch {
				return -1
			}
			p++
		}
	}
	return p
}

// openLayouts makes the opener of a format that is a list of layouts: those that fit the sample, in the order that
// [inOrder] gives.
func openLayouts(finish func(*event.Record), texts ...string) opener {
	all := make([]layout, len(texts))
	for i, t := range texts {
		all[i] = mustLayout(t)
	}
	return func(s *settings, sample [][]byte) lineReader {
		ls := &layouts{clock: s.clock, finish: finish}
		if ls.list = inOrder(all, sample, &ls.clock, &ls.levels); len(ls.list) == 0 {
			return nil
		}
		return ls
	}
}

// inOrder picks the layouts that fit the sample, the one that fits most lines first; but of two that fit the same line
// the one listed before the other stays before it, since it says more of the line.
func inOrder(all []layout, sample [][]byte, c *clock, lv *levels) []layout {
	hits := make([]int, len(all))
	before := make([]uint64, len(all)) // by layout: those that must come before it
	for _, line := range sample {
		first := -1
		for i, l := range all {
			var r event.Record
			switch {
			case l.read(line, c, lv, &r) == none:
			case first < 0:
				first = i
				hits[i]++
			default:
				before[i] |= 1 << first
			}
		}
	}
	var list []layout
	for placed := uint64(0); ; {
		best := -1
		for i, h := range hits {
			if h > 0 && before[i]&^placed == 0 && (best < 0 || h > hits[best]) {
				best = i
			}
		}
		if best < 0 {
			return list
		}
		list = append(list, all[best])
		hits[best], placed = 0, placed|1<<best
	}
}

// opener makes a reader of a format for a sample, nil if none fits.
type opener func(*settings, [][]byte) lineReader

// ifAny opens a format only if some line of the sample is as the format's program writes it, where the layouts alone
// would fit others' lines too.
func ifAny(typical func(line []byte) bool, open opener) opener {
	return func(s *settings, sample [][]byte) lineReader {
		if !slices.ContainsFunc(sample, typical) {
			return nil
		}
		return open(s, sample)
	}
}

// ifSays is [ifAny] for lines that hold one of some texts.
func ifSays(open opener, texts ...string) opener {
	return ifAny(func(line []byte) bool {
		return slices.ContainsFunc(texts, func(t string) bool { return bytes.Contains(line, []byte(t)) })
	}, open)
}

// trailingLogger takes the class that Kafka writes behind its messages in parentheses.
func trailingLogger(r *event.Record) {
	m := r.Message
	if len(m) < 4 || m[len(m)-1] != ')' {
		return
	}
	if i := bytes.LastIndexByte(m, '('); i > 0 && m[i-1] == ' ' && bytes.IndexByte(m[i:], ' ') < 0 && bytes.IndexByte(m[i:], '.') > 0 {
		r.Logger, r.Message = m[i+1:len(m)-1], bytes.TrimRight(m[:i], " ")
	}
}

// classLike tells the name of a class or module from a word of a sentence: it has a dot, or a capital within.
func classLike(b []byte) bool {
	for i, ch := range b {
		if ch == '.' || ch == '$' || i > 0 && ch >= 'A' && ch <= 'Z' && b[i-1] >= 'a' && b[i-1] <= 'z' {
			return true
		}
	}
	return false
}
