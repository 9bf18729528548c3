package pattern

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
)

// A Shape is one distinct fingerprint with its template and how often it was
// seen.
type Shape struct {
	Fingerprint Fingerprint
	Template    string
	Count       uint64
}

// A Pattern is a group of alike shapes.
type Pattern struct {
	// ID is a short hash of the template, the same in every run.
	ID string
	// Template is the shapes' common template, with "<*>" where they differ.
	Template string
	// Count is how many messages the shapes stand for.
	Count uint64
}

// Cluster joins alike shapes to patterns. It returns for each shape the index
// of its pattern, and the patterns in the order of their templates. The result
// depends on the set of templates and their counts, not on the order of the
// shapes, nor on whether a template's count comes in one shape or in several.
//
// Shapes are joined in steps. First, what the scanner could not tell apart for
// sure is made equal: a number and a hexadecimal number, a list of two and a
// list of three (see tokenize). Then shapes that differ in single positions are
// joined where the values there look like values: many, rare, or after a word
// that announces a name (see valuesAt), and those that differ in several
// positions where values are to be expected (see several). At last, a value
// that is missing is taken for one (see fillGaps). It takes time in proportion
// to the number of tokens.
func Cluster(shapes []Shape) (of []int, patterns []Pattern) {
	forms, index := newForms(shapes)
	sets := newSets(len(forms))
	for _, how := range []joiner{oneByOne, several} { // what one position explains is not left to several
		for range maxRounds {
			if !joinRound(forms, sets, how) {
				break
			}
		}
	}
	fillGaps(forms, sets)
	return collect(shapes, forms, index, sets)
}

// maxRounds bounds how often joined shapes are compared again. Each round can
// open one more variable position; messages with more than a few free words
// are rare.
const maxRounds = 4

// A form is what templates that differ only in the classes of their variable
// parts have in common.
type form struct {
	tokens []token
	count  uint64
	// total is the count of the form's set; it is kept for the set's root only.
	total uint64
	// base is the template that the pattern's text is made from: the most
	// frequent one, and of equally frequent ones the first in order.
	base      string
	baseCount uint64
	templates []string
	// varies marks the positions where members of this form's set differ. It is
	// kept up to date for the set's root only.
	varies []bool
	// gap is where an empty token stands for a value that is missing, 0 if none
	// does.
	gap int
}

// at gives what the form's set has at a position: a text, or a key with a wild
// value.
func (f *form) at(p int) string {
	text := f.tokens[p].text
	if f.varies[p] {
		return keyOf(text) + wild
	}
	return text
}

// tokensOf cuts one of the form's templates into tokens, as many as the form
// has.
func (f *form) tokensOf(template string) []token {
	tokens := tokenize(template)
	if f.gap > 0 {
		at := tokens[f.gap-1].to
		tokens = slices.Insert(tokens, f.gap, token{text: wild, from: at, to: at})
	}
	return tokens
}

// newForms gives the distinct forms of the shapes, in order, and for each
// template the index of its form.
func newForms(shapes []Shape) ([]*form, map[string]int) {
	counts := make(map[string]uint64, len(shapes))
	for _, s := range shapes {
		counts[s.Template] += s.Count
	}
	templates := make([]string, 0, len(counts))
	for t := range counts {
		templates = append(templates, t)
	}
	slices.Sort(templates)
	byKey := make(map[string]int, len(templates))
	index := make(map[string]int, len(templates))
	var forms []*form
	for _, t := range templates {
		tokens := tokenize(t)
		key := joinTokens(tokens)
		i, ok := byKey[key]
		if !ok {
			i = len(forms)
			byKey[key] = i
			forms = append(forms, &form{tokens: tokens, base: t, varies: make([]bool, len(tokens))})
		}
		f := forms[i]
		f.count += counts[t]
		f.templates = append(f.templates, t)
		if counts[t] > f.baseCount {
			f.base, f.baseCount, f.tokens = t, counts[t], tokens
		}
		index[t] = i
	}
	return forms, index
}

// collect turns the sets of forms into patterns.
func collect(shapes []Shape, forms []*form, index map[string]int, sets sets) (of []int, patterns []Pattern) {
	members := map[int][]*form{}
	for i, f := range forms {
		root := sets.find(i)
		members[root] = append(members[root], f)
	}
	text := make(map[int]string, len(members))
	counts := make(map[string]uint64, len(members))
	for root, m := range members {
		text[root] = commonTemplate(m)
		for _, f := range m {
			counts[text[root]] += f.count
		}
	}
	for t, n := range counts {
		patterns = append(patterns, Pattern{ID: patternID(t), Template: t, Count: n})
	}
	slices.SortFunc(patterns, func(a, b Pattern) int { return cmp.Compare(a.Template, b.Template) })
	of = make([]int, len(shapes))
	for i, s := range shapes {
		t := text[sets.find(index[s.Template])]
		of[i] = sort.Search(len(patterns), func(k int) bool { return patterns[k].Template >= t })
	}
	return of, patterns
}

// patternID is the hash of a pattern's template in 12 hexadecimal digits:
// among 100,000 patterns, two alike are a matter of one in 50,000.
func patternID(template string) string {
	return fmt.Sprintf("%012x", hashText(template)>>16)
}

// sets is a union-find over indices. The root of a set is its smallest member,
// whatever the order of the unions.
type sets []int

func newSets(n int) sets {
	s := make(sets, n)
	for i := range s {
		s[i] = i
	}
	return s
}

func (s sets) find(i int) int {
	for s[i] != i {
		s[i] = s[s[i]]
		i = s[i]
	}
	return i
}

// union joins two sets and reports whether they were two.
func (s sets) union(i, j int) bool {
	i, j = s.find(i), s.find(j)
	if i == j {
		return false
	}
	if i > j {
		i, j = j, i
	}
	s[j] = i
	return true
}
