package query

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/event"
)

// RangeLate must give exactly those series of Range that reach into the time that is asked for.
func TestRangeLate(t *testing.T) {
	const minute = int64(time.Minute)
	var all []event.Series
	for i, values := range [][]float64{{1, 1, 9, 9, 1, 1, 1, 1, 1, 1}, {1, 1, 9, 1, 1, 1, 1, 9, 9, 1}, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, {9, 9, 9, 9, 9, 9, 9, 9, 9, 9}} {
		s := event.Series{Name: "x", Labels: []event.Label{{Name: "job", Value: string(rune('a' + i))}}, Step: minute}
		for k, v := range values {
			s.Times, s.Values = append(s.Times, int64(k)*minute), append(s.Values, v)
		}
		all = append(all, s)
	}
	e := New(all)
	to := 9*minute + 59*int64(time.Second)
	for _, expr := range []string{"x > 5", "sum(x) > 12", "x > 100", "max_over_time(x[3m]) > 5", "x > 5 and x @ end() < 5", "max by (job) (x) > avg_over_time(x[5m:1m])", "vector(1)"} {
		for _, since := range []int64{-minute, 0, 5 * minute, 5*minute + 1, 7 * minute, 9*minute + 1} {
			whole, err := e.Range(t.Context(), expr, 0, to, minute)
			require.NoError(t, err)
			whole = slices.DeleteFunc(whole, func(s event.Series) bool { return s.Times[len(s.Times)-1] < since })
			late, err := e.RangeLate(t.Context(), expr, 0, since, to, minute)
			require.NoError(t, err)
			require.Len(t, late, len(whole), "%s since %d", expr, since)
			for i := range whole {
				require.Equal(t, whole[i], late[i], "%s since %d", expr, since)
			}
		}
	}
	_, err := e.RangeLate(t.Context(), "x >", 0, minute, to, minute)
	require.Error(t, err)
}
