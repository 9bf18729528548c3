package loki

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/fetch"
)

// line is a line that the fake keeps.
type line struct {
	time   int64
	stream map[string]string
	text   string
	data   map[string]string
}

// fake answers as the documentation of Loki's HTTP API has it: streams in order of time, the first limit lines of all,
// from start to before end, one line of a stream once at a time.
type fake struct {
	lines []line
	// most is how many lines one answer has at the most, longest how long the asked time may be; 0 is any.
	most    int
	longest time.Duration
	// old servers know neither statistics nor metadata.
	old bool
	// fault may answer a request before the server does, and says whether it did.
	fault func(w http.ResponseWriter, r *http.Request) bool

	mu    sync.Mutex
	asked []url.Values
}

// start serves and gives a client for it.
func (f *fake) start(t *testing.T) *fetch.Client {
	slices.SortStableFunc(f.lines, func(a, b line) int { return cmp.Compare(a.time, b.time) })
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	base, err := url.Parse(s.URL)
	require.NoError(t, err)
	return &fetch.Client{Base: base}
}

// ServeHTTP answers a request.
func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	if f.fault != nil && f.fault(w, r) {
		return
	}
	answer := func(v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	switch path := strings.TrimPrefix(r.URL.Path, "/loki/api/v1/"); {
	case path == "status/buildinfo":
		answer(map[string]string{"version": "3.5.0"})
	case path == "labels":
		answer(map[string]any{"status": "success", "data": []string{"app", "pod"}})
	case path == "index/stats" && !f.old:
		n, size := 0, 0
		f.matching(r.Form, func(l line) { n, size = n+1, size+len(l.text) })
		answer(map[string]int{"streams": 2, "chunks": 2, "entries": n, "bytes": size})
	case path == "query_range":
		f.mu.Lock()
		f.asked = append(f.asked, r.Form)
		f.mu.Unlock()
		f.query(w, r, answer)
	default:
		http.NotFound(w, r)
	}
}

var matcher = regexp.MustCompile(`(\w+)(=~|=)"((?:[^"\\]|\\.)*)"`)

// matching calls each with the lines that a request selects.
func (f *fake) matching(form url.Values, each func(line)) {
	selector, _ := splitQuery(form.Get("query"))
	start, _ := strconv.ParseInt(form.Get("start"), 10, 64)
	end, _ := strconv.ParseInt(form.Get("end"), 10, 64)
	matchers := matcher.FindAllStringSubmatch(selector, -1)
	for _, l := range f.lines {
		ok := l.time >= start && l.time < end
		for _, m := range matchers {
			value, _ := strconv.Unquote(`"` + m[3] + `"`)
			if m[2] == "=" {
				ok = ok && l.stream[m[1]] == value
			} else {
				ok = ok && regexp.MustCompile("^(?:"+value+")$").MatchString(l.stream[m[1]])
			}
		}
		if ok {
			each(l)
		}
	}
}

func (f *fake) query(w http.ResponseWriter, r *http.Request, answer func(any)) {
	limit, _ := strconv.Atoi(r.Form.Get("limit"))
	start, _ := strconv.ParseInt(r.Form.Get("start"), 10, 64)
	end, _ := strconv.ParseInt(r.Form.Get("end"), 10, 64)
	switch {
	case f.most > 0 && limit > f.most:
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, "max entries limit per query exceeded, limit > max_entries_limit_per_query (%d > %d)", limit, f.most)
		return
	case f.longest > 0 && time.Duration(end-start) > f.longest:
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, "the query time range exceeds the limit (query length: %s, limit: %s)", time.Duration(end-start), f.longest)
		return
	}
	type stream struct {
		Stream map[string]string `json:"stream"`
		Values [][]any           `json:"values"`
	}
	by := map[string]*stream{}
	n := 0
	f.matching(r.Form, func(l line) {
		if n++; n > limit {
			return
		}
		key := fmt.Sprint(l.stream)
		if by[key] == nil {
			by[key] = &stream{Stream: l.stream}
		}
		pair := []any{strconv.FormatInt(l.time, 10), l.text}
		if l.data != nil && !f.old {
			pair = append(pair, map[string]any{"structuredMetadata": l.data})
		}
		by[key].Values = append(by[key].Values, pair)
	})
	result := []*stream{}
	for _, key := range slices.Sorted(maps.Keys(by)) {
		result = append(result, by[key])
	}
	answer(map[string]any{"status": "success", "data": map[string]any{"resultType": "streams", "result": result, "stats": map[string]any{}}})
}

// from is when the fake's lines begin.
var from = time.Date(2025, 10, 14, 3, 0, 0, 0, time.UTC).UnixNano()

// shop is an hour of two programs, of which one writes JSON and the other logfmt. Every tenth line shares its time with
// the one before.
func shop() []line {
	var all []line
	for i := range 600 {
		at := from + int64(i-i%10/9)*int64(6*time.Second) + 123456789
		pod := map[string]string{"app": "orders", "pod": fmt.Sprintf("orders-7d9f8b6c5-x2x7%d", i%3)}
		all = append(all,
			line{at, pod, fmt.Sprintf(`{"level":"error","msg":"order %d failed","status":500}`, i), map[string]string{"trace_id": strconv.Itoa(i)}},
			line{at + 1000, map[string]string{"app": "edge", "pod": "edge-0"}, fmt.Sprintf("ts=2025-10-14T03:00:00Z level=info msg=\"request %d\"", i), nil})
	}
	return all
}

func hour() event.Range { return event.Range{From: from, To: from + int64(2*time.Hour)} }
