package elastic

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
)

// lines reads a source and writes each record with what it holds.
func lines(t *testing.T, s *Source, q ingest.Query) ([]string, event.Coverage) {
	t.Helper()
	parts, err := s.Parts(t.Context(), q)
	require.NoError(t, err)
	o := &written{}
	c, err := ingest.Run(t.Context(), "es", parts, []ingest.Observer{o}, nil)
	require.NoError(t, err)
	return o.lines, c
}

type written struct{ lines []string }

// Observe writes down the records.
func (w *written) Observe(b *event.Batch) {
	for i := range b.Records {
		r := &b.Records[i]
		text := fmt.Sprintf("%s %s %s %s %s", event.Time(r.Time).Format(time.RFC3339Nano), r.Severity, r.Service, r.Instance, r.Message)
		for _, f := range r.Fields {
			text += fmt.Sprintf(" %s=%s", f.Key, f.Value)
		}
		w.lines = append(w.lines, text)
	}
}

// Documents come in many shapes, and what the server makes of their times may differ from what is written there.
func testShapes(t *testing.T, c *cluster) {
	for name, x := range map[string]struct {
		settings string
		document string
		options  Options
		wanted   event.Wanted
		want     string
	}{
		"ECS": {
			settings: `{"mappings":{"properties":{"@timestamp":{"type":"date"}}}}`,
			document: `{"@timestamp":"2025-10-14T03:00:00.123456789Z","log":{"level":"warn"},"service":{"name":"orders"},"host":{"name":"node-1"},"message":"a \"b\"","trace.id":"7"}`,
			wanted:   event.Wanted{"trace.id"},
			want:     `2025-10-14T03:00:00.123456789Z warn orders node-1 a "b" trace.id=7`,
		},
		"nanoseconds": {
			settings: `{"mappings":{"properties":{"@timestamp":{"type":"date_nanos"}}}}`,
			document: `{"@timestamp":"2025-10-14T03:00:00.123456789Z","message":"a"}`,
			want:     "2025-10-14T03:00:00.123456789Z unknown   a",
		},
		"milliseconds as a number": {
			settings: `{"mappings":{"properties":{"@timestamp":{"type":"date"}}}}`,
			document: `{"@timestamp":1760410800123,"message":"a"}`,
			want:     "2025-10-14T03:00:00.123Z unknown   a",
		},
		"seconds as a number": {
			settings: `{"mappings":{"properties":{"@timestamp":{"type":"date","format":"epoch_second"}}}}`,
			document: `{"@timestamp":1760410800,"message":"a"}`,
			want:     "2025-10-14T03:00:00Z unknown   a",
		},
		"a form of its own": {
			settings: `{"mappings":{"properties":{"@timestamp":{"type":"date","format":"yyyyDDDHHmm"}}}}`,
			document: `{"@timestamp":"20252870300","message":"a"}`,
			want:     "2025-10-14T03:00:00Z unknown   a",
		},
		"mapped": {
			settings: `{"mappings":{"properties":{"at":{"type":"date"}}}}`,
			document: `{"at":"2025-10-14T03:00:00Z","txt":"a","sev":"ERROR","app_id":"orders"}`,
			options:  Options{Fields: map[string]string{"time": "at", "message": "txt", "level": "sev", "service": "app_id"}},
			want:     "2025-10-14T03:00:00Z error orders  a",
		},
		"a time that is not in the document": {
			settings: `{"mappings":{"properties":{"at":{"type":"date"},"@timestamp":{"type":"alias","path":"at"}}}}`,
			document: `{"at":"2025-10-14T03:00:00Z","message":"a"}`,
			want:     "2025-10-14T03:00:00Z unknown   a",
		},
		"fat": {
			settings: `{"mappings":{"properties":{"@timestamp":{"type":"date"},"ballast":{"type":"keyword","index":false,"doc_values":false}}}}`,
			document: `{"@timestamp":"2025-10-14T03:00:00Z","message":"a","log":{"level":"info"},"order":{"id":7},"ballast":"` + strings.Repeat("x", 20_000) + `"}`,
			wanted:   event.Wanted{"order.id"},
			want:     "2025-10-14T03:00:00Z info   a order.id=7",
		},
		"written over several lines": {
			settings: `{"mappings":{"properties":{"@timestamp":{"type":"date"}}}}`,
			document: "{\t\"@timestamp\" : \"2025-10-14T03:00:00Z\",\t\"message\":\"a\\nb\" }",
			want:     "2025-10-14T03:00:00Z unknown   a",
		},
	} {
		t.Run(name, func(t *testing.T) {
			x.options.Index = c.index(t, "shapes", x.settings, []string{x.document})
			s := c.open(t, x.options)
			within := event.Range{From: beginning.Add(-time.Hour).UnixNano(), To: beginning.Add(time.Hour).UnixNano()}
			got, coverage := lines(t, s, ingest.Query{Range: within, Wanted: x.wanted})
			require.Equal(t, []string{x.want}, got)
			require.Empty(t, coverage.Gaps)
			if name == "fat" {
				require.Less(t, coverage.Bytes, int64(2000))
			}
		})
	}
}

