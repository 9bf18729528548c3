package rule

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/correlate/query"
	"github.com/hindcast/hindcast/correlate/summary"
	"github.com/hindcast/hindcast/ingest/event"
)

// TestBegunDaysBefore: of the days before there is a sample every half an hour, of the incident one every 15 seconds. What
// holds without a break began days ago; what had ended meanwhile began in the baseline.
func TestBegunDaysBefore(t *testing.T) {
	f, err := Parse("x.yml", []byte(`groups: [{name: x, conditions: [{id: leak, title: x, role: root, suppress_baseline: false, when: [{metric: {expr: 'idle > 20', component: [job]}, unless_baseline: false}]}]}]`))
	require.NoError(t, err)
	set, err := NewSet(f)
	require.NoError(t, err)
	hour := int64(time.Hour)
	w := event.Window{
		Range:    event.Range{From: testStart, To: testStart + hour},
		Baseline: event.Range{From: testStart - 2*hour, To: testStart}, Lookback: event.Range{From: testStart - 72*hour, To: testStart},
	}
	fine := testStart - hour // from here on there is a sample every 15 s
	coarse := func(job, values string) event.Series {
		s, err := query.ParseSeries(`idle{job="`+job+`"}`, values, fine-48*hour, 1800e9)
		require.NoError(t, err)
		return s
	}
	batch := &event.Batch{Series: []event.Series{coarse("steady", "0+2x95"), coarse("paused", "0+2x40 0x54")}}
	for _, job := range []string{"steady", "paused"} {
		s, err := query.ParseSeries(`idle{job="`+job+`"}`, "200x479", fine, 15e9)
		require.NoError(t, err)
		batch.Series = append(batch.Series, s)
	}
	sum := summary.New(summary.Options{Window: w})
	sum.Observe(batch)
	found, err := set.Evaluate(t.Context(), Facts{Window: w, Summary: sum, Engine: query.New(sum.Series()), Topology: &event.Topology{}})
	require.NoError(t, err)
	require.Len(t, found, 2)
	onset := map[string]time.Duration{}
	for _, c := range found {
		onset[c.Component] = time.Duration(c.Onset - fine).Round(30 * time.Minute)
	}
	require.Equal(t, -48*time.Hour+11*30*time.Minute, onset["steady"], "the eleventh sample is the first above 20")
	require.Zero(t, onset["paused"])
}
