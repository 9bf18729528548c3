package match

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/hindcast/hindcast/ingest/event"
)

// benchmarkSet has 400 literals of the length and wording that log messages have.
func benchmarkSet(b *testing.B) *Set {
	b.Helper()
	data, err := os.ReadFile("testdata/words.txt")
	if err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(7, 7))
	vocabulary := strings.Fields(string(data))
	logs := make([]Log, 200)
	for i := range logs {
		for range 2 {
			text := make([]string, 2+r.IntN(4))
			for j := range text {
				text[j] = vocabulary[r.IntN(len(vocabulary))]
			}
			logs[i].Contains = append(logs[i].Contains, strings.Join(text, " "))
		}
	}
	s, err := Compile(logs)
	if err != nil {
		b.Fatal(err)
	}
	return s
}

func benchmarkRecords() []event.Record {
	var records []event.Record
	for i := range 1000 {
		records = append(records,
			event.Record{Message: fmt.Appendf(nil, "Received block blk_%d of size 67108864 from /10.250.%d.106, connection %d of the pool", 38865049064139660+i, i%256, i%7)},
			event.Record{Message: fmt.Appendf(nil, `"GET /api/v2/orders/%d?expand=items HTTP/1.1" 200 in %d ms, request id 7f3a%04x`, i, i%90, i)},
			event.Record{Message: fmt.Appendf(nil, "checkpoint complete: wrote %d buffers (%d.3%%); 0 WAL file(s) added, 0 removed, 1 recycled; write=%d.010 s, sync=0.003 s", i, i%100, i%30)},
		)
	}
	return records
}

func BenchmarkCandidatesFull(b *testing.B) {
	sc := benchmarkSet(b).Start()
	records := benchmarkRecords()
	var bytes int64
	for i := range records {
		bytes += int64(len(records[i].Message))
	}
	b.SetBytes(bytes / int64(len(records)))
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		sc.CandidatesFull(&records[i])
		if i++; i == len(records) {
			i = 0
		}
	}
}

func BenchmarkAutomaton(b *testing.B) {
	sc := benchmarkSet(b).Start()
	records := benchmarkRecords()
	var bytes int64
	for i := range records {
		bytes += int64(len(records[i].Message))
	}
	b.SetBytes(bytes / int64(len(records)))
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		sc.begin()
		sc.scan(records[i].Message)
		if i++; i == len(records) {
			i = 0
		}
	}
}

func BenchmarkNarrow(b *testing.B) {
	sc := benchmarkSet(b).Start()
	records := benchmarkRecords()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		sc.Narrow(&records[i])
		if i++; i == len(records) {
			i = 0
		}
	}
}

func BenchmarkStart(b *testing.B) {
	s := benchmarkSet(b)
	for b.Loop() {
		s.Start()
	}
}
