package pattern

import "slices"

// maxPositions is how many leading tokens of a message are tried as variable.
const maxPositions = 64

// maxFree is how many positions at once may be joined in shapes that have too
// little in common to be joined one by one.
const maxFree = 4

// A slot is a position of messages that are alike everywhere else.
type slot struct {
	rest     uint64
	position int
}

// A joiner finds groups of sets to be joined, among the roots of sets that
// differ from each other.
type joiner func(forms []*form, roots []int, h *hasher) [][]int

// joinRound compares every set of forms with its like and joins those that
// differ in positions that are variable. It reports whether it joined any.
func joinRound(forms []*form, sets sets, find joiner) bool {
	h := hasher{seen: map[string]uint64{}}
	joined := false
	var roots []int
	same := map[uint64]int{}
	for _, r := range rootsOf(forms, sets) {
		total := h.total(forms[r])
		if twin, ok := same[total]; ok {
			joined = sets.union(twin, r) || joined
			continue
		}
		same[total] = r
		roots = append(roots, r)
	}
	for _, members := range find(forms, roots, &h) {
		for _, m := range members[1:] {
			joined = sets.union(members[0], m) || joined
		}
	}
	if joined {
		markVarying(forms, sets)
	}
	return joined
}

// oneByOne finds the sets that differ in one position whose values are many,
// and those that differ in a few positions whose values are very many.
func oneByOne(forms []*form, roots []int, h *hasher) [][]int {
	slots := map[slot][]int{}
	for _, r := range roots {
		f := forms[r]
		total := h.total(f)
		for p := range min(len(f.tokens), maxPositions) {
			if !f.varies[p] {
				key := slot{rest: total - h.at(f, p) + h.text(keyOf(f.tokens[p].text)), position: p}
				slots[key] = append(slots[key], r)
			}
		}
	}
	joins := sparseGroups(forms, roots, h)
	for s, group := range slots {
		if len(group) > 1 {
			if members := valuesAt(forms, group, s.position); len(members) > 1 {
				joins = append(joins, members)
			}
		}
	}
	return joins
}

// rootsOf returns the roots of the sets, and gives each the count of its set.
func rootsOf(forms []*form, sets sets) []int {
	var roots []int
	for i, f := range forms {
		f.total = 0
		root := sets.find(i)
		if root == i {
			roots = append(roots, i)
		}
		forms[root].total += f.count // the root is the smallest: already reset
	}
	return roots
}

// markVarying brings the roots' marks up to date: a position varies where any
// member differs from the root.
func markVarying(forms []*form, sets sets) {
	for i, f := range forms {
		root := forms[sets.find(i)]
		for p := range f.tokens {
			if f.varies[p] || f.tokens[p].text != root.tokens[p].text {
				root.varies[p] = true
			}
		}
	}
}

// A hasher gives the hashes of tokens in their positions.
type hasher struct {
	seen map[string]uint64
}

func (h *hasher) text(text string) uint64 {
	v, ok := h.seen[text]
	if !ok {
		v = hashText(text)
		h.seen[text] = v
	}
	return v
}

func (h *hasher) at(f *form, p int) uint64 {
	return mix(h.text(f.at(p)), uint64(p)*factor+1)
}

// total is the sum over all tokens, so that one can be taken out again.
func (h *hasher) total(f *form) uint64 {
	sum := mix(uint64(len(f.tokens)), seed)
	for p := range f.tokens {
		sum += h.at(f, p)
	}
	return sum
}

// sparseGroups finds shapes that have several free positions whose values
// hardly ever come twice, such as a user and an address: no two of them are
// alike but for one position, yet many are alike but for those.
func sparseGroups(forms []*form, roots []int, h *hasher) [][]int {
	uses := map[uint64]int{}
	for _, r := range roots {
		f := forms[r]
		if len(f.tokens) > 1 {
			lead := mix(h.at(f, 0), uint64(len(f.tokens)))
			for p := range f.tokens {
				uses[lead+h.at(f, p)]++
			}
		}
	}
	groups := map[uint64][]int{}
	for _, r := range roots {
		f := forms[r]
		n := len(f.tokens)
		lead := uint64(0)
		if n > 1 {
			lead = mix(h.at(f, 0), uint64(n))
		}
		key, free := lead, 0
		for p := 1; p < n; p++ {
			if !f.varies[p] && uses[lead+h.at(f, p)] <= 2 && f.tokens[p].text != wild && !tells(f.tokens[p].text) {
				free++
				key += mix(uint64(p), seed)
				continue
			}
			key += h.at(f, p)
		}
		if free >= 2 && free <= maxFree && free*3 <= n {
			groups[key] = append(groups[key], r)
		}
	}
	var large [][]int
	for _, g := range groups {
		if len(g) >= enoughSparse {
			slices.Sort(g)
			large = append(large, g)
		}
	}
	return large
}
