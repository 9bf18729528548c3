package pattern

// A scanner cuts one message into pieces. Constant pieces come as runs of
// letters and as single other bytes; Parts joins them.
type scanner struct {
	msg []byte
	pos int
	// closing is the index of a closing quote, which must not be taken for an
	// opening one, and value the start of quoted text that is a String up to
	// there; -1 if there is none.
	closing, value int
	// unclosed is, for each kind of quote, where a search for a closing one gave
	// up: none is made before, or a text of open quotes would cost its square.
	unclosed [2]int
	// plain is the end of a name already seen to hold nothing variable at its
	// joints.
	plain int
}

func newScanner(msg []byte) scanner {
	return scanner{msg: trim(msg), closing: -1, value: -1}
}

// trim cuts white space and line ends off both sides of msg.
func trim(msg []byte) []byte {
	for len(msg) > 0 && (is(msg, 0, isSpace) || msg[0] == '\n') {
		msg = msg[1:]
	}
	for n := len(msg) - 1; n >= 0 && (is(msg, n, isSpace) || msg[n] == '\n'); n-- {
		msg = msg[:n]
	}
	return msg
}

// next returns the next piece as its class and its bounds. A list of values of
// one class, separated by commas, is one piece: the members of an IN (...) do
// not make a shape.
func (s *scanner) next() (class Class, from, to int) {
	class, from, to = s.piece()
	switch {
	case class <= Const, class > String: // no values
		return class, from, to
	case class == String:
		return class, from, s.quotedList(to)
	}
	for s.pos < maxShape && at(s.msg, s.pos) == ',' {
		ahead := *s
		ahead.pos++
		if at(ahead.msg, ahead.pos) == ' ' {
			ahead.pos++
		}
		c, _, end := ahead.piece()
		if c != class {
			break
		}
		*s, to = ahead, end
	}
	return class, from, to
}

// piece returns the next piece, without looking for lists.
func (s *scanner) piece() (class Class, from, to int) {
	from = s.pos
	if from == s.value {
		s.pos, s.value = s.closing, -1
		return String, from, s.pos
	}
	if from >= len(s.msg) {
		return End, from, from
	}
	if from >= maxShape {
		s.pos = len(s.msg)
		return More, from, s.pos
	}
	class, to = s.classify(from)
	s.pos = to
	return class, from, to
}

// classify tells what the piece at i is, and where it ends.
func (s *scanner) classify(i int) (Class, int) {
	b := s.msg
	switch c := b[i]; {
	case kind[c]&isLetter != 0:
		return s.word(i)
	case kind[c]&isDigit != 0:
		return s.number(i, i)
	case c == ' ' && !is(b, i+1, isSpace):
		return Const, i + 1
	case kind[c]&isSpace != 0:
		return Space, span(b, i, isSpace)
	case c == '\n':
		return lines(b, i)
	case c == '-' || c == '+':
		if s.signed(i) && ipv4(b, i+1) == 0 {
			return s.number(i, i+1)
		}
	case c == '.':
		if is(b, i+1, isDigit) && !is(b, i-1, isAlnum|isJoin) && at(b, i-1) != ')' {
			return Number, span(b, i+1, isDigit)
		}
	case c == '/' || c == '~' || c == '\\':
		if end := pathEnd(b, i); end > 0 {
			return Path, end
		}
	case c == '"' || c == '\'':
		return s.quoted(i)
	case c == '<':
		if class, n := placeholderAt(b[i:]); n > 0 {
			return class, i + n
		}
	case c == ':':
		if at(b, i+1) == ':' && is(b, i+2, isHex) && !is(b, i-1, isAlnum) {
			if class, end := colonHex(b, i); end > 0 {
				return class, end
			}
		}
	case c == 0x1b:
		if end := escapeEnd(b, i); end > 0 {
			return Color, end
		}
	}
	return Const, i + 1
}

// signed reports whether the sign at i belongs to the number after it, and
// does not join two words.
func (s *scanner) signed(i int) bool {
	if !is(s.msg, i+1, isDigit) && (at(s.msg, i+1) != '.' || !is(s.msg, i+2, isDigit)) {
		return false
	}
	if i == 0 {
		return true
	}
	switch p := s.msg[i-1]; p {
	case ')', ']', '}', '>', '.', '-', '+':
		return false
	default:
		return kind[p]&isAlnum == 0
	}
}

// lines handles the line end at i. Indented and empty lines after it are one
// variable piece; any other line belongs to the shape.
func lines(b []byte, i int) (Class, int) {
	j := i
	for j+1 < len(b) && (kind[b[j+1]]&isSpace != 0 || b[j+1] == '\n') {
		j++
		for j < len(b) && b[j] != '\n' {
			j++
		}
		if j == len(b) {
			return Lines, j
		}
	}
	if j == i {
		return Const, i + 1
	}
	return Lines, j
}

// escapeEnd returns the end of the terminal escape sequence at i, or 0.
func escapeEnd(b []byte, i int) int {
	if at(b, i+1) != '[' {
		return 0
	}
	for j := i + 2; j < len(b) && j < i+32; j++ {
		switch c := b[j]; {
		case c >= '@' && c <= '~':
			return j + 1
		case c != ';' && kind[c]&isDigit == 0:
			return 0
		}
	}
	return 0
}
