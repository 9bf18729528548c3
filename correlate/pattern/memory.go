package pattern

// A Memory makes fingerprints as [Of] does, several times faster where messages
// come again: it remembers which constant text followed which beginning of a
// shape, and where the same text stands there again it takes the hash from
// memory instead of looking at the words.
//
// What it answers depends on the message alone. It remembers only text that
// counts as it stands, whatever is around it (see steady), and variable parts
// are always looked at. A Memory belongs to one goroutine, and its size does not
// grow. The zero Memory is empty.
type Memory struct {
	runs [memorySize]run
	// dice says which misses are learnt from: one of four. Where every message is
	// new, learning would only cost.
	dice uint64
}

const (
	// memorySize is more runs than the messages of most systems are made of, and
	// few enough for the second-level cache.
	memoryBits = 11
	memorySize = 1 << memoryBits
	// leastRun is the shortest run worth remembering, longestRun what one holds;
	// longer text is several of them.
	leastRun, longestRun = 8, 70
	// mostTrust bounds how many misses an old run outlives.
	mostTrust = 3
)

// A run is constant text that followed a shape's beginning; one without text says
// that there is nothing to be learnt behind it.
type run struct {
	// before and after are the hashes of the shape up to the run, and behind it.
	before, after uint64
	length        uint8
	// trust falls with misses: a run that is met often is not given up for others.
	trust uint8
	need  need
	text  [longestRun]byte
}

// A need is what must stand behind a run for its last piece to be constant.
type need uint8

const (
	nothing  need = iota
	noSpace       // after a blank: more blanks are another class
	wordsEnd      // after a word: what ends it for certain, and no blank, which is hashed with it
	numbered      // after a word and a joint: a number that ends the name
)

// Of returns the fingerprint of msg.
func (m *Memory) Of(msg []byte) Fingerprint {
	s := newScanner(msg)
	h := uint64(seed)
	var due lesson
	for fresh := true; ; {
		if fresh && len(s.msg)-s.pos >= leastRun && s.pos != s.value {
			r := &m.runs[(h^load(s.msg, s.pos)*factor)>>(64-memoryBits)]
			if r.follows(s.msg, s.pos, h) {
				r.trust = min(r.trust+1, mostTrust)
				h, s.pos = r.after, s.pos+int(r.length)
				continue
			}
			if r.before != h || r.length > 0 {
				if m.gives(r) {
					due = lesson{run: r, from: s.pos, before: h}
				}
			}
		}
		h = s.skim(h)
		if class, end := s.plainValue(); end > 0 {
			due.learn(s.msg, s.pos)
			h, s.pos, fresh = mixClass(h, class), end, true
			continue
		}
		if s.pos == len(s.msg) && s.pos != s.value {
			due.learn(s.msg, s.pos)
			return Fingerprint(mix(h, 0))
		}
		class, from, to := s.next()
		fresh = class != Const
		if fresh {
			due.learn(s.msg, from)
		}
		switch {
		case class == End:
			return Fingerprint(mix(h, 0))
		case class != Const:
			h = mixClass(h, class)
		case kind[s.msg[from]]&isLetter != 0:
			h, s.pos = mixWord(h, s.msg, from, to)
		default:
			h = mixByte(h, s.msg[from])
		}
	}
}

// gives tells whether a run that did not follow is to be given up for what does.
func (m *Memory) gives(r *run) bool {
	if r.trust > 0 {
		r.trust--
		return false
	}
	m.dice = m.dice*factor + 1 // not every n-th: messages have their beat too
	return m.dice>>62 == 0
}

// follows tells whether the run stands at b[i:], behind a beginning of the hash h.
func (r *run) follows(b []byte, i int, h uint64) bool {
	end := i + int(r.length)
	return r.before == h && r.length > 0 && end <= len(b) && end < maxShape && string(b[i:end]) == string(r.text[:r.length]) && r.need.met(b, end)
}

// met tells whether what the need asks for stands at i.
func (n need) met(b []byte, i int) bool {
	switch n {
	case nothing:
		return true
	case noSpace:
		return i < len(b) && kind[b[i]]&isSpace == 0
	case numbered:
		return numberedEnd(b, i) > 0
	default:
		c := at(b, i)
		return c != ' ' && stops[c]&stopsWord != 0
	}
}

// A lesson is a run that is to be learnt from the text at from on, as far as it
// is constant; before is the hash in front of it.
type lesson struct {
	run    *run
	from   int
	before uint64
}

// learn remembers the steady part of the constant text that ends at to. The zero
// lesson teaches nothing.
func (l *lesson) learn(b []byte, to int) {
	if l.run == nil {
		return
	}
	end, need := l.from, nothing
	for limit := min(to, l.from+longestRun); ; {
		e, n := steady(b, end, end == l.from)
		if e == 0 || e > limit {
			break
		}
		end, need = e, n
	}
	*l.run = run{before: l.before, trust: 1}
	if end-l.from >= leastRun {
		l.run.after, l.run.length, l.run.need = mixConst(l.before, b, l.from, end), uint8(end-l.from), need
		copy(l.run.text[:], b[l.from:end])
	}
	*l = lesson{}
}

// mixConst adds the constant text b[from:to].
func mixConst(h uint64, b []byte, from, to int) uint64 {
	for from < to {
		if kind[b[from]]&isLetter != 0 {
			h, from = mixWord(h, b, from, span(b, from, isLetter))
			continue
		}
		h = mixByte(h, b[from])
		from++
	}
	return h
}

// steady returns the end of the word, name or punctuation at i, with the blank
// behind it, if it is constant wherever it stands, and what must follow it for
// that. End is 0 if it takes more than this text to tell. The text is constant
// where it stands now; what is before the first piece of a run may be another
// time.
func steady(b []byte, i int, first bool) (end int, need need) {
	if i >= len(b) {
		return 0, nothing
	}
	c := b[i]
	if kind[c]&isLetter == 0 {
		switch {
		case c == ' ':
			return blankEnd(b, i), noSpace
		case c == ':', c == '.', c == '-':
			return blankEnd(b, i+1), noSpace
		case stops[c]&alwaysConst != 0 && kind[c]&isJoin == 0:
			return i + 1, nothing
		}
		return 0, nothing
	}
	j := span(b, i, isLetter)
	if n := j - i; n&7 == 0 && allHex(b[i:j]) || n == 3 && dayOrMonth(b[i:j]) {
		return 0, nothing // ffffffff, or it may begin a date
	}
	if is(b, j, isJoin) && blankEnd(b, j+1) == 0 {
		if first && i > 0 {
			return 0, nothing // perhaps the rest of a name
		}
		if c := b[j]; (c == '_' || c == '-') && j-i != 8 && numberedEnd(b, j+1) > 0 {
			return j + 1, numbered
		}
		if j = span(b, j, isLetter|isJoin); is(b, j, isDigit) || at(b, j) == '@' || at(b, j) == '+' {
			return 0, nothing // what follows decides
		}
	}
	switch next := at(b, j); {
	case next == ' ':
		return blankEnd(b, j), noSpace
	case next == ':', kind[next]&isJoin != 0:
		return blankEnd(b, j+1), noSpace
	case stops[next]&stopsWord != 0:
		return j, wordsEnd
	}
	return 0, nothing
}

// blankEnd returns what is behind the single blank at i, or 0 if there is none.
func blankEnd(b []byte, i int) int {
	if at(b, i) == ' ' && i+1 < len(b) && kind[b[i+1]]&isSpace == 0 {
		return i + 1
	}
	return 0
}
