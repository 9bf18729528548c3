package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/elastic/elastic-transport-go/v8/elastictransport"
	"github.com/elastic/go-elasticsearch/v8/esapi"
	"github.com/klauspost/compress/gzip"

	"github.com/hindcast/hindcast/ingest/fetch"
)

// maxAnswer is how many bytes of one answer are kept at most, unpacked.
const maxAnswer = fetch.MaxBody

var (
	// errCutShort is an answer that broke off; asking again may help.
	errCutShort = errors.New("the answer broke off")
	// errNoAnswer is a server that could not be reached, in spite of all patience.
	errNoAnswer = errors.New("no answer")
	// errTooLarge is an answer of more than maxAnswer bytes; asking for less may help.
	errTooLarge = fmt.Errorf("the answer is larger than %d MiB", maxAnswer>>20)
)

// server sends requests to one cluster.
type server struct {
	client *elastictransport.Client
	// shown is the URL as it may be shown.
	shown    string
	patience fetch.Patience
	// openSearch is set once the server is known to be OpenSearch.
	openSearch bool
}

func newServer(o Options) (*server, error) {
	h := http.Header{"Accept": {"application/json"}, "Accept-Encoding": {"gzip"}}
	if isLoopback(o.URL) { // packing costs more than it saves where nothing is sent over a wire
		h.Set("Accept-Encoding", "identity")
	}
	u := *o.URL
	c, err := elastictransport.NewClient(elastictransport.WithURLs(&u), elastictransport.WithTransport(o.Transport), elastictransport.WithAPIKey(o.APIKey),
		elastictransport.WithHeader(h), elastictransport.WithDisableRetry(), elastictransport.WithUserAgent("hindcast"))
	if err != nil {
		return nil, err
	}
	return &server{client: c, shown: u.Scheme + "://" + u.Host, patience: o.Patience}, nil
}

