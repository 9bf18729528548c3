package documenttest

import (
	"context"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/fetch"
)

// Source is what is under test: a source that keeps everything whole.
type Source interface {
	Events(ctx context.Context, within event.Range) iter.Seq2[*event.Batch, error]
}

// Server answers as an archive says and gives a client for it. The files of the archive are called by what is asked,
// path and query, the latter unescaped and sorted. A file may begin with header lines, "Status: 404" among them, up to an
// empty line. ${SERVER} in it is the server's URL. Other requests fail the test. Fault may answer instead, and then
// returns true.
func Server(t testing.TB, archive string, fault func(w http.ResponseWriter, r *http.Request) bool) *fetch.Client {
	t.Helper()
	data, err := os.ReadFile(archive)
	require.NoError(t, err)
	answers := map[string]string{}
	for _, f := range txtar.Parse(data).Files {
		answers[f.Name] = string(f.Data)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if fault != nil && fault(w, r) {
			return
		}
		answer, ok := answers[asked(r.URL)]
		if !ok {
			t.Errorf("nobody expected to be asked %s", asked(r.URL))
			w.WriteHeader(http.StatusTeapot)
			return
		}
		reply(w, strings.ReplaceAll(answer, "${SERVER}", "http://"+r.Host))
	}))
	t.Cleanup(s.Close)
	base, err := url.Parse(s.URL)
	require.NoError(t, err)
	return &fetch.Client{Base: base}
}

func asked(u *url.URL) string {
	var words []string
	for name, values := range u.Query() {
		for _, v := range values {
			words = append(words, name+"="+v)
		}
	}
	if len(words) == 0 {
		return u.EscapedPath()
	}
	slices.Sort(words)
	return u.EscapedPath() + "?" + strings.Join(words, "&")
}

func reply(w http.ResponseWriter, answer string) {
	w.Header().Set("Content-Type", "application/json")
	status := http.StatusOK
	if head, body, ok := strings.Cut(answer, "\n\n"); ok && !strings.HasPrefix(head, "{") && !strings.HasPrefix(head, "[") {
		for line := range strings.SplitSeq(head, "\n") {
			name, value, _ := strings.Cut(line, ": ")
			if name == "Status" {
				status, _ = strconv.Atoi(value)
				continue
			}
			w.Header().Set(name, value)
		}
		answer = body
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, answer)
}

// Read reads everything that a source gives for a range.
func Read(t testing.TB, s Source, within event.Range) Result {
	t.Helper()
	var res Result
	for b, err := range s.Events(t.Context(), within) {
		if err != nil {
			res.Err = err
			continue
		}
		res.Events = append(res.Events, b.Events...)
		res.Series = append(res.Series, b.Series...)
		res.Coverage.Add(b.Coverage)
	}
	require.NoError(t, res.Coverage.Check())
	return res
}

// GoldenSource compares what a source gives for a range with a file.
func GoldenSource(t *testing.T, s Source, within event.Range, golden string) {
	t.Helper()
	got := Print(Read(t, s, within))
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(golden), 0o755))
		require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// Same is a transport that answers everything with the same, for fuzzing.
type Same struct {
	Body []byte
	// Link is the header that names the next page.
	Link string
}

// RoundTrip gives the answer.
func (s Same) RoundTrip(req *http.Request) (*http.Response, error) {
	h := http.Header{"Content-Type": {"application/json"}}
	if s.Link != "" {
		h.Set("Link", s.Link)
	}
	return &http.Response{StatusCode: http.StatusOK, Header: h, Body: io.NopCloser(strings.NewReader(string(s.Body))), Request: req}, nil
}

// FuzzSource holds a source to never panic, to come to an end, and to an account that adds up, whatever it is answered.
// The corpus begins with the answers of an archive.
func FuzzSource(f *testing.F, archive string, open func(c *fetch.Client) Source) {
	data, err := os.ReadFile(archive)
	require.NoError(f, err)
	for _, file := range txtar.Parse(data).Files {
		_, body, ok := strings.Cut(string(file.Data), "\n\n")
		if !ok || strings.HasPrefix(string(file.Data), "{") || strings.HasPrefix(string(file.Data), "[") {
			body = string(file.Data)
		}
		f.Add([]byte(body))
	}
	base, err := url.Parse("http://server/")
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, body []byte) {
		s := open(&fetch.Client{Base: base, Transport: Same{Body: body, Link: `<http://server/next>; rel="next"`}})
		for _, within := range []event.Range{{}, {From: 1e18, To: 2e18}} {
			res := Read(t, s, within)
			for i := range res.Events {
				if e := &res.Events[i]; e.Kind == "" || e.Time == 0 || e.Origin.Path == "" {
					t.Fatalf("an event without kind, time or place: %s", Print(res))
				}
			}
		}
	})
}

// Hang never answers.
func Hang(_ http.ResponseWriter, r *http.Request) bool {
	<-r.Context().Done()
	return true
}

// Faults opens a source on servers with each of the usual faults.
func Faults[S any](open func(fault func(http.ResponseWriter, *http.Request) bool) func(t *testing.T) S) map[string]func(t *testing.T) S {
	always := func(answer http.HandlerFunc) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			answer(w, r)
			return true
		}
	}
	return map[string]func(t *testing.T) S{
		"wrong credentials": open(always(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })),
		"another server":    open(always(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") })),
		"killed":            open(always(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })),
		"cut": open(always(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, "[")
		})),
	}
}
