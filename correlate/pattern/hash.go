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
	return hi ^ lo ^ v
}

// mixWord adds a run of letters.
func mixWord(h uint64, b []byte) uint64 {
	for len(b) >= 8 {
		h = mix(h, binary.LittleEndian.Uint64(b))
		b = b[8:]
	}
	if len(b) == 0 {
		return h
	}
	var v uint64
	for i := len(b) - 1; i >= 0; i-- {
		v = v<<8 | uint64(b[i])
	}
	return mix(h, v)
}

// hashText returns the hash of any text.
func hashText(text string) uint64 {
	h := mix(seed, uint64(len(text)))
	for len(text) >= 8 {
		h = mix(h, binary.LittleEndian.Uint64([]byte(text[:8])))
		text = text[8:]
	}
	return mixWord(h, []byte(text))
}

// mixClass adds a variable piece. No run of letters and no other byte has a
// value with an empty lowest byte and more above it.
func mixClass(h uint64, c Class) uint64 { return mix(h, uint64(c)<<8) }

// Of returns the fingerprint of msg: constant pieces count as they are,
// variable ones by their class. It allocates nothing.
func Of(msg []byte) Fingerprint {
	s := newScanner(msg)
	h := uint64(seed)
	for {
		class, from, to := s.next()
		switch {
		case class == End:
			return Fingerprint(h)
		case class != Const:
			h = mixClass(h, class)
		default:
			h = mixWord(h, s.msg[from:to])
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
			h = mixWord(h, s.msg[from:to])
			found = true
		}
	}
}
