package loki

import (
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/fetch"
	"github.com/hindcast/hindcast/ingest/ingesttest"
)

// pulled reads all records, their bytes copied.
func pulled(t *testing.T, o Options, q ingest.Query) (messages []string, records []event.Record, c event.Coverage) {
	t.Helper()
	o.Name = "logs"
	if q.Range.IsZero() {
		q.Range = hour()
	}
	parts, err := New(o).Parts(t.Context(), q)
	require.NoError(t, err)
	for _, p := range parts {
		for b, err := range p.Read(t.Context()) {
			require.NoError(t, err)
			c.Add(b.Coverage)
			for _, r := range b.Records {
				messages = append(messages, b.Component.Name+": "+string(r.Message))
				r.Message, r.Detail = []byte(string(r.Message)), []byte(string(r.Detail))
				records = append(records, r)
			}
		}
	}
	require.NoError(t, c.Check())
	return messages, records, c
}

func TestPromises(t *testing.T) {
	type fault = func(w http.ResponseWriter, r *http.Request) bool
	open := func(broken fault) func(t *testing.T) ingest.Source {
		return func(t *testing.T) ingest.Source {
			f := &fake{lines: shop(), fault: broken}
			c := f.start(t)
			c.Transport = fetch.Retry(nil, fetch.Patience{Attempts: 2, Pause: time.Millisecond})
			return New(Options{Name: "logs", Client: c, PageSize: 50})
		}
	}
	after := func(n int32, answer http.HandlerFunc) fault {
		var seen atomic.Int32
		return func(w http.ResponseWriter, r *http.Request) bool {
			if seen.Add(1) <= n {
				return false
			}
			answer(w, r)
			return true
		}
	}
	text := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); _, _ = w.Write([]byte(body)) }
	}
	gone := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	ingesttest.Run(t, ingesttest.Subject{
		Open: open(nil), Query: ingest.Query{Range: hour()}, Least: 1200,
		Broken: map[string]func(t *testing.T) ingest.Source{
			"wrong credentials": open(after(0, text(401, "no org id"))),
			"not Loki":          open(after(0, text(200, "<html>hello"))),
			"overloaded":        open(after(9, text(429, "too many outstanding requests"))),
			"killed at once":    open(after(0, gone)),
			"killed":            open(after(9, gone)),
			"answers break off": open(after(9, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "100000")
				_, _ = w.Write([]byte(`{"status":"success","data":{"resultType":"streams","result":[{"stream":{"app":"edge"},"values":[["17604`))
			})),
			"answers are cut": open(after(9, text(200, `{"status":"success","data":{"resultType":"streams","result":[`))),
			"another time":    open(after(9, text(200, `{"status":"success","data":{"resultType":"streams","result":[{"stream":{"app":"edge"},"values":[["5","old"]]}]}}`))),
			"partial answers": open(after(9, text(200, `{"status":"success","warnings":["ingester 2: timeout"],"data":{"resultType":"streams","result":[]}}`))),
		},
		Hangs: open(after(0, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })),
	})
}

// TestPages gives the same whatever the size of pages and whatever the server allows: nothing lost, nothing twice, though
// lines share times at the borders of pages.
func TestPages(t *testing.T) {
	var want []string
	for _, f := range []*fake{{}, {most: 7}, {longest: 7 * time.Minute}, {old: true}, {most: 9, longest: time.Minute, old: true}} {
		for _, size := range []int{0, 13, 50} {
			f.lines = shop()
			got, records, c := pulled(t, Options{Client: f.start(t), Query: `{app=~".+"}`, PageSize: size}, ingest.Query{})
			require.Empty(t, c.Gaps)
			require.Len(t, records, 1200)
			require.Equal(t, int64(1200), c.Kept)
			seen := map[string]bool{}
			for _, m := range got {
				require.False(t, seen[m], m)
				seen[m] = true
			}
			if want == nil {
				want = got
			}
			require.ElementsMatch(t, want, got)
		}
	}
	require.Contains(t, want, "orders: order 599 failed")
	require.Contains(t, want, "edge: request 0")
}

func TestRecords(t *testing.T) {
	f := &fake{lines: []line{
		{from + 1, map[string]string{"app": "orders", "pod": "orders-0"}, `{"level":"error","msg":"no stock","sku":"a"}`, map[string]string{"tenant": "blue", "detected_level": "error"}},
		{from + 1, map[string]string{"app": "orders", "pod": "orders-0"}, `{"level":"warn","msg":"little stock"}`, nil},
		{from + 2, map[string]string{"app": "pay", "pod": "pay-0"}, "java.lang.IllegalStateException: no card\n\tat a.B.c(B.java:1)\n\tat a.B.d(B.java:2)", map[string]string{"severity_text": "ERROR"}},
	}}
	_, records, c := pulled(t, Options{Client: f.start(t), Query: `{app=~".+"}`}, ingest.Query{Wanted: event.Wanted{"tenant", "sku"}})
	require.Len(t, records, 3)
	require.Equal(t, int64(3), c.Read)
	require.Equal(t, from+1, records[0].Time)
	require.Equal(t, event.Error, records[0].Severity)
	require.Len(t, records[0].Fields, 2)
	require.Equal(t, strconv.FormatInt(from+1, 10), string(records[0].ID))
	require.Equal(t, strconv.FormatInt(from+1, 10)+"-2", string(records[1].ID))
	require.Equal(t, event.Error, records[2].Severity)
	require.Contains(t, string(records[2].Message)+string(records[2].Detail), "a.B.d")

	// A trace that came line by line is one record.
	java := map[string]string{"app": "pay", "pod": "pay-1"}
	f = &fake{}
	for i, text := range []string{
		"2025-10-14 03:00:00,123 INFO a.B: started", "2025-10-14 03:00:01,123 ERROR a.B: cannot pay", "java.lang.IllegalStateException: no card",
		"\tat a.B.c(B.java:1)", "\tat a.B.d(B.java:2)", "2025-10-14 03:00:02,123 INFO a.B: paid",
	} {
		f.lines = append(f.lines, line{from + int64(i), java, text, nil})
	}
	said, records, _ := pulled(t, Options{Client: f.start(t), PageSize: 4}, ingest.Query{})
	require.Equal(t, []string{"pay: started", "pay: cannot pay", "pay: paid"}, said)
	require.Equal(t, "java.lang.IllegalStateException: no card\n\tat a.B.c(B.java:1)\n\tat a.B.d(B.java:2)", string(records[1].Detail))
	require.Equal(t, from+1, records[1].Time)

	f = &fake{lines: []line{{from + 3, map[string]string{"unit": "nginx.service", "job": "systemd-journal", "host": "web-1"}, "worker process 12 exited on signal 9", nil}}}
	names, _, _ := pulled(t, Options{Client: f.start(t), Query: `{job="systemd-journal"}`}, ingest.Query{})
	require.Equal(t, []string{"nginx: worker process 12 exited on signal 9"}, names)
}

