package format

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// lines repeats a line with rising times until it fills a block.
func lines(line func(t time.Time) string) []byte {
	var b bytes.Buffer
	start := time.Date(2025, 10, 14, 3, 0, 0, 0, time.UTC)
	for i := 0; b.Len() < 256<<10; i++ {
		b.WriteString(line(start.Add(time.Duration(i) * 10 * time.Millisecond)))
		b.WriteByte('\n')
	}
	return b.Bytes()
}

var benchLines = map[string]func(t time.Time) string{
	"hdfs": func(t time.Time) string {
		return t.Format("060102 150405") + " 148 INFO dfs.DataNode$PacketResponder: PacketResponder 1 for block blk_38865049064139660 terminating of /10.250.19.102 after all"
	},
	"ecs": func(t time.Time) string {
		return fmt.Sprintf(`{"@timestamp":"%s","log.level":"info","message":"order 12345 accepted in 12 ms","service.name":"orders","service.version":"2.41.0","host.name":"orders-7d9f8b6c5-x2x7q","process.pid":1,"trace.id":"4bf92f3577b34da6a3ce929d0e0e4736","ecs.version":"8.11.0","event.dataset":"orders.log"}`, t.Format("2006-01-02T15:04:05.000Z"))
	},
	"logfmt": func(t time.Time) string {
		return "time=" + t.Format("2006-01-02T15:04:05.000Z") + ` level=info msg="order accepted" order=12345 took=12ms caller=orders.go:12`
	},
	"access": func(t time.Time) string {
		return "10.0.0.7 - - [" + t.Format("02/Jan/2006:15:04:05 -0700") + `] "GET /cart/12345 HTTP/1.1" 200 1234 "-" "curl/8.5.0" 0.012`
	},
	"syslog": func(t time.Time) string {
		return t.Format("Jan _2 15:04:05") + " db-1 sshd[881]: Accepted publickey for deploy from 10.0.0.7 port 51234 ssh2"
	},
}

func BenchmarkDecode(b *testing.B) {
	for name, line := range benchLines {
		b.Run(name, func(b *testing.B) {
			block := lines(line)
			p, err := Recognise(block, Options{})
			require.NoError(b, err)
			d := p.Decoder()
			var n int
			b.ReportAllocs()
			b.SetBytes(int64(len(block)))
			for b.Loop() {
				records, _, _ := d.Block(block, true)
				n = len(records)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/record")
		})
	}
}

// Known shapes are read without allocating.
func TestNoAllocations(t *testing.T) {
	for name, line := range benchLines {
		block := lines(line)
		p, err := Recognise(block, Options{})
		require.NoError(t, err)
		d := p.Decoder()
		d.Block(block, true)
		require.Zero(t, testing.AllocsPerRun(5, func() { d.Block(block, true) }), name)
	}
}
