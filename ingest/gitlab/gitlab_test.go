package gitlab

import (
	"testing"
	"time"

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
	return New(Options{Name: "deploys", Client: c, Projects: []string{"acme/shop"}})
}

func TestService(t *testing.T) {
	service := ingesttest.Service{
		Open: func(c *fetch.Client) ingesttest.Checked { return open(c) }, Window: window,
		Least: 3, Product: "GitLab",
	}
	service.Run(t)
}

func FuzzAnswers(f *testing.F) {
	documenttest.FuzzSource(f, ingesttest.Answers, func(c *fetch.Client) documenttest.Source { return open(c) })
}
