package bundle

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
)

// logText is a log that compresses as logs do.
func logText(lines int) string {
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	for i := range lines {
		fmt.Fprintf(&b, "2026-03-18T13:%02d:%02dZ request %d took %d ms\n", i/60%60, i%60, r.IntN(1e6), r.IntN(1e4))
	}
	return b.String()
}

// write makes a bundle of files and answers, in the order given.
func write(t *testing.T, fill func(w *Writer)) []byte {
	t.Helper()
	w, err := Create(t.TempDir())
	require.NoError(t, err)
	defer func() { require.NoError(t, w.Close()) }()
	fill(w)
	var b bytes.Buffer
	require.NoError(t, w.Write(&b, &Manifest{Version: "1", Sources: []Source{{Name: "es", Kind: "elasticsearch"}}}))
	return b.Bytes()
}

func open(t *testing.T, data []byte) (*Reader, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.bundle")
	require.NoError(t, os.WriteFile(path, data, 0o600))
	r, err := Open(path)
	if err == nil {
		t.Cleanup(func() { require.NoError(t, r.Close()) })
	}
	return r, err
}

// client asks a server through a transport.
type client struct {
	t    *testing.T
	rt   http.RoundTripper
	base string
}

func (c client) ask(path, body string) (string, error) {
	c.t.Helper()
	method, r := http.MethodGet, io.Reader(nil)
	if body != "" {
		method, r = http.MethodPost, strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, r)
	require.NoError(c.t, err)
	req.Header.Set("Authorization", "Bearer hush-hush")
	req.SetBasicAuth("u", "hush-hush")
	resp, err := (&http.Client{Transport: c.rt}).Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return fmt.Sprintf("%d %s %s", resp.StatusCode, resp.Header.Get("Content-Type"), text), err
}

// server answers with what was asked and how often.
func server(t *testing.T) string {
	var mu sync.Mutex
	times := map[string]int{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		times[r.URL.Path+string(body)]++
		n := times[r.URL.Path+string(body)]
		mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Set-Cookie", "session=hush-hush")
		switch r.URL.Path {
		case "/cut":
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("half"))
		case "/missing":
			w.WriteHeader(http.StatusNotFound)
		default:
			fmt.Fprintf(w, "%s %s for the %d. time", r.URL.Path, body, n)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestAnswersAreGivenAgain(t *testing.T) {
	base := server(t)
	questions := [][2]string{{"/a", ""}, {"/a", ""}, {"/a?token=hush-hush", ""}, {"/search", "first"}, {"/search", "second"}, {"/missing", ""}, {"/cut", ""}, {"/a", ""}}
	var answers []string
	ask := func(c client) (list []string) {
		for _, q := range questions {
			text, err := c.ask(q[0], q[1])
			list = append(list, fmt.Sprint(text, err))
		}
		return list
	}
	data := write(t, func(w *Writer) { answers = ask(client{t, w.Transport("es", nil), base}) })
	require.Contains(t, answers[6], "unexpected EOF")
	r, err := open(t, data)
	require.NoError(t, err)
	require.NoError(t, r.Check(t.Context()))
	c := client{t, r.Transport("es"), base}
	require.Equal(t, answers, ask(c))

	text, err := c.ask("/a", "")
	require.NoError(t, err)
	require.Contains(t, text, "for the 4. time", "the last answer is given again")
	_, err = c.ask("/b?x=1", "")
	require.ErrorIs(t, err, ErrNotAsked)
	require.ErrorContains(t, err, "GET "+base+"/b?x=1: the bundle holds no answer")
	_, err = c.ask("/search", "third")
	require.ErrorContains(t, err, "POST "+base+"/search third: the bundle holds no answer")
	_, err = client{t, r.Transport("other"), base}.ask("/a", "")
	require.ErrorIs(t, err, ErrNotAsked)

	require.Equal(t, Query{Request: "GET " + base + "/a", Times: 3}, r.Source("es").Queries[0])
	all, err := unpack(data[8+int(data[4]):], 1<<30)
	require.NoError(t, err)
	require.NotContains(t, string(all), "hush", "credentials are in the bundle")
}

func TestUnreachableServersStaySo(t *testing.T) {
	s := httptest.NewServer(nil)
	s.Close()
	var first error
	data := write(t, func(w *Writer) { _, first = client{t, w.Transport("es", nil), s.URL}.ask("/a", "") })
	require.Error(t, first)
	r, err := open(t, data)
	require.NoError(t, err)
	_, again := client{t, r.Transport("es"), s.URL}.ask("/a", "")
	require.EqualError(t, again, first.Error())
}

// failing gives an error instead of an answer.
type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

// TestErrorsStayWhatTheyWere: a source that tells a server that took too long from one that is not there does so again. What
// was cancelled says nothing of a server.
func TestErrorsStayWhatTheyWere(t *testing.T) {
	late := fmt.Errorf("waiting for %w", context.DeadlineExceeded)
	data := write(t, func(w *Writer) {
		_, err := client{t, w.Transport("slow", failing{late}), "http://a"}.ask("/", "")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		_, err = client{t, w.Transport("left", failing{context.Canceled}), "http://a"}.ask("/", "")
		require.ErrorIs(t, err, context.Canceled)
	})
	r, err := open(t, data)
	require.NoError(t, err)
	_, err = client{t, r.Transport("slow"), "http://a"}.ask("/", "")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "waiting for context deadline exceeded")
	_, err = client{t, r.Transport("left"), "http://a"}.ask("/", "")
	require.ErrorIs(t, err, ErrNotAsked)
}

// TestSameEvidenceSameBytes has answers come in any order from several goroutines.
func TestSameEvidenceSameBytes(t *testing.T) {
	body := logText(2000)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Date"] = nil
		for i := range 20 { // in pieces, as networks do
			_, _ = io.WriteString(w, r.URL.Path+body[i*100:i*100+100*(1+i)])
			w.(http.Flusher).Flush()
		}
	}))
	defer s.Close()
	var first []byte
	for range 3 {
		data := write(t, func(w *Writer) {
			var wg sync.WaitGroup
			for i := range 20 {
				wg.Go(func() {
					_, err := client{t, w.Transport("es", nil), s.URL}.ask(fmt.Sprintf("/%d", i), "")
					require.NoError(t, err)
				})
			}
			wg.Wait()
			require.NoError(t, w.Add("files/a", strings.NewReader(body)))
		})
		if first == nil {
			first = data
		}
		require.True(t, bytes.Equal(first, data))
	}
}

