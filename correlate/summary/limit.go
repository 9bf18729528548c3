package summary

import "math"

// limit bounds the number of distinct shapes without regard to the order in which they come.
//
// A shape whose hash lies above the threshold folds into a coarser one. The threshold starts at the largest hash and is
// halved until at most most distinct shapes lie below it. So it ends at the largest of max/2^k for which the set of all
// shapes fits, which depends on that set only; a part of the set can only end at a higher one, and merging takes the
// lower of two.
type limit struct {
	threshold      uint64
	distinct, most int
}

// defaultShapes is more than the distinct shapes that a large system shows in a day, and about 30 MB.
const defaultShapes = 65536

func newLimit(most int) limit {
	if most <= 0 {
		most = defaultShapes
	}
	return limit{threshold: math.MaxUint64, most: most}
}

func (l *limit) exceeded() bool { return l.distinct > l.most && l.threshold > 0 }
