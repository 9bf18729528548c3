package match

import (
	"encoding/binary"
	"math"
)

// grams finds literals by samples of a text: every stride bytes, a gram of a few bytes is looked up. Of every literal as many grams
// are known, one beside the other, so that wherever the literal stands, one of them is where a sample is taken. Around a known
// gram the literals that it is of are compared.
type grams struct {
	size, stride int
	// filter has a bit for the hash of each gram; most samples end there. It is as large as the first cache allows.
	filter [1 << (filterBits - 6)]uint64
	// slots are a hash table of the grams, each with the place in chain of its first literal; 0 is an empty slot. There are always
	// empty ones.
	slots []gramSlot
	used  int
	chain []placed
}

type gramSlot struct {
	gram  uint64
	first int32
}

// placed is a literal, where in it the gram is, and the place of the gram's next literal, 0 for none.
type placed struct {
	text     string
	at, next int32
}

const (
	filterBits = 17
	commonBits = 14
)

// lower folds the letters of eight bytes. It also joins some others, which only lets more pass.
const lower = 0x2020202020202020

// everyday is what logs are full of when all is well.
const everyday = ` get /index.html http/1.1" 200 post http/2.0" 304 "-" "mozilla/5.0 (x11; linux x86_64) applewebkit (khtml, like gecko) chrome safari ` +
	`firefox accept-encoding user-agent https://www. localhost application/json login session opened for user accepted from port connection ` +
	`connected received request response message queue started starting finished completed processing in the of for to and with is was on at ` +
	`new set get update select insert where service server client worker thread task job node file data size time duration status started `

// newGrams makes the grams of folded literals, none shorter than size + stride - 1.
func newGrams(size, stride int, literals []string) grams {
	g := grams{size: size, stride: stride, slots: make([]gramSlot, 64), chain: make([]placed, 1, 1+stride*len(literals))}
	common := make([]uint16, 1<<commonBits)
	count := func(text string, weight uint16) {
		for at := 0; at+g.size <= len(text); at++ {
			common[gramHash(g.load(text[at:]))>>(64-commonBits)] += weight
		}
	}
	count(everyday, 10)
	for _, text := range literals {
		count(text, 1)
	}
	for _, text := range literals {
		g.add(text, g.rarestFrom(text, common))
	}
	return g
}

// add enters a literal by its grams from a place on.
func (g *grams) add(text string, first int) {
	for at := first; at < first+g.stride; at++ {
		gram := g.load(text[at:])
		h := gramHash(gram) >> (64 - filterBits)
		g.filter[h>>6] |= 1 << (h & 63)
		slot := g.find(gram)
		if slot.first == 0 {
			g.used++
		}
		g.chain = append(g.chain, placed{text, int32(at), slot.first})
		slot.gram, slot.first = gram, int32(len(g.chain)-1)
		if 2*g.used > len(g.slots) {
			g.grow()
		}
	}
}

// rarestFrom gives the place in a literal from which on its grams are least common in other texts; the commonest of them decides.
// What many literals or everyday lines hold, many other texts hold too; and else letters tell that are seldom in English.
func (g *grams) rarestFrom(text string, common []uint16) int {
	best, least := 0, math.MaxInt
	for from := 0; from+g.size+g.stride-1 <= len(text); from++ {
		most := math.MinInt
		for at := from; at < from+g.stride; at++ {
			cost := 100 * int(common[gramHash(g.load(text[at:]))>>(64-commonBits)])
			for i := range g.size {
				cost -= int(rarities[text[at+i]])
			}
			most = max(most, cost)
		}
		if most < least {
			best, least = from, most
		}
	}
	return best
}

// load gives the gram at the beginning of a text.
func (g *grams) load(text string) uint64 {
	var b [8]byte
	copy(b[:], text[:g.size])
	return (binary.LittleEndian.Uint64(b[:]) | lower) & (1<<(8*g.size) - 1)
}

func gramHash(gram uint64) uint64 { return gram * 0x9e3779b97f4a7c15 }

// has gives a number that is odd if a gram is known, and seldom else.
func (g *grams) has(gram uint64) uint64 {
	h := gramHash(gram) >> (64 - filterBits)
	return g.filter[h>>6] >> (h & 63)
}

// find gives the slot of a gram, or the empty one where it belongs.
func (g *grams) find(gram uint64) *gramSlot {
	mask := uint64(len(g.slots) - 1)
	for i := gramHash(gram) >> 32 & mask; ; i = (i + 1) & mask {
		if slot := &g.slots[i]; slot.first == 0 || slot.gram == gram {
			return slot
		}
	}
}

func (g *grams) grow() {
	old := g.slots
	g.slots = make([]gramSlot, 4*len(old))
	for _, slot := range old {
		if slot.first != 0 {
			*g.find(slot.gram) = slot
		}
	}
}

// stands tells whether one of the gram's literals stands where its gram is at text[i:].
func (g *grams) stands(gram uint64, text []byte, i int) bool {
	if g.has(gram)&1 == 0 {
		return false
	}
	for next := g.find(gram).first; next != 0; {
		l := &g.chain[next]
		next = l.next
		from := i - int(l.at)
		if from >= 0 && from+len(l.text) <= len(text) && equalFold(text[from:from+len(l.text)], l.text) {
			return true
		}
	}
	return false
}
