package ingesttest

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/document/documenttest"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/fetch"
)

const (
	// Answers is where a package keeps what its service answers, as [documenttest.Server] reads it.
	Answers = "testdata/server/answers.txtar"
	// golden says what is to be read of it.
	golden = "testdata/server/window.golden"
)

// Service is a source of whole events on a server that can say of itself what it is.
type Service struct {
	// Open opens the source for a client.
	Open func(c *fetch.Client) Checked
	// Window is the time that is asked for, and Least how many events the answers have of it at least.
	Window event.Range
	Least  int
	// Refuse answers what a client may not ask, nil if it may ask all.
	Refuse func(http.ResponseWriter, *http.Request) bool
	// Product is what the server says that it is, Records how many it counts in the time; 0 if it does not count them. Asked is
	// one of the requests that are announced, empty for any.
	Product string
	Records int64
	Asked   string
}

// Checked is a source that can be checked.
type Checked interface {
	ingest.Source
	ingest.Checker
}

// Run holds the service to the promises of a source, to what is to be read of its answers, and to what it says of itself.
func (s *Service) Run(t *testing.T) {
	opened := func(fault func(http.ResponseWriter, *http.Request) bool) func(t *testing.T) ingest.Source {
		return func(t *testing.T) ingest.Source { return s.Open(documenttest.Server(t, Answers, fault)) }
	}
	t.Run("golden", func(t *testing.T) { documenttest.GoldenSource(t, opened(s.Refuse)(t), s.Window, golden) })
	t.Run("promises", func(t *testing.T) {
		Run(t, Subject{
			Open: opened(nil), Query: ingest.Query{Range: s.Window}, Least: s.Least,
			Broken: documenttest.Faults(opened), Hangs: opened(documenttest.Hang),
		})
	})
	t.Run("check", func(t *testing.T) {
		r, err := s.Open(documenttest.Server(t, Answers, nil)).Check(t.Context(), ingest.Query{})
		require.NoError(t, err)
		require.Equal(t, s.Product, r.Product)
		require.NotEmpty(t, r.Asked)
		require.NotZero(t, r.ClockError)
		if s.Asked != "" {
			require.Contains(t, r.Asked, s.Asked)
		}
		if s.Records != 0 {
			require.Equal(t, s.Records, r.Records)
		}
	})
}
