package match

import (
	"fmt"
	"math/rand/v2"
	"regexp/syntax"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/event"
)

func TestDigitsAlike(t *testing.T) {
	for _, expr := range []string{`a\d+b`, `[a-z0-9]+`, `\w+\.\w`, `[^0-9]x`, `.*`, `\bx\b`, `[[:alnum:]]{1,3}`, `(?i)timeout (\S+)`} {
		require.True(t, alike(parsed(t, expr)), expr)
	}
	for _, expr := range []string{`40[13]`, `[1-9]\d*`, `x5`, `[a-f0-5]`, `[^5]`} {
		require.False(t, alike(parsed(t, expr)), expr)
	}
}

// What is remembered gives what the expression gives.
func TestMemo(t *testing.T) {
	set, err := Compile([]Log{
		{Regexp: `timeout after (?P<ms>\d+) ms to (?P<target>[a-z0-9.-]+)`},
		{Regexp: `status (?P<status>50[23]) from (?P<target>\S+)`},
		{Regexp: `took [1-9]\d*`},
	})
	require.NoError(t, err)
	sc := set.Start()
	r := rand.New(rand.NewPCG(4, 4))
	for range 20000 {
		text := fmt.Sprintf([]string{"timeout after %d ms to 10.0.%d.7", "status 50%d from db-%d", "took %d and %d", "nothing %d %d"}[r.IntN(4)], r.IntN(12), r.IntN(300))
		rec := &event.Record{Message: []byte(text)}
		for id := range int32(set.Len()) {
			m := &set.matchers[id]
			want := m.expr.compiled().FindSubmatchIndex(rec.Message)
			require.True(t, slices.Equal(want, sc.find(id, m, rec.Message)), text)
			hit, ok := sc.Match(id, rec, "x")
			require.Equal(t, want != nil, ok)
			if id == 0 && ok {
				require.Contains(t, text, "to "+string(hit.Target))
			}
		}
	}
}

// The flood that an incident is.
func BenchmarkFlood(b *testing.B) {
	set, err := Compile([]Log{{
		Contains: []string{"SocketTimeoutException"},
		Regexp:   `(?i)(?:\bto (?P<target>[a-z0-9][\w.-]*(?::\d+)?)[^\n]{0,80}? timed? ?out|timed? ?out[^\n]{0,80}? (?:from|to) (?P<target2>[\w.-]+))`,
	}})
	require.NoError(b, err)
	sc := set.Start()
	records := make([]event.Record, 512)
	r := rand.New(rand.NewPCG(6, 6))
	for i := range records {
		records[i].Message = fmt.Appendf(nil, "10.250.%d.%d:50010:Got exception while serving blk_%d to /10.250.7.%d: java.net.SocketTimeoutException: 480000 millis timeout",
			r.IntN(20), r.IntN(250), r.Uint64(), r.IntN(250))
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		rec := &records[i%len(records)]
		for _, id := range sc.CandidatesFull(rec) {
			sc.Match(id, rec, "data")
		}
	}
}

func parsed(t *testing.T, expr string) *syntax.Regexp {
	t.Helper()
	tree, err := syntax.Parse(expr, syntax.Perl)
	require.NoError(t, err)
	return tree
}
