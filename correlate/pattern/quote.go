package pattern

// maxQuoted is how far a closing quote is looked for.
const maxQuoted = 256

// quoted handles the quote at i. Quotes themselves are constant; the text
// between them is a String if it looks like the value of something: one word
// without blanks, what follows an equals sign, or an SQL literal. Keys stay, and
// so do values that tell how a thing went.
func (s *scanner) quoted(i int) (Class, int) {
	b := s.msg
	q := b[i]
	if i == s.closing || is(b, i-1, isAlnum) || i < s.unclosed[q&1] {
		return Const, i + 1
	}
	end := closingQuote(b, i)
	if end == 0 {
		s.unclosed[q&1] = i + maxQuoted
		return Const, i + 1
	}
	s.closing = end
	if maskable(b, i, end) {
		s.value = i + 1
	}
	return Const, i + 1
}

// closingQuote returns where the quotation opened at i ends, or 0.
func closingQuote(b []byte, i int) int {
	limit := min(len(b), i+1+maxQuoted)
	for j := i + 1; j < limit; j++ {
		switch b[j] {
		case '\n':
			return 0
		case '\\':
			j++
		case b[i]:
			if !is(b, j+1, isAlnum) {
				return j
			}
		}
	}
	return 0
}

// maskable reports whether the text between the quotes at i and end is a value.
func maskable(b []byte, i, end int) bool {
	text := b[i+1 : end]
	before := i - 1
	for before >= 0 && b[before] == ' ' {
		before--
	}
	p := at(b, before)
	if at(b, end+1) == ':' && (p == '{' || p == ',' || before < 0) {
		return false // a key
	}
	keyed := p == ':' || p == '='
	if isOutcome(text) || keyed && telling(keyBefore(b, before)) {
		return false
	}
	for _, c := range text {
		if kind[c]&isSpace != 0 {
			return p == '=' || b[i] == '\'' && (p == '<' || p == '>' || p == '(' || p == ',')
		}
	}
	return true
}

// keyBefore returns the name that ends before the colon or equals sign at i.
func keyBefore(b []byte, i int) []byte {
	end := i
	if end > 0 && (b[end-1] == '"' || b[end-1] == '\'') {
		end--
	}
	from := end
	for from > 0 && from > end-16 && (kind[b[from-1]]&isAlnum != 0 || b[from-1] == '_') {
		from--
	}
	return b[from:end]
}

// telling reports whether the values of a key say what kind of thing happened.
func telling(key []byte) bool {
	switch string(key) {
	case "msg", "message", "event", "type", "kind", "status", "state", "level", "severity", "action", "reason",
		"error", "err", "op", "operation", "method", "phase", "result", "outcome", "code", "class", "category":
		return true
	}
	return false
}

// quotedList returns the end of the list of quoted values whose first member, a
// String, ends at to. The scanner has just given that member.
func (s *scanner) quotedList(to int) int {
	for s.pos < maxShape {
		b := s.msg
		q := at(b, s.pos)
		if (q != '"' && q != '\'') || at(b, s.pos+1) != ',' {
			return to
		}
		ahead := *s
		ahead.pos += 2
		if at(b, ahead.pos) == ' ' {
			ahead.pos++
		}
		if at(b, ahead.pos) != q {
			return to
		}
		ahead.piece()
		if ahead.value != ahead.pos {
			return to
		}
		_, _, to = ahead.piece()
		*s = ahead
	}
	return to
}
