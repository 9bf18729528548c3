package pattern

import "strings"

// A token is a word of a template, made comparable: text tells which words are
// alike, and from and to where it stands in the template.
type token struct {
	text     string
	from, to int
}

// wild is the text of a token that is variable as a whole.
const wild = "*"

// tokenize cuts a template at white space and reduces its words to what they
// share with their like:
//   - a word of which nothing but placeholders and punctuation is left is wild,
//     and variable words in a row that are alike are one, as are rows of words
//     that follow themselves;
//   - a name with a variable part is its letters and a star ("eth*"), or a star
//     alone if its parts are joined as in host names and files;
//   - what stands before an equals sign, a colon or an underscore stays;
//   - a size or time in brackets that repeats the number before it is left out.
func tokenize(template string) []token {
	var tokens []token
	for i := 0; i < len(template); {
		if isBlank(template[i]) {
			i++
			continue
		}
		from := i
		i = wordEnd(template, i)
		word := template[from:i]
		tokens = appendToken(tokens, token{text: reduce(word), from: from, to: i}, template)
	}
	return foldRepeats(tokens)
}

// wordEnd returns the end of the word at i: a blank, or a comma between two
// keys with their values, as in JSON.
func wordEnd(template string, i int) int {
	keyed := false
	for ; i < len(template) && !isBlank(template[i]); i++ {
		switch template[i] {
		case '=', ':':
			keyed = true
		case ',', ';':
			if keyed && i+1 < len(template) && (template[i+1] == '"' || kind[template[i+1]]&isLetter != 0) {
				return i + 1
			}
		}
	}
	return i
}

func isBlank(c byte) bool { return c == ' ' || c == '\n' }

// repeats reports whether a word is a size or time in brackets.
func repeats(word string) bool {
	return word == "(<size>)" || word == "(<dur>)"
}

// joinTokens gives the tokens as one string, for comparison.
func joinTokens(tokens []token) string {
	var b strings.Builder
	for _, t := range tokens {
		b.WriteString(t.text)
		b.WriteByte(' ')
	}
	return b.String()
}

// reduce makes a word comparable.
func reduce(word string) string {
	if !strings.Contains(word, "<") || len(word) > 256 {
		return emptied(word)
	}
	marked := markPlaceholders(word)
	if !strings.Contains(marked, "\x00") {
		return emptied(word)
	}
	if strings.IndexFunc(marked, isWordRune) < 0 {
		return outline(marked)
	}
	var b strings.Builder
	start := 0
	for i := 0; i <= len(marked); i++ {
		if i < len(marked) && !separates(marked, i) {
			continue
		}
		b.WriteString(reducePart(marked[start:i]))
		if i < len(marked) {
			b.WriteByte(marked[i])
		}
		start = i + 1
	}
	return collapse(b.String())
}

// separates reports whether the byte at i parts a word: punctuation, or one of
// a row of dots, dashes or the like.
func separates(word string, i int) bool {
	c := word[i]
	if strings.IndexByte("=:,()[]{}\"'|;<>", c) >= 0 {
		return true
	}
	row := i > 0 && word[i-1] == c || i+1 < len(word) && word[i+1] == c
	return row && strings.IndexByte(".-_#*/~", c) >= 0
}

// emptied gives the word for an absent value the form of a present one.
func emptied(word string) string {
	switch word {
	case "()":
		return "(" + wild + ")"
	case "/": // the path of a request
		return wild
	}
	for _, absent := range []string{"=null", "=nil", "=none", "=None", "=(null)", "=-", "=<null>"} {
		if at := strings.Index(word, absent); at > 0 && strings.Trim(word[at+len(absent):], ",;)]}") == "" {
			return word[:at+1] + wild + word[at+len(absent):]
		}
	}
	return word
}

// markPlaceholders replaces every placeholder of a word by a NUL byte.
func markPlaceholders(word string) string {
	var b strings.Builder
	for i := 0; i < len(word); {
		if word[i] == '<' {
			if class, n := placeholderAt([]byte(word[i:min(len(word), i+10)])); n > 0 {
				if class != Color {
					b.WriteByte(0)
				}
				i += n
				continue
			}
		}
		if word[i] != 0 {
			b.WriteByte(word[i])
		}
		i++
	}
	return b.String()
}

func isWordRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= 0x80
}

// outline reduces a word without letters to a star between its brackets.
func outline(marked string) string {
	const brackets = "([{\"'"
	const closers = ")]}\"'.,;:"
	from, to := 0, len(marked)
	for from < to && strings.IndexByte(brackets, marked[from]) >= 0 {
		from++
	}
	for to > from && strings.IndexByte(closers, marked[to-1]) >= 0 {
		to--
	}
	return marked[:from] + wild + marked[to:]
}

// reducePart reduces a part of a word between punctuation.
func reducePart(part string) string {
	first := strings.IndexByte(part, 0)
	if first < 0 {
		return part
	}
	if strings.IndexFunc(part, isWordRune) < 0 {
		return wild
	}
	underscore := strings.LastIndexByte(part[:first], '_')
	joined := strings.ContainsAny(part, "-./\\~@#$+%&")
	switch {
	case underscore >= 0 && (joined || first-underscore <= 3):
		return part[:underscore+1] + wild
	case joined:
		return wild
	}
	return strings.ReplaceAll(part, "\x00", wild)
}

// collapse makes one star of stars that only punctuation joins.
func collapse(word string) string {
	for _, joint := range []string{"*:*", "*,*", "*|*", "*;*"} {
		for strings.Contains(word, joint) {
			word = strings.ReplaceAll(word, joint, wild)
		}
	}
	return word
}
