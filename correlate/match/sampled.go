package match

import (
	"encoding/binary"
	"math/bits"
)

// sampled finds literals by samples of the text: every stride bytes, a gram of a few bytes is looked up. Of every literal as many
// grams are known, one beside the other, so that wherever the literal stands, one of them is where a sample is taken. Around a
// known gram the literals that it is of are compared.
type sampled struct {
	gram, stride int
	// mask takes the gram's bytes out of four.
	mask uint32
	any  bool
	// filter is a Bloom filter of the grams, two bits in one word for each; most samples end there.
	filter [2048]uint64
	// slots are a hash table of the grams, each with the place of its literals in literals; 0 is an empty slot. There are always
	// empty ones.
	slots    []gramSlot
	used     int
	literals [][]placed
}

type gramSlot struct {
	gram     uint32
	literals int32
}

// placed is a literal, and where in it the gram is.
type placed struct {
	text string
	at   int
}

// lower folds the letters of a gram. It also joins some other bytes, which only lets more pass.
const lower = 0x20202020

func newSampled(gram, stride int) sampled {
	return sampled{gram: gram, stride: stride, mask: 1<<(8*gram) - 1, slots: make([]gramSlot, 64), literals: [][]placed{nil}}
}

// least is the length of the shortest literal that is found.
func (s *sampled) least() int { return s.gram + s.stride - 1 }

// add enters a folded literal of at least that length.
func (s *sampled) add(text string) {
	s.any = true
	first := s.rarest(text)
	for at := first; at < first+s.stride; at++ {
		gram := s.load(text[at : at+s.gram])
		w, m := gramHash(gram)
		s.filter[w] |= m
		slot := s.find(gram)
		if slot.literals == 0 {
			slot.gram, slot.literals = gram, int32(len(s.literals))
			s.literals = append(s.literals, nil)
			s.used++
		}
		list := &s.literals[slot.literals]
		*list = append(*list, placed{text, at})
		if 2*s.used > len(s.slots) {
			s.grow()
		}
	}
}

// rarest gives the place in a literal from which on its grams are least common in other texts: the commonest of them decides.
func (s *sampled) rarest(text string) int {
	best, most := 0, -1
	for from := 0; from+s.least() <= len(text); from++ {
		score := 1 << 10
		for at := from; at < from+s.stride; at++ {
			score = min(score, gramRarity(text[at:at+s.gram]))
		}
		if score > most {
			best, most = from, score
		}
	}
	return best
}

// gramRarity is high where letters are seldom in English, and where two words meet, since single words are shared by many
// messages.
func gramRarity(gram string) int {
	sum := 0
	for i := range len(gram) {
		sum += rarity(gram[i])
		if gram[i] == ' ' && i > 0 && i < len(gram)-1 {
			sum += 10
		}
	}
	return sum
}

func (s *sampled) load(text string) uint32 {
	var b [4]byte
	copy(b[:], text)
	return (binary.LittleEndian.Uint32(b[:]) | lower) & s.mask
}

func gramHash(gram uint32) (word uint32, bit uint64) {
	h := gram * 0x9e3779b1
	return h >> 21, 1<<(h>>9&63) | 1<<(h>>15&63)
}

// find gives the slot of a gram, or the empty one where it belongs.
func (s *sampled) find(gram uint32) *gramSlot {
	mask := uint32(len(s.slots) - 1)
	for i := bits.RotateLeft32(gram*0x9e3779b1, 16) & mask; ; i = (i + 1) & mask {
		if slot := &s.slots[i]; slot.literals == 0 || slot.gram == gram {
			return slot
		}
	}
}

func (s *sampled) grow() {
	old := s.slots
	s.slots = make([]gramSlot, 4*len(old))
	for _, slot := range old {
		if slot.literals != 0 {
			*s.find(slot.gram) = slot
		}
	}
}

// in tells whether the text holds one of the literals.
func (s *sampled) in(text []byte) bool {
	if !s.any {
		return false
	}
	i := 0
	for ; i+4 <= len(text); i += s.stride {
		gram := (binary.LittleEndian.Uint32(text[i:]) | lower) & s.mask
		if w, m := gramHash(gram); s.filter[w]&m == m && s.stands(gram, text, i) {
			return true
		}
	}
	return i+s.gram <= len(text) && s.stands(s.load(string(text[i:i+s.gram])), text, i)
}

// stands tells whether one of the gram's literals stands where its gram is at text[i:].
func (s *sampled) stands(gram uint32, text []byte, i int) bool {
	for _, l := range s.literals[s.find(gram).literals] {
		from := i - l.at
		if from >= 0 && from+len(l.text) <= len(text) && equalFold(text[from:from+len(l.text)], l.text) {
			return true
		}
	}
	return false
}
