package prometheus

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/fetch"
	"github.com/hindcast/hindcast/ingest/ingesttest"
)

// filled prepares a real Prometheus that holds series.
func filled(t *testing.T, series []event.Series) *ingesttest.Server {
	dir := t.TempDir()
	s := ingesttest.NewServer(t, "prometheus", dir)
	var text strings.Builder
	for i := range series {
		x := &series[i]
		for k, at := range x.Times {
			fmt.Fprintf(&text, "%s %s %s\n", strings.ReplaceAll(x.String(), `", `, `",`), strconv.FormatFloat(x.Values[k], 'f', -1, 64), seconds(at))
		}
	}
	text.WriteString("# EOF\n")
	path := filepath.Join(dir, "series.om")
	require.NoError(t, os.WriteFile(path, []byte(text.String()), 0o644))
	out, err := exec.Command("promtool", "tsdb", "create-blocks-from", "openmetrics", "-q", path, filepath.Join(dir, "data")).CombinedOutput()
	require.NoError(t, err, string(out))
	return s
}

// TestServer holds what a real Prometheus gives to what it was given.
func TestServer(t *testing.T) {
	s := filled(t, grouped(shop()))
	base := s.Start(t)
	open := func(*testing.T) ingest.Source {
		return New(Options{Name: "metrics", Client: &fetch.Client{Base: base}})
	}
	ingesttest.Run(t, ingesttest.Subject{Open: open, Query: ingest.Query{Range: hours(2)}, Least: 4000})

	series, events, c := gather(t, open(t).(*Source), ingest.Query{Range: hours(3)})
	require.Empty(t, c.Gaps)
	require.Len(t, events, 2)
	sameAsShop(t, series)
	r, err := open(t).(*Source).Check(t.Context(), ingest.Query{Range: hours(2)})
	require.NoError(t, err)
	require.Contains(t, r.Product, "Prometheus 2.")
	require.Less(t, r.Clock.Abs(), r.ClockError+time.Second)
}

// TestServerVictoriaMetrics holds another server that speaks the API to the same.
func TestServerVictoriaMetrics(t *testing.T) {
	s := ingesttest.NewServer(t, "victoriametrics", t.TempDir())
	base := s.Start(t)
	var text strings.Builder
	for _, x := range shop() {
		for k, at := range x.Times {
			fmt.Fprintf(&text, "%s %v %d\n", x.String(), x.Values[k], at/int64(time.Millisecond))
		}
	}
	resp, err := http.Post(base.JoinPath("api/v1/import/prometheus").String(), "text/plain", strings.NewReader(text.String()))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusNoContent, resp.StatusCode)
	resp, err = http.Get(base.JoinPath("internal/force_flush").String()) // what was written can be read now
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	open := func(*testing.T) ingest.Source {
		return New(Options{Name: "metrics", Client: &fetch.Client{Base: base}})
	}
	ingesttest.Run(t, ingesttest.Subject{Open: open, Query: ingest.Query{Range: hours(2)}, Least: 4000})
	series, events, c := gather(t, open(t).(*Source), ingest.Query{Range: hours(3)})
	require.Empty(t, c.Gaps)
	require.Len(t, events, 2)
	sameAsShop(t, series)
}

// grouped puts the series of a metric together, as the text format wants them.
func grouped(series []event.Series) []event.Series {
	var names []string
	by := map[string][]event.Series{}
	for _, s := range series {
		if by[s.Name] == nil {
			names = append(names, s.Name)
		}
		by[s.Name] = append(by[s.Name], s)
	}
	var all []event.Series
	for _, n := range names {
		all = append(all, by[n]...)
	}
	return all
}

// TestServerRestarts kills the server while it is asked, and starts it again: nothing is lost, nothing comes twice.
func TestServerRestarts(t *testing.T) {
	var many []event.Series
	for i := range 40 {
		many = append(many, every(fmt.Sprintf("m%d_total", i), 15*time.Second, 480, func(k int) float64 { return float64(k) }, "job", "api"))
	}
	s := filled(t, many)
	base := s.Start(t)
	var asked atomic.Int32
	forward := httputil.NewSingleHostReverseProxy(base)
	forward.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	back := make(chan struct{})
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) == 10 {
			s.Stop(t)
			go func() { defer close(back); s.Start(t) }()
		}
		forward.ServeHTTP(w, r)
	}))
	defer proxy.Close()
	at, err := url.Parse(proxy.URL)
	require.NoError(t, err)
	patient := fetch.Retry(nil, fetch.Patience{Attempts: 100, Pause: 20 * time.Millisecond, Longest: 200 * time.Millisecond})
	source := New(Options{Name: "metrics", Client: &fetch.Client{Base: at, Transport: patient}})
	source.piece = 1000
	series, _, c := gather(t, source, ingest.Query{Range: hours(2)})
	require.Greater(t, asked.Load(), int32(20))
	<-back
	require.Empty(t, c.Gaps)
	got := map[string]int{}
	for _, x := range series {
		got[x.Name] += len(x.Times)
	}
	require.Len(t, got, len(many))
	for name, n := range got {
		require.Equal(t, 480, n, name)
	}
}
