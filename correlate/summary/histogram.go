package summary

import (
	"slices"
	"sort"
)

// Bucket is the count of one bucket of a [Layout], or of any other whole number.
type Bucket struct {
	Index int32
	N     uint32
}

// Histogram counts by bucket. It holds only buckets that are not empty, in the order of their index.
type Histogram []Bucket

// Add adds n to the bucket with the given index. It is fast when indices mostly ascend.
func (h *Histogram) Add(index int32, n uint32) {
	b := *h
	last := len(b) - 1
	switch {
	case last < 0 || b[last].Index < index:
		*h = append(b, Bucket{index, n})
		return
	case b[last].Index == index:
		b[last].N += n
		return
	}
	i := sort.Search(len(b), func(i int) bool { return b[i].Index >= index })
	if b[i].Index == index {
		b[i].N += n
		return
	}
	*h = slices.Insert(b, i, Bucket{index, n})
}

// Merge adds o's counts to h.
func (h *Histogram) Merge(o Histogram) {
	if len(o) == 0 {
		return
	}
	if len(*h) == 0 {
		*h = slices.Clone(o)
		return
	}
	a := *h
	merged := make(Histogram, 0, len(a)+len(o))
	for len(a) > 0 && len(o) > 0 {
		switch {
		case a[0].Index < o[0].Index:
			merged, a = append(merged, a[0]), a[1:]
		case a[0].Index > o[0].Index:
			merged, o = append(merged, o[0]), o[1:]
		default:
			merged = append(merged, Bucket{a[0].Index, a[0].N + o[0].N})
			a, o = a[1:], o[1:]
		}
	}
	*h = append(append(merged, a...), o...)
}

// Sum adds up the buckets with from <= index < to.
func (h Histogram) Sum(from, to int32) int64 {
	i := sort.Search(len(h), func(i int) bool { return h[i].Index >= from })
	var n int64
	for ; i < len(h) && h[i].Index < to; i++ {
		n += int64(h[i].N)
	}
	return n
}

// Dense writes the counts of [from, to) into a slice, one for each bucket.
func (h Histogram) Dense(from, to int32) []float64 {
	d := make([]float64, max(to-from, 0))
	i := sort.Search(len(h), func(i int) bool { return h[i].Index >= from })
	for ; i < len(h) && h[i].Index < to; i++ {
		d[h[i].Index-from] = float64(h[i].N)
	}
	return d
}
