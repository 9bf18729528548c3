package match

import (
	"bytes"
	"hash/maphash"
	"regexp/syntax"
)

// A flood of errors is the same message again and again, and taking it apart with a regular expression costs more than
// all the rest. So a scanner remembers where expressions matched in the texts it met last. For most expressions one digit is
// as good as another: they match "10.0.0.7" where they match "10.0.0.9", and texts that differ in digits only count as one.

const (
	memoSize = 1024
	// longestMemo bounds the texts that are remembered.
	longestMemo = 512
)

// memo is one remembered text: loc is what the expression's FindSubmatchIndex gave for it, empty for no match.
type memo struct {
	matcher int32 // plus one; 0 is empty
	text    []byte
	loc     []int
}

// find is FindSubmatchIndex of a matcher's expression. The result is valid until the next call.
func (sc *Scanner) find(id int32, m *matcher, text []byte) []int {
	if len(text) > longestMemo {
		return m.expr.compiled().FindSubmatchIndex(text)
	}
	key := text
	if m.expr.DigitsAlike {
		sc.alike = append(sc.alike[:0], text...)
		for i, c := range sc.alike {
			if c-'0' <= 9 {
				sc.alike[i] = '0'
			}
		}
		key = sc.alike
	}
	e := &sc.memos[(maphash.Bytes(sc.seed, key)+uint64(id))%memoSize]
	if e.matcher != id+1 || !bytes.Equal(e.text, key) {
		e.matcher, e.text = id+1, append(e.text[:0], key...)
		e.loc = append(e.loc[:0], m.expr.compiled().FindSubmatchIndex(text)...)
	}
	if len(e.loc) == 0 {
		return nil
	}
	return e.loc
}

// alike tells whether an expression treats all digits alike: it names none, and its classes hold all of them or none.
func alike(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			if r >= '0' && r <= '9' {
				return false
			}
		}
	case syntax.OpCharClass:
		digits := 0
		for i := 0; i+1 < len(re.Rune); i += 2 {
			digits += max(0, int(min(re.Rune[i+1], '9')-max(re.Rune[i], '0'))+1)
		}
		return digits == 0 || digits == 10
	}
	for _, sub := range re.Sub {
		if !alike(sub) {
			return false
		}
	}
	return true
}
