package pattern

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestShapes checks the templates in testdata/shapes.txt: a message, and below
// it its template after an equals sign. \n, \t and \x1b stand for themselves.
func TestShapes(t *testing.T) {
	text, err := os.ReadFile("testdata/shapes.txt")
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	unescape := strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\x1b`, "\x1b")
	require.Zero(t, len(lines)%2)
	for i := 0; i < len(lines); i += 2 {
		msg := []byte(unescape.Replace(lines[i]))
		want, ok := strings.CutPrefix(lines[i+1], "= ")
		require.True(t, ok, "line %d", i+2)
		require.Equal(t, unescape.Replace(want), Template(msg), "line %d", i+1)
		checkMessage(t, msg)
	}
}

func TestShapeEnds(t *testing.T) {
	long := []byte(strings.Repeat("word 17 ", 4000))
	require.True(t, strings.HasSuffix(Template(long), "<more>"))
	require.Less(t, len(Template(long)), 2*maxShape)
	checkMessage(t, long)
	require.Empty(t, Template(nil))
	require.Equal(t, Of(nil), Of([]byte(" \n")))
	require.Equal(t, Of([]byte("a b")), Of([]byte("  a b\r\n")), "white space around it does not belong to a message")
}

// Open quotes, lists and other things that are looked for ahead must not cost
// more than the message is long. The test would take minutes if they did.
func TestHostileText(t *testing.T) {
	for _, unit := range []string{
		"a", "1", "-", "a-", "1-", "a.b", "1.", "'a ", "\"a ", "\"", "<", "a@", "1:", "a:", "1,", "'a',", "/a", `\\a`, "http://",
		"{\"a\":", "1e", "_1", "ab1", "x1_", "f:", "::", "a1@b.", "Jan ", "Jan 1 ", "\x1b[1", "\n ", "00000000-", "=\"a b", "a_b1c2-d3",
	} {
		checkMessage(t, []byte(strings.Repeat(unit, 1<<18/len(unit))))
	}
}

func TestFingerprintsDiffer(t *testing.T) {
	seen := map[Fingerprint]string{}
	for _, msg := range []string{
		"", "a", "b", "a a", "a  a", "aa", "a.a", "a.", ".a", "started", "stopped", "Started", "12345678", "abcdefgh", "abcdefgh ijk",
		"abcdefghijk", "x <num>", "x num", "x=<num>", "a-b", "b-a", "()", ")(", "ab cd", "abc d",
	} {
		other, ok := seen[Of([]byte(msg))]
		require.False(t, ok, "%q and %q", msg, other)
		seen[Of([]byte(msg))] = msg
	}
}

// The fingerprint is part of what a Summary is: it must not change from run to
// run, nor between machines.
func TestFingerprintsStay(t *testing.T) {
	require.Equal(t, Fingerprint(0xd2f708234d2c868c), Of([]byte("connection to 10.0.0.1:5432 lost after 12 ms")))
	require.Equal(t, Fingerprint(0x6be5507822af1316), Coarse([]byte("connection to 10.0.0.1:5432 lost after 12 ms")))
}

func TestCoarse(t *testing.T) {
	a := Coarse([]byte("connection to 10.0.0.1 lost"))
	require.Equal(t, a, Coarse([]byte("connection of alice refused")))
	require.NotEqual(t, a, Coarse([]byte("connection to 10.0.0.1 lost again")))
	require.NotEqual(t, a, Coarse([]byte("packets to 10.0.0.1 lost")))
	require.NotEqual(t, Of([]byte("x")), Coarse([]byte("x")))
}

func TestOfAllocatesNothing(t *testing.T) {
	for _, m := range benchMessages {
		msg := []byte(m.msg)
		require.Zero(t, testing.AllocsPerRun(100, func() { Of(msg) }), m.name)
	}
}
