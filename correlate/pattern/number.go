package pattern

// number handles the digit at i; from is i or its sign.
func (s *scanner) number(from, i int) (Class, int) {
	b := s.msg
	if at(b, i) == '.' {
		return Number, span(b, i+1, isDigit)
	}
	inWord := is(b, from-1, isLetter)
	digits := span(b, i, isDigit)
	if from == i && !inWord {
		if class, end := digitsFirst(b, i, digits); end > 0 {
			return class, end
		}
	}
	if digits-i == 1 && b[i] == '0' && at(b, digits)|0x20 == 'x' && is(b, digits+1, isHex) {
		return tail(b, span(b, digits+1, isHex), Hex)
	}
	if class, end := ipv4(b, i); end > 0 && !inWord {
		return class, end
	}
	end := decimals(b, digits)
	if inWord && digits-i == 1 && end == digits && ipVersion(b, i) {
		return Const, end
	}
	if inWord && is(b, end, isLetter) && end == digits {
		return Number, end
	}
	if is(b, end, isLetter) {
		return s.suffixed(i, end)
	}
	if from == i {
		if class, e := joinedDigits(b, i, digits); e > 0 {
			return class, e
		}
	}
	if class, e := tail(b, end, Number); e > end {
		return class, e
	}
	if class, e := spacedUnit(b, end); e > 0 {
		return class, e
	}
	return Number, end
}

// ipVersion reports whether the digit at i ends the word IPv4 or IPv6: these are
// names of two things.
func ipVersion(b []byte, i int) bool {
	return (b[i] == '4' || b[i] == '6') && i >= 3 && b[i-3]|0x20 == 'i' && b[i-2]|0x20 == 'p' && b[i-1]|0x20 == 'v' &&
		!is(b, i-4, isAlnum) && !is(b, i+1, isAlnum)
}

// digitsFirst finds what has its own form and starts with digits: UUIDs,
// dates and times, hardware and IPv6 addresses.
func digitsFirst(b []byte, i, digits int) (Class, int) {
	if digits-i > 8 {
		return Const, 0
	}
	if end := timeEnd(b, i); end > 0 {
		return Time, end
	}
	if digits-i <= 4 && (at(b, digits) == ':' || is(b, digits, isHexLetter)) {
		if class, end := colonHex(b, i); end > 0 {
			return class, end
		}
	}
	if end := uuid(b, i); end > 0 {
		return UUID, end
	}
	return Const, 0
}

// joinedDigits finds e-mail addresses and names of hosts that start with digits.
func joinedDigits(b []byte, i, digits int) (Class, int) {
	if !is(b, digits, isJoin) && at(b, digits) != '@' {
		return Const, 0
	}
	letters := false
	j := digits
	for j < len(b) && j < i+64 && kind[b[j]]&(isAlnum|isJoin) != 0 {
		letters = letters || kind[b[j]]&isLetter != 0
		j++
	}
	if e := emailEnd(b, j); e > 0 {
		return Email, e
	}
	if letters {
		if h := hostEnd(b, i, j); h > 0 {
			return Host, h
		}
	}
	return Const, 0
}

// decimals returns the end of the number whose first digits end at i: groups
// of thousands, fractions, further parts of a version, an exponent.
func decimals(b []byte, i int) int {
	for at(b, i) == ',' && is(b, i+1, isDigit) && span(b, i+1, isDigit) == i+4 {
		i += 4
	}
	for at(b, i) == '.' && is(b, i+1, isDigit) {
		i = span(b, i+1, isDigit)
	}
	if at(b, i)|0x20 == 'e' {
		j := i + 1
		if at(b, j) == '-' || at(b, j) == '+' {
			j++
		}
		if is(b, j, isDigit) {
			if end := span(b, j, isDigit); !is(b, end, isLetter) && (j > i+1 || end-j <= 3) {
				return end
			}
		}
	}
	return i
}

// suffixed handles a number at i that ends before a letter: a unit, or an id.
func (s *scanner) suffixed(i, end int) (Class, int) {
	b := s.msg
	word := span(b, end, isLetter)
	if class := unit(b[end:word]); class != Const {
		for is(b, word, isDigit) && class == Duration { // 1h30m
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

// spacedUnit finds a unit after a number and one blank.
func spacedUnit(b []byte, i int) (Class, int) {
	if at(b, i) != ' ' || !is(b, i+1, isLetter) {
		return Const, 0
	}
	end := span(b, i+1, isLetter)
	if end-i > 8 || is(b, end, isDigit) || end-i == 2 && b[i+1] != 'B' && b[i+1] != 's' {
		return Const, 0
	}
	if class := unit(b[i+1 : end]); class != Const {
		return class, end
	}
	return Const, 0
}

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
