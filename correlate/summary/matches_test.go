package summary

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/correlate/match"
	"github.com/hindcast/hindcast/ingest/event"
)

// Asking only the matchers that a record's shape can satisfy finds what asking all of them about every record finds.
func TestMatchesAreThoseOfEveryRecord(t *testing.T) {
	set, err := match.Compile([]match.Log{
		{Contains: []string{"pool exhausted"}, Regexp: `for (?P<target>[a-z-]+)`},
		{Contains: []string{"secret"}, IgnoreCase: true},
		{Where: "status >= 500"},
		{Where: "status >= 400 and duration > 1"},
		{Where: "severity >= error and duration > 2"},
		{Speaker: "svc-(alpha|beta)", MinSeverity: event.Error},
		{Logger: "a.*", MinSeverity: event.Warn},
	})
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(5, 5))
	records := randomRecords(r, 4000, 60)
	for i := range records {
		v := &records[i]
		v.Logger = [][]byte{nil, []byte("abc"), []byte("b")}[r.IntN(3)]
		switch r.IntN(4) { // variable parts that can hold anything
		case 0:
			v.Message = fmt.Appendf(nil, "opened /var/lib/%s/%d", []string{"secret", "data"}[r.IntN(2)], r.IntN(100))
		case 1:
			v.Message = fmt.Appendf(nil, "user=%q logged in", []string{"SECRET", "alice", "pool exhausted"}[r.IntN(3)])
		}
	}
	want := map[matchKey]int64{}
	scanner := set.Start()
	s := New(Options{Window: window(), Matchers: set})
	for i := range records {
		component := event.NewComponent(string(records[i].Service), "").Name
		for id := range int32(set.Len()) {
			if hit, ok := scanner.Match(id, &records[i], component); ok {
				want[matchKey{id, component, string(bytes.TrimSpace(hit.Target))}]++
			}
		}
		s.Observe(&event.Batch{Records: records[i : i+1]})
	}
	got := map[matchKey]int64{}
	for _, m := range s.Matches() {
		got[matchKey{m.Matcher, m.Component, m.Target}] = m.Count
	}
	require.Equal(t, want, got)
	for id := range int32(set.Len()) {
		require.NotZero(t, func() (n int64) {
			for k, c := range got {
				if k.matcher == id {
					n += c
				}
			}
			return n
		}(), "matcher %d", id)
	}
}
