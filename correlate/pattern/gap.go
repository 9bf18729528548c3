package pattern

import "slices"

// maxGaps is how many wide gaps of a message are looked at: a table has many
// that mean nothing, and each costs as much as the message is long.
const maxGaps = 8

// fillGaps joins forms that lack a value where others have one: "Invalid user
// from <ip>", with two blanks before from, is a login without a name. A form
// is given an empty token at its wide gap if another set of forms is alike but
// for a variable token there.
func fillGaps(forms []*form, sets sets) {
	h := hasher{seen: map[string]uint64{}}
	alone := map[int]int{} // how many forms a set has
	for i := range forms {
		alone[sets.find(i)]++
	}
	var roots map[uint64]int // by hash, made when the first gap is met
	joined := false
	for i, f := range forms {
		if alone[sets.find(i)] > 1 {
			continue
		}
		tried := 0
		for gap := 1; gap < len(f.tokens) && tried < maxGaps; gap++ {
			from, to := f.tokens[gap-1].to, f.tokens[gap].from
			if to-from < 2 {
				continue
			}
			tried++
			if roots == nil {
				roots = h.variableRoots(forms, sets)
			}
			filled := form{
				tokens: slices.Insert(slices.Clone(f.tokens), gap, token{text: wild, from: from, to: from}),
				varies: slices.Insert(slices.Clone(f.varies), gap, true),
			}
			root, ok := roots[h.total(&filled)]
			if !ok || root == i || !variable(forms[root], gap) {
				continue
			}
			f.tokens, f.varies, f.gap = filled.tokens, filled.varies, gap
			joined = sets.union(root, i) || joined
			break
		}
	}
	if joined {
		markVarying(forms, sets)
	}
}

// variable reports whether a form's set has a variable token at a position.
func variable(f *form, p int) bool {
	return p < len(f.tokens) && (f.varies[p] || f.tokens[p].text == wild)
}

// variableRoots gives the roots that are variable somewhere, by their hash.
func (h *hasher) variableRoots(forms []*form, sets sets) map[uint64]int {
	roots := map[uint64]int{}
	for _, r := range rootsOf(forms, sets) {
		for p := range forms[r].tokens {
			if variable(forms[r], p) {
				roots[h.total(forms[r])] = r
				break
			}
		}
	}
	return roots
}
