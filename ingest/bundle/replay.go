package bundle

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// ErrNotAsked is the error of a request whose answer is not in the bundle.
var ErrNotAsked = errors.New("the bundle holds no answer to this request: it was collected for another window, with other sources or by another version")

// Transport answers the requests of a source from the bundle. The same request asked again is given the answers in the
// order in which they came, and then the last one again.
func (r *Reader) Transport(source string) http.RoundTripper { return &player{r: r, source: source} }

type player struct {
	r      *Reader
	source string
}

// RoundTrip finds the answer.
func (p *player) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	body, req, err := whole(req)
	if err != nil {
		return nil, err
	}
	x := exchange(p.source, req, body)
	m := p.r.next(x.key())
	if m == nil {
		what := x.Method + " " + x.URL
		if x.Body != "" {
			what += " " + x.Body
		} else if x.BodySHA256 != "" {
			what += " (body " + x.BodySHA256[:12] + "…)"
		}
		return nil, fmt.Errorf("%s: %w", what, ErrNotAsked)
	}
	if m.Exchange.Status == 0 {
		return nil, played(m.Exchange.Error)
	}
	content, err := p.r.content(m)
	if err != nil {
		return nil, err
	}
	resp := &http.Response{
		Status:     strconv.Itoa(m.Exchange.Status) + " " + http.StatusText(m.Exchange.Status),
		StatusCode: m.Exchange.Status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: m.Exchange.Header.Clone(), Body: io.NopCloser(bytes.NewReader(content)), ContentLength: -1, Request: req,
	}
	if resp.Header == nil {
		resp.Header = http.Header{}
	}
	if m.Exchange.Error != "" {
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(content), broken{played(m.Exchange.Error)}))
	}
	return resp, nil
}

// next takes the next answer to a question; the last one is given again and again.
func (r *Reader) next(key string) *Member {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := r.answers[key]
	if len(list) == 0 {
		return nil
	}
	if len(list) > 1 {
		r.answers[key] = list[1:]
	}
	return list[0]
}

// inOrder sorts answers to the same question by the number that ends their names.
func inOrder(list []*Member) {
	number := func(m *Member) int {
		n, _ := strconv.Atoi(m.Name[strings.LastIndexByte(m.Name, '-')+1:])
		return n
	}
	slices.SortStableFunc(list, func(a, b *Member) int { return number(a) - number(b) })
}

// played gives an error back that was written down as text. Those that sources tell apart are the same again.
func played(text string) error {
	for _, known := range []error{io.ErrUnexpectedEOF, context.DeadlineExceeded} {
		if before, ok := strings.CutSuffix(text, known.Error()); ok {
			return fmt.Errorf("%s%w", before, known)
		}
	}
	return errors.New(text)
}

// broken is the place where a body broke off.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }
