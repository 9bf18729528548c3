package elastic

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/fetch"
	"github.com/hindcast/hindcast/ingest/ingesttest"
)

// cluster is a real server for tests.
type cluster struct {
	url *url.URL
	// server is what a test has started itself, nil if it uses one that runs anyway.
	server *ingesttest.Server
}

// running gives the server that HINDCAST_ELASTICSEARCH_URL names, nil if it names none.
func running(t testing.TB) *cluster {
	text := os.Getenv("HINDCAST_ELASTICSEARCH_URL")
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	require.NoError(t, err)
	return &cluster{url: u}
}

// realServer gives a server for tests: one that runs, or else one that is started for the test.
func realServer(t *testing.T) *cluster {
	if c := running(t); c != nil {
		return c
	}
	s := ingesttest.NewServer(t, "elasticsearch", t.TempDir())
	return &cluster{url: s.Start(t), server: s}
}

// do sends a request and gives the status and the answer.
func (c *cluster) do(t testing.TB, method, path, body string) (int, string) {
	t.Helper()
	u, err := c.url.Parse(path)
	require.NoError(t, err)
	req, err := http.NewRequest(method, u.String(), strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(b)
}

// index makes an index, fills it with documents, which are JSON objects, and removes it when the test is over. The documents
// have the ids 0, 1, 2 and so on.
func (c *cluster) index(t testing.TB, name, settings string, documents []string) string {
	t.Helper()
	name = fmt.Sprintf("hindcast-test-%d-%s", os.Getpid(), name)
	c.do(t, http.MethodDelete, "/"+name, "")
	status, text := c.do(t, http.MethodPut, "/"+name, settings)
	require.Equal(t, http.StatusOK, status, text)
	t.Cleanup(func() { c.do(t, http.MethodDelete, "/"+name, "") })
	var b strings.Builder
	for i, d := range documents {
		fmt.Fprintf(&b, "{\"index\":{\"_id\":\"%d\"}}\n%s\n", i, d)
		if b.Len() > 8<<20 || i == len(documents)-1 {
			status, text := c.do(t, http.MethodPost, "/"+name+"/_bulk", b.String())
			require.Equal(t, http.StatusOK, status, text)
			require.Contains(t, text[:min(len(text), 200)], `"errors":false`)
			b.Reset()
		}
	}
	status, text = c.do(t, http.MethodPost, "/"+name+"/_refresh", "")
	require.Equal(t, http.StatusOK, status, text)
	return name
}

// threeShards are the settings of an index with dates.
const threeShards = `{"settings":{"number_of_shards":3,"number_of_replicas":0},"mappings":{"properties":{"@timestamp":{"type":"date"},"message":{"type":"text"}}}}`

var beginning = time.Date(2025, 10, 14, 3, 0, 0, 0, time.UTC)

// orders writes n documents, a fifth of a second apart, of which some have more than one line of text.
func orders(n int) []string {
	docs := make([]string, n)
	for i := range docs {
		message := fmt.Sprintf("order %d taken \"quickly\"", i)
		if i%10 == 0 {
			message += "\nand paid"
		}
		text, _ := json.Marshal(message)
		docs[i] = fmt.Sprintf(`{"@timestamp":%q,"log":{"level":"info"},"service":{"name":"orders"},"host.name":"node-%d","message":%s,"trace":{"id":"%x"}}`,
			beginning.Add(time.Duration(i)*200*time.Millisecond).Format("2006-01-02T15:04:05.000Z"), i%3, text, i)
	}
	return docs
}

// brief is the patience of tests.
var brief = fetch.Patience{Attempts: 4, Pause: time.Millisecond, Longest: 5 * time.Millisecond}

func (c *cluster) open(t testing.TB, o Options) *Source {
	t.Helper()
	if o.URL == nil {
		o.URL = c.url
	}
	if o.Transport == nil {
		o.Transport = fetch.Retry(nil, brief)
	}
	o.Patience = brief
	s, err := Open(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// find fetches the message of a document, past the source.
func (c *cluster) find(t *testing.T, o event.Origin) string {
	status, text := c.do(t, http.MethodGet, "/"+o.Path+"/_doc/"+o.ID, "")
	require.Equal(t, http.StatusOK, status, text)
	var d struct {
		Source struct{ Message string } `json:"_source"`
	}
	require.NoError(t, json.Unmarshal([]byte(text), &d))
	return d.Source.Message
}

// TestServer is what a pull from a real server has to show.
func TestServer(t *testing.T) {
	c := realServer(t)
	for _, x := range []struct {
		name string
		test func(*testing.T, *cluster)
	}{
		{"promises", testPromises},
		{"shapes", testShapes},
		{"forms", testForms},
		{"stream", testStream},
		{"left out", testLeftOut},
		{"balance", testBalance},
		{"errors", testErrors},
		{"check", testCheck},
		{"lower bound", testLowerBound},
		{"resume", testResume},
		{"gives up", testGivesUp},
		{"restart", testRestart},
	} {
		t.Run(x.name, func(t *testing.T) { x.test(t, c) })
	}
}

// TestOpenSearchServer is the same for OpenSearch, as far as it differs.
func TestOpenSearchServer(t *testing.T) {
	s := ingesttest.NewServer(t, "opensearch", t.TempDir())
	c := &cluster{url: s.Start(t), server: s}
	t.Run("promises", func(t *testing.T) { testPromises(t, c) })
	t.Run("shapes", func(t *testing.T) { testShapes(t, c) })
	t.Run("left out", func(t *testing.T) { testLeftOut(t, c) })
	t.Run("resume", func(t *testing.T) { testResume(t, c) })
	t.Run("check", func(t *testing.T) { testCheck(t, c) })
}

func testPromises(t *testing.T, c *cluster) {
	name := c.index(t, "promises", threeShards, orders(12_000))
	c.index(t, "promises-2", threeShards, orders(300))
	open := func(change func(*Options)) func(t *testing.T) ingest.Source {
		return func(t *testing.T) ingest.Source {
			o := Options{Name: "prod-logs", Index: name + "*"}
			change(&o)
			return c.open(t, o)
		}
	}
	whole := event.Range{From: beginning.UnixNano(), To: beginning.Add(time.Hour).UnixNano()}
	ingesttest.Run(t, ingesttest.Subject{
		Open: open(func(*Options) {}), Least: 12_300, Find: c.find,
		Query: ingest.Query{Range: whole, Wanted: event.Wanted{"trace.id"}},
		Broken: map[string]func(t *testing.T) ingest.Source{
			"nothing answers":       open(func(o *Options) { o.URL = nobody(t) }),
			"answers break off":     open(func(o *Options) { o.Transport = &faults{cut: true} }),
			"later ones break off":  open(func(o *Options) { o.Transport = &faults{cut: true, from: 3} }),
			"answers end too early": open(func(o *Options) { o.Transport = &faults{half: true, from: 2} }),
			"overloaded":            open(func(o *Options) { o.Transport = fetch.Retry(&faults{status: 429, from: 3}, brief) }),
			"a shard fails":         open(func(o *Options) { o.Transport = &faults{shard: true} }),
		},
		Hangs: func(t *testing.T) ingest.Source {
			return c.open(t, Options{URL: silent(t), Transport: http.DefaultTransport})
		},
	})
}
