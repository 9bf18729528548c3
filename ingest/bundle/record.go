package bundle

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"unicode/utf8"
)

const (
	// maxRequest bounds the body of a request, which is read whole to know it again.
	maxRequest = 64 << 20
	// shortBody is how long a request's body may be to stand in the manifest for people to read.
	shortBody = 2 << 10
)

// Transport sends requests through next and keeps what is answered. It belongs outside whatever tries again: only what
// the source gets in the end is evidence.
func (w *Writer) Transport(source string, next http.RoundTripper) http.RoundTripper {
	if next == nil {
		next = http.DefaultTransport
	}
	return &recorder{w: w, source: source, next: next}
}

type recorder struct {
	w      *Writer
	source string
	next   http.RoundTripper
}

// RoundTrip sends the request and keeps the answer while it is read.
func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	body, req, err := whole(req)
	if err != nil {
		return nil, err
	}
	x := exchange(r.source, req, body)
	resp, err := r.next.RoundTrip(req)
	if err != nil {
		if !stopped(req.Context(), err) {
			x.Error = err.Error()
			t := newTape(r.w, x)
			t.keep(nil)
		}
		return resp, err
	}
	x.Status, x.Header = resp.StatusCode, http.Header{}
	for _, name := range kept {
		if v := resp.Header.Values(name); len(v) > 0 {
			x.Header[name] = v
		}
	}
	resp.Body = &taped{ReadCloser: resp.Body, tape: newTape(r.w, x), ctx: req.Context()}
	return resp, nil
}

// stopped tells whether a request ended because nobody waits for it any more, which says nothing of the server. One that took
// too long does.
func stopped(ctx context.Context, err error) bool {
	return errors.Is(ctx.Err(), context.Canceled) || errors.Is(err, context.Canceled)
}

// whole reads a request's body and gives a request that can still send it.
func whole(req *http.Request) ([]byte, *http.Request, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return nil, req, nil
	}
	body, err := io.ReadAll(io.LimitReader(req.Body, maxRequest+1))
	if err := errors.Join(err, req.Body.Close()); err != nil {
		return nil, nil, fmt.Errorf("reading the request: %w", err)
	}
	if len(body) > maxRequest {
		return nil, nil, fmt.Errorf("the request to %s is longer than %d bytes", req.URL.Host, maxRequest)
	}
	req = req.Clone(req.Context())
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	req.Body, _ = req.GetBody()
	req.ContentLength = int64(len(body))
	return body, req, nil
}

// exchange describes a request.
func exchange(source string, req *http.Request, body []byte) *Exchange {
	x := &Exchange{Source: source, Method: req.Method, URL: URL(req.URL)}
	if x.Method == "" {
		x.Method = http.MethodGet
	}
	if len(body) > 0 {
		sum := sha256.Sum256(body)
		x.BodySHA256 = hex.EncodeToString(sum[:])
		if len(body) <= shortBody && utf8.Valid(body) {
			x.Body = string(body)
		}
	}
	return x
}

// key is the same for the same question to the same source.
func (x *Exchange) key() string {
	sum := sha256.Sum256([]byte(x.Method + "\x00" + x.URL + "\x00" + x.BodySHA256))
	return x.Source + "\x00" + hex.EncodeToString(sum[:])
}

// A tape compresses one answer while it is read.
type tape struct {
	w        *Writer
	exchange *Exchange
	packer   *packer
	packed   bytes.Buffer
	once     sync.Once
}

func newTape(w *Writer, x *Exchange) *tape {
	t := &tape{w: w, exchange: x, packer: packers.Get().(*packer)}
	t.packer.reset(&t.packed)
	return t
}

// keep ends the answer; err is why it broke off, nil if it did not.
func (t *tape) keep(err error) {
	t.once.Do(func() {
		if err != nil {
			t.exchange.Error = err.Error()
		}
		if err := t.packer.close(); err != nil {
			panic("BUG: compressing into memory: " + err.Error())
		}
		m := &Member{Size: t.packer.size, SHA256: t.packer.sum(), Exchange: t.exchange}
		t.w.addPacked(m, t.exchange.key(), t.packed.Bytes())
		packers.Put(t.packer)
	})
}

// drop leaves the answer out.
func (t *tape) drop() { t.once.Do(func() { packers.Put(t.packer) }) }

// taped is a body that is kept while it is read.
type taped struct {
	io.ReadCloser
	tape *tape
	ctx  context.Context //nolint:containedctx // it is the request's, whose body this is
	done bool
}

// Read reads on, and keeps the answer at its end.
func (t *taped) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	if t.done {
		return n, err
	}
	_, _ = t.tape.packer.Write(p[:n]) // into memory
	switch {
	case errors.Is(err, io.EOF):
		t.done = true
		t.tape.keep(nil)
	case err != nil:
		t.done = true
		if stopped(t.ctx, err) {
			t.tape.drop()
		} else {
			t.tape.keep(err)
		}
	}
	return n, err
}

// Close keeps as much as was read: a reader that had enough will have enough of it again.
func (t *taped) Close() error {
	t.done = true
	if errors.Is(t.ctx.Err(), context.Canceled) {
		t.tape.drop()
	} else {
		t.tape.keep(nil)
	}
	return t.ReadCloser.Close()
}
