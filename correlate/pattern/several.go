package pattern

import "strings"

// Some messages have several values that change together: the user and the
// database of a connection. No two of them are alike but for one position.

// enoughAnchors is how many constant words such messages have to share.
const enoughAnchors = 2

// several finds the sets that are alike but for two positions or more where
// values are to be expected.
func several(forms []*form, roots []int, h *hasher) [][]int {
	groups := map[uint64][]int{}
	for _, r := range roots {
		f := forms[r]
		key, anchors := mix(uint64(len(f.tokens)), coarse), 0
		for p, t := range f.tokens {
			switch {
			case f.varies[p] || t.text == wild || p > 0 && expectsValue(f.tokens, p):
				key += h.value(t.text, p)
			default:
				key += h.at(f, p)
				anchors++
			}
		}
		if anchors >= enoughAnchors {
			groups[key] = append(groups[key], r)
		}
	}
	var joins [][]int
	for _, g := range groups {
		if len(g) > 1 && differences(forms, g) > 1 {
			joins = append(joins, g)
		}
	}
	return joins
}

// value is the hash of a position that holds some value of a key.
func (h *hasher) value(text string, p int) uint64 {
	return mix(h.text(keyOf(text)), uint64(p)*factor+2)
}

// differences counts the positions where members of a group differ.
func differences(forms []*form, group []int) int {
	n := 0
	first := forms[group[0]]
	for p := range first.tokens {
		for _, r := range group[1:] {
			if forms[r].at(p) != first.at(p) {
				n++
				break
			}
		}
	}
	return n
}

// expectsValue reports whether what stands at a position is most likely a
// value: of a key, behind a word that announces one, in brackets, or a name by
// its looks.
func expectsValue(tokens []token, p int) bool {
	at := placeOf(tokens, p)
	value := core(at.text)
	switch {
	case value == "", tells(at.text):
		return false
	case at.key != "":
		return !tellingKey(at.key)
	case announces(at.before), introduces(at.before):
		return true
	}
	return strings.Contains(value, wild) || isName(value) || enclosed(at.text)
}

// enclosed reports whether a word stands in brackets or quotes.
func enclosed(text string) bool {
	text = strings.TrimRight(text, ".,;:")
	if len(text) < 3 {
		return false
	}
	i := strings.IndexByte("([{<\"'", text[0])
	return i >= 0 && text[len(text)-1] == ")]}>\"'"[i]
}
