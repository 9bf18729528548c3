package match

import (
	"bytes"
	"math/bits"
	"strings"
)

// containsFold looks for a folded literal in any case (ASCII), by its rarest byte.
func containsFold(text []byte, folded string) bool {
	at := rarest(folded)
	small, capital := places{char: folded[at]}, places{char: capitalOf(folded[at])}
	for from := at; ; from++ {
		from = min(small.next(text, from), capital.next(text, from))
		begin := from - at
		if begin+len(folded) > len(text) {
			return false
		}
		if equalFold(text[begin:begin+len(folded)], folded) {
			return true
		}
	}
}

// rarest gives the place of a text's rarest byte.
func rarest(text string) int {
	at := 0
	for i := range len(text) {
		if rarities[text[i]] > rarities[text[at]] {
			at = i
		}
	}
	return at
}

func capitalOf(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - ('a' - 'A')
	}
	return c
}

// places walks over the places of a byte in a text.
type places struct {
	char byte
	// at is the place found last, plus one.
	at int
}

// next gives the first place from from on, or one behind the text.
func (p *places) next(text []byte, from int) int {
	if p.at <= from {
		if from >= len(text) {
			return from
		}
		i := bytes.IndexByte(text[from:], p.char)
		if i < 0 {
			i = len(text) - from
		}
		p.at = from + i + 1
	}
	return p.at - 1
}

func equalFold(text []byte, folded string) bool {
	for i := range len(folded) {
		if fold(text[i]) != folded[i] {
			return false
		}
	}
	return true
}

// rarities says of each byte how seldom it is in English.
var rarities = func() (all [256]uint8) {
	const common = "etaoinsrhldcumfpgwybvkxjqz"
	for c := range all {
		all[c] = 10
		if at := strings.IndexByte(common, byte(c)); at >= 0 {
			all[c] = 2 + uint8(bits.Len(uint(at)))
		}
	}
	all[' '] = 1
	return all
}()
