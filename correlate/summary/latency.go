package summary

import "math/bits"

// Durations are counted in bins that are exact to one part in eight: an octave has eight bins. Bins merge by adding
// counts, as HDR histograms and DDSketch do (Masson, Rim, Lee: DDSketch, VLDB 2019), so quantiles do not depend on the order of arrival.
const binsPerOctave = 8

// latencyBin returns the bin of a duration in nanoseconds. The first octave begins at 1 µs.
func latencyBin(ns int64) int32 {
	us := uint64(max(ns, 0)) / 1000
	if us < binsPerOctave {
		return int32(us)
	}
	shift := bits.Len64(us) - 4
	return int32(shift+1)*binsPerOctave + int32(us>>shift&(binsPerOctave-1))
}

// latencyOf returns the middle of a bin in seconds.
func latencyOf(bin int32) float64 {
	if bin < binsPerOctave {
		return (float64(bin) + 0.5) / 1e6
	}
	shift := bin/binsPerOctave - 1
	low := float64(uint64(binsPerOctave+bin%binsPerOctave) << shift)
	return (low + float64(uint64(1)<<shift)/2) / 1e6
}

// bins is the number of bins that a bucket may have: up to 2^50 µs, far over a year.
const bins = 48 * binsPerOctave

// Quantile returns the q-quantile, in seconds, of durations counted by bin.
func quantile(counts []Bucket, q float64) float64 {
	var total uint64
	for _, c := range counts {
		total += uint64(c.N)
	}
	if total == 0 {
		return 0
	}
	rank := uint64(q * float64(total-1))
	var seen uint64
	for _, c := range counts {
		seen += uint64(c.N)
		if seen > rank {
			return latencyOf(c.Index % bins)
		}
	}
	return latencyOf(counts[len(counts)-1].Index % bins)
}
