package prometheus

import (
	"bytes"
	"slices"
	"strconv"
)

// plainSamples reads the samples of a series as servers write them, `"values":[[1760400000,"1"],...]`, without building a tree of
// them. It gives the record with an empty list instead. What is written otherwise in any way is left to the tree: ok is false then.
func (g *gathering) plainSamples(raw []byte) (rest []byte, ok bool) {
	key := []byte(`,"values":[[`)
	from := bytes.Index(raw, key)
	if from < 0 || bytes.Count(raw, key[1:len(key)-2]) != 1 {
		return nil, false
	}
	from += len(key) - 1
	g.times, g.values = g.times[:0], g.values[:0]
	for at := from; ; {
		t, v, n := plainSample(raw[at:])
		if n == 0 || at+n == len(raw) {
			return nil, false
		}
		g.times, g.values = append(g.times, t), append(g.values, v)
		at += n
		switch raw[at] {
		case ',':
			at++
		case ']':
			g.rest = append(append(g.rest[:0], raw[:from]...), raw[at:]...)
			return g.rest, true
		default:
			return nil, false
		}
	}
}

// plainSample reads `[SECONDS,"VALUE"]` and tells its length, 0 if it is written otherwise.
func plainSample(raw []byte) (t int64, v float64, n int) {
	if len(raw) == 0 || raw[0] != '[' {
		return 0, 0, 0
	}
	stamp := raw[1:min(len(raw), 32)]
	comma := bytes.IndexByte(stamp, ',')
	if comma < 0 {
		return 0, 0, 0
	}
	whole, decimals, digits, ok := decimal(stamp[:comma])
	if !ok || decimals > 3 || digits > 15 || stamp[0] == '-' {
		return 0, 0, 0
	}
	for ; decimals < 3; decimals++ {
		whole *= 10
	}
	if whole < 1e11 || whole > 9e12 {
		return 0, 0, 0
	}
	text := raw[1+comma+1:]
	if len(text) == 0 || text[0] != '"' {
		return 0, 0, 0
	}
	end := bytes.IndexByte(text[1:], '"')
	if end < 0 || len(text) < end+3 || text[end+2] != ']' {
		return 0, 0, 0
	}
	v, ok = plainValue(text[1 : 1+end])
	if !ok {
		return 0, 0, 0
	}
	return whole * 1e6, v, 1 + comma + 1 + end + 3
}

// exactTens are the powers of ten that a float64 holds without an error.
var exactTens = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// plainValue is strconv.ParseFloat. Of up to 15 digits both the digits and the power of ten are exact in a float64, so that their
// quotient is the nearest one there is (Clinger, How to read floating point numbers accurately, 1990).
func plainValue(text []byte) (float64, bool) {
	whole, decimals, digits, ok := decimal(text)
	if !ok || digits > 15 {
		v, err := strconv.ParseFloat(string(text), 64)
		return v, err == nil
	}
	v := float64(whole) / exactTens[decimals]
	if text[0] == '-' {
		v = -v
	}
	return v, true
}

// decimal reads "-12.345" as 12345 with three decimals of five digits. The number may be wrong if there are more than 15.
func decimal(text []byte) (whole int64, decimals, digits int, ok bool) {
	if len(text) > 0 && text[0] == '-' {
		text = text[1:]
	}
	point := -1
	for i, c := range text {
		switch {
		case c >= '0' && c <= '9':
			whole = whole*10 + int64(c-'0')
		case c == '.' && point < 0 && i > 0 && i < len(text)-1:
			point = i
		default:
			return 0, 0, 0, false
		}
	}
	digits = len(text)
	if point >= 0 {
		digits, decimals = digits-1, len(text)-point-1
	}
	return whole, decimals, digits, digits > 0
}

// own gives samples that may be kept. Most series of a document were sampled at the same times; these share them, so nobody
// must write to them.
func (g *gathering) own(times []int64, values []float64) ([]int64, []float64) {
	if !slices.Equal(times, g.shared) {
		g.shared = slices.Clip(slices.Clone(times))
	}
	return g.shared, slices.Clip(slices.Clone(values))
}
