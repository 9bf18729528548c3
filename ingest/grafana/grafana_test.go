package grafana

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

// window is the time that is asked for.
var window = event.Range{
	From: time.Date(2026, 3, 18, 12, 0, 0, 0, time.UTC).UnixNano(), To: time.Date(2026, 3, 18, 15, 0, 0, 0, time.UTC).UnixNano(),
}

func open(c *fetch.Client) *Source {
	return New(Options{Name: "notes", Client: c})
}

// on opens a source on a server that answers as the archive says, unless fault does.
func on(t testing.TB, fault func(http.ResponseWriter, *http.Request) bool) *Source {
	return open(documenttest.Server(t, ingesttest.Answers, fault))
}

func TestService(t *testing.T) {
	service := ingesttest.Service{
		Open: func(c *fetch.Client) ingesttest.Checked { return open(c) }, Window: window,
		Least: 5, Product: "Grafana 12.4.1",
	}
	service.Run(t)
}

func FuzzAnswers(f *testing.F) {
	documenttest.FuzzSource(f, ingesttest.Answers, func(c *fetch.Client) documenttest.Source { return open(c) })
}

// TestPages: the API has no pages; those before the oldest are asked for by time, and each is given once.
func TestPages(t *testing.T) {
	const all = 2500
	s := on(t, func(w http.ResponseWriter, r *http.Request) bool {
		to, err := strconv.ParseInt(r.URL.Query().Get("to"), 10, 64)
		if err != nil {
			to = 1 << 60
		}
		limit, err := strconv.Atoi(r.URL.Query().Get("limit"))
		require.NoError(t, err)
		var list []map[string]any
		for id := all; id > 0 && len(list) < limit; id-- {
			if at := 1773800000000 + int64(id/3); at <= to { // three of each moment
				list = append(list, map[string]any{"id": id, "time": at, "text": "note " + strconv.Itoa(id)})
			}
		}
		w.Header().Set("Content-Type", "application/json")
		require.NoError(t, json.NewEncoder(w).Encode(list))
		return true
	})
	res := documenttest.Read(t, s, event.Range{})
	require.NoError(t, res.Err)
	require.Empty(t, res.Coverage.Gaps)
	require.Len(t, res.Events, all)
	require.EqualValues(t, all, res.Coverage.Kept)
}

// TestTooManyAtOnce: more than a page of one moment cannot be had, which is said.
func TestTooManyAtOnce(t *testing.T) {
	s := on(t, func(w http.ResponseWriter, _ *http.Request) bool {
		var list []map[string]any
		for id := range pageSize {
			list = append(list, map[string]any{"id": id, "time": 1773800000000, "text": "note"})
		}
		w.Header().Set("Content-Type", "application/json")
		require.NoError(t, json.NewEncoder(w).Encode(list))
		return true
	})
	res := documenttest.Read(t, s, event.Range{})
	require.NoError(t, res.Err)
	require.Len(t, res.Events, pageSize)
	require.Contains(t, res.Coverage.Gaps[0].Reason, "of one moment")
	require.True(t, res.Coverage.Gaps[0].Failed)
}
