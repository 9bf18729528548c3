package gitlab

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

// window is the time that is asked for.
var window = event.Range{
	From: time.Date(2026, 3, 18, 6, 0, 0, 0, time.UTC).UnixNano(), To: time.Date(2026, 3, 18, 14, 0, 0, 0, time.UTC).UnixNano(),
}

// on opens a source on a server that answers as the archive says, unless fault does.
func on(t testing.TB, fault func(http.ResponseWriter, *http.Request) bool) *Source {
	return New(Options{Name: "deploys", Client: documenttest.Server(t, answers, fault), Projects: []string{"acme/shop"}})
}

func TestGolden(t *testing.T) {
	documenttest.GoldenSource(t, on(t, nil), window, "testdata/server/window.golden")
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
	require.Equal(t, "GitLab", r.Product)
	require.NotEmpty(t, r.Asked)
	require.NotZero(t, r.ClockError)
}

func FuzzAnswers(f *testing.F) {
	documenttest.FuzzSource(f, answers, func(c *fetch.Client) documenttest.Source {
		return New(Options{Name: "deploys", Client: c, Projects: []string{"acme/shop"}})
	})
}
