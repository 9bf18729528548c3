package pattern

// number handles the digit at i, or the full stop before it; from is i or its
// sign. What follows the digits decides what it may be.
func (s *scanner) number(from, i int) (Class, int) {
	b := s.msg
	if b[i] == '.' {
		return Number, span(b, i+1, isDigit)
	}
	digits := span(b, i, isDigit)
	inWord := is(b, from-1, isLetter)
	if digits == len(b) {
		return numberOrVersion(b, i, inWord)
	}
	next := b[digits]
	if next == '.' && !inWord {
		if end := ipv4(b, i); end > 0 {
			return IP, end
		}
	}
	if from == i && !inWord {
		if class, end := ownForm(b, i, digits, next); end > 0 {
			return class, end
		}
	}
	if next|0x20 == 'x' && digits-i == 1 && b[i] == '0' && is(b, digits+1, isHex) {
		return tail(b, span(b, digits+1, isHex), Hex)
	}
	end := decimals(b, digits)
	if inWord && end == digits {
		if kind[next]&isLetter != 0 || ipVersion(b, i) {
			return numberOrVersion(b, i, inWord)
		}
	}
	if is(b, end, isLetter) {
		return suffixed(b, i, end)
	}
	return s.joined(from, i, digits, end)
}

// joined handles a number that ends at end: what is joined to it, and a unit.
func (s *scanner) joined(from, i, digits, end int) (Class, int) {
	b := s.msg
	if from == i && (is(b, digits, isJoin) || at(b, digits) == '@') {
		if class, e := joinedDigits(b, i, digits); e > 0 {
			return class, e
		}
	}
	switch at(b, end) {
	case '-', '_':
		return tail(b, end, Number)
	case ' ':
		if class, e := spacedUnit(b, end); e > 0 {
			return class, e
		}
	}
	return Number, end
}

// numberOrVersion handles digits at i that stand alone or end a word. IPv4 and
// IPv6 are the names of two things.
func numberOrVersion(b []byte, i int, inWord bool) (Class, int) {
	if inWord && ipVersion(b, i) {
		return Const, i + 1
	}
	return Number, span(b, i, isDigit)
}

func ipVersion(b []byte, i int) bool {
	return (b[i] == '4' || b[i] == '6') && i >= 3 && b[i-3]|0x20 == 'i' && b[i-2]|0x20 == 'p' && b[i-1]|0x20 == 'v' &&
		!is(b, i-4, isAlnum) && !is(b, i+1, isAlnum)
}

// ownForm finds what has a form of its own and starts with digits: UUIDs, dates
// and times, hardware and IPv6 addresses. End is 0 if it is none of these.
func ownForm(b []byte, i, digits int, next byte) (Class, int) {
	n := digits - i
	switch {
	case n > 8:
		return Const, 0
	case next == ':':
		if end := clockEnd(b, i); end > 0 {
			return Time, end
		}
		if n <= 4 {
			return colonHex(b, i)
		}
	case next == '-', next == '/', next == '.':
		if n <= 2 || n == 4 {
			if end := timeEnd(b, i); end > 0 {
				return Time, end
			}
		}
		if n == 8 && next == '-' {
			if end := uuid(b, i); end > 0 {
				return UUID, end
			}
		}
	case kind[next]&isHexLetter != 0:
		if end := uuid(b, i); end > 0 {
			return UUID, end
		}
		if n < 4 {
			return colonHex(b, i)
		}
	}
	return Const, 0
}

// joinedDigits finds e-mail addresses and names of hosts that start with
// digits. It looks no further than names are long.
func joinedDigits(b []byte, i, digits int) (Class, int) {
	const longest = 64
	dot := 0
	j := digits
	for j < len(b) && j < i+longest && kind[b[j]]&(isAlnum|isJoin) != 0 {
		if b[j] == '.' && is(b, j+1, isLetter) {
			dot = j
		}
		j++
	}
	if at(b, j) == '@' {
		if e := emailEnd(b, j); e > 0 {
			return Email, e
		}
	}
	if dot > 0 && j < i+longest {
		if h := hostEnd(b, i, dot, j); h > 0 {
			return Host, h
		}
	}
	return Const, 0
}

// decimals returns the end of the number whose first digits end at i: groups
// of thousands, fractions, further parts of a version, an exponent.
func decimals(b []byte, i int) int {
	for at(b, i) == ',' && digitsAt(b, i+1, 3) {
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
