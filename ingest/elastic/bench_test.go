package elastic

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/fetch"
)

// benchIndex holds the documents of BenchmarkPull; it is kept, since to load a million takes longer than all the rest.
const benchIndex = "hindcast-bench"

// load fills the index with n documents of about 250 bytes, a hundred a second, unless it has them.
func (c *cluster) load(b *testing.B, n int) {
	status, text := c.do(b, http.MethodGet, "/"+benchIndex+"/_count", "")
	if status == http.StatusOK && strings.Contains(text, fmt.Sprintf(`"count":%d,`, n)) {
		return
	}
	c.do(b, http.MethodDelete, "/"+benchIndex, "")
	status, text = c.do(b, http.MethodPut, "/"+benchIndex, `{"settings":{"number_of_shards":3,"number_of_replicas":0,"refresh_interval":"-1"},"mappings":{"properties":{
		"@timestamp":{"type":"date"},"message":{"type":"text"},"log":{"properties":{"level":{"type":"keyword"}}},"service":{"properties":{"name":{"type":"keyword"}}},"host":{"properties":{"name":{"type":"keyword"}}}}}}`)
	require.Equal(b, http.StatusOK, status, text)
	r := rand.New(rand.NewPCG(1, 2))
	var body strings.Builder
	for i := range n {
		fmt.Fprintf(&body, "{\"index\":{}}\n{\"@timestamp\":%q,\"log\":{\"level\":%q},\"service\":{\"name\":%q},\"host\":{\"name\":\"node-%d\"},\"message\":\"GET /api/orders/%d took %dms status %d trace %016x\"}\n",
			beginning.Add(time.Duration(i)*10*time.Millisecond).Format("2006-01-02T15:04:05.000Z"), []string{"info", "info", "warn", "error"}[r.IntN(4)],
			[]string{"orders", "checkout", "payments"}[r.IntN(3)], r.IntN(9), r.IntN(1e5), r.IntN(900), []int{200, 404, 500}[r.IntN(3)], r.Uint64())
		if i%10_000 == 9_999 || i == n-1 {
			status, text := c.do(b, http.MethodPost, "/"+benchIndex+"/_bulk", body.String())
			require.Equal(b, http.StatusOK, status)
			require.Contains(b, text[:min(len(text), 200)], `"errors":false`)
			body.Reset()
		}
	}
	c.do(b, http.MethodPost, "/"+benchIndex+"/_refresh", "")
	c.do(b, http.MethodPost, "/"+benchIndex+"/_forcemerge?max_num_segments=1", "")
}

// unpacked asks for answers that are not compressed, which on one machine come faster.
var unpacked = http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 16}}

// bare pulls the index with the least that a program can do: slices of a point in time side by side, pages of the largest
// size, each read into a buffer and searched for where the next one begins.
func (c *cluster) bare(b *testing.B, slices int) int {
	_, text := c.do(b, http.MethodPost, "/"+benchIndex+"/_pit?keep_alive=5m", "")
	var pit struct{ ID string }
	require.NoError(b, json.Unmarshal([]byte(text), &pit))
	var total atomic.Int64
	var wg sync.WaitGroup
	for k := range slices {
		wg.Go(func() {
			var buf bytes.Buffer
			after, slice := "", ""
			if slices > 1 {
				slice = fmt.Sprintf(`"slice":{"id":%d,"max":%d},`, k, slices)
			}
			for {
				body := fmt.Sprintf(`{"size":10000,%s%s"pit":{"id":%q,"keep_alive":"5m"},"sort":["_shard_doc"],"track_total_hits":false}`, slice, after, pit.ID)
				resp, err := unpacked.Post(c.url.JoinPath("_search").String(), "application/json", strings.NewReader(body))
				if err != nil {
					b.Error(err)
					return
				}
				buf.Reset()
				_, err = io.Copy(&buf, resp.Body)
				resp.Body.Close()
				n := bytes.Count(buf.Bytes(), []byte(`"_id":`))
				if err != nil || n == 0 {
					break
				}
				total.Add(int64(n))
				last := buf.Bytes()[bytes.LastIndex(buf.Bytes(), []byte(`"sort":`)):]
				after = `"search_after":` + string(last[7:bytes.IndexByte(last, ']')+1]) + ","
			}
		})
	}
	wg.Wait()
	c.do(b, http.MethodDelete, "/_pit", fmt.Sprintf(`{"id":%q}`, pit.ID))
	return int(total.Load())
}

type counting struct{ records int }

// Observe counts.
func (c *counting) Observe(b *event.Batch) { c.records += len(b.Records) }

// BenchmarkPull compares the pull of a million documents, up to records, with the fastest bare loop on the same server. Rounds of
// both take turns, and the medians count, since the server warms up and the machine has other work.
func BenchmarkPull(b *testing.B) {
	c := running(b)
	if c == nil {
		b.Skip("it needs a real server: make bench-elastic")
	}
	n := 1_000_000
	if text := os.Getenv("HINDCAST_BENCH_DOCUMENTS"); text != "" {
		var err error
		n, err = strconv.Atoi(text)
		require.NoError(b, err)
	}
	c.load(b, n)
	source := func() int {
		s := c.open(b, Options{Index: benchIndex, Transport: fetch.Retry(unpacked.Transport, brief)})
		parts, err := s.Parts(b.Context(), ingest.Query{Parts: 4 * runtime.GOMAXPROCS(0)})
		require.NoError(b, err)
		var observers []ingest.Observer
		for range runtime.GOMAXPROCS(0) {
			observers = append(observers, &counting{})
		}
		coverage, err := ingest.Run(b.Context(), "es", parts, observers, nil)
		require.NoError(b, err)
		require.Empty(b, coverage.Gaps)
		return int(coverage.Kept)
	}
	pulls := map[string]func() int{"hindcast": source}
	for _, k := range []int{2, 4, 8} {
		pulls[fmt.Sprintf("bare, %d slices", k)] = func() int { return c.bare(b, k) }
	}
	rates := map[string][]float64{}
	for round := 0; b.Loop(); round++ {
		for name, pull := range pulls {
			begin := time.Now()
			require.Equal(b, n, pull(), name)
			if round > 0 { // the first one warms up
				rates[name] = append(rates[name], float64(n)/time.Since(begin).Seconds())
			}
		}
	}
	median := map[string]float64{}
	best := 0.0
	for name, list := range rates {
		slices.Sort(list)
		median[name] = list[len(list)/2]
		b.Logf("%-16s %8.0f documents/s (%.0f to %.0f)", name, median[name], list[0], list[len(list)-1])
		if name != "hindcast" {
			best = max(best, median[name])
		}
	}
	b.ReportMetric(median["hindcast"], "documents/s")
	if best > 0 {
		b.ReportMetric(100*median["hindcast"]/best, "%-of-bare")
	}
}
