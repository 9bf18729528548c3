package incident

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/event"
)

// minute is a time so many minutes after the beginning of the tests' evidence.
func minute(n int) int64 { return time.Date(2026, 3, 18, 12, n, 0, 0, time.UTC).UnixNano() }

// alert makes a firing called "name/component" or "name".
func alert(name string, from, to int) Firing {
	alertname, component, _ := strings.Cut(name, "/")
	return Firing{Name: alertname, ID: name, Component: component, Range: event.Range{From: minute(from), To: minute(to)}}
}

func page(number string, from, to int) Firing {
	f := alert(number, from, to)
	f.Pager = true
	return f
}

func labelled(f Firing, name, value string) Firing {
	f.Labels = map[string]string{name: value}
	return f
}

func TestFold(t *testing.T) {
	for name, c := range map[string]struct {
		firings []Firing
		// want are the incidents, each the names of its firings.
		want []string
	}{
		"alone":                           {[]Firing{alert("A", 0, 10)}, []string{"A"}},
		"overlapping":                     {[]Firing{alert("A/x", 0, 10), alert("B/y", 9, 20)}, []string{"A/x B/y"}},
		"within a longer one":             {[]Firing{alert("A/x", 0, 60), alert("B/y", 5, 10), alert("C/z", 50, 55)}, []string{"A/x B/y C/z"}},
		"apart":                           {[]Firing{alert("A/x", 0, 10), alert("B/y", 11, 20)}, []string{"A/x", "B/y"}},
		"apart, of one component":         {[]Firing{alert("A/x", 0, 10), alert("B/x", 20, 30)}, []string{"A/x B/x"}},
		"the same again":                  {[]Firing{alert("A", 0, 10), alert("A", 24, 30)}, []string{"A A"}},
		"too long apart":                  {[]Firing{alert("A/x", 0, 10), alert("B/x", 26, 30)}, []string{"A/x", "B/x"}},
		"what lies between belongs to it": {[]Firing{alert("A/x", 0, 10), alert("B/y", 12, 13), alert("C/x", 20, 30)}, []string{"A/x B/y C/x"}},
		"one that fires for days":         {[]Firing{alert("Old/x", -3000, 600), alert("A/x", 0, 10), alert("B/y", 300, 310)}, []string{"Old/x", "A/x", "B/y"}},
		"that alerting works":             {[]Firing{alert("Watchdog", -9000, 9000), labelled(alert("InfoInhibitor", 0, 5), "severity", "none"), alert("A", 2, 10)}, []string{"A"}},
		"pager after the alert":           {[]Firing{page("P1", 1, 500), alert("A/x", 0, 10), alert("B/y", 100, 110)}, []string{"A/x P1", "B/y"}},
		"pager alone":                     {[]Firing{page("P1", 0, 50), alert("B/y", 100, 110)}, []string{"P1", "B/y"}},
		"none":                            {nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			reversed := slices.Clone(c.firings)
			slices.Reverse(reversed)
			for _, firings := range [][]Firing{c.firings, reversed} {
				var got []string
				for _, i := range Fold(firings, Options{Gap: 15 * time.Minute}) {
					var ids []string
					for _, f := range i.Firings {
						ids = append(ids, f.ID)
						require.LessOrEqual(t, i.From, f.From)
					}
					got = append(got, strings.Join(ids, " "))
				}
				require.Equal(t, c.want, got)
			}
		})
	}
}

func TestFoldNeedsALabel(t *testing.T) {
	o := Options{Gap: time.Minute, Require: map[string]string{"severity": "critical"}}
	got := Fold([]Firing{alert("A", 0, 10), labelled(alert("B", 5, 10), "severity", "critical"), alert("C", 100, 110)}, o)
	require.Len(t, got, 1)
	require.Len(t, got[0].Firings, 2)
}

// TestPagerDoesNotHoldItOpen: the report is due when the alerts are over, not when somebody tidies up.
func TestPagerDoesNotHoldItOpen(t *testing.T) {
	p := page("P1", 1, 400)
	p.Open = true
	got := Fold([]Firing{alert("A", 0, 10), p}, Options{Gap: time.Minute})
	require.Len(t, got, 1)
	require.False(t, got[0].Open)
	require.Equal(t, minute(10), got[0].To)
	require.Equal(t, "A", got[0].Lead().Name)
}

func TestID(t *testing.T) {
	one := Fold([]Firing{alert("High error rate: a/b/x", 0, 10)}, Options{})[0]
	require.Regexp(t, `^20260318-120000-High-error-rate--a-[0-9a-f]{8}$`, one.ID)
	later := Fold([]Firing{alert("High error rate: a/b/x", 0, 90), alert("B", 5, 10)}, Options{})[0]
	require.Equal(t, one.ID, later.ID, "what comes later changes no name")
	require.Regexp(t, `^20260318-120000-alert-`, Fold([]Firing{alert("../..", 0, 10)}, Options{})[0].ID)
	long := Fold([]Firing{alert(strings.Repeat("long", 100), 0, 10)}, Options{})[0]
	require.Less(t, len(long.ID), 100)
}

func TestIsAndCovers(t *testing.T) {
	gap := 15 * time.Minute
	fold := func(f ...Firing) *Incident { return &Fold(f, Options{Gap: gap})[0] }
	old := fold(alert("A/x", 0, 10))
	elsewhere := alert("A/x", 1, 10)
	elsewhere.ID = "with external labels"
	for name, c := range map[string]struct {
		now        *Incident
		is, covers bool
	}{
		"the same":              {fold(alert("A/x", 0, 10)), true, true},
		"seen a sample later":   {fold(alert("A/x", 1, 11)), true, true},
		"fires again":           {fold(alert("A/x", 0, 10), alert("A/x", 20, 30)), true, false},
		"its beginning is lost": {fold(alert("A/x", 20, 30)), true, false},
		"another joins":         {fold(alert("A/x", 0, 10), alert("B/x", 5, 9)), true, false},
		"another day":           {fold(alert("A/x", 1440, 1450)), false, false},
		"seen elsewhere":        {fold(elsewhere), true, true},
		"of another component":  {fold(alert("A/y", 0, 10)), false, false},
		"another alert":         {fold(alert("B/x", 0, 10)), false, false},
	} {
		require.Equal(t, c.is, old.Is(c.now, gap), name)
		require.Equal(t, c.covers, old.Covers(c.now), name)
	}
}

func TestFirings(t *testing.T) {
	e := func(state string, at int) event.Event {
		return event.Event{Kind: event.Alert, State: state, Name: "A", ID: "a", Time: minute(at)}
	}
	got := Firings([]event.Event{e("firing", 0), e("resolved", 5), e("firing", 8), e("resolved", 9), e("firing", 40)}, minute(60))
	require.Len(t, got, 2, "firings that follow at once are one")
	require.Equal(t, event.Range{From: minute(0), To: minute(9)}, got[0].Range)
	require.False(t, got[0].Open)
	require.Equal(t, event.Range{From: minute(40), To: minute(60)}, got[1].Range)
	require.True(t, got[1].Open)
	require.Equal(t, 2, got[1].Times)
}
