package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/event"
)

// minute is a time so many minutes after the beginning of the tests' evidence.
func minute(n int) int64 {
	return time.Date(2026, 3, 18, 12, n, 0, 0, time.UTC).UnixNano()
}

func firing(name string, severity event.Severity, from, to int) event.Event {
	return event.Event{Kind: event.Alert, State: "firing", Name: name, ID: name, Severity: severity, Time: minute(from), End: minute(to)}
}

func TestWindowFromTheWorstAlert(t *testing.T) {
	flapping := []event.Event{}
	for i := range 5 {
		flapping = append(flapping, firing("Flapping", event.Critical, 5+i*20, 6+i*20))
	}
	events := append(flapping, firing("Minor", event.Warn, 100, 200), firing("Major", event.Critical, 120, 160))
	w := &windower{flags: &windowFlags{}}
	win, err := w.found(events, event.Range{From: minute(0), To: minute(240)})
	require.NoError(t, err)
	require.Contains(t, win.Source, "alert Major")
	require.LessOrEqual(t, win.From, minute(100), "an alert of the same time widens it")
	require.GreaterOrEqual(t, win.To, minute(200))
	require.Equal(t, win.From, win.Baseline.To)
	require.Equal(t, int64(defaultLookback), win.From-win.Lookback.From)
}

func TestWindowOfANamedAlertIsItsLastFiring(t *testing.T) {
	w := &windower{flags: &windowFlags{alert: "A"}}
	win, err := w.found([]event.Event{firing("A", event.Warn, 10, 20), firing("A", event.Warn, 100, 140)}, event.Range{From: minute(0), To: minute(240)})
	require.NoError(t, err)
	require.Less(t, minute(20), win.From)
	require.LessOrEqual(t, win.From, minute(100))
	require.Greater(t, win.To, minute(140), "what happens at the very end of the alert belongs to it")
	_, err = w.found(nil, event.Range{})
	require.ErrorContains(t, err, "no such alert")
}

func TestWindowWithoutAlertIsTheEvidence(t *testing.T) {
	w := &windower{flags: &windowFlags{}}
	win, err := w.found(nil, event.Range{From: minute(0), To: minute(100)})
	require.NoError(t, err)
	require.Equal(t, minute(20), win.From)
	require.Equal(t, event.Range{From: minute(0), To: minute(20)}, win.Baseline)
	require.Contains(t, win.Source, "no alert was found")
	_, err = w.found(nil, event.Range{})
	require.ErrorContains(t, err, "the window cannot be found")
	require.Equal(t, exitUsage, exitCode(err))
}
