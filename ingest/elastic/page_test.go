package elastic

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const answered = `{"pit_id":"p\"1","took":3,"timed_out":false,"_shards":{"total":3,"successful":2,"skipped":0,"failed":1,"failures":[{"shard":0,"index":"a","reason":{"type":"x","reason":"no\nway","caused_by":{"type":"y"}}}]},
"hits":{"total":{"value":7,"relation":"gte"},"max_score":null,"hits":[
{"_index":"a","_id":"1","_score":null,"_source":{"hits":{"hits":[1]},"_id":"9"},"sort":[4294967296,"z"]},
{"_index":"a","_id":"2\/3","_source":{},"fields":{"@timestamp":["2025-10-14T03:00:00.000Z"]},"sort":[5]}]}}`

func TestPage(t *testing.T) {
	p := &page{}
	require.NoError(t, p.cut([]byte(answered)))
	require.Equal(t, `p"1`, string(p.point))
	require.Equal(t, int64(7), p.total)
	require.Len(t, p.hits, 2)
	require.Equal(t, `{"hits":{"hits":[1]},"_id":"9"}`, string(p.hits[0].source)) //nolint:testifylint // the same bytes
	require.Equal(t, `[4294967296,"z"]`, string(p.hits[0].sort))
	require.Equal(t, "2/3", string(p.hits[1].id))
	require.Equal(t, `"2025-10-14T03:00:00.000Z"`, string(p.hits[1].time))
	require.Equal(t, "1 of 3 shards failed: no", p.trouble())
	for cut := range len(answered) {
		require.ErrorIs(t, p.cut([]byte(answered[:cut])), errCutShort, answered[:cut])
	}
	require.ErrorContains(t, p.cut([]byte(`{"ok":true}`)), "not a search")
}

func FuzzPage(f *testing.F) {
	f.Add([]byte(answered))
	f.Add([]byte(`{"hits":{"hits":[{"_source":"x"},{"sort":1},3,[]]},"_shards":[],"timed_out":{}}`))
	f.Add([]byte(`{"error":{"root_cause":[{"type":"search_context_missing_exception"}],"failed_shards":[{"reason":{}}]},"status":404}`))
	f.Fuzz(func(_ *testing.T, answer []byte) {
		p := &page{}
		if p.cut(answer) == nil {
			_ = p.trouble()
		}
		_ = newFailure("s", 404, nil, answer).Error()
	})
}

// Parts have about as many documents each, in the order of time, and none is forgotten.
func TestShare(t *testing.T) {
	var spans []span
	for i := range int64(33) {
		spans = append(spans, span{i * 10, i*10 + 10, 100 + i%5*10})
	}
	for n := 1; n <= 40; n++ {
		parts := share(spans, n)
		require.LessOrEqual(t, len(parts), n)
		require.GreaterOrEqual(t, len(parts), min(n, 33)/2+1)
		var all []span
		for _, p := range parts {
			require.NotEmpty(t, p)
			all = append(all, p...)
		}
		require.Equal(t, spans, all)
	}
	require.Empty(t, share(nil, 3))
}