func isLoopback(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// answer is what a request gave.
type answer struct {
	body   []byte
	header http.Header
	// wire is how many bytes were sent.
	wire int64
}

// ask sends what request makes and hands the answer to read, which says whether it is whole. One that broke off is
// asked for again. The body lies in buf as far as that reaches.
func (s *server) ask(ctx context.Context, buf []byte, request func() esapi.Request, read func(body []byte) error) (answer, error) {
	for attempt := 1; ; attempt++ {
		a, err := s.once(ctx, request(), buf)
		if err == nil {
			if err = read(a.body); err == nil {
				return a, nil
			}
			err = fmt.Errorf("%s: %w", s.shown, err)
		}
		if !errors.Is(err, errCutShort) || !s.patience.Again(ctx, attempt) {
			return a, err
		}
	}
}

// get is ask for small answers, which are decoded into v.
func (s *server) get(ctx context.Context, request func() esapi.Request, v any) (answer, error) {
	return s.ask(ctx, nil, request, func(body []byte) error {
		err := json.Unmarshal(body, v)
		if _, ok := errors.AsType[*json.SyntaxError](err); ok {
			return fmt.Errorf("%w, or is not JSON: %w", errCutShort, err)
		}
		return err
	})
}

// once sends one request.
func (s *server) once(ctx context.Context, r esapi.Request, buf []byte) (answer, error) {
	resp, err := r.Do(ctx, s.client)
	if err != nil {
		return answer{}, fmt.Errorf("%w from %s: %w", errNoAnswer, s.shown, err)
	}
	defer resp.Body.Close()
	count := &counter{src: resp.Body}
	a := answer{header: resp.Header}
	a.body, err = readAll(count, resp.Header.Get("Content-Encoding") == "gzip", buf)
	a.wire = count.n
	switch {
	case errors.Is(err, errTooLarge):
		return a, err
	case err != nil && ctx.Err() != nil:
		return a, fmt.Errorf("asking %s: %w", s.shown, ctx.Err())
	case err != nil:
		return a, fmt.Errorf("%s: %w after %d bytes: %w", s.shown, errCutShort, a.wire, err)
	case resp.StatusCode/100 != 2:
		return a, newFailure(s.shown, resp.StatusCode, resp.Header, a.body)
	}
	return a, nil
}

// readAll reads a body, unpacked, into buf and what has to be added to it.
func readAll(src io.Reader, packed bool, buf []byte) ([]byte, error) {
	if packed {
		z, err := gzip.NewReader(src)
		if err != nil {
			return buf[:0], err
		}
		src = z
	}
	into := bytes.NewBuffer(buf[:0])
	_, err := into.ReadFrom(io.LimitReader(src, maxAnswer+1))
	if err == nil && into.Len() > maxAnswer {
		err = errTooLarge
	}
	return into.Bytes(), err
}

// counter counts the bytes read through it.
type counter struct {
	src io.Reader
	n   int64
}

// Read reads on.
func (c *counter) Read(b []byte) (int, error) {
	n, err := c.src.Read(b)
	c.n += int64(n)
	return n, err
}

// isElastic tells whether an answer says that it comes from Elasticsearch, which all since 7.14 do.
func isElastic(h http.Header) bool { return h.Get("X-Elastic-Product") == "Elasticsearch" }

// recognise makes sure that the server is one that this package knows, by the header of an answer and if that is silent by asking.
func (s *server) recognise(ctx context.Context, h http.Header) error {
	if isElastic(h) {
		return nil
	}
	v, err := s.version(ctx)
	switch {
	case err == nil && v.Version.Distribution == "opensearch":
		s.openSearch = true
		return nil
	case err == nil && v.Version.Number != "":
		return fmt.Errorf("%s is version %s of something that does not say that it is Elasticsearch: 7.14 or newer, or OpenSearch, is needed", s.shown, v.Version.Number)
	default:
		return fmt.Errorf("%s does not say that it is Elasticsearch (there is no X-Elastic-Product header in its answers): is the URL right, and does a proxy leave headers out?", s.shown)
	}
}

// about is what GET / says.
type about struct {
	Version struct {
		Number       string `json:"number"`
		Distribution string `json:"distribution"`
	} `json:"version"`
}

func (s *server) version(ctx context.Context) (about, error) {
	var v about
	_, err := s.get(ctx, func() esapi.Request { return esapi.InfoRequest{} }, &v)
	return v, err
}

// failure is an answer with a status other than 2xx.
type failure struct {
	fetch.StatusError
	// kind is the type of the exception that the server names as the cause.
	kind string
}

// cause is how the server describes an exception.
type cause struct {
	Type   string `json:"type"`
	Reason string `json:"reason"`
}

func newFailure(shown string, status int, h http.Header, body []byte) *failure {
	f := &failure{StatusError: fetch.StatusError{Status: status, Server: shown}}
	var a struct {
		Error struct {
			cause
			RootCause    []cause `json:"root_cause"`
			FailedShards []struct {
				Reason cause `json:"reason"`
			} `json:"failed_shards"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &a) != nil {
		f.Message = fetch.Message(h, body)
		return f
	}
	c := a.Error.cause
	switch {
	case len(a.Error.RootCause) > 0:
		c = a.Error.RootCause[0]
	case len(a.Error.FailedShards) > 0:
		c = a.Error.FailedShards[0].Reason
	}
	f.kind = c.Type
	f.Message = fetch.Message(nil, []byte(c.Reason))
	return f
}

// Error gives status, server and reason, and what to do about it where that is known.
func (f *failure) Error() string {
	text := f.StatusError.Error()
	switch {
	case f.Status == http.StatusUnauthorized:
		return text + " (give credentials with api_key_file, or with basic_auth or authorization in http_config)"
	case f.Status == http.StatusForbidden:
		return text + " (the privileges read and view_index_metadata on the index are needed)"
	case f.kind == "index_not_found_exception":
		return text + " (set index to one that is there, or to a pattern such as logs-*)"
	case strings.Contains(f.Message, "Result window is too large"):
		return text + " (set page_size to less than the index allows)"
	}
	return text
}

// isMissing tells whether an error says that the point in time is not there any more.
func isMissing(err error) bool {
	var f *failure
	return errors.As(err, &f) && f.kind == missingContext
}

// isSilent tells whether an error means that the server does not answer, rather than that it does not like the question.
func isSilent(err error) bool {
	if f, ok := errors.AsType[*failure](err); ok {
		return f.Status == http.StatusTooManyRequests || f.Status >= http.StatusBadGateway
	}
	return errors.Is(err, errNoAnswer) || errors.Is(err, errCutShort)
}

// missingContext is what Elasticsearch calls a point in time that expired, was closed or was lost with its node.
const missingContext = "search_context_missing_exception"
