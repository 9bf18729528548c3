package elastic

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// faults is a transport between a source and a real server that does to the searches of a pull what networks and servers do.
type faults struct {
	// from is the number of the first search that something happens to, to that of the last one if it is set.
	from, to int
	// status is answered instead of asking.
	status int
	// cut breaks answers off in the middle, and half ends them there as if that were all.
	cut, half bool
	// shard makes answers say that one of the shards failed.
	shard bool
	// before is called before each search, with its number.
	before func(n int)

	mu sync.Mutex
	n  int
}

// RoundTrip passes a request on, or does not.
func (f *faults) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Path != "/_search" {
		return http.DefaultTransport.RoundTrip(req)
	}
	f.mu.Lock()
	f.n++
	n := f.n
	f.mu.Unlock()
	if f.before != nil {
		f.before(n)
	}
	if n < f.from || f.to != 0 && n > f.to {
		return http.DefaultTransport.RoundTrip(req)
	}
	if f.status != 0 {
		return &http.Response{StatusCode: f.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"error":"too much"}`)), Request: req}, nil
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	var rest io.Reader = bytes.NewReader(nil)
	switch {
	case f.cut:
		body, rest = body[:len(body)/2], brokenOff{}
	case f.half:
		body = body[:len(body)/2]
	case f.shard:
		body = bytes.Replace(body, []byte(`"failed":0`), []byte(`"failed":1,"failures":[{"shard":1,"reason":{"type":"node_disconnected_exception","reason":"node left"}}]`), 1)
	}
	resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), rest))
	return resp, nil
}

// brokenOff is the end of a body whose connection was lost.
type brokenOff struct{}

// Read fails as net/http does.
func (brokenOff) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// nobody is the URL of a port at which nothing listens.
func nobody(t testing.TB) *url.URL {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	u, err := url.Parse("http://" + l.Addr().String())
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return u
}

// silent is the URL of a server that takes requests and never answers.
func silent(t testing.TB) *url.URL {
	over := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-over:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(s.Close)
	t.Cleanup(func() { close(over) })
	u, err := url.Parse(s.URL)
	require.NoError(t, err)
	return u
}

// rewriting changes the answers to searches.
type rewriting struct{ change func(body string) string }

// RoundTrip passes a request on and changes what comes back.
func (r *rewriting) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil || !strings.HasSuffix(req.URL.Path, "_search") {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(strings.NewReader(r.change(string(body))))
	return resp, err
}
