package pattern

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// hashTemplate computes a fingerprint from nothing but the text of a template,
// so that equal templates prove equal fingerprints.
func hashTemplate(template string) Fingerprint {
	h := uint64(seed)
	for b := []byte(template); len(b) > 0; {
		class, n := placeholderAt(b)
		if strings.HasPrefix(string(b), placeholders[Space]) {
			class, n = Space, len(placeholders[Space])
		}
		switch {
		case n > 0:
			h = mixClass(h, class)
		case kind[b[0]]&isLetter != 0:
			h, n = mixWord(h, b, 0, span(b, 0, isLetter))
		default:
			n = 1
			h = mixByte(h, b[0])
		}
		b = b[n:]
	}
	return Fingerprint(mix(h, 0))
}

// checkMessage holds the laws of one message.
func checkMessage(t *testing.T, msg []byte) {
	t.Helper()
	template := Template(msg)
	require.Equal(t, hashTemplate(template), Of(msg), "fingerprint of %q, template %q", msg, template)

	var text, masked []byte
	parts := Parts(nil, msg)
	for i, p := range parts {
		text = append(text, p.Text...)
		if p.Class == Const {
			require.NotEmpty(t, p.Text)
			require.False(t, i > 0 && parts[i-1].Class == Const, "two constants in a row: %q", msg)
			masked = append(masked, p.Text...)
			continue
		}
		masked = append(masked, p.Class.placeholder()...)
		if allowed := classBytes[p.Class]; allowed != "" && !bytes.Contains(p.Text, []byte(p.Class.placeholder())) {
			require.Empty(t, strings.Trim(string(p.Text), allowed), "%v in %q", p.Class, msg)
			if p.Class != Space {
				require.Equal(t, strings.Count(string(p.Text), ", "), strings.Count(string(p.Text), " "), "a blank in %v, other than in a list, in %q", p.Class, msg)
			}
		}
	}
	require.Equal(t, string(trim(msg)), string(text))
	require.Equal(t, template, string(masked))
}

// classBytes are the bytes that values of these classes hold; the literals of rules are matched
// against them (correlate/match).
var classBytes = map[Class]string{
	Number: "0123456789.,+-eE ",
	Hex:    "0123456789abcdefABCDEFxX:+-, ",
	UUID:   "0123456789abcdefABCDEF-, ",
	IP:     "0123456789abcdefABCDEF.:, ",
	MAC:    "0123456789abcdefABCDEF:, ",
	Space:  " \t\r\v\f",
}

func FuzzMessage(f *testing.F) {
	f.Add([]byte("x 'a','b' \"k\": 10.0.0.1:80 [\"\",\"\"]\n at x\n\ty"))
	f.Fuzz(func(t *testing.T, msg []byte) {
		checkMessage(t, msg)
		doubled := bytes.Repeat(msg, 2)
		checkMessage(t, doubled)
	})
}

// What a Memory answers does not depend on what it met before.
func FuzzMemory(f *testing.F) {
	f.Add([]byte("connection to host lost after a while\nconnection to host lost after a while: 17\nconnection to host lost-and found again\n"))
	f.Add([]byte("the Mon days of the year are many\nthe Mon 12:00 days of the\nthe value is \"the value is\" the value\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var m Memory
		for range 12 {
			for line := range bytes.SplitSeq(text, []byte("\n")) {
				require.Equal(t, Of(line), m.Of(line), "%q", line)
				for i := range min(len(line), 64) { // the same text with another end, and from another beginning
					require.Equal(t, Of(line[:i]), m.Of(line[:i]), "%q", line[:i])
					require.Equal(t, Of(line[i:]), m.Of(line[i:]), "%q", line[i:])
				}
			}
		}
	})
}
