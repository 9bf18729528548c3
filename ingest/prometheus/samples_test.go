package prometheus

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fastjson"

	"github.com/hindcast/hindcast/ingest/document"
	"github.com/hindcast/hindcast/ingest/event"
)

// The short way must read what the tree reads.
func FuzzPlainSample(f *testing.F) {
	for _, s := range []string{
		`[1760400000,"1"]`, `[1760400000.123,"-0"]`, `[1760400000.5,"0.1"]`, `[1760400000,"123456.789012345"]`, `[1760400000,"1e300"]`,
		`[1760400000,"NaN"]`, `[1760400000,"+Inf"]`, `[1760400000,"9007199254740993"]`, `[1760400000,"1"]],"x":"]"`, `[1760400000.1234,"1"]`,
		`[01760400000,"1"]`, `[1760400000,"0x1p4"]`, `[1760400000,"1_000"]`, `[1760400000, "1"]`, `[176040000000,"1"]`, `[1760400000,".5"]`, `[1760400000,"5."]`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		at, value, n := plainSample(raw)
		if n == 0 {
			return
		}
		tree, err := fastjson.ParseBytes(raw[:n])
		if err != nil {
			return // the reader hands out no record that is broken
		}
		var g gathering
		require.NoError(t, g.pairs([]*fastjson.Value{tree}))
		require.Equal(t, []int64{at}, g.times)
		require.Equal(t, math.IsNaN(value), math.IsNaN(g.values[0]))
		if !math.IsNaN(value) {
			require.Equal(t, math.Float64bits(g.values[0]), math.Float64bits(value))
		}
	})
}

// Series that were sampled at the same times share these; what is left out of one, or added to it, must not change another.
func TestSharedTimes(t *testing.T) {
	const text = `{"metric":{"__name__":"a"},"values":[[1760400000,"1"],[1760400060,"2"],[1760400120,"3"]]}
{"metric":{"__name__":"b"},"values":[[1760400000,"4"],[1760400060,"NaN"],[1760400120,"6"]]}
{"metric":{"__name__":"c"},"values":[[1760400000,"7"],[1760400060,"8"],[1760400120,"9"]]}
{"metric":{"__name__":"a"},"values":[[1760400180,"4"]]}
{"metric":{"__name__":"c"},"values": [[1760400180, "1"]],"x":{"values":[[1760400180,"2"]]}}`
	got := map[string]event.Series{}
	s := document.NewSink(event.Origin{Path: "x.json"}, func(b *event.Batch) {
		for _, x := range b.Series {
			got[x.Name] = x
		}
	})
	g := newGathering(s)
	require.NoError(t, document.Each(t.Context(), strings.NewReader(text), s, lists, g.record))
	g.finish(event.Range{})
	s.Flush()
	at := func(minutes ...int64) (times []int64) {
		for _, m := range minutes {
			times = append(times, (1760400000+60*m)*1e9)
		}
		return times
	}
	require.Equal(t, at(0, 1, 2, 3), got["a"].Times)
	require.Equal(t, at(0, 2), got["b"].Times)
	require.Equal(t, at(0, 1, 2, 3), got["c"].Times)
	require.Equal(t, []float64{1, 2, 3, 4}, got["a"].Values)
	require.Equal(t, []float64{4, 6}, got["b"].Values)
	require.Equal(t, []float64{7, 8, 9, 1}, got["c"].Values)
}

func TestStep(t *testing.T) {
	for want, times := range map[int64][]int64{
		0:      {5e9},
		15e9:   {0, 14_998e6, 30_001e6, 45_004e6},
		500e6:  {0, 500e6, 1000e6},
		1500e6: {0, 1500e6, 3000e6},
		5.1e9:  {0, 5.1e9, 10.2e9},
	} {
		require.Equal(t, want, step(times))
	}
}
