package pattern

import (
	"encoding/binary"
	"math/bits"
)

// Most of a message is words between blanks, and most variable parts are plain
// numbers. skim takes these eight bytes at a time; it gives what next would
// give, several times faster, and leaves everything that needs a closer look to
// next. FuzzMessage holds the two together.

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

// leadingLetters returns how many of the eight bytes, from the first on, are
// letters (kind isLetter).
func leadingLetters(v uint64) int {
	t := (v | 0x20*ones) & (0x7f * ones)
	letters := (t+(0x80-'a')*ones)&^(t+(0x80-'z'-1)*ones) | v
	return bits.TrailingZeros64(^letters&highs) >> 3
}

// skim adds pieces to the hash h from s.pos on, as far as they are plain.
func (s *scanner) skim(h uint64) uint64 {
	b, i := s.msg, s.pos
	end := min(len(b), maxShape)
	if len(b) < 8 || i == s.value {
		return h
	}
	for i < end {
		v := load(b, i)
		n := leadingLetters(v)
		if n == 0 {
			c, next := byte(v), byte(v>>8)
			if stops[c]&alwaysConst != 0 || s.constHere(c, next, i) {
				h = mixByte(h, c)
				i++
				continue
			}
			if kind[c]&isDigit != 0 {
				if j := s.plainNumber(i); j > 0 {
					h = mixClass(h, Number)
					i = j
					continue
				}
			}
			break
		}
		j, full := i+n, h
		for n == 8 {
			full = mix(full, v)
			v = load(b, j)
			n = leadingLetters(v)
			j += n
		}
		next := byte(v >> (8 * uint(n)))
		if !s.plainWord(i, j-i, next) {
			break
		}
		h = full
		if n > 0 {
			bytes := uint(n)
			if next == ' ' && j < end && kind[at(b, j+1)]&isSpace == 0 {
				bytes++
				j++
			}
			h = mix(h, v&(^uint64(0)>>(64-8*bytes)))
		}
		i = j
	}
	s.pos = i
	return h
}

// constHere reports whether the byte c at i is constant where it stands.
func (s *scanner) constHere(c, next byte, i int) bool {
	switch c {
	case ' ':
		return kind[next]&isSpace == 0
	case ':':
		return next != ':'
	case '.', '-', '+':
		return kind[next]&isDigit == 0 && next != '.'
	case '/':
		return is(s.msg, i-1, isAlnum)
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
	if n&7 == 0 && b[i]|0x20 <= 'f' {
		return false // may be ffffffff
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
	case '.', '-', '_', '@', '+':
		return i < s.plain && n != 8 || next == '.' && at(b, i+n+1) == ' '
	}
	return false
}

// plainNumber returns the end of the number at i if it is nothing but digits,
// for certain, and no list goes on behind it; else 0.
func (s *scanner) plainNumber(i int) int {
	b := s.msg
	if i > 0 && kind[b[i-1]]&isLetter != 0 {
		return 0
	}
	j := i + 1
	for j < len(b) && kind[b[j]]&isDigit != 0 {
		j++
	}
	if j == len(b) {
		return j
	}
	switch c := b[j]; {
	case stops[c]&stopsNumber != 0:
		return j
	case c == ' ':
		if kind[at(b, j+1)]&isLetter == 0 || !unitStart[b[j+1]] {
			return j
		}
	case c == '.':
		if at(b, j+1) == ' ' {
			return j
		}
	case c == ':':
		if j-i > 4 {
			return j
		}
	}
	return 0
}
