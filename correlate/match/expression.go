package match

import (
	"regexp"
	"regexp/syntax"
	"sync"
)

// expression is a regular expression that was checked, and is compiled when it is first asked: of hundreds, a run needs a few.
type expression struct {
	source string
	Learnt
	once sync.Once
	re   *regexp.Regexp
}

// parseExpression checks an expression. Its errors are those of [regexp.Compile].
func parseExpression(source string) (*expression, error) {
	tree, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		return nil, err
	}
	return &expression{source: source, Learnt: Learnt{Names: tree.CapNames(), Needs: required(tree), DigitsAlike: alike(tree)}}, nil
}

// anchored is parseExpression for an expression that must match the whole text.
func anchored(source string) (*expression, error) {
	if _, err := parseExpression(source); err != nil {
		return nil, err
	}
	return parseExpression(`^(?s:` + source + `)$`)
}

func (e *expression) compiled() *regexp.Regexp {
	e.once.Do(func() { e.re = regexp.MustCompile(e.source) })
	return e.re
}
