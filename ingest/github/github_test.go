package github

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

// window holds the deployments that began on a day.
var window = event.Range{
	From: time.Date(2026, 3, 18, 6, 0, 0, 0, time.UTC).UnixNano(), To: time.Date(2026, 3, 18, 14, 0, 0, 0, time.UTC).UnixNano(),
}

func open(c *fetch.Client) *Source {
	return New(Options{Name: "deploys", Client: c, Repositories: []string{"acme/shop"}, Environments: []string{"production"}})
}

// on opens a source on a server that answers as the archive says, unless fault does.
func on(t testing.TB, fault func(http.ResponseWriter, *http.Request) bool) *Source {
	return open(documenttest.Server(t, ingesttest.Answers, fault))
}

func TestService(t *testing.T) {
	service := ingesttest.Service{
		Open: func(c *fetch.Client) ingesttest.Checked { return open(c) }, Window: window,
		Least: 3, Product: "GitHub", Asked: "repos/acme/shop/deployments",
	}
	service.Run(t)
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

func FuzzAnswers(f *testing.F) {
	documenttest.FuzzSource(f, ingesttest.Answers, func(c *fetch.Client) documenttest.Source {
		return New(Options{Name: "deploys", Client: c, Repositories: []string{"acme/shop"}})
	})
}
