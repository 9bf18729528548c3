package pattern

// suffixed handles a number at i that ends before a letter: a unit, or an id.
func suffixed(b []byte, i, end int) (Class, int) {
	word := span(b, end, isLetter)
	if class := unit(b[end:word]); class != Const {
		for class == Duration && is(b, word, isDigit) { // 1h30m
			d := decimals(b, span(b, word, isDigit))
			w := span(b, d, isLetter)
			if unit(b[d:w]) != Duration {
				break
			}
			word = w
		}
		if !is(b, word, isDigit) {
			return class, word
		}
	}
	all := span(b, word, isAlnum)
	class := ID
	if allHex(b[i:all]) {
		class = Hex
	}
	return tail(b, all, class)
}

// spacedUnit finds a unit after a number that ends at i and one blank. End is 0
// if there is none.
func spacedUnit(b []byte, i int) (Class, int) {
	if !is(b, i+1, isLetter) || !unitStart[b[i+1]] {
		return Const, 0
	}
	const longest = 7 // seconds, minutes
	end := i + 1
	for end < len(b) && end <= i+1+longest && kind[b[end]]&isLetter != 0 {
		end++
	}
	if end-i-1 > longest || is(b, end, isDigit) {
		return Const, 0
	}
	if end == i+2 && b[i+1] != 'B' && b[i+1] != 's' {
		return Const, 0 // a word of one letter
	}
	if class := unit(b[i+1 : end]); class != Const {
		return class, end
	}
	return Const, 0
}

// unitStart tells the letters that units begin with.
var unitStart = func() (t [256]bool) {
	for _, c := range []byte("numshdBbkKMGTPH\xc2\xce") {
		t[c] = true
	}
	return t
}()

// unit returns Duration or Size if b is such a unit, else Const.
func unit(b []byte) Class {
	switch string(b) {
	case "ns", "us", "µs", "μs", "ms", "s", "m", "h", "d", "sec", "secs", "min", "mins", "msec", "usec", "nsec",
		"second", "seconds", "minute", "minutes", "hour", "hours", "hrs", "hr", "day", "days", "millis":
		return Duration
	case "B", "b", "k", "K", "M", "G", "T", "kB", "KB", "MB", "GB", "TB", "PB", "kb", "mb", "gb", "tb",
		"Ki", "Mi", "Gi", "Ti", "KiB", "MiB", "GiB", "TiB", "Kb", "Mb", "Gb", "bps", "kbps", "Kbps", "Mbps", "Gbps",
		"Hz", "kHz", "KHz", "MHz", "GHz":
		return Size
	}
	return Const
}
