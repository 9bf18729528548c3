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

// refill is the part of a window after which a new one is made: most words are
// shorter than what is left.
const refill = 48

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

// letterBits returns which of eight bytes are letters (kind isLetter), one bit
// a byte.
func letterBits(v uint64) uint64 {
	t := (v | 0x20*ones) & (0x7f * ones)
	letters := ((t+(0x80-'a')*ones)&^(t+(0x80-'z'-1)*ones) | v) & highs
	return (letters >> 7) * 0x0102040810204080 >> 56
}

// A window is the 64 bytes from base on, as one bit a byte: is it a letter?
// Finding the end of a word in it takes a few cycles, where looking at the bytes
// again for every word takes twenty.
type window struct {
	base    int
	letters uint64
}

func windowAt(b []byte, i int) uint64 {
	var m uint64
	if i+64 <= len(b) {
		b := b[i : i+64]
		for k := 0; k < 64; k += 8 {
			m |= letterBits(binary.LittleEndian.Uint64(b[k:])) << k
		}
		return m
	}
	for k := 0; k < 64 && i+k < len(b); k += 8 {
		m |= letterBits(load(b, i+k)) << k
	}
	return m
}

// skim adds pieces to the hash h from s.pos on, as far as they are plain.
func (s *scanner) skim(h uint64) uint64 {
	b, i := s.msg, s.pos
	end := min(len(b), maxShape)
	if len(b) < 8 || i == s.value {
		return h
	}
	base, letters := s.window.base, s.window.letters
	for i < end {
		off := uint(i - base)
		if off >= refill {
			base, letters, off = i, windowAt(b, i), 0
		}
		n := bits.TrailingZeros64(^(letters >> off))
		if n == 0 {
			c := b[i]
			if stops[c]&alwaysConst != 0 || s.constHere(c, i) {
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
		j := i + n
		if n < 8 && (n != 3 || kind[b[i]]&isUpper == 0) && i+9 <= end && b[j] == ' ' && kind[b[j+1]]&isSpace == 0 {
			v := binary.LittleEndian.Uint64(b[i:]) & (^uint64(0) >> (56 - 8*uint(n)&63))
			h, i = mix(h, v), j+1 // what mixWord does, for most words
			continue
		}
		if uint(n) >= 64-off { // the word may go on outside the window
			j = span(b, j, isLetter)
		}
		if !s.plainWord(i, j-i, at(b, j)) {
			break
		}
		h, i = mixWord(h, b, i, j)
	}
	s.pos, s.window = i, window{base: base, letters: letters}
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
