package pattern

import "strings"

// appendToken adds a word to the tokens of its template, or makes it part of
// the last one: how many values a list has, or how many frames a trace, does
// not make a shape.
func appendToken(tokens []token, t token, template string) []token {
	n := len(tokens)
	if n == 0 {
		return append(tokens, t)
	}
	last := &tokens[n-1]
	text, joins := last.text, false
	if strings.HasSuffix(template[:last.to], "<hex>") && isHexName(t.text) { // ce12 behind deadbeef
		t.text = outline(t.text)
	}
	switch {
	case n >= 2 && repeats(template[t.from:t.to]) && strings.Contains(tokens[n-2].text, wild):
		joins = true
	case !strings.Contains(t.text, wild):
	case t.text == text:
		joins = true
	case isFrame(t.text) && (text == wild || isFrame(text)):
		text, joins = wild, true
	default:
		text, joins = listOf(text, t.text)
	}
	if !joins {
		return append(tokens, t)
	}
	last.text, last.to = text, t.to
	return tokens
}

// listOf joins two members of a list: a variable value with a comma after it,
// and the like.
func listOf(last, next string) (text string, ok bool) {
	value := core(next)
	if !strings.Contains(value, wild) || !strings.HasPrefix(next, value) || core(last) != value {
		return last, false
	}
	head := strings.TrimRight(last, ",;")
	if len(head) == len(last) || !strings.HasSuffix(head, value) {
		return last, false
	}
	return head + next[len(value):], true
}

// isHexName reports whether a word that is variable in part can be hexadecimal
// digits.
func isHexName(text string) bool {
	if !strings.Contains(text, wild) || keyOf(text) != "" {
		return false
	}
	for i := range len(text) {
		if c := text[i]; kind[c]&isLetter != 0 && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// isFrame reports whether a word is a place in a program: a dotted name and
// a line.
func isFrame(text string) bool {
	name, ok := strings.CutSuffix(strings.TrimRight(text, ",;"), ":"+wild)
	return ok && strings.Count(name, ".") >= 2 && !strings.ContainsAny(name, "*/=@")
}

// maxPeriod is the longest row of words that is looked for again behind itself.
const maxPeriod = 6

// foldRepeats makes one of rows of words that follow themselves, such as
// "iar <hex>, dear <hex> iar <hex>, dear <hex>".
func foldRepeats(tokens []token) []token {
	out := tokens[:0]
	for i := 0; i < len(tokens); {
		period, end := repeatsAt(tokens, i)
		last := tokens[end-1].to
		out = append(out, tokens[i:i+period]...)
		out[len(out)-1].to = last
		i = end
	}
	return out
}

// repeatsAt gives the shortest row of words at i that follows itself, and where
// the last of them ends; a single word if none does.
func repeatsAt(tokens []token, i int) (period, end int) {
	for k := 2; k <= maxPeriod && i+2*k <= len(tokens); k++ {
		end := i + k
		for end+k <= len(tokens) && sameTexts(tokens[i:i+k], tokens[end:end+k]) {
			end += k
		}
		if end > i+k {
			return k, end
		}
	}
	return 1, i + 1
}

// sameTexts reports whether two rows of tokens are alike and vary in some.
func sameTexts(a, b []token) bool {
	varies := false
	for i := range a {
		if a[i].text != b[i].text {
			return false
		}
		varies = varies || strings.Contains(a[i].text, wild)
	}
	return varies
}
