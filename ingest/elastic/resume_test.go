package elastic

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/fetch"
)

// ids reads a source and gives the numbers of its documents, in order, and the account.
func ids(t testing.TB, s *Source, q ingest.Query) ([]string, event.Coverage) {
	t.Helper()
	parts, err := s.Parts(t.Context(), q)
	require.NoError(t, err)
	return idsOf(t, parts)
}

func idsOf(t testing.TB, parts []ingest.Part) ([]string, event.Coverage) {
	t.Helper()
	o := &collected{}
	c, err := ingest.Run(t.Context(), "es", parts, []ingest.Observer{o}, nil)
	require.NoError(t, err)
	require.NoError(t, c.Check())
	slices.Sort(o.ids)
	return o.ids, c
}

type collected struct{ ids []string }

// Observe keeps the ids.
func (c *collected) Observe(b *event.Batch) {
	for i := range b.Records {
		c.ids = append(c.ids, string(b.Records[i].ID))
	}
}

// numbers are the ids of n documents, in the order of strings.
func numbers(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = strconv.Itoa(i)
	}
	slices.Sort(list)
	return list
}

// What goes wrong in the middle of a pull and passes costs nothing: every document comes once, and no gap is left.
func testResume(t *testing.T, c *cluster) {
	const n = 30_000
	name := c.index(t, "resume", threeShards, orders(n))
	var s *Source
	forget := func(k int) { // the server loses the points in time
		if k == 5 || k == 16 || k == 40 {
			s.points[len(s.points)-1].close(t.Context())
		}
	}
	for what, transport := range map[string]http.RoundTripper{
		"points in time are lost":   &faults{before: forget},
		"lost, and answers cut":     &faults{before: forget, cut: true, from: 7, to: 9},
		"a storm of 429":            fetch.Retry(&faults{status: 429, from: 4, to: 6}, brief),
		"503":                       fetch.Retry(&faults{status: 503, from: 4, to: 6}, brief),
		"answers break off":         &faults{cut: true, from: 5, to: 6},
		"answers end as if whole":   &faults{half: true, from: 5, to: 6},
		"a shard is away for a bit": &faults{shard: true, from: 5, to: 6},
	} {
		t.Run(what, func(t *testing.T) {
			s = c.open(t, Options{Index: name, Transport: transport, PageSize: 1000})
			got, coverage := ids(t, s, ingest.Query{Parts: 3})
			require.Empty(t, coverage.Gaps)
			require.True(t, slices.Equal(numbers(n), got), "%d of %d documents", len(got), n)
			if f, ok := transport.(*faults); ok && f.before != nil {
				require.Greater(t, len(s.points[0].opened), 1, "no point in time was lost")
			}
		})
	}
}

// A pull whose points in time are lost over and over ends, and says what is missing.
func testGivesUp(t *testing.T, c *cluster) {
	name := c.index(t, "gives-up", threeShards, orders(3_000))
	var s *Source
	s = c.open(t, Options{Index: name, PageSize: 1000, Transport: &faults{before: func(k int) {
		if k > 1 {
			s.points[0].close(t.Context())
		}
	}}})
	got, coverage := ids(t, s, ingest.Query{Parts: 1})
	require.Len(t, coverage.Gaps, 1)
	require.True(t, coverage.Gaps[0].Failed)
	require.Contains(t, coverage.Gaps[0].Reason, "the point in time was lost 11 times")
	require.Contains(t, coverage.Gaps[0].Reason, fmt.Sprintf("about %d documents are missing", 3000-len(got)))
	require.Len(t, slices.Compact(got), len(got))
}

// Documents that the server counts and does not give become a gap.
func testLowerBound(t *testing.T, c *cluster) {
	name := c.index(t, "count", threeShards, orders(3_000))
	s := c.open(t, Options{Index: name, Transport: &rewriting{func(body string) string {
		return strings.ReplaceAll(body, `"value":3000`, `"value":3210`)
	}}})
	got, coverage := ids(t, s, ingest.Query{Parts: 1})
	require.Len(t, got, 3000)
	require.Len(t, coverage.Gaps, 1)
	require.Equal(t, "210 of the 3210 documents that the server counted did not come", coverage.Gaps[0].Reason)
	require.True(t, coverage.Gaps[0].Failed)
}

// A server that is killed in the middle of a pull and started again costs nothing but time.
func testRestart(t *testing.T, c *cluster) {
	if c.server == nil {
		t.Skip("the server is not the test's own")
	}
	const n = 30_000
	name := c.index(t, "restart", threeShards, orders(n))
	long := fetch.Patience{Attempts: 1000, Pause: 100 * time.Millisecond, Longest: 500 * time.Millisecond}
	up := make(chan struct{})
	killed := &faults{before: func(k int) {
		if k == 9 {
			c.server.Kill(t)
			go func() {
				defer close(up)
				c.server.Start(t)
			}()
		}
	}}
	s := c.open(t, Options{Index: name, Transport: fetch.Retry(killed, long), PageSize: 1000})
	got, coverage := ids(t, s, ingest.Query{Parts: 3})
	<-up
	require.Empty(t, coverage.Gaps)
	require.True(t, slices.Equal(numbers(n), got), "%d of %d documents", len(got), n)
	require.Greater(t, len(s.points[0].opened), 1, "no point in time was lost")
}
