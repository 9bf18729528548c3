package fetch

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// answers is a transport that gives what it holds, one a request, and keeps the bodies that were sent.
type answers struct {
	left   []any // a status code or an error
	after  string
	header http.Header
	sent   []string
}

func (a *answers) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		b, _ := io.ReadAll(req.Body)
		a.sent = append(a.sent, string(b))
	}
	next := a.left[0]
	a.left = a.left[1:]
	if err, ok := next.(error); ok {
		return nil, err
	}
	h := a.header.Clone()
	if h == nil {
		h = http.Header{}
	}
	if a.after != "" {
		h.Set("Retry-After", a.after)
	}
	return &http.Response{StatusCode: next.(int), Header: h, Body: io.NopCloser(strings.NewReader("{}"))}, nil
}

func TestRetry(t *testing.T) {
	lost := errors.New("connection reset by peer")
	for name, c := range map[string]struct {
		answers []any
		status  int
		left    int
	}{
		"works at once":          {[]any{200}, 200, 0},
		"overloaded":             {[]any{429, 503, 502, 504, 200}, 200, 0},
		"connection lost":        {[]any{lost, lost, 200}, 200, 0},
		"does not end":           {[]any{429, 429, 429, 429, 429, 429, 200}, 429, 1},
		"wrong credentials":      {[]any{401, 200}, 401, 1},
		"the server's own fault": {[]any{500, 200}, 500, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &answers{left: c.answers}
				req, err := http.NewRequest(http.MethodPost, "http://a/", bytes.NewReader([]byte("question")))
				require.NoError(t, err)
				resp, err := Retry(a, Patience{}).RoundTrip(req)
				require.NoError(t, err)
				require.Equal(t, c.status, resp.StatusCode)
				require.Len(t, a.left, c.left)
				for _, s := range a.sent {
					require.Equal(t, "question", s, "every attempt sends the whole body")
				}
			})
		})
	}
}

func TestRetryGivesUpWhereItCannotHelp(t *testing.T) {
	unknown := &net.DNSError{Err: "no such host", Name: "es", IsNotFound: true}
	a := &answers{left: []any{error(unknown), 200}}
	req, err := http.NewRequest(http.MethodGet, "http://es/", nil)
	require.NoError(t, err)
	_, err = Retry(a, Patience{}).RoundTrip(req)
	require.ErrorIs(t, err, unknown)
	require.Len(t, a.left, 1)
}

func TestRetryAfterIsHeeded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &answers{left: []any{429, 200}, after: "17"}
		req, err := http.NewRequest(http.MethodGet, "http://a/", nil)
		require.NoError(t, err)
		begin := time.Now()
		_, err = Retry(a, Patience{}).RoundTrip(req)
		require.NoError(t, err)
		require.Equal(t, 17*time.Second, time.Since(begin))
	})
}

func TestLimits(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		header http.Header
		want   time.Duration // -1: not tried again
	}{
		"seconds to the reset":   {429, http.Header{"Ratelimit-Remaining": {"0"}, "Ratelimit-Reset": {"17"}}, 17 * time.Second},
		"the time of the reset":  {403, http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {"946684830"}}, 30 * time.Second},
		"a second limit":         {403, http.Header{"Retry-After": {"60"}}, time.Minute},
		"too long to wait for":   {403, http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {"946688400"}}, -1},
		"forbidden all the same": {403, http.Header{"X-Ratelimit-Remaining": {"10"}}, -1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // its clock begins with the year 2000, 946684800
				a := &answers{left: []any{c.status, 200}, header: c.header}
				req, err := http.NewRequest(http.MethodGet, "http://a/", nil)
				require.NoError(t, err)
				begin := time.Now()
				resp, err := Retry(a, Patience{}).RoundTrip(req)
				require.NoError(t, err)
				if c.want < 0 {
					require.Equal(t, c.status, resp.StatusCode)
					require.Zero(t, time.Since(begin))
					return
				}
				require.Equal(t, 200, resp.StatusCode)
				require.Equal(t, c.want, time.Since(begin))
			})
		})
	}
}

func TestNext(t *testing.T) {
	h := http.Header{"Link": {`<https://a/x?page=2>; rel="next", <https://a/x?page=9>; rel="last"`}}
	require.Equal(t, "https://a/x?page=2", Next(h))
	require.Equal(t, "https://a/1,2;3", Next(http.Header{"Link": {`<https://a/0>; rel=prev`, `<https://a/1,2;3>; title="a, b"; rel=next`}}))
	for _, none := range []string{"", "<", `<https://a/x>`, `<https://a/x>; rel="last"`, `https://a; rel="next"`} {
		require.Empty(t, Next(http.Header{"Link": {none}}), none)
	}
}

func TestRetryEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		a := &answers{left: []any{429, 200}, after: "60"}
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://a/", nil)
		require.NoError(t, err)
		_, err = Retry(a, Patience{}).RoundTrip(req)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func TestClient(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/base/good":
			_, _ = w.Write([]byte(`{"q":"` + r.URL.Query().Get("q") + r.Header.Get("X-Own") + `"}`))
		case "/base/bad":
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(`{"error":{"type":"security","reason":"no \u001b[31mright\nto"}}`))
		case "/base/cut":
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte(`{"q":`))
		default:
			_, _ = w.Write([]byte("plain"))
		}
	}))
	defer s.Close()
	base, err := url.Parse(s.URL + "/base?always=1")
	require.NoError(t, err)
	c := &Client{Base: base, Header: http.Header{"X-Own": {"!"}}}
	var got struct{ Q string }
	_, err = c.JSON(t.Context(), "good", url.Values{"q": {"a b"}}, &got)
	require.NoError(t, err)
	require.Equal(t, "a b!", got.Q)

	_, err = c.JSON(t.Context(), "bad", nil, &got)
	var status *StatusError
	require.ErrorAs(t, err, &status)
	require.Equal(t, 403, status.Status)
	require.Equal(t, "403 Forbidden from "+s.URL+": no [31mright", err.Error())

	_, err = c.JSON(t.Context(), "other", nil, &got)
	require.ErrorContains(t, err, "not the JSON expected")
	_, _, err = c.Get(t.Context(), "cut", nil)
	require.ErrorContains(t, err, "broke off after 5 bytes")
	_, _, err = c.Get(t.Context(), "https://elsewhere.example/next", nil)
	require.ErrorContains(t, err, "another server")
}
