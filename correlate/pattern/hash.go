package pattern

import (
	"encoding/binary"
	"math/bits"
)

// Odd constants without a pattern, from the digits of pi.
const (
	seed   = 0x243f6a8885a308d3
	coarse = 0x13198a2e03707344
	factor = 0xa4093822299f31d1
)

// mix adds a value to a hash: the two halves of a product, folded.
func mix(h, v uint64) uint64 {
	hi, lo := bits.Mul64(h^v, factor)
	return hi ^ lo
}

// mixByte adds a byte that is no letter.
func mixByte(h uint64, c byte) uint64 { return (h ^ uint64(c)) * factor }

// mixWord adds a run of letters, and the single blank after it: eight bytes at
// a time, and the blank with the last ones if they are less than eight. It
// returns the hash and the end of what it added.
func mixWord(h uint64, b []byte, from, to int) (uint64, int) {
	for ; to-from >= 8; from += 8 {
		h = mix(h, binary.LittleEndian.Uint64(b[from:]))
	}
	if from == to {
		return h, to
	}
	if to+1 < len(b) && b[to] == ' ' && to < maxShape && kind[b[to+1]]&isSpace == 0 {
		to++
	}
	if len(b) >= 8 {
		return mix(h, load(b, from)&(^uint64(0)>>(64-8*uint(to-from)))), to
	}
	var v uint64
	for i := to - 1; i >= from; i-- {
		v = v<<8 | uint64(b[i])
	}
	return mix(h, v), to
}

// hashText returns the hash of any text.
func hashText(text string) uint64 {
	h := mix(seed, uint64(len(text)))
	for len(text) >= 8 {
		h = mix(h, binary.LittleEndian.Uint64([]byte(text[:8])))
		text = text[8:]
	}
	for i := range len(text) {
		h = mixByte(h, text[i])
	}
	return mix(h, 0)
}

// mixClass adds a variable piece. No run of letters and no other byte has a
// value with an empty lowest byte and more above it.
func mixClass(h uint64, c Class) uint64 { return mix(h, uint64(c)<<8) }

// Of returns the fingerprint of msg: constant pieces count as they are,
// variable ones by their class. It allocates nothing. [Memory.Of] gives the same.
func Of(msg []byte) Fingerprint {
	s := newScanner(msg)
	h := uint64(seed)
	for {
		h = s.skim(h)
		if class, end := s.plainValue(); end > 0 {
			h, s.pos = mixClass(h, class), end
			continue
		}
		class, from, to := s.next()
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

// Coarse returns the key that msg's fingerprint folds into where there are too
// many fingerprints: the number of blanks in its shape and its first word.
// Messages of equal fingerprints have equal coarse ones.
func Coarse(msg []byte) Fingerprint {
	s := newScanner(msg)
	h := uint64(coarse)
	blanks, found := uint64(0), false
	for {
		class, from, to := s.next()
		switch {
		case class == End:
			return Fingerprint(mix(h, min(blanks, 64)))
		case class == Space, class == Const && s.msg[from] == ' ':
			blanks++
		case class == Const && !found && kind[s.msg[from]]&isLetter != 0:
			h, _ = mixWord(h, s.msg[:to], from, to)
			found = true
		}
	}
}
