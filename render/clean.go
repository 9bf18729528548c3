package render

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// pencil marks what only a person can fill in. In what was read it becomes another pencil, so that open places can be counted.
const (
	pencil      = "✎"
	otherPencil = "✏"
)

// clean makes text from outside safe to look at, on one line: control characters, those that turn the direction of
// writing or are not seen, and bytes that are no UTF-8 become U+FFFD; line breaks and tabs become spaces.
func clean(s string) string { return cleaned(s, false) }

// cleanLines is clean for text that keeps its lines and tabs.
func cleanLines(s string) string { return cleaned(s, true) }

func cleaned(s string, lines bool) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	if isClean(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i, r := range s {
		switch {
		case (r == '\n' || r == '\t') && lines:
			b.WriteRune(r)
		case r == '\n' || r == '\r' || r == '\t' || r == '\u2028' || r == '\u2029' || r == '\u0085':
			b.WriteByte(' ')
		case r == '\ufe0f' || r == '\u200d': // parts of emoji, nothing by themselves
		case r == '✎':
			b.WriteString(otherPencil)
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			b.WriteRune(utf8.RuneError)
		case isHidden(r):
			b.WriteRune(utf8.RuneError)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isClean(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// isHidden tells whether a character is not seen, or changes how others are seen: controls (Cc), formats (Cf, with the
// bidirectional marks and the tag characters), private use and surrogates, and the fillers that look like nothing.
func isHidden(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs) || unicode.Is(unicode.Variation_Selector, r) ||
		r == '\u115f' || r == '\u1160' || r == '\u3164' || r == '\uffa0'
}

// cut shortens s to at most n characters, at the end, and says so.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	runes := []rune(s)
	return strings.TrimRight(string(runes[:n-1]), " ") + "…"
}