// TestCrowd has more lines at one time than the server gives at once.
func TestCrowd(t *testing.T) {
	var all []line
	for i := range 100 {
		all = append(all, line{from + 5, map[string]string{"app": "orders"}, fmt.Sprintf("burst %d", i), nil})
	}
	all = append(all, line{from, map[string]string{"app": "orders"}, "before", nil}, line{from + 6, map[string]string{"app": "orders"}, "after", nil})
	f := &fake{lines: all}
	got, _, c := pulled(t, Options{Client: f.start(t), PageSize: 10}, ingest.Query{})
	require.Empty(t, c.Gaps)
	require.Len(t, got, 102)
	require.Equal(t, []string{"no query was given: all streams that have the label app were pulled"}, c.Notes)

	f.most = 40
	got, _, c = pulled(t, Options{Client: f.start(t), PageSize: 10}, ingest.Query{})
	require.Len(t, c.Gaps, 1)
	require.True(t, c.Gaps[0].Failed)
	require.Equal(t, event.Range{From: from + 5, To: from + 6}, c.Gaps[0].Range)
	require.Contains(t, got, "orders: after")
	require.Less(t, len(got), 102)
}

func TestQueries(t *testing.T) {
	for expr, want := range map[string][2]string{
		`{app="a}b"} |= "x}" | json`: {`{app="a}b"}`, `|= "x}" | json`},
		"{app=~`a}\\`} != `}`":       {"{app=~`a}\\`}", "!= `}`"},
		`{app="a\"}"}`:               {`{app="a\"}"}`, ``},
		`rate({app="a"}[5m])`:        {``, `rate({app="a"}[5m])`},
		`{app="a"`:                   {``, `{app="a"`},
	} {
		selector, rest := splitQuery(expr)
		require.Equal(t, want, [2]string{selector, rest}, expr)
	}
	require.Equal(t, `{a="1",b="x\"y"} | json`, narrowed(`{a="1", } | json`, []event.Label{{Name: "b", Value: `x"y`}}))

	f := &fake{}
	_, err := New(Options{Name: "logs", Client: f.start(t), Query: "sum(rate({a=\"b\"}[1m]))"}).Parts(t.Context(), ingest.Query{Range: hour()})
	require.ErrorContains(t, err, "is not a log query")
}

func TestComponents(t *testing.T) {
	for _, c := range []struct {
		labels map[string]string
		want   event.Component
	}{
		{map[string]string{"namespace": "shop", "job": "shop/orders", "pod": "orders-7d9f8b6c5-x2x7q", "container": "app"}, event.Component{Name: "orders", Instance: "orders-7d9f8b6c5-x2x7q"}},
		{map[string]string{"service_name": "checkout", "k8s_pod_name": "checkout-0"}, event.Component{Name: "checkout", Instance: "checkout-0"}},
		{map[string]string{"job": "varlogs", "host": "db-1", "filename": "/var/log/syslog"}, event.Component{Name: "db-1", Instance: "db-1"}},
		{map[string]string{"compose_service": "api", "host": "h"}, event.Component{Name: "api", Instance: "h"}},
	} {
		require.Equal(t, c.want, componentOf(c.labels), c.labels)
	}
}

func TestCheck(t *testing.T) {
	f := &fake{lines: shop()}
	r, err := New(Options{Name: "logs", Client: f.start(t)}).Check(t.Context(), ingest.Query{Range: hour()})
	require.NoError(t, err)
	require.Equal(t, "Loki 3.5.0", r.Product)
	require.Equal(t, int64(1200), r.Records)
	require.NotEmpty(t, r.Asked)
	r, err = New(Options{Name: "logs", Client: f.start(t), Query: `{app="none"}`}).Check(t.Context(), ingest.Query{Range: hour()})
	require.NoError(t, err)
	require.Contains(t, r.Notes, `no line of {app="none"} lies in the window`)
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"status":"success","data":{"resultType":"streams","result":[{"stream":{"app":"edge"},"values":[["1760410800000000000","a\nb",{"structuredMetadata":{"a":"b"}}]]}]}}`))
	f.Add([]byte(`{"data":{"resultType":"matrix"}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := decode(body)
		if err != nil {
			require.ErrorIs(t, err, errNotLoki)
			return
		}
		n := 0
		for i := range p.streams {
			n += len(p.streams[i].entries)
		}
		require.Equal(t, n, p.count)
	})
}
