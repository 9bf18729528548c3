package github

import (
	"net/http"
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

// window holds the deployments that began on a day.
var window = event.Range{
	From: time.Date(2026, 3, 18, 6, 0, 0, 0, time.UTC).UnixNano(), To: time.Date(2026, 3, 18, 14, 0, 0, 0, time.UTC).UnixNano(),
}

// on opens a source on a server that answers as the archive says, unless fault does.
func on(t testing.TB, fault func(http.ResponseWriter, *http.Request) bool) *Source {
	return New(Options{Name: "deploys", Client: documenttest.Server(t, answers, fault), Repositories: []string{"acme/shop"}, Environments: []string{"production"}})
}

func TestGolden(t *testing.T) {
	documenttest.GoldenSource(t, on(t, nil), window, "testdata/server/window.golden")
}

// TestAskedInVain: a repository that is not there is a gap and leaves the others alone.
func TestAskedInVain(t *testing.T) {
	s := on(t, func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/repos/acme/gone/deployments" {
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404"}`))
		return true
	})
	s.o.Repositories = []string{"acme/gone", "acme/shop", "nothing"}
	res := documenttest.Read(t, s, window)
	require.NoError(t, res.Err)
	require.Len(t, res.Events, 3)
	require.Len(t, res.Coverage.Gaps, 2)
	require.Contains(t, res.Coverage.Gaps[0].Reason, "404 Not Found")
	require.Contains(t, res.Coverage.Gaps[1].Reason, "OWNER/NAME")
	require.True(t, res.Coverage.Gaps[0].Failed)
}

func TestPromises(t *testing.T) {
	opened := func(fault func(http.ResponseWriter, *http.Request) bool) func(t *testing.T) ingest.Source {
		return func(t *testing.T) ingest.Source { return on(t, fault) }
	}
	ingesttest.Run(t, ingesttest.Subject{
		Open: opened(nil), Query: ingest.Query{Range: window}, Least: 3,
		Broken: documenttest.Faults(opened),
		Hangs:  opened(documenttest.Hang),
	})
}

func TestCheck(t *testing.T) {
	r, err := on(t, nil).Check(t.Context(), ingest.Query{})
	require.NoError(t, err)
	require.Equal(t, "GitHub", r.Product)
	require.Contains(t, r.Asked, "repos/acme/shop/deployments")
	require.NotZero(t, r.ClockError)
}

func FuzzAnswers(f *testing.F) {
	documenttest.FuzzSource(f, answers, func(c *fetch.Client) documenttest.Source {
		return New(Options{Name: "deploys", Client: c, Repositories: []string{"acme/shop"}})
	})
}
