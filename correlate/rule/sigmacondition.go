package rule

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// A selection is one part of a Sigma condition: the name of what is looked for, or its negation.
type selection struct {
	name    string
	negated bool
}

// mostBranches bounds what "and" over "or" multiplies out to.
const mostBranches = 64

// sigmaBranches reads a condition and writes it as alternatives of parts that must all hold.
func sigmaBranches(condition string, names []string) (branches [][]selection, why string) {
	p := &sigmaParser{words: sigmaWords.FindAllString(condition, -1), names: names}
	defer func() {
		if r := recover(); r != nil {
			problem, ok := r.(sigmaProblem)
			if !ok {
				panic(r)
			}
			branches, why = nil, string(problem)
		}
	}()
	branches = p.or(false)
	if p.at < len(p.words) {
		p.fail("the condition goes on at %q", p.words[p.at])
	}
	return branches, ""
}

var sigmaWords = regexp.MustCompile(`[()|]|[^\s()|]+`)

// sigmaProblem is how the parser gives up.
type sigmaProblem string

// sigmaParser reads "a and (b or not 1 of c*)". Negation is pushed down to the names on the way.
type sigmaParser struct {
	words []string
	at    int
	names []string
	depth int
}

func (p *sigmaParser) fail(format string, args ...any) {
	panic(sigmaProblem(fmt.Sprintf(format, args...)))
}

func (p *sigmaParser) next(word string) bool {
	if p.at < len(p.words) && strings.EqualFold(p.words[p.at], word) {
		p.at++
		return true
	}
	return false
}

// or reads alternatives; under a negation they are all denied.
func (p *sigmaParser) or(negated bool) [][]selection {
	if p.depth++; p.depth > maxDepth {
		p.fail("the condition nests too deep")
	}
	defer func() { p.depth-- }()
	all := p.and(negated)
	for p.next("or") {
		all = p.join(all, p.and(negated), !negated)
	}
	return all
}

func (p *sigmaParser) and(negated bool) [][]selection {
	all := p.not(negated)
	for p.next("and") {
		all = p.join(all, p.not(negated), negated)
	}
	return all
}

// join puts two sets of alternatives together: either of them, or every pair.
func (p *sigmaParser) join(a, b [][]selection, either bool) [][]selection {
	var out [][]selection
	if either {
		out = slices.Concat(a, b)
	} else {
		for _, x := range a {
			for _, y := range b {
				out = append(out, slices.Concat(x, y))
			}
		}
	}
	if len(out) > mostBranches {
		p.fail("the condition has more than %d alternatives", mostBranches)
	}
	return out
}

func (p *sigmaParser) not(negated bool) [][]selection {
	for p.next("not") {
		negated = !negated
	}
	if p.next("(") {
		all := p.or(negated)
		if !p.next(")") {
			p.fail("a parenthesis is not closed")
		}
		return all
	}
	if p.at >= len(p.words) {
		p.fail("the condition ends too early")
	}
	word := p.words[p.at]
	p.at++
	if word == "|" {
		p.fail("counting behind | is not taken: write at_least and within")
	}
	if p.at+1 < len(p.words) && strings.EqualFold(p.words[p.at], "of") {
		p.at += 2
		return p.of(strings.ToLower(word), p.words[p.at-1], negated)
	}
	if !slices.Contains(p.names, word) {
		p.fail("the condition names %q, which is not in the detection", word)
	}
	return [][]selection{{{word, negated}}}
}

// of writes "1 of x*" and "all of them" out.
func (p *sigmaParser) of(how, pattern string, negated bool) [][]selection {
	if how != "1" && how != "any" && how != "all" {
		p.fail("%q of %s is not taken: it is 1, any or all", how, pattern)
	}
	var all [][]selection
	for _, name := range p.names {
		prefix, open := strings.CutSuffix(pattern, "*")
		if pattern != "them" && name != pattern && (!open || !strings.HasPrefix(name, prefix)) {
			continue
		}
		one := [][]selection{{{name, negated}}}
		if all == nil {
			all = one
			continue
		}
		all = p.join(all, one, (how != "all") != negated)
	}
	if all == nil {
		p.fail("no part of the detection is called %s", pattern)
	}
	return all
}

// selections are the names of a detection's parts.
func selections(detection *value) []string {
	var names []string
	for name := range maps.Keys(detection.fields) {
		if name != "condition" && name != "timeframe" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
