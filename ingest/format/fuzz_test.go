package format

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/event"
)

// latest is a time that no stamp may lie behind: the year 2200 ends.
const latest = 7289654400 * second

// FuzzDecode reads any bytes as a file. Nothing crashes, the account adds up, times are sane, records have something to
// say, and the same bytes in two blocks, or from where a file may be split, give the same records.
func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("testdata/*/*.log")
	require.NoError(f, err)
	for _, path := range files {
		b, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(b, uint16(len(b)/2))
	}
	f.Fuzz(func(t *testing.T, b []byte, at uint16) {
		p, err := Recognise(b, sampleOptions)
		if err != nil {
			return
		}
		records, cov, used := p.Decoder().Block(b, true)
		require.NoError(t, cov.Check())
		require.Equal(t, len(b), used)
		require.Equal(t, int64(len(records)), cov.Kept)
		for i := range records {
			checkRecord(t, &records[i], b)
		}
		want := rowsOf(records)
		cut := int(at) % (len(b) + 1)
		require.Equal(t, want, inTwo(t, p, b, cut), "cut at %d", cut)
		fromStart(t, p, b, cut)
	})
}

func checkRecord(t *testing.T, r *event.Record, b []byte) {
	require.True(t, r.Time >= 0 && r.Time < latest, "time %d", r.Time)
	require.LessOrEqual(t, r.Severity, event.Critical)
	require.True(t, r.Status == 0 || r.Status >= 0 && r.Status <= 999, "status %d", r.Status)
	require.GreaterOrEqual(t, r.Duration, int64(0))
	lines := int64(bytes.Count(b, []byte{'\n'})) + 1
	require.True(t, r.Line >= 1 && r.Line <= lines, "line %d of %d", r.Line, lines)
}

func rowsOf(records []event.Record) []string {
	list := []string{}
	for i := range records {
		list = append(list, row(&records[i])+string(records[i].Detail))
	}
	return list
}

// inTwo reads the bytes in two blocks.
func inTwo(t *testing.T, p *Profile, b []byte, cut int) []string {
	d := p.Decoder()
	records, cov, used := d.Block(b[:cut], false)
	require.NoError(t, cov.Check())
	list := rowsOf(records)
	records, cov, _ = d.Block(b[used:], true)
	require.NoError(t, cov.Check())
	return append(list, rowsOf(records)...)
}

// fromStart reads the bytes as a file that is split where it may be. A container's stream may have half a line pending from
// long before the place, which is never so in what runtimes write.
func fromStart(t *testing.T, p *Profile, b []byte, from int) {
	if from == 0 || p.wrap != nil {
		return
	}
	at, _ := p.Decoder().Start(b[from-1:], false)
	if at < 0 {
		return
	}
	at += from - 1
	whole, account, _ := p.Decoder().Block(b, true)
	want := rowsOf(whole)
	head, first, _ := p.Decoder().Block(b[:at], true)
	list := rowsOf(head)
	d := p.Decoder()
	d.SetLine(int64(bytes.Count(b[:at], []byte{'\n'})))
	tail, second, _ := d.Block(b[at:], true)
	require.Equal(t, want, append(list, rowsOf(tail)...), "split at %d", at)
	first.Add(second)
	require.Equal(t, account, first, "split at %d", at)
}
