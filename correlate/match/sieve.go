package match

import (
	"encoding/binary"
	"math/bits"
)

// sieve tells quickly that a text holds none of a set of folded literals.
//
// Of every literal of eight bytes or more, one window of eight bytes is chosen. Whatever its place in the text, one of
// the sampled places, every fifth byte, begins four bytes that lie inside it: so a text none of whose samples is known
// holds no such literal. A known sample is looked at more closely. Shorter literals are looked for at every byte, those
// of less than four bytes make the sieve useless.
type sieve struct {
	long, short grams
	windows     map[uint64]struct{}
	// open is set if there are literals too short for either filter.
	hasLong, hasShort, open bool
}

// grams is a Bloom filter of four-byte strings, two bits in one word for each.
type grams [2048]uint64

const (
	windowSize = 8
	gramSize   = 4
	stride     = windowSize - gramSize + 1
	// lower folds ASCII letters. It also joins some other bytes, which only lets more pass.
	lower4 = 0x20202020
	lower8 = 0x2020202020202020
)

func gramHash(g uint32) (word uint32, mask uint64) {
	h := g * 0x9e3779b1
	h ^= h >> 15
	h *= 0x85ebca77
	return h >> 21, 1<<(h&63) | 1<<((h>>6)&63)
}

func (g *grams) add(gram uint32) {
	w, m := gramHash(gram)
	g[w] |= m
}

func (g *grams) has(gram uint32) bool {
	w, m := gramHash(gram)
	return g[w]&m == m
}

// newSieve makes the sieve of folded literals.
func newSieve(literals []string) *sieve {
	s := &sieve{windows: map[uint64]struct{}{}}
	for _, l := range literals {
		switch {
		case len(l) >= windowSize:
			s.hasLong = true
			w := rarestWindow(l)
			s.windows[binary.LittleEndian.Uint64([]byte(w))|lower8] = struct{}{}
			for i := range stride {
				s.long.add(binary.LittleEndian.Uint32([]byte(w[i:i+gramSize])) | lower4)
			}
		case len(l) >= gramSize:
			s.hasShort = true
			s.short.add(binary.LittleEndian.Uint32([]byte(l[:gramSize])) | lower4)
		default:
			s.open = true
		}
	}
	return s
}

// rarestWindow picks the part of a literal that other texts hold least, by the frequency of English letters.
func rarestWindow(l string) string {
	const common = " etaoinsrhldcumfpgwybvkxjqz"
	best, bestScore := "", -1
	for i := 0; i+windowSize <= len(l); i++ {
		score := 0
		for _, c := range []byte(l[i : i+windowSize]) {
			score += 30
			for j := range len(common) {
				if common[j] == c {
					score += bits.Len(uint(j)) - 10
					break
				}
			}
		}
		if score > bestScore {
			best, bestScore = l[i:i+windowSize], score
		}
	}
	return best
}

// mayHold tells whether the text can hold one of the literals.
func (s *sieve) mayHold(text []byte) bool {
	if s.open {
		return true
	}
	if s.hasLong {
		for i := 0; i+gramSize <= len(text); i += stride {
			if s.long.has(binary.LittleEndian.Uint32(text[i:])|lower4) && s.hasWindow(text, i) {
				return true
			}
		}
	}
	if s.hasShort {
		for i := 0; i+gramSize <= len(text); i++ {
			if s.short.has(binary.LittleEndian.Uint32(text[i:]) | lower4) {
				return true
			}
		}
	}
	return false
}

func (s *sieve) hasWindow(text []byte, at int) bool {
	for i := max(0, at-stride+1); i <= at && i+windowSize <= len(text); i++ {
		if _, ok := s.windows[binary.LittleEndian.Uint64(text[i:])|lower8]; ok {
			return true
		}
	}
	return false
}
