package rule

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/correlate/summary"
	"github.com/hindcast/hindcast/ingest/event"
)

// TestOverdue runs an export every ten minutes before the window, and in the window up to a last one.
func TestOverdue(t *testing.T) {
	const minute = int64(60e9)
	file, err := Parse("own.yml", []byte(`
groups:
  - name: own
    conditions:
      - id: export-stopped
        title: 'the export of {{ .component }} does not run'
        role: mid
        when:
          - absent: {expect: {log: {contains: ['export finished']}}, within: 15m}
`))
	require.NoError(t, err)
	set, err := NewSet(file)
	require.NoError(t, err)
	start := int64(1760000000e9)
	w := event.Window{
		Range: event.Range{From: start, To: start + 60*minute}, Baseline: event.Range{From: start - 120*minute, To: start},
		Lookback: event.Range{From: start - 120*minute, To: start},
	}
	for _, c := range []struct {
		name        string
		first, last int64 // minutes from the window's beginning
		want        bool
	}{
		{"it stops", -115, 5, true},
		{"it goes on", -115, 59, false},
		{"it came but twice", -15, -5, false},
		{"it begins within the window", 5, 15, false},
		{"it had stopped and is missed all the while", -115, -5, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := set.Matchers()
			require.NoError(t, err)
			sum := summary.New(summary.Options{Window: w, Matchers: m})
			for at := c.first; at <= c.last; at += 10 {
				sum.Observe(&event.Batch{Records: []event.Record{{Time: start + at*minute, Service: []byte("billing"), Message: []byte("export finished in 3 s")}}})
			}
			found, err := set.Evaluate(t.Context(), Facts{Window: w, Summary: sum, Topology: &event.Topology{}})
			require.NoError(t, err)
			if !c.want {
				require.Empty(t, found)
				return
			}
			require.Len(t, found, 1)
			require.Equal(t, "billing", found[0].Component)
			due := start + (c.last+15)*minute
			require.InDelta(t, float64(due), float64(found[0].Onset), float64(minute))
		})
	}
}
