package match

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"
)

// required gives groups of folded literals such that every text that matches the expression holds, for each group, at
// least one of its literals (ASCII case aside). No group means that nothing is known.
func required(re *syntax.Regexp) [][]string {
	n := needs(re.Simplify())
	if n.exact != nil {
		return clean([][]string{n.exact})
	}
	return clean(n.groups)
}

// need is what a part of an expression needs: either it matches exactly the strings of exact, or any text that it
// matches holds one of each group.
type need struct {
	exact  []string
	groups [][]string
}

// maxExact bounds how many alternatives are multiplied out.
const maxExact = 32

func needs(re *syntax.Regexp) need {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText,
		syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return need{exact: []string{""}}
	case syntax.OpLiteral:
		return literalNeed(re)
	case syntax.OpCharClass:
		return classNeed(re)
	case syntax.OpCapture:
		return needs(re.Sub[0])
	case syntax.OpConcat:
		return concatNeed(re.Sub)
	case syntax.OpAlternate:
		return alternateNeed(re.Sub)
	case syntax.OpPlus:
		return need{groups: groupsOf(needs(re.Sub[0]))}
	case syntax.OpRepeat:
		if re.Min > 0 {
			return need{groups: groupsOf(needs(re.Sub[0]))}
		}
	case syntax.OpQuest:
		if n := needs(re.Sub[0]); n.exact != nil && len(n.exact) < maxExact {
			return need{exact: append([]string{""}, n.exact...)}
		}
	}
	return need{}
}

// literalNeed gives a literal. Where case is folded, "k" and "s" also match signs outside ASCII (the Kelvin sign, the
// long s), so they cut it. U+FFFD also matches bytes that are no text.
func literalNeed(re *syntax.Regexp) need {
	if slices.Contains(re.Rune, utf8.RuneError) {
		return need{}
	}
	s := string(re.Rune)
	if re.Flags&syntax.FoldCase == 0 {
		return need{exact: []string{foldString(s)}}
	}
	parts := strings.FieldsFunc(foldString(s), func(r rune) bool { return r == 'k' || r == 's' || r >= 0x80 })
	if len(parts) == 1 && len(parts[0]) == len(s) {
		return need{exact: parts}
	}
	n := need{}
	for _, p := range parts {
		n.groups = append(n.groups, []string{p})
	}
	return n
}

func classNeed(re *syntax.Regexp) need {
	var all []string
	for i := 0; i+1 < len(re.Rune); i += 2 {
		lo, hi := re.Rune[i], re.Rune[i+1]
		if lo <= utf8.RuneError && utf8.RuneError <= hi || hi-lo >= maxExact || len(all)+int(hi-lo) >= maxExact {
			return need{}
		}
		for r := lo; r <= hi; r++ {
			all = append(all, foldString(string(r)))
		}
	}
	if len(all) == 0 {
		return need{}
	}
	return need{exact: all}
}

func concatNeed(subs []*syntax.Regexp) need {
	var groups [][]string
	exact := []string{""}
	whole := true
	flush := func() {
		groups = append(groups, exact)
		exact = []string{""}
	}
	for _, sub := range subs {
		n := needs(sub)
		if n.exact == nil {
			flush()
			groups = append(groups, n.groups...)
			whole = false
			continue
		}
		if len(exact)*len(n.exact) > maxExact {
			flush()
			whole = false
		}
		var next []string
		for _, a := range exact {
			for _, b := range n.exact {
				next = append(next, a+b)
			}
		}
		exact = next
	}
	if whole {
		return need{exact: exact}
	}
	flush()
	return need{groups: groups}
}

// alternateNeed joins the best group of each branch into one.
func alternateNeed(subs []*syntax.Regexp) need {
	var exact, joined []string
	isExact, known := true, true
	for _, sub := range subs {
		n := needs(sub)
		isExact = isExact && n.exact != nil
		exact = append(exact, n.exact...)
		best := bestGroup(clean(groupsOf(n)))
		known = known && best != nil
		joined = append(joined, best...)
	}
	switch {
	case isExact && len(exact) <= maxExact:
		return need{exact: exact}
	case known:
		return need{groups: [][]string{joined}}
	default:
		return need{}
	}
}

func groupsOf(n need) [][]string {
	if n.exact != nil {
		return [][]string{n.exact}
	}
	return n.groups
}

// clean drops groups that hold no matter what: those with an empty literal, and those of single bytes.
func clean(groups [][]string) [][]string {
	var out [][]string
	for _, g := range groups {
		if len(g) > 0 && shortest(g) > 1 {
			out = append(out, g)
		}
	}
	return out
}

// bestGroup is the one whose shortest literal is longest, nil if there is none.
func bestGroup(groups [][]string) []string {
	var best []string
	for _, g := range groups {
		if best == nil || shortest(g) > shortest(best) {
			best = g
		}
	}
	return best
}

func shortest(g []string) int {
	n := len(g[0])
	for _, l := range g {
		n = min(n, len(l))
	}
	return n
}
