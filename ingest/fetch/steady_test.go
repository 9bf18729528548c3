package fetch

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// trip is a transport that is a function.
type trip func(req *http.Request) (*http.Response, error)

// RoundTrip calls it.
func (f trip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func reply(status int, body io.Reader) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(body)}
}

func steady(f trip) *Steady {
	return &Steady{Client: &Client{Base: &url.URL{Scheme: "http", Host: "a"}, Transport: f}, Timeout: time.Minute}
}

func TestSteadyDoesNotWaitForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		s := steady(func(req *http.Request) (*http.Response, error) {
			asked++
			<-req.Context().Done()
			return nil, req.Context().Err()
		})
		begin := time.Now()
		for range 5 {
			_, _, err := s.Query(t.Context(), "q", nil)
			require.ErrorContains(t, err, "no answer within 1m0s")
		}
		require.Equal(t, mostFailures, asked)
		require.Equal(t, mostFailures*time.Minute, time.Since(begin))
		require.Error(t, s.Gone())
	})
}

func TestSteadyAsksAgainForWhatBrokeOff(t *testing.T) {
	bodies := []io.Reader{io.MultiReader(strings.NewReader(`{"a`), broken{}), io.MultiReader(strings.NewReader(`{"a"`), broken{}), strings.NewReader(`{"a":1}`)}
	s := steady(func(*http.Request) (*http.Response, error) {
		next := bodies[0]
		bodies = bodies[1:]
		return reply(200, next), nil
	})
	body, _, err := s.Query(t.Context(), "q", nil)
	require.NoError(t, err)
	require.Equal(t, `{"a":1}`, string(body))

	s = steady(func(*http.Request) (*http.Response, error) { return reply(200, broken{}), nil })
	_, _, err = s.Query(t.Context(), "q", nil)
	require.ErrorIs(t, err, ErrCut)
}

type broken struct{}

// Read fails as a connection that is lost does.
func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// TestSteadyGivesUp tells a server that is gone from a question that was wrong.
func TestSteadyGivesUp(t *testing.T) {
	lost := errors.New("connection refused")
	for name, c := range map[string]struct {
		answers []any // a status code or an error
		gone    bool
	}{
		"fine":                       {[]any{200, 200, 200}, false},
		"wrong questions":            {[]any{400, 422, 404, 400}, false},
		"lost and found":             {[]any{lost, 503, 200, lost, lost}, false},
		"lost":                       {[]any{lost, 503, 429}, true},
		"wrong questions in between": {[]any{lost, 400, lost, 400, lost}, true},
		"not let in":                 {[]any{401}, true},
		"forbidden":                  {[]any{403}, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := steady(nil)
			for _, a := range c.answers {
				require.NoError(t, s.Gone())
				s.Client.Transport = trip(func(*http.Request) (*http.Response, error) {
					if err, ok := a.(error); ok {
						return nil, err
					}
					return reply(a.(int), strings.NewReader("{}")), nil
				})
				_, _, err := s.Query(t.Context(), "q", nil)
				require.Equal(t, a == 200, err == nil)
			}
			require.Equal(t, c.gone, s.Gone() != nil)
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := steady(func(*http.Request) (*http.Response, error) { return nil, context.Canceled })
	for range 5 {
		_, _, err := s.Query(ctx, "q", nil)
		require.ErrorIs(t, err, context.Canceled)
	}
	require.NoError(t, s.Gone())
}

func TestLongQueriesArePosted(t *testing.T) {
	c := &Client{Base: &url.URL{Scheme: "http", Host: "a", Path: "/base"}, Transport: trip(func(req *http.Request) (*http.Response, error) {
		if req.Method == http.MethodGet {
			return reply(200, strings.NewReader("GET "+req.URL.Path+" "+req.URL.Query().Get("query"))), nil
		}
		require.NoError(t, req.ParseForm())
		return reply(200, strings.NewReader(req.Method+" "+req.URL.RequestURI()+" "+req.PostForm.Get("query"))), nil
	})}
	body, _, err := c.Query(t.Context(), "q", url.Values{"query": {"up"}})
	require.NoError(t, err)
	require.Equal(t, "GET /base/q up", string(body))
	long := strings.Repeat("x", 3000)
	body, _, err = c.Query(t.Context(), "q", url.Values{"query": {long}})
	require.NoError(t, err)
	require.Equal(t, "POST /base/q "+long, string(body))
}
