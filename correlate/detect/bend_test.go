package detect

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// The bend that one pass finds is the one that fitting every point finds.
func TestBend(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 300 {
		n := 10 + r.IntN(230)
		times, values := make([]int64, n), make([]float64, n)
		at, slope := r.IntN(n), r.NormFloat64()
		for i := range times {
			times[i] = 1760400000e9 + int64(i)*30e9 + r.Int64N(5e9)
			values[i] = 40 + slope*float64(max(0, i-at)) + r.NormFloat64()
		}
		mean := 0.0
		for _, y := range values {
			mean += y
		}
		mean /= float64(n)
		want := fit{sseOf: math.Inf(1)}
		for k := range n - 4 {
			if f := bent(times, values, k, mean); f.sseOf < want.sseOf {
				want = f
			}
		}
		got := bend(times, values)
		require.InEpsilon(t, want.sseOf, got.sseOf, 1e-9)
		require.Equal(t, want.index, got.index)
	}
}

func TestDeviations(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	for range 200 {
		values := make([]float64, r.IntN(40))
		for i := range values {
			values[i] = float64(r.IntN(20))
		}
		slices.Sort(values)
		m := float64(r.IntN(22)) - 1
		var want []float64
		for _, x := range values {
			want = append(want, math.Abs(x-m))
		}
		slices.Sort(want)
		require.Len(t, deviations(values, m), len(want))
		require.True(t, slices.Equal(want, deviations(values, m)))
	}
}

func BenchmarkBend(b *testing.B) {
	times, values := make([]int64, mostFit), make([]float64, mostFit)
	r := rand.New(rand.NewPCG(9, 9))
	for i := range times {
		times[i], values[i] = int64(i)*30e9, float64(max(0, i-100))+r.NormFloat64()
	}
	b.ReportAllocs()
	for b.Loop() {
		bend(times, values)
	}
}
