package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/cmd/hindcast/archive"
	"github.com/hindcast/hindcast/cmd/hindcast/incident"
	"github.com/hindcast/hindcast/ingest/event"
)

// TestRemember: passes look at a server every five minutes that shows only what is active.
func TestRemember(t *testing.T) {
	at := func(n int) time.Time { return event.Time(minute(n)) }
	active := func(name string, from int) event.Event {
		e := firing(name, event.Critical, from, 0)
		e.End, e.Origin.Source = 0, "am"
		return e
	}
	a, err := archive.Open(t.TempDir())
	require.NoError(t, err)
	pass := func(n int, events []event.Event, answered ...string) []incident.Firing {
		seen, err := a.Seen()
		require.NoError(t, err)
		kept, recalled := remember(seen, events, answered, at(n), at(n).Add(-2*time.Hour))
		require.NoError(t, a.SetSeen(kept))
		return incident.Firings(append(events, recalled...), minute(n))
	}
	got := pass(5, []event.Event{active("A", 1)}, "am")
	require.True(t, got[0].Open)
	got = pass(10, nil) // it cannot be asked
	require.Len(t, got, 1)
	require.True(t, got[0].Open, "an alert that was not asked about has not ended")
	got = pass(15, []event.Event{active("B", 12)}, "am")
	require.Len(t, got, 2)
	require.False(t, got[0].Open, "A is not shown any more")
	require.Equal(t, event.Range{From: minute(1), To: minute(10)}, got[0].Range, "it ended between the passes that asked")
	require.True(t, got[1].Open)
	for range 2 { // a pass that was killed is done again
		got = pass(20, []event.Event{active("B", 12)}, "am")
		require.Equal(t, minute(10), got[0].To, "the end stays")
	}
	require.Empty(t, pass(300, nil, "am"), "what is long over is forgotten")
}
