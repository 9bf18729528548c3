package summary

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/event"
)

// What was sampled after the window is left out, what was sampled before the baseline is not.
func TestSeriesEndWithTheWindow(t *testing.T) {
	w := event.Window{Range: event.Range{From: 200, To: 300}, Baseline: event.Range{From: 100, To: 200}}
	series := []event.Series{
		{Name: "a", Times: []int64{50, 250, 299, 300, 350}, Values: []float64{1, 2, 3, 4, 5}},
		{Name: "b", Times: []int64{300}, Values: []float64{1}},
		{Name: "a", Times: []int64{260, 400}, Values: []float64{6, 7}},
	}
	s := New(Options{Window: w})
	s.Observe(&event.Batch{Series: series})
	require.Equal(t, []event.Series{{Name: "a", Times: []int64{50, 250, 260, 299}, Values: []float64{1, 2, 6, 3}}}, s.Series())
	require.Len(t, series[0].Times, 5)

	s = New(Options{})
	s.Observe(&event.Batch{Series: series[:1]})
	require.Equal(t, series[:1], s.Series())
}
