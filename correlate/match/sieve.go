package match

import (
	"math/bits"
	"strings"
)

// sieve tells quickly whether a text holds one of a set of folded literals, in any case. Nearly all texts hold none, so that it
// looks at a few of their bytes only; see [sampled].
type sieve struct {
	long, short sampled
	// tiny are the literals that are too short for that; each is looked for by itself.
	tiny []string
}

// newSieve makes the sieve of literals.
func newSieve(literals []literal) *sieve {
	s := &sieve{long: newSampled(4, 5), short: newSampled(3, 2)}
	for _, l := range literals {
		text := foldString(l.text)
		switch {
		case len(text) >= s.long.least():
			s.long.add(text)
		case len(text) >= s.short.least():
			s.short.add(text)
		default:
			s.tiny = append(s.tiny, text)
		}
	}
	return s
}

// holds tells whether the text holds one of the literals.
func (s *sieve) holds(text []byte) bool {
	if s.long.in(text) || s.short.in(text) {
		return true
	}
	for _, l := range s.tiny {
		if containsFold(text, l) {
			return true
		}
	}
	return false
}

// rarity says how seldom a byte is in English.
func rarity(c byte) int {
	const common = "etaoinsrhldcumfpgwybvkxjqz"
	if at := strings.IndexByte(common, c); at >= 0 {
		return 2 + bits.Len(uint(at))
	}
	return 10
}