// Where only some of the indices have times in a form of their own, all times are right.
func testForms(t *testing.T, c *cluster) {
	name := c.index(t, "forms", `{"mappings":{"properties":{"@timestamp":{"type":"date"}}}}`, orders(30))
	c.index(t, "forms-old", `{"mappings":{"properties":{"@timestamp":{"type":"date","format":"dd/MM/yyyy HH:mm"}}}}`, []string{`{"@timestamp":"13/10/2025 03:00","message":"old"}`})
	got, coverage := lines(t, c.open(t, Options{Index: name + "*"}), ingest.Query{})
	require.Len(t, got, 31)
	require.Contains(t, got, "2025-10-13T03:00:00Z unknown   old")
	require.Contains(t, got, `2025-10-14T03:00:00.2Z info orders node-1 order 1 taken "quickly"`)
	require.Zero(t, coverage.Unparsed)
}

// A data stream is read through its name, and a query narrows what is pulled.
func testStream(t *testing.T, c *cluster) {
	stream := fmt.Sprintf("hindcast-test-%d-stream", time.Now().UnixNano()) // not every server can delete one
	status, text := c.do(t, http.MethodPut, "/_index_template/"+stream, `{"index_patterns":["`+stream+`"],"data_stream":{},"priority":500,"template":{"mappings":{"properties":{"message":{"type":"text"}}}}}`)
	require.Equal(t, http.StatusOK, status, text)
	t.Cleanup(func() {
		c.do(t, http.MethodDelete, "/_data_stream/"+stream, "")
		c.do(t, http.MethodDelete, "/_index_template/"+stream, "")
	})
	var b strings.Builder
	for _, d := range orders(200) {
		fmt.Fprintf(&b, "{\"create\":{}}\n%s\n", d)
	}
	status, text = c.do(t, http.MethodPost, "/"+stream+"/_bulk?refresh=true", b.String())
	require.Equal(t, http.StatusOK, status, text)
	require.Contains(t, text[:min(len(text), 200)], `"errors":false`)
	all, coverage := lines(t, c.open(t, Options{Index: stream}), ingest.Query{})
	require.Len(t, all, 200)
	require.Empty(t, coverage.Gaps)
	some, _ := lines(t, c.open(t, Options{Index: stream, Query: "message:paid"}), ingest.Query{})
	require.Len(t, some, 20)
}

