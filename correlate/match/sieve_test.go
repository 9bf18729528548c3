package match

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The sieve finds exactly the texts that hold a literal, of whatever length and wherever it stands.
func TestSieve(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 9))
	word := func(most int) string {
		b := make([]byte, 1+r.IntN(most))
		for i := range b {
			b[i] = "abcAB \x40\xe4"[r.IntN(8)]
		}
		return string(b)
	}
	held := 0
	for range 3000 {
		var literals []literal
		for range 1 + r.IntN(6) {
			literals = append(literals, literal{text: foldString(word(14)), fold: true})
		}
		s := newSieve(literals)
		for range 20 {
			text := word(60)
			if r.IntN(3) == 0 {
				at := r.IntN(len(text) + 1)
				text = text[:at] + strings.ToUpper(literals[r.IntN(len(literals))].text) + text[at:]
			}
			want := slices.ContainsFunc(literals, func(l literal) bool { return strings.Contains(foldString(text), l.text) })
			require.Equal(t, want, s.holds([]byte(text)), "%q in %q", literals, text)
			for _, l := range literals {
				require.Equal(t, strings.Contains(foldString(text), l.text), containsFold([]byte(text), l.text), "%q in %q", l.text, text)
			}
			if want {
				held++
			}
		}
	}
	require.Greater(t, held, 10_000)
}
