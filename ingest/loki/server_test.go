package loki

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/fetch"
	"github.com/hindcast/hindcast/ingest/ingesttest"
)

// push sends lines to a real server and waits until they can be asked for.
func push(t *testing.T, base *url.URL, lines []line) {
	slices.SortStableFunc(lines, func(a, b line) int { return cmp.Compare(a.time, b.time) })
	var streams []map[string]any
	for _, l := range lines {
		data := l.data
		if data == nil {
			data = map[string]string{}
		}
		streams = append(streams, map[string]any{"stream": l.stream, "values": [][]any{{strconv.FormatInt(l.time, 10), l.text, data}}})
	}
	body, err := json.Marshal(map[string]any{"streams": streams})
	require.NoError(t, err)
	for _, path := range []string{"loki/api/v1/push", "flush"} {
		resp, err := http.Post(base.JoinPath(path).String(), "application/json", bytes.NewReader(body))
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, 2, resp.StatusCode/100, "%s: %s", path, resp.Status)
	}
	require.Eventually(t, func() bool {
		got, _, _ := pulled(t, Options{Client: &fetch.Client{Base: base}}, ingest.Query{})
		return len(got) == len(lines)
	}, time.Minute, 500*time.Millisecond)
}

// TestServer is what a pull from a real Loki has to show.
func TestServer(t *testing.T) {
	server := ingesttest.NewServer(t, "loki", t.TempDir())
	base := server.Start(t)
	push(t, base, shop())
	want, _, _ := pulled(t, Options{Client: &fetch.Client{Base: base}}, ingest.Query{})
	require.Contains(t, want, "orders: order 599 failed")

	t.Run("promises", func(t *testing.T) {
		ingesttest.Run(t, ingesttest.Subject{
			Open: func(*testing.T) ingest.Source {
				return New(Options{Name: "logs", Client: &fetch.Client{Base: base}, PageSize: 50})
			},
			Query: ingest.Query{Range: hour()}, Least: 1200,
			Broken: map[string]func(t *testing.T) ingest.Source{
				"a query that is none": func(*testing.T) ingest.Source {
					return New(Options{Name: "logs", Client: &fetch.Client{Base: base}, Query: `{app="orders"`})
				},
				"nothing answers": func(*testing.T) ingest.Source {
					c := &fetch.Client{Base: &url.URL{Scheme: "http", Host: "127.0.0.1:1"}, Transport: fetch.Retry(nil, fetch.Patience{Attempts: 2, Pause: time.Millisecond})}
					return New(Options{Name: "logs", Client: c})
				},
			},
		})
	})
	t.Run("pages", func(t *testing.T) {
		for _, size := range []int{13, 50, 100_000} { // the server allows 5,000
			got, _, c := pulled(t, Options{Client: &fetch.Client{Base: base}, PageSize: size}, ingest.Query{Parts: 3})
			require.Empty(t, c.Gaps)
			require.ElementsMatch(t, want, got)
		}
	})
	t.Run("chosen", func(t *testing.T) {
		got, _, _ := pulled(t, Options{Client: &fetch.Client{Base: base}, Query: `{app="edge"} |= "request 7"`}, ingest.Query{})
		require.Len(t, got, 11) // 7, and 70 to 79
	})
	t.Run("restart", func(t *testing.T) {
		var asked atomic.Int32
		up := make(chan struct{})
		killing := roundTripper(func(r *http.Request) (*http.Response, error) {
			if asked.Add(1) == 9 {
				server.Kill(t)
				go func() {
					defer close(up)
					server.Start(t)
				}()
			}
			return http.DefaultTransport.RoundTrip(r)
		})
		c := &fetch.Client{Base: base, Transport: fetch.Retry(killing, fetch.Patience{Attempts: 1000, Pause: 100 * time.Millisecond, Longest: 500 * time.Millisecond})}
		got, _, coverage := pulled(t, Options{Client: c, PageSize: 50}, ingest.Query{Parts: 3})
		<-up
		require.Empty(t, coverage.Gaps)
		require.ElementsMatch(t, want, got)
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip sends a request.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