// What cannot be placed in time or read is counted and said.
func testLeftOut(t *testing.T, c *cluster) {
	dated := `{"mappings":{"properties":{"@timestamp":{"type":"date"}}}}`
	docs := append(orders(10), `{"message":"no time"}`, `{"message":"nor this"}`)
	name := c.index(t, "left-out", dated, docs)
	got, coverage := lines(t, c.open(t, Options{Index: name}), ingest.Query{})
	require.Len(t, got, 10)
	require.Len(t, coverage.Gaps, 1)
	require.Equal(t, `2 documents have no "@timestamp" and cannot be placed in time`, coverage.Gaps[0].Reason)
	require.False(t, coverage.Gaps[0].Failed)

	other := c.index(t, "left-out-too", `{"mappings":{"properties":{"at":{"type":"date"}}}}`, []string{`{"at":"2025-10-14T03:00:00Z"}`})
	_, coverage = lines(t, c.open(t, Options{Index: name + "," + other}), ingest.Query{})
	require.Len(t, coverage.Gaps, 2)
	require.Equal(t, other+` has no field "@timestamp": not read`, coverage.Gaps[0].Reason)
	require.True(t, coverage.Gaps[0].Failed)
	_, coverage = lines(t, c.open(t, Options{Index: name + "*"}), ingest.Query{})
	require.Len(t, coverage.Notes, 1)

	bare := c.index(t, "bare", `{"mappings":{"_source":{"enabled":false},"properties":{"@timestamp":{"type":"date"}}}}`, orders(3))
	got, coverage = lines(t, c.open(t, Options{Index: bare}), ingest.Query{})
	require.Empty(t, got)
	require.Equal(t, int64(3), coverage.Unparsed)
	require.Contains(t, coverage.Gaps[0].Reason, "keeps no _source")

	empty := c.index(t, "empty", dated, nil)
	got, coverage = lines(t, c.open(t, Options{Index: empty}), ingest.Query{})
	require.Empty(t, got)
	require.Empty(t, coverage.Gaps)
}

// The documents of a window are balanced over the parts, whatever their distribution over time.
func testBalance(t *testing.T, c *cluster) {
	docs := orders(20_000)
	at := beginning.Add(30 * time.Minute)
	for i := range 40_000 { // a burst of a second
		docs = append(docs, fmt.Sprintf(`{"@timestamp":%q,"message":"burst"}`, at.Add(time.Duration(i)*25*time.Microsecond).Format("2006-01-02T15:04:05.000Z")))
	}
	s := c.open(t, Options{Index: c.index(t, "balance", threeShards, docs)})
	parts, err := s.Parts(t.Context(), ingest.Query{Parts: 4, Range: event.Range{From: beginning.Add(-24 * 7 * time.Hour).UnixNano(), To: beginning.Add(3 * time.Hour).UnixNano()}})
	require.NoError(t, err)
	require.Len(t, parts, 4)
	for _, p := range parts {
		var n int64
		for _, sp := range p.(*part).spans {
			require.LessOrEqual(t, sp.count, int64(2*leastSpan))
			n += sp.count
		}
		require.InDelta(t, 15_000, n, 7_500)
	}
	got, coverage := idsOf(t, parts)
	require.Len(t, got, 60_000)
	require.Empty(t, coverage.Gaps)
}

// What check says is what is there.
func testCheck(t *testing.T, c *cluster) {
	name := c.index(t, "check", threeShards, orders(500))
	s := c.open(t, Options{Index: name, Query: "message:paid"})
	r, err := s.Check(t.Context(), ingest.Query{Range: event.Range{From: beginning.UnixNano(), To: beginning.Add(10 * time.Second).UnixNano()}})
	require.NoError(t, err)
	require.Equal(t, int64(5), r.Records)
	require.Regexp(t, `^(Elasticsearch|OpenSearch) \d+\.\d+`, r.Product)
	require.NotZero(t, r.ClockError)
	require.Less(t, r.Clock.Abs(), r.ClockError)
	require.Len(t, r.Asked, 2)
	require.Contains(t, r.Asked[0], `POST /`+name+`/_search "message:paid" with @timestamp in 2025-10-14T03:00:00Z .. 2025-10-14T03:00:10Z`)
}
