package detect

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/event"
)

// Looking limits up by a label leaves out none that agrees.
func TestLimits(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	series := func(always bool) *Signal {
		s := &event.Series{}
		for _, name := range []string{"instance", "pod", "pool"} {
			if always && name == "pod" || r.IntN(3) > 0 {
				s.Labels = append(s.Labels, event.Label{Name: name, Value: strconv.Itoa(r.IntN(4))})
			}
		}
		return &Signal{Series: s}
	}
	for range 300 {
		l := &limits{}
		always := r.IntN(2) == 0
		for range r.IntN(12) {
			l.all = append(l.all, series(always))
		}
		l.index()
		for range 10 {
			use := series(false)
			var want, got []*Signal
			for _, s := range l.all {
				if sameLabels(use.Series, s.Series) {
					want = append(want, s)
				}
			}
			for _, s := range l.of(use) {
				if sameLabels(use.Series, s.Series) {
					got = append(got, s)
				}
			}
			require.Len(t, got, len(want))
			for i := range want {
				require.Same(t, want[i], got[i])
			}
		}
	}
	require.Empty(t, (*limits)(nil).of(series(true)))
}
