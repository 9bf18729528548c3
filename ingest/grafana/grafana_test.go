package grafana

import (
	"encoding/json"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/document/documenttest"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/fetch"
	"github.com/hindcast/hindcast/ingest/ingesttest"
)

const answers = "testdata/server/answers.txtar"

// window is the time that is asked for.
var window = event.Range{
	From: time.Date(2026, 3, 18, 12, 0, 0, 0, time.UTC).UnixNano(), To: time.Date(2026, 3, 18, 15, 0, 0, 0, time.UTC).UnixNano(),
}

// on opens a source on a server that answers as the archive says, unless fault does.
func on(t testing.TB, fault func(http.ResponseWriter, *http.Request) bool) *Source {
	return New(Options{Name: "notes", Client: documenttest.Server(t, answers, fault)})
}

func TestGolden(t *testing.T) {
	documenttest.GoldenSource(t, on(t, nil), window, "testdata/server/window.golden")
}

func TestPromises(t *testing.T) {
	opened := func(fault func(http.ResponseWriter, *http.Request) bool) func(t *testing.T) ingest.Source {
		return func(t *testing.T) ingest.Source { return on(t, fault) }
	}
	ingesttest.Run(t, ingesttest.Subject{
		Open: opened(nil), Query: ingest.Query{Range: window}, Least: 5,
		Broken: documenttest.Faults(opened),
		Hangs:  opened(documenttest.Hang),
	})
}

func TestCheck(t *testing.T) {
	r, err := on(t, nil).Check(t.Context(), ingest.Query{})
	require.NoError(t, err)
	require.Equal(t, "Grafana 12.4.1", r.Product)
	require.NotEmpty(t, r.Asked)
	require.NotZero(t, r.ClockError)
}

func FuzzAnswers(f *testing.F) {
	documenttest.FuzzSource(f, answers, func(c *fetch.Client) documenttest.Source {
		return New(Options{Name: "notes", Client: c})
	})
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
