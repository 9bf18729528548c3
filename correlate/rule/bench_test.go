package rule

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/hindcast/hindcast/correlate/match"
	"github.com/hindcast/hindcast/correlate/summary"
	"github.com/hindcast/hindcast/ingest/event"
)

// BenchmarkObserve compares a summary without rules with one that looks for everything the library knows.
func BenchmarkObserve(b *testing.B) {
	files, err := ReadFiles(os.DirFS("library"), "*.yml")
	if err != nil {
		b.Fatal(err)
	}
	var logs []match.Log
	for _, f := range files {
		for _, g := range f.Groups {
			for _, r := range g.Rules {
				for _, top := range r.When {
					top.walk(func(i *Item) {
						if i.Log != nil {
							logs = append(logs, *i.Log)
						}
					})
				}
			}
		}
	}
	matchers, err := match.Compile(logs)
	if err != nil {
		b.Fatal(err)
	}
	w := event.Window{Range: event.Range{From: testStart, To: testStart + int64(time.Hour)}}
	w.Baseline = event.Range{From: w.From - int64(time.Hour), To: w.From}
	w.Lookback = event.Range{From: w.From - int64(72*time.Hour), To: w.From}
	for _, run := range []struct {
		name string
		set  *match.Set
	}{{"no rules", nil}, {"library", matchers}} {
		b.Run(run.name, func(b *testing.B) {
			batch := busyBatch(w)
			b.ReportAllocs()
			for b.Loop() {
				s := summary.New(summary.Options{Window: w, Matchers: run.set})
				for range 10 {
					s.Observe(batch)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(10*len(batch.Records)), "ns/record")
		})
	}
}

// busyBatch is what a healthy system says: accesses, queries, jobs, health checks, now and then a warning.
func busyBatch(w event.Window) *event.Batch {
	b := &event.Batch{Origin: event.Origin{Source: "bench", Path: "bench.log"}, Component: event.Component{Name: "api"}}
	add := func(severity event.Severity, status int16, format string, args ...any) {
		b.Records = append(b.Records, event.Record{
			Time: w.From + int64(len(b.Records))*int64(100*time.Microsecond), Line: int64(len(b.Records) + 1), Severity: severity, Status: status, Message: fmt.Appendf(nil, format, args...),
		})
	}
	for i := range 2500 {
		add(event.Info, 200, `"GET /api/v2/orders/%d?expand=items HTTP/1.1" 200`, 40000+i)
		add(event.Info, 0, "order %d accepted for customer c-%05x in %d ms", i, i*7919, i%90)
		add(event.Info, 0, "checkpoint complete: wrote %d buffers (%d.3%%); 0 WAL file(s) added, 0 removed, 1 recycled", i, i%100)
		add(event.Info, 0, "connection received: host=10.2.%d.%d port=%d", i%250, i%199, 30000+i)
		add(event.Debug, 0, "job reconcile finished, took %d.%03ds, next run in 30s", i%5, i%1000)
		if i%50 == 0 {
			add(event.Warn, 0, "slow query: %d ms, statement: SELECT id, total FROM orders WHERE customer = 'c-%05x'", 300+i, i)
		}
	}
	return b
}
