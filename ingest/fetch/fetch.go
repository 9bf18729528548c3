// Package fetch asks servers over HTTP the way every source does: what fails in passing is tried again with a growing
// pause, a server that says how long to wait is believed, bodies are read up to a limit, and errors name the server's
// own words.
package fetch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode"
)

// MaxBody is how many bytes of one answer are read at most.
const MaxBody = 256 << 20

// longQuery is from which length on a query goes into the body of a POST: proxies refuse long URLs.
const longQuery = 2000

// What is wrong with an answer, for errors.Is.
var (
	// ErrCut means that the answer broke off. Asking again may help.
	ErrCut = errors.New("the answer broke off")
	// ErrTooLarge means that it has more than [MaxBody] bytes. Asking for less may help.
	ErrTooLarge = errors.New("the answer is too large")
)

// A Client asks one server.
type Client struct {
	// Transport sends the requests; http.DefaultTransport if nil. [Retry] makes one that is patient.
	Transport http.RoundTripper
	// Base is the server's URL, with the path that all requests have in common.
	Base *url.URL
	// Header is added to every request.
	Header http.Header
}

// A StatusError is an answer with a status other than 2xx.
type StatusError struct {
	// Status is the HTTP status code, Server the URL without path and query.
	Status int
	Server string
	// Message is what the server said, on one line, shortened.
	Message string
}

// Error gives status, server and message.
func (e *StatusError) Error() string {
	text := fmt.Sprintf("%d %s from %s", e.Status, http.StatusText(e.Status), e.Server)
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text
}

// Get asks for a path below the base, with a query, and returns the body, whose length is limited to [MaxBody], and the
// header of the answer. Path may be a whole URL, as servers give it for the next page.
func (c *Client) Get(ctx context.Context, path string, query url.Values) ([]byte, http.Header, error) {
	u, err := c.resolve(path, query)
	if err != nil {
		return nil, nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, nil, fmt.Errorf("asking %s: %w", u.Redacted(), err)
	}
	return c.do(req)
}

// Query is Get for servers that take a query as a form too: one that is too long for a URL is sent by POST.
func (c *Client) Query(ctx context.Context, path string, query url.Values) ([]byte, http.Header, error) {
	form := query.Encode()
	if len(form) < longQuery {
		return c.Get(ctx, path, query)
	}
	u, err := c.resolve(path, nil)
	if err != nil {
		return nil, nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), strings.NewReader(form))
	if err != nil {
		return nil, nil, fmt.Errorf("asking %s: %w", u.Redacted(), err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return c.do(req)
}

// JSON is Get with the body decoded into v.
func (c *Client) JSON(ctx context.Context, path string, query url.Values, v any) (http.Header, error) {
	body, header, err := c.Get(ctx, path, query)
	if err != nil {
		return header, err
	}
	if err := json.Unmarshal(body, v); err != nil {
		return header, fmt.Errorf("%s%s answered what is not the JSON expected: %w", server(c.Base), path, err)
	}
	return header, nil
}

func (c *Client) resolve(path string, query url.Values) (*url.URL, error) {
	ref, err := url.Parse(path)
	if err != nil {
		return nil, fmt.Errorf("asking %s: %w", path, err)
	}
	if ref.IsAbs() {
		if ref.Host != c.Base.Host || ref.Scheme != c.Base.Scheme {
			return nil, fmt.Errorf("%s refers to another server, %s: not followed, since credentials would go there", server(c.Base), server(ref))
		}
		return ref, nil
	}
	u := c.Base.JoinPath(ref.EscapedPath())
	all := c.Base.Query()
	for _, q := range []url.Values{ref.Query(), query} {
		maps.Copy(all, q)
	}
	u.RawQuery = all.Encode()
	return u, nil
}

func (c *Client) do(req *http.Request) ([]byte, http.Header, error) {
	maps.Copy(req.Header, c.Header)
	if req.Header.Get("Accept") == "" {
		req.Header.Set("Accept", "application/json")
	}
	rt := c.Transport
	if rt == nil {
		rt = http.DefaultTransport
	}
	resp, err := (&http.Client{Transport: rt}).Do(req)
	if err != nil {
		return nil, nil, plain(err, server(req.URL))
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxBody+1))
	switch {
	case err != nil:
		return nil, resp.Header, fmt.Errorf("asking %s: %w after %d bytes: %w", server(req.URL), ErrCut, len(body), err)
	case len(body) > MaxBody:
		return nil, resp.Header, fmt.Errorf("asking %s: %w: more than %d bytes", server(req.URL), ErrTooLarge, MaxBody)
	case resp.StatusCode/100 != 2:
		return nil, resp.Header, &StatusError{Status: resp.StatusCode, Server: server(req.URL), Message: Message(resp.Header, body)}
	}
	return body, resp.Header, nil
}

// Message takes the reason out of the body of an error: the usual fields of JSON, or the first line of text.
func Message(h http.Header, body []byte) string {
	text := string(body)
	if kind, _, _ := mime.ParseMediaType(h.Get("Content-Type")); strings.HasSuffix(kind, "json") {
		var o map[string]any
		if json.Unmarshal(body, &o) == nil {
			text = reason(o)
		}
	} else if strings.HasSuffix(kind, "html") {
		return ""
	}
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, text)
	if r := []rune(text); len(r) > 200 {
		text = string(r[:200]) + "…"
	}
	return text
}

func reason(o map[string]any) string {
	for _, name := range []string{"error", "message", "reason", "errors", "detail"} {
		switch v := o[name].(type) {
		case string:
			return v
		case map[string]any:
			return reason(v)
		case []any:
			if len(v) > 0 {
				return fmt.Sprint(v[0])
			}
		}
	}
	return ""
}

// server is the part of a URL that may be shown: no credentials, no query.
func server(u *url.URL) string { return u.Scheme + "://" + u.Host }

// plain says what went wrong without the request's URL, which may hold what is not to be shown.
func plain(err error, server string) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	return fmt.Errorf("asking %s: %w", server, err)
}
