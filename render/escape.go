package render

import (
	"net/url"
	"strings"
	"unicode"
)

// inline escapes text so that every Markdown reader shows it as it is, within a paragraph, a list item or a table cell.
// Besides the signs of Markdown it breaks what some readers make out of plain text: bare links, addresses and mentions.
func inline(s string) string {
	s = strings.TrimSpace(clean(s))
	var b strings.Builder
	runes := []rune(s)
	at := func(i int) rune {
		if i < 0 || i >= len(runes) {
			return ' '
		}
		return runes[i]
	}
	for i, r := range runes {
		switch r {
		case '|':
			b.WriteString("&#124;") // readers disagree on what a backslash does to the bar of a table
			continue
		case '@':
			b.WriteString(`\@`)
			if isWord(at(i + 1)) {
				b.WriteString("&#8203;") // mentions are found after the Markdown is read, where the backslash is gone
			}
			continue
		}
		if needsEscape(r, i, at) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func needsEscape(r rune, i int, at func(int) rune) bool {
	switch r {
	case '\\', '`', '*', '[', ']', '<', '>', '~', '$', '&':
		return true
	case '_':
		return !isWord(at(i-1)) || !isWord(at(i+1))
	case ':':
		return at(i+1) == '/'
	case '.', ')':
		return i > 0 && onlyDigits(i, at) || r == '.' && at(i-1) == 'w' && at(i-2) == 'w' || r == '.' && at(i-1) == 'W'
	case '#', '+', '-', '=':
		return i == 0
	default:
		return false
	}
}

// onlyDigits tells whether the text before position i could be the number of a list item.
func onlyDigits(i int, at func(int) rune) bool {
	for j := range i {
		if at(j) < '0' || at(j) > '9' {
			return false
		}
	}
	return i <= 9
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// code puts text into a code span, which is the safest place for the words of a log outside a table.
func code(s string) string {
	s = strings.TrimSpace(clean(s))
	if s == "" {
		return "–"
	}
	ticks := strings.Repeat("`", longestRun(s, '`')+1)
	if s[0] == '`' || s[len(s)-1] == '`' {
		return ticks + " " + s + " " + ticks
	}
	return ticks + s + ticks
}

// fence puts lines into a fenced block that none of them can close. Lines that look like one of our own markers are moved by a space.
func fence(language, text string) string {
	text = strings.TrimRight(cleanLines(text), "\n ")
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, "<!-- hindcast:") || strings.HasPrefix(l, "hindcast:") {
			lines[i] = " " + l
		}
	}
	ticks := strings.Repeat("`", max(3, longestRun(text, '`')+1))
	return ticks + language + "\n" + strings.Join(lines, "\n") + "\n" + ticks + "\n"
}

func longestRun(s string, of byte) int {
	longest, run := 0, 0
	for i := range len(s) {
		if s[i] != of {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

// webLink checks that a link leads to the web and writes it without anything that could end it early.
func webLink(link string) (string, bool) {
	u, err := url.Parse(strings.TrimSpace(link))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", false
	}
	return strings.NewReplacer("(", "%28", ")", "%29", "<", "%3C", ">", "%3E", " ", "%20", "`", "%60", "\\", "%5C", "|", "%7C", "\"", "%22", "'", "%27").Replace(clean(u.String())), true
}

// anchor makes the id of an anchor of an evidence id.
func anchor(id string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r < 0x80 && (isWord(r) || r == '-') {
			return r
		}
		return -1
	}, id))
}

// graphLabel keeps what a Mermaid label can hold without a meaning of its own.
func graphLabel(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case isWord(r) || strings.ContainsRune(" .,:/%_+=-×→±", r):
			return r
		default:
			return ' '
		}
	}, clean(s))
	return cut(strings.Join(strings.Fields(s), " "), 70)
}
