package pattern

import (
	"encoding/binary"
	"math/bits"
)

// Most of a message is words between blanks, and most variable parts are plain
// numbers. skim takes the words, eight bytes at a time, and plainNumber the
// numbers; they give what next would give, several times faster, and leave
// everything that needs a closer look to next. FuzzMessage holds them together.

// A stop says whether a byte that follows a word, or a number, ends it so that
// nothing else has to be looked at.
const (
	stopsWord   = 1 << iota // the word before it is constant
	stopsNumber             // the digits before it are a Number
	alwaysConst             // by itself, it is constant wherever it stands
)

var stops = makeStops()

func makeStops() (t [256]uint8) {
	for c := range t {
		if kind[c]&isAlnum != 0 {
			continue
		}
		switch byte(c) {
		case ':', '@', '.', '-', '_', '+':
		default:
			t[c] |= stopsWord
		}
	}
	for _, c := range []byte(")]}\"';|\n!?%#>*&=([{$") {
		t[c] |= stopsNumber
	}
	for c := range t {
		if kind[c]&(isAlnum|isSpace) == 0 {
			t[c] |= alwaysConst
		}
	}
	for _, c := range []byte("\n-+./~\\\"'<:\x1b") {
		t[c] &^= alwaysConst
	}
	return t
}

const (
	ones  = 0x0101010101010101
	highs = 0x80 * ones
)

// load returns the eight bytes at i, the first in the lowest byte; beyond the
// end of b they are zero. b has eight bytes at least.
func load(b []byte, i int) uint64 {
	if i+8 <= len(b) {
		return binary.LittleEndian.Uint64(b[i:])
	}
	if i >= len(b) {
		return 0
	}
	return binary.LittleEndian.Uint64(b[len(b)-8:]) >> (8 * uint(i+8-len(b)))
}

// lettersIn counts the letters (kind isLetter) that eight bytes begin with.
func lettersIn(v uint64) int {
	t := (v | 0x20*ones) & (0x7f * ones)
	letters := (t+(0x80-'a')*ones)&^(t+(0x80-'z'-1)*ones) | v
	return bits.TrailingZeros64(^letters&highs) / 8
}

// digitsEnd returns the end of the run of digits that starts at i.
func digitsEnd(b []byte, i int) int {
	for ; i+8 <= len(b); i += 8 {
		// The upper half of a digit is 3, and stays so if 6 is added. What a byte
		// above 0xf9 carries over changes only bytes behind the first odd one.
		v := binary.LittleEndian.Uint64(b[i:])
		if odd := ((v ^ 0x30*ones) | ((v + 6*ones) ^ 0x30*ones)) & (0xf0 * ones); odd != 0 {
			return i + bits.TrailingZeros64(odd)/8
		}
	}
	return span(b, i, isDigit)
}

// skim adds constant text to the hash h from s.pos on, as far as it is plain.
func (s *scanner) skim(h uint64) uint64 {
	b, i := s.msg, s.pos
	end := min(len(b), maxShape)
	if len(b) < 8 || i == s.value {
		return h
	}
	for i < end {
		v := load(b, i)
		n := lettersIn(v)
		if n == 0 {
			c := byte(v)
			if stops[c]&alwaysConst == 0 && !s.constHere(c, i) {
				break
			}
			h = mixByte(h, c)
			i++
			continue
		}
		j := i + n
		if n < 8 && (n != 3 || kind[b[i]]&isUpper == 0) && i+9 <= end && b[j] == ' ' && kind[b[j+1]]&isSpace == 0 {
			v &= ^uint64(0) >> (56 - 8*uint(n)&63)
			h, i = mix(h, v), j+1 // what mixWord does, for most words
			continue
		}
		if n == 8 {
			j = span(b, j, isLetter)
		}
		if !s.plainWord(i, j-i, at(b, j)) {
			break
		}
		h, i = mixWord(h, b, i, j)
	}
	s.pos = i
	return h
}

// constHere reports whether the byte c at i is constant where it stands.
func (s *scanner) constHere(c byte, i int) bool {
	next := at(s.msg, i+1)
	switch c {
	case ' ':
		return kind[next]&isSpace == 0
	case ':':
		return next != ':'
	case '.', '-', '+':
		return kind[next]&isDigit == 0 && next != '.'
	case '/': // Java writes addresses as name/address, and without a name
		return is(s.msg, i-1, isAlnum) || kind[next]&isDigit != 0 && ipv4(s.msg, i+1) > 0
	case '<':
		return kind[next]&isLetter == 0 && next != '*'
	case '"', '\'':
		return i == s.closing
	}
	return false
}

// plainWord reports whether the n letters at i, with next after them, are
// constant. It says no if it takes a closer look to tell.
func (s *scanner) plainWord(i, n int, next byte) bool {
	b := s.msg
	if n&7 == 0 && allHex(b[i:i+n]) {
		return false // ffffffff
	}
	if stops[next]&stopsWord != 0 {
		return n != 3 || kind[b[i]]&isUpper == 0 || next != ' ' && next != ',' || !dayOrMonth(b[i:i+3])
	}
	return s.plainJoint(i, n, next)
}

// plainJoint is plainWord for words that end with what may join them to more.
func (s *scanner) plainJoint(i, n int, next byte) bool {
	b := s.msg
	switch next {
	case ':':
		return at(b, i+n+1) == ' '
	case '_', '-':
		return i < s.plain && n != 8 || s.plainNumbered(i, n)
	case '.', '@', '+':
		return i < s.plain && n != 8 || next == '.' && at(b, i+n+1) == ' '
	}
	return false
}

// plainNumbered reports whether the n letters at i, a joint and a number are all
// there is of a name, as in "blk_-17".
func (s *scanner) plainNumbered(i, n int) bool {
	if is(s.msg, i-1, isAlnum|isJoin) || n == 8 {
		return false
	}
	end := numberedEnd(s.msg, i+n+1)
	s.plain = max(s.plain, end)
	return end > 0
}

// numberedEnd returns the end of the digits at i, which may have a sign, if no name
// goes on behind them, and else 0.
func numberedEnd(b []byte, i int) int {
	if at(b, i) == '-' {
		i++
	}
	end := digitsEnd(b, i)
	if end == i || is(b, end, isAlnum|isJoin) || at(b, end) == '@' || at(b, end) == '+' {
		return 0
	}
	return end
}

// plainValue returns the class and the end of the value at s.pos if it is nothing
// but digits, perhaps with a sign, or an IPv4 address, for certain, and no list
// goes on behind it; else 0.
func (s *scanner) plainValue() (Class, int) {
	b, i := s.msg, s.pos
	if i >= maxShape || i == s.value {
		return Const, 0
	}
	first := i
	if c := at(b, i); (c == '-' || c == '+') && s.signed(i) {
		first++
	}
	if !is(b, first, isDigit) || is(b, i-1, isLetter) {
		return Const, 0
	}
	j := digitsEnd(b, first)
	switch c := at(b, j); {
	case j == len(b), stops[c]&stopsNumber != 0:
		return Number, j
	case c == ' ':
		if _, end := spacedUnit(b, j); end == 0 {
			return Number, j
		}
	case c == '.':
		if at(b, j+1) == ' ' {
			return Number, j
		}
		if j-first <= 3 && i == first {
			if end := ipv4(b, i); end > 0 && at(b, end) != ',' {
				return IP, end
			}
		}
	case c == ':':
		if j-i > 4 {
			return Number, j
		}
	}
	return Const, 0
}
