package kubernetes

import (
	"net/http"
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
	From: time.Date(2026, 3, 18, 12, 0, 0, 0, time.UTC).UnixNano(), To: time.Date(2026, 3, 18, 14, 0, 0, 0, time.UTC).UnixNano(),
}

func open(c *fetch.Client) *Source {
	return New(Options{Name: "events", Client: c})
}

// on opens a source on a server that answers as the archive says, unless fault does.
func on(t testing.TB, fault func(http.ResponseWriter, *http.Request) bool) *Source {
	return open(documenttest.Server(t, ingesttest.Answers, fault))
}

func TestService(t *testing.T) {
	service := ingesttest.Service{
		Open: func(c *fetch.Client) ingesttest.Checked { return open(c) }, Window: window,
		Least: 6, Product: "Kubernetes v1.33.1", Records: 5,
	}
	service.Run(t)
}

func FuzzAnswers(f *testing.F) {
	documenttest.FuzzSource(f, ingesttest.Answers, func(c *fetch.Client) documenttest.Source { return open(c) })
}

// TestNamespaces: one group of the API is enough, and a namespace that may not be read leaves the others alone.
func TestNamespaces(t *testing.T) {
	s := on(t, nil)
	s.o.Namespaces = []string{"secret", "shop"}
	res := documenttest.Read(t, s, window)
	require.NoError(t, res.Err)
	require.EqualValues(t, 5, res.Coverage.Kept)
	require.Len(t, res.Coverage.Gaps, 2)
	require.Contains(t, res.Coverage.Gaps[0].Reason, "namespace secret: 403 Forbidden")
	require.True(t, res.Coverage.Gaps[0].Failed)
	require.Contains(t, res.Coverage.Gaps[1].Reason, "from before 2026-03-18T13:30:00Z any more")
	require.False(t, res.Coverage.Gaps[1].Failed)
}

// TestListGrownOld begins anew when the server has forgotten the list, and gives each event once.
func TestListGrownOld(t *testing.T) {
	times := 0
	s := on(t, func(w http.ResponseWriter, r *http.Request) bool {
		if !r.URL.Query().Has("continue") || times > 0 {
			return false
		}
		times++
		w.WriteHeader(http.StatusGone)
		return true
	})
	res := documenttest.Read(t, s, window)
	require.NoError(t, res.Err)
	require.Equal(t, 1, times)
	require.EqualValues(t, 6, res.Coverage.Kept)
}
