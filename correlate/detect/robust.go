package detect

import (
	"math"
	"slices"
)

// level is a robust description of a quiet series: faults may lie inside a baseline, so means and standard deviations won't do.
type level struct {
	n                 int
	median, scale     float64
	low, high         float64 // 2nd and 98th percentile
	minimum, maximum  float64
	constant, integer bool
}

func describe(values []float64) level {
	v := make([]float64, 0, len(values))
	for _, x := range values {
		if !math.IsNaN(x) && !math.IsInf(x, 0) {
			v = append(v, x)
		}
	}
	l := level{n: len(v)}
	if l.n == 0 {
		return l
	}
	slices.Sort(v)
	v = trim(v)
	l.n = len(v)
	l.median = at(v, 0.5)
	l.low, l.high = at(v, 0.02), at(v, 0.98)
	l.minimum, l.maximum = v[0], v[len(v)-1]
	l.constant = l.minimum == l.maximum
	l.integer = true
	for _, x := range v {
		l.integer = l.integer && x == math.Trunc(x)
	}
	dev := deviations(v, l.median)
	// 1.4826 makes the median absolute deviation of a normal distribution its standard deviation.
	l.scale = 1.4826 * at(dev, 0.5)
	l.scale = max(l.scale, (at(v, 0.9)-at(v, 0.1))/2.56)
	return l
}

// deviations gives how far sorted values lie from m, sorted. They rise from m to both sides, so merging is enough.
func deviations(sorted []float64, m float64) []float64 {
	dev := make([]float64, 0, len(sorted))
	high, _ := slices.BinarySearch(sorted, m)
	low := high - 1
	for low >= 0 || high < len(sorted) {
		if high == len(sorted) || low >= 0 && m-sorted[low] < sorted[high]-m {
			dev = append(dev, m-sorted[low])
			low--
		} else {
			dev = append(dev, sorted[high]-m)
			high++
		}
	}
	return dev
}

// trim takes episodes out of sorted values: what lies far outside the bulk, if it is less than a quarter of all. A baseline may
// hold another fault, and that must not hide this one. That series which stray often are no evidence is taken care of
// where their quiet stretches are tried.
func trim(sorted []float64) []float64 {
	if len(sorted) < 8 {
		return sorted
	}
	m := at(sorted, 0.5)
	dev := deviations(sorted, m)
	reach := 8 * 1.4826 * at(dev, 0.5)
	if reach == 0 {
		return sorted
	}
	from, to := 0, len(sorted)
	for from < to && m-sorted[from] > reach {
		from++
	}
	for to > from && sorted[to-1]-m > reach {
		to--
	}
	if (to-from)*4 < len(sorted)*3 {
		return sorted
	}
	return sorted[from:to]
}

// at returns the q-quantile of sorted values.
func at(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	p := q * float64(len(sorted)-1)
	i := int(p)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (p-float64(i))*(sorted[i+1]-sorted[i])
}

// median of values, which it leaves alone.
func median(values []float64) float64 {
	v := slices.Clone(values)
	slices.Sort(v)
	return at(v, 0.5)
}

// certainty turns a distance in scales into a strength between 0 and 1, given how many things were looked at: the more,
// the further out the largest of them lies by chance alone (its distance grows with the square root of twice the logarithm).
func certainty(z float64, looked int) float64 {
	chance := 3 + math.Sqrt(2*math.Log(float64(max(looked, 2))))/2
	if z <= chance {
		return 0
	}
	return 1 - math.Exp(-(z-chance)/6)
}
