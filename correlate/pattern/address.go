package pattern

// ipv4 returns the end of the IPv4 address at i, or 0.
func ipv4(b []byte, i int) int {
	for part := 0; ; part++ {
		end := i
		for end < len(b) && end < i+4 && kind[b[end]]&isDigit != 0 {
			end++
		}
		if end == i || end == i+4 {
			return 0
		}
		if part == 3 {
			if is(b, end, isLetter) || at(b, end) == '.' && is(b, end+1, isAlnum) {
				return 0
			}
			return end
		}
		if at(b, end) != '.' {
			return 0
		}
		i = end + 1
	}
}

// colonHex returns the class and end of the groups of hexadecimal digits,
// joined by colons, that start at i: a MAC or IPv6 address or a key's
// fingerprint. End is 0 if they are none of these.
func colonHex(b []byte, i int) (Class, int) {
	groups, pairs, double := 0, true, false
	j := i
	for groups < 64 {
		end := j
		for end < len(b) && end < j+5 && kind[b[end]]&isHex != 0 {
			end++
		}
		switch n := end - j; {
		case n > 4:
			return Const, 0
		case n > 0:
			groups++
			pairs = pairs && n == 2
		}
		if at(b, end) != ':' {
			j = end
			break
		}
		if at(b, end+1) == ':' {
			if double {
				return Const, 0
			}
			double = true
			j = end + 2
			if !is(b, j, isHex) {
				break
			}
			continue
		}
		if !is(b, end+1, isHex) {
			j = end
			break
		}
		j = end + 1
	}
	if is(b, j, isAlnum) || at(b, j) == ':' && is(b, j+1, isAlnum) {
		return Const, 0
	}
	switch {
	case pairs && groups == 6 && !double:
		return MAC, j
	case double && groups >= 1 && groups <= 7, groups == 8 && !double:
		if at(b, j) == '.' { // ::ffff:10.0.0.1
			k := j
			for k > i && kind[b[k-1]]&isDigit != 0 {
				k--
			}
			if end := ipv4(b, k); end > 0 {
				j = end
			}
		}
		return IP, j
	case pairs && groups >= 16:
		return Hex, j
	}
	return Const, 0
}

// uuid returns the end of the UUID at i, or 0.
func uuid(b []byte, i int) int {
	const length = 36
	if i+length > len(b) || b[i+8] != '-' || b[i+13] != '-' || b[i+18] != '-' || b[i+23] != '-' {
		return 0
	}
	for j := i; j < i+length; j++ {
		if kind[b[j]]&isHex == 0 && b[j] != '-' {
			return 0
		}
	}
	if is(b, i+length, isAlnum) {
		return 0
	}
	return i + length
}
