package alertmanager

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/fetch"
	"github.com/hindcast/hindcast/ingest/ingesttest"
)

// served opens a source on a server that answers with what a real one answered, unless fault does.
func served(fault http.HandlerFunc) func(t *testing.T) ingest.Source {
	return func(t *testing.T) ingest.Source {
		mux := http.NewServeMux()
		for path, file := range map[string]string{"/api/v2/alerts": "testdata/v2.json", "/api/v2/silences": "testdata/silences.json"} {
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
				if fault != nil {
					fault(w, r)
					return
				}
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write(data)
			})
		}
		s := httptest.NewServer(mux)
		t.Cleanup(s.Close)
		base, err := url.Parse(s.URL)
		require.NoError(t, err)
		return New(Options{Name: "alerts", Client: &fetch.Client{Base: base}})
	}
}

func TestPromises(t *testing.T) {
	ingesttest.Run(t, ingesttest.Subject{
		Open: served(nil), Least: 3,
		Broken: map[string]func(t *testing.T) ingest.Source{
			"wrong credentials": served(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }),
			"another server":    served(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }),
			"killed":            served(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }),
			"cut":               served(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`[{"labels":{"alertname":"A"},`)) }),
		},
		Hangs: served(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }),
	})
}

// TestRange leaves what began after the window or was over before it.
func TestRange(t *testing.T) {
	count := func(within event.Range) (events int, outside int64) {
		for b, err := range served(nil)(t).Events(t.Context(), within) {
			require.NoError(t, err)
			require.NoError(t, b.Coverage.Check())
			events += len(b.Events)
			outside += b.Coverage.Outside
		}
		return events, outside
	}
	all, outside := count(event.Range{})
	require.Zero(t, outside)
	none, outside := count(event.Range{From: 1, To: 2})
	require.Zero(t, none)
	require.Positive(t, outside)
	require.Equal(t, 3, all)
}

// TestServer gives alerts and a silence to a real Alertmanager and reads them again.
func TestServer(t *testing.T) {
	s := ingesttest.NewServer(t, "alertmanager", t.TempDir())
	base := s.Start(t)
	send := func(path, body string) {
		resp, err := http.Post(base.JoinPath(path).String(), "application/json", strings.NewReader(body))
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusOK, resp.StatusCode)
	}
	began := time.Now().Add(-time.Hour).UTC().Truncate(time.Second)
	send("api/v2/alerts", fmt.Sprintf(`[
		{"labels":{"alertname":"HighErrorRate","service":"orders","severity":"critical"},"annotations":{"summary":"orders fail"},"startsAt":%q},
		{"labels":{"alertname":"DiskFull","instance":"node-1"},"startsAt":%q}]`, began.Format(time.RFC3339), began.Format(time.RFC3339)))
	send("api/v2/silences", fmt.Sprintf(`{"matchers":[{"name":"alertname","value":"DiskFull","isRegex":false,"isEqual":true}],"startsAt":%q,"endsAt":%q,"createdBy":"alice","comment":"known"}`,
		time.Now().Add(time.Second).UTC().Format(time.RFC3339Nano), time.Now().Add(time.Hour).UTC().Format(time.RFC3339Nano)))
	open := func(*testing.T) ingest.Source {
		return New(Options{Name: "alerts", Client: &fetch.Client{Base: base}})
	}
	var events []event.Event
	for b, err := range open(t).Events(t.Context(), event.Range{From: began.UnixNano(), To: began.Add(2 * time.Hour).UnixNano()}) {
		require.NoError(t, err)
		events = append(events, b.Events...)
	}
	require.Len(t, events, 3)
	names := map[string]event.Event{}
	for _, e := range events {
		names[e.Name] = e
	}
	require.Equal(t, began.UnixNano(), names["HighErrorRate"].Time)
	require.Equal(t, "orders", names["HighErrorRate"].Component.Name)
	require.Equal(t, "firing", names["HighErrorRate"].State)
	require.Equal(t, "alice", names["silenced"].Actor)

	r, err := open(t).(*Source).Check(t.Context(), ingest.Query{})
	require.NoError(t, err)
	require.Equal(t, int64(2), r.Records)
	require.Contains(t, r.Product, "Alertmanager 0.")
	require.Less(t, r.Clock.Abs(), r.ClockError+time.Second)
	ingesttest.Run(t, ingesttest.Subject{Open: open, Least: 3})
}
