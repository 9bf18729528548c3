package pagerduty

import (
	"encoding/json"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/document/documenttest"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/fetch"
	"github.com/hindcast/hindcast/ingest/ingesttest"
)

// authorised refuses what comes without the token.
func authorised(w http.ResponseWriter, r *http.Request) bool {
	if r.Header.Get("Authorization") == "Token token=secret" && r.Header.Get("Accept") == "application/vnd.pagerduty+json;version=2" {
		return false
	}
	w.WriteHeader(http.StatusUnauthorized)
	return true
}

// window is the time that is asked for.
var window = event.Range{
	From: time.Date(2026, 3, 18, 12, 0, 0, 0, time.UTC).UnixNano(), To: time.Date(2026, 3, 18, 14, 0, 0, 0, time.UTC).UnixNano(),
}

func open(c *fetch.Client) *Source {
	return New(Options{Name: "pages", Client: c, Token: "secret", Services: []string{"PSVC1"}})
}

// on opens a source on a server that answers as the archive says, unless fault does.
func on(t testing.TB, fault func(http.ResponseWriter, *http.Request) bool) *Source {
	return open(documenttest.Server(t, ingesttest.Answers, fault))
}

func TestService(t *testing.T) {
	service := ingesttest.Service{
		Open: func(c *fetch.Client) ingesttest.Checked { return open(c) }, Window: window,
		Least: 6, Product: "PagerDuty", Records: 3, Refuse: authorised,
	}
	service.Run(t)
}

func FuzzAnswers(f *testing.F) {
	documenttest.FuzzSource(f, ingesttest.Answers, func(c *fetch.Client) documenttest.Source {
		return New(Options{Name: "pages", Client: c})
	})
}

// TestIncident gives all of one incident, by its number.
func TestIncident(t *testing.T) {
	var events []event.Event
	for b, err := range on(t, nil).Incident(t.Context(), "8") {
		require.NoError(t, err)
		events = append(events, b.Events...)
	}
	require.Len(t, events, 7)
	require.Equal(t, "Q1INC", events[0].ID)
	for _, err := range on(t, func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"error": {"message": "Not Found", "code": 2100}}`))
		return true
	}).Incident(t.Context(), "9") {
		require.ErrorContains(t, err, "404 Not Found")
	}
}

// TestLogInVain: an incident whose log cannot be read is a gap, and the others stay.
func TestLogInVain(t *testing.T) {
	s := on(t, func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/incidents/Q0OLD/log_entries" {
			return false
		}
		w.WriteHeader(http.StatusInternalServerError)
		return true
	})
	res := documenttest.Read(t, s, window)
	require.NoError(t, res.Err)
	require.Len(t, res.Coverage.Gaps, 1)
	require.Contains(t, res.Coverage.Gaps[0].Reason, "incident #6: its log: 500")
	require.True(t, res.Coverage.Gaps[0].Failed)
	require.EqualValues(t, 7, res.Coverage.Kept)
}

// TestManyIncidents: the API gives no more than ten thousand by offset; the rest is asked for by time, each once.
func TestManyIncidents(t *testing.T) {
	const all = 10_250
	begin := window.From - int64(24*time.Hour)
	at := func(i int) time.Time { return event.Time(begin + int64(i/3)*int64(time.Second)) }
	deepestAsked := 0
	s := on(t, func(w http.ResponseWriter, r *http.Request) bool {
		q := r.URL.Query()
		offset, err := strconv.Atoi(q.Get("offset"))
		require.NoError(t, err)
		deepestAsked = max(deepestAsked, offset+pageSize)
		since, err := time.Parse(time.RFC3339, q.Get("since"))
		require.NoError(t, err)
		var list []map[string]any
		first := 0
		for at(first).Before(since) {
			first++
		}
		for i := first + offset; i < all && len(list) < pageSize; i++ {
			list = append(list, map[string]any{"id": "Q" + strconv.Itoa(i), "incident_number": i, "status": "resolved", "created_at": at(i), "resolved_at": at(i)})
		}
		w.Header().Set("Content-Type", "application/json")
		require.NoError(t, json.NewEncoder(w).Encode(map[string]any{"incidents": list, "more": first+offset+len(list) < all}))
		return true
	})
	list, err := s.incidents(t.Context(), event.Range{From: begin, To: window.To})
	require.NoError(t, err)
	require.Len(t, list, all)
	require.LessOrEqual(t, deepestAsked, deepest)
}