func TestIsAnArchive(t *testing.T) {
	log := logText(30000)
	data := write(t, func(w *Writer) {
		require.NoError(t, w.Add("files/src/"+elements("/var/../"+strings.Repeat("long/", 40)+"x.log"), strings.NewReader(log)))
		require.NoError(t, w.Add("files/src/empty", strings.NewReader("")))
	})
	z, err := zstd.NewReader(bytes.NewReader(data))
	require.NoError(t, err)
	defer z.Close()
	found := map[string]string{}
	for tr := tar.NewReader(z); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		require.Zero(t, h.ModTime.Unix())
		text, err := io.ReadAll(tr)
		require.NoError(t, err)
		found[h.Name] = string(text)
	}
	require.Len(t, found, 3)
	require.Equal(t, log, found["files/src/%2F/var/%2E%2E/"+strings.Repeat("long/", 40)+"x.log"])
	require.Contains(t, found[ManifestName], Schema)
	require.Less(t, len(data), len(log)/3)
}

func TestUnpack(t *testing.T) {
	log := logText(30000)
	r, err := open(t, write(t, func(w *Writer) { require.NoError(t, w.Add("files/a", strings.NewReader(log))) }))
	require.NoError(t, err)
	path, err := r.Unpack(t.Context(), "files/a", "a.log")
	require.NoError(t, err)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, log, string(text))
	for _, base := range []string{"../x", "/x", "..", "."} {
		_, err = r.Unpack(t.Context(), "files/a", base)
		require.ErrorContains(t, err, "is not the name of a file")
	}
	_, err = r.Unpack(t.Context(), "files/b", "b")
	require.ErrorContains(t, err, "no member files/b")
}

// TestDamage flips a bit at many places and cuts at many: either the place does not matter (padding between members, which
// nobody reads), or the error names the member.
func TestDamage(t *testing.T) {
	log := logText(500)
	data := write(t, func(w *Writer) {
		require.NoError(t, w.Add("files/a", strings.NewReader(log)))
		require.NoError(t, w.Add("files/b", strings.NewReader(log)))
	})
	whole, err := open(t, data)
	require.NoError(t, err)
	require.NoError(t, whole.Check(t.Context()))
	inside := func(at int) string {
		for _, m := range whole.manifest.Members {
			if from := int(whole.base + m.Offset); at >= from && at < from+int(m.Packed) {
				return m.Name
			}
		}
		return ""
	}
	end := int(whole.base + whole.manifest.Members[1].Offset + whole.manifest.Members[1].Packed)
	for at := 0; at < len(data); at += 11 {
		bad := bytes.Clone(data)
		bad[at] ^= 1
		r, err := open(t, bad)
		if err != nil {
			require.Less(t, at, int(whole.base))
			continue
		}
		if name := inside(at); name != "" {
			require.ErrorContains(t, r.Check(t.Context()), name+" is damaged", "byte %d", at)
			_, err := r.Read(name)
			require.ErrorContains(t, err, name+" is damaged", "byte %d", at)
		}
		if at < end {
			_, err = open(t, data[:at])
			require.ErrorContains(t, err, "cut short")
		}
	}
	_, err = open(t, data[:end-1])
	require.ErrorContains(t, err, "files/b and all behind it (1 of 2 members) are missing")
}

func TestURL(t *testing.T) {
	for in, want := range map[string]string{
		"https://u:p@h:1/a?b=c#d":                    "https://h:1/a?b=c",
		"https://h/a?Token=x&b=c&api_key=y&tokens=z": "https://h/a?Token=masked&b=c&api_key=masked&tokens=z",
	} {
		u, err := url.Parse(in)
		require.NoError(t, err)
		require.Equal(t, want, URL(u))
	}
}

func FuzzOpen(f *testing.F) {
	w, err := Create(f.TempDir())
	require.NoError(f, err)
	require.NoError(f, w.Add("files/a", strings.NewReader("text")))
	var b bytes.Buffer
	require.NoError(f, w.Write(&b, &Manifest{}))
	require.NoError(f, w.Close())
	f.Add(b.Bytes())
	f.Add(b.Bytes()[:100])
	f.Add(append([]byte(skippable), "\x10\x00\x00\x00hindcast.bundle/"...))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := open(t, data)
		if err != nil {
			return
		}
		_ = r.Check(t.Context())
		for _, m := range r.Manifest().Members {
			if text, err := r.Read(m.Name); err == nil {
				require.Len(t, text, int(m.Size))
			}
		}
	})
}
