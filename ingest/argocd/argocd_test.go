package argocd

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
	From: time.Date(2026, 3, 18, 6, 0, 0, 0, time.UTC).UnixNano(), To: time.Date(2026, 3, 18, 14, 0, 0, 0, time.UTC).UnixNano(),
}

func open(c *fetch.Client) *Source {
	return New(Options{Name: "deploys", Client: c})
}

// on opens a source on a server that answers as the archive says, unless fault does.
func on(t testing.TB, fault func(http.ResponseWriter, *http.Request) bool) *Source {
	return open(documenttest.Server(t, ingesttest.Answers, fault))
}

func TestService(t *testing.T) {
	service := ingesttest.Service{
		Open: func(c *fetch.Client) ingesttest.Checked { return open(c) }, Window: window,
		Least: 2, Product: "Argo CD v2.9.3+6eba5be",
	}
	service.Run(t)
}

func FuzzAnswers(f *testing.F) {
	documenttest.FuzzSource(f, ingesttest.Answers, func(c *fetch.Client) documenttest.Source { return open(c) })
}

// TestNamed: applications that are named are asked for one by one, and one that is not there is a gap.
func TestNamed(t *testing.T) {
	s := on(t, nil)
	s.o.Applications = []string{"gone", "shop"}
	res := documenttest.Read(t, s, window)
	require.NoError(t, res.Err)
	require.Len(t, res.Events, 2)
	require.Contains(t, res.Coverage.Gaps[0].Reason, "application gone: 403")
	require.True(t, res.Coverage.Gaps[0].Failed)
}
