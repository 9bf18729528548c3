package match

import (
	"encoding/binary"
	"math/bits"
	"strings"
)

// sieve tells quickly that a text holds none of a set of folded literals.
//
// Of every literal of eight bytes or more, one window of eight bytes is chosen. Whatever its place in the text, one of
// the sampled places, every fifth byte, begins four bytes that lie inside it: so a text none of whose samples is known
// holds no such literal. A known sample is looked at more closely. Shorter literals are found by two neighbouring pairs of
// their bytes, one of which begins at an even place.
type sieve struct {
	long    grams
	windows windows
	short   pairs

	hasLong, hasShort bool
	// open is set if there are literals too short even for that: everything passes.
	open bool
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
	return h >> 21, 1<<(h>>9&63) | 1<<(h>>15&63)
}

func (g *grams) add(gram uint32) {
	w, m := gramHash(gram)
	g[w] |= m
}

func (g *grams) has(gram uint32) bool {
	w, m := gramHash(gram)
	return g[w]&m == m
}

// newSieve makes the sieve of literals.
func newSieve(literals []literal) *sieve {
	s := &sieve{windows: newWindows(len(literals))}
	for _, l := range literals {
		text := foldString(l.text)
		switch {
		case len(text) < pairSize+1:
			s.open = true
		case len(text) < windowSize:
			s.hasShort = true
			s.short.add(text)
		default:
			s.hasLong = true
			w := rarestWindow(text)
			s.windows.add(binary.LittleEndian.Uint64([]byte(w)) | lower8)
			for i := range stride {
				s.long.add(binary.LittleEndian.Uint32([]byte(w[i:i+gramSize])) | lower4)
			}
		}
	}
	return s
}

// rarestWindow picks the part of a literal that other texts hold least: letters seldom in English, and best where two
// words meet, since single words are shared by many messages.
func rarestWindow(l string) string {
	best, bestScore := "", -1
	for i := 0; i+windowSize <= len(l); i++ {
		w := l[i : i+windowSize]
		score := 0
		for _, c := range []byte(w) {
			score += rarity(c)
		}
		if strings.IndexByte(w[2:windowSize-2], ' ') >= 0 {
			score += 20
		}
		if score > bestScore {
			best, bestScore = w, score
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
	return s.hasShort && s.short.in(text)
}

// rarity says how seldom a byte is in English.
func rarity(c byte) int {
	const common = "etaoinsrhldcumfpgwybvkxjqz"
	if at := strings.IndexByte(common, c); at >= 0 {
		return 2 + bits.Len(uint(at))
	}
	return 10
}

func (s *sieve) hasWindow(text []byte, at int) bool {
	for i := max(0, at-stride+1); i <= at && i+windowSize <= len(text); i++ {
		if s.windows.has(binary.LittleEndian.Uint64(text[i:]) | lower8) {
			return true
		}
	}
	return false
}

// windows is a hash set of eight-byte strings. No window is 0, since all are folded.
type windows struct {
	slots []uint64
	shift uint8
}

func newWindows(n int) windows {
	log := max(4, bits.Len(uint(n))+2)
	return windows{slots: make([]uint64, 1<<log), shift: uint8(64 - log)}
}

// find gives the slot of a window, or the empty one where it belongs.
func (w *windows) find(window uint64) *uint64 {
	i := window * 0x9e3779b97f4a7c15 >> w.shift
	for w.slots[i] != 0 && w.slots[i] != window {
		i = (i + 1) & uint64(len(w.slots)-1)
	}
	return &w.slots[i]
}

func (w *windows) add(window uint64) { *w.find(window) = window }

func (w *windows) has(window uint64) bool { return *w.find(window) == window }
