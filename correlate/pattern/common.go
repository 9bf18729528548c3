package pattern

import "strings"

// commonTemplate writes the template that the forms of one set share: that of
// the most frequent one, with "<*>" where another's differs.
func commonTemplate(members []*form) string {
	base := members[0]
	for _, f := range members {
		if f.baseCount > base.baseCount || f.baseCount == base.baseCount && f.base < base.base {
			base = f
		}
	}
	if len(members) == 1 && len(base.templates) == 1 {
		return base.base
	}
	spans := make([]wordSpan, len(base.tokens))
	for i, t := range base.tokens {
		text := base.base[t.from:t.to]
		spans[i] = wordSpan{text: text, prefix: len(text), suffix: len(text)}
	}
	for _, f := range members {
		for _, template := range f.templates {
			tokens := f.tokens
			if template != f.base {
				tokens = f.tokensOf(template)
			}
			for i := range spans {
				spans[i].narrow(template[tokens[i].from:tokens[i].to])
			}
		}
	}
	var b strings.Builder
	for i, s := range spans {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(s.String())
	}
	return b.String()
}

// A wordSpan is a word with how much of its start and end all members share.
type wordSpan struct {
	text           string
	prefix, suffix int
	differs        bool
}

func (s *wordSpan) narrow(text string) {
	if text == s.text {
		return
	}
	s.differs = true
	n := min(len(text), len(s.text))
	i := 0
	for i < n && i < s.prefix && text[i] == s.text[i] {
		i++
	}
	s.prefix = i
	j := 0
	for j < n && j < s.suffix && text[len(text)-1-j] == s.text[len(s.text)-1-j] {
		j++
	}
	s.suffix = j
}

// String gives the word with its variable part as "<*>": all but the
// punctuation and the key that the members share.
func (s *wordSpan) String() string {
	if !s.differs {
		return s.text
	}
	i := s.prefix
	for i > 0 && strings.IndexByte("=:(_[\"'{,|", s.text[i-1]) < 0 {
		i--
	}
	j := max(i, len(s.text)-s.suffix)
	for j < len(s.text) && strings.IndexByte("=:)]\"'},.;|", s.text[j]) < 0 {
		j++
	}
	return s.text[:i] + placeholders[Any] + s.text[j:]
}
