package rule

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/correlate/query"
	"github.com/hindcast/hindcast/correlate/summary"
	"github.com/hindcast/hindcast/ingest/event"
)

// TestProblem: series that an expression cannot join end that item, and the run only where nobody wants to be told.
func TestProblem(t *testing.T) {
	f, err := Parse("x.yml", []byte(`groups: [{name: x, conditions: [{id: x, title: x, role: mid, when: [{metric: {expr: 'pool_active / on (job) pool_max > 0.9'}}, {alert: {name: Full}}]}]}]`))
	require.NoError(t, err)
	set, err := NewSet(f)
	require.NoError(t, err)
	w := event.Window{Range: event.Range{From: testStart, To: testStart + 600e9}, Baseline: event.Range{From: testStart - 600e9, To: testStart}}
	sum := summary.New(summary.Options{Window: w})
	batch := &event.Batch{Events: []event.Event{{Time: testStart + 1e9, Kind: event.Alert, Name: "Full", Component: event.Component{Name: "api"}}}}
	for _, series := range []string{`pool_active{job="a",pool="1"}`, `pool_active{job="a",pool="2"}`, `pool_max{job="a",pool="1"}`, `pool_max{job="a",pool="2"}`} {
		s, err := query.ParseSeries(series, "1x20", testStart, 15e9)
		require.NoError(t, err)
		batch.Series = append(batch.Series, s)
	}
	sum.Observe(batch)
	facts := Facts{Window: w, Summary: sum, Engine: query.New(sum.Series()), Topology: &event.Topology{}}
	_, err = set.Evaluate(t.Context(), facts)
	require.ErrorContains(t, err, "many-to-many")
	var told []string
	facts.Problem = func(r *Rule, err error) { told = append(told, r.ID+": "+err.Error()) }
	found, err := set.Evaluate(t.Context(), facts)
	require.NoError(t, err)
	require.Len(t, told, 1)
	require.Contains(t, told[0], "x: evaluating pool_active")
	require.Len(t, found, 1, "the other item still counts")
}
