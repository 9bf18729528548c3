package pattern

import (
	"fmt"
	"hash/fnv"
	"sort"
)

// A Shape is one distinct fingerprint with its template and how often it was
// seen.
type Shape struct {
	Fingerprint Fingerprint
	Template    string
	Count       uint64
}

// A Pattern is a group of alike shapes.
type Pattern struct {
	// ID is a short hash of the template, the same in every run.
	ID string
	// Template is the shapes' common template, with "<*>" where they differ.
	Template string
	// Count is how many messages the shapes stand for.
	Count uint64
}

// Cluster joins alike shapes to patterns. It returns for each shape the index
// of its pattern, and the patterns in an order that depends only on the set of
// shapes.
func Cluster(shapes []Shape) (of []int, patterns []Pattern) {
	index := map[string]int{}
	for _, s := range shapes {
		index[s.Template] = 0
	}
	names := make([]string, 0, len(index))
	for n := range index {
		names = append(names, n)
	}
	sort.Strings(names)
	for i, n := range names {
		index[n] = i
		h := fnv.New64a()
		h.Write([]byte(n))
		patterns = append(patterns, Pattern{ID: fmt.Sprintf("%08x", uint32(h.Sum64()>>32)), Template: n})
	}
	for _, s := range shapes {
		i := index[s.Template]
		of = append(of, i)
		patterns[i].Count += s.Count
	}
	return of, patterns
}
