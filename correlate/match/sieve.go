package match

import (
	"bytes"
	"encoding/binary"
)

// sieve tells quickly whether a text holds one of a set of folded literals, in any case. Nearly all texts hold none, so that it
// looks at a few of their bytes only; see [grams].
type sieve struct {
	long, short grams
	// tiny are the literals that are too short for that; each is looked for by itself.
	tiny []tiny
}

// tiny is a folded literal that is found by its rarest byte, small or capital.
type tiny struct {
	text           string
	small, capital byte
}

func newTiny(text string) tiny {
	small := text[rarest(text)]
	return tiny{text, small, capitalOf(small)}
}

func (t *tiny) in(text []byte) bool {
	return (bytes.IndexByte(text, t.small) >= 0 || t.capital != t.small && bytes.IndexByte(text, t.capital) >= 0) && containsFold(text, t.text)
}

const (
	longSize, longStride   = 5, 4
	shortSize, shortStride = 3, 2
	longMask               = 1<<(8*longSize) - 1
	shortMask              = 1<<(8*shortSize) - 1
)

// newSieve makes the sieve of literals.
func newSieve(literals []literal) *sieve {
	s := &sieve{}
	var long, short []string
	for _, l := range literals {
		text := foldString(l.text)
		switch {
		case len(text) >= longSize+longStride-1:
			long = append(long, text)
		case len(text) >= shortSize+shortStride-1:
			short = append(short, text)
		default:
			s.tiny = append(s.tiny, newTiny(text))
		}
	}
	s.long, s.short = newGrams(longSize, longStride, long), newGrams(shortSize, shortStride, short)
	return s
}

// holds tells whether the text holds one of the literals.
func (s *sieve) holds(text []byte) bool {
	i := 0
	for ; i+8 <= len(text); i += longStride {
		eight := binary.LittleEndian.Uint64(text[i:])
		v := eight | lower
		if (s.long.has(v&longMask)|s.short.has(v&shortMask)|s.short.has(v>>(8*shortStride)&shortMask))&1 != 0 && s.sample(eight, text, i) {
			return true
		}
	}
	for ; i < len(text); i += longStride {
		if s.sample(lastBytes(text, i), text, i) {
			return true
		}
	}
	for i := range s.tiny {
		if s.tiny[i].in(text) {
			return true
		}
	}
	return false
}

// lastBytes gives the fewer than eight bytes at i as if zeros followed.
func lastBytes(text []byte, i int) uint64 {
	if len(text) >= 8 {
		return binary.LittleEndian.Uint64(text[len(text)-8:]) >> (8 * (8 - (len(text) - i)) & 63)
	}
	var end [8]byte
	copy(end[:], text[i:])
	return binary.LittleEndian.Uint64(end[:])
}

// sample tells whether a literal stands where a gram begins that is in the eight bytes of the text at i.
func (s *sieve) sample(eight uint64, text []byte, i int) bool {
	eight |= lower
	return s.long.stands(eight&longMask, text, i) || s.short.stands(eight&shortMask, text, i) ||
		s.short.stands(eight>>(8*shortStride)&shortMask, text, i+shortStride)
}
