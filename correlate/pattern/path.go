package pattern

// pathEnd returns the end of the path that starts at i with a slash, a tilde
// or a backslash, or 0 if none does.
func pathEnd(b []byte, i int) int {
	if is(b, i-1, isAlnum) {
		return 0
	}
	switch at(b, i-1) {
	case '/', '\\', '.', ')', '-', '_', '~', '<', '>', '+':
		return 0
	}
	start := i + 1
	switch b[i] {
	case '~':
		if at(b, start) != '/' {
			return 0
		}
		start++
	case '\\':
		if at(b, start) != '\\' {
			return 0
		}
		start++
	}
	if !is(b, start, isAlnum) && at(b, start) != '_' && at(b, start) != '.' {
		return 0
	}
	if ipv4(b, start) > 0 {
		return 0 // Java writes addresses as name/address
	}
	return linkEnd(b, start)
}

// linkEnd returns where the path or URL that goes on at i ends. A full stop or
// colon at its end belongs to the sentence, and so does a line number.
func linkEnd(b []byte, i int) int {
	start := i
	for i < len(b) && kind[b[i]]&isStop == 0 {
		if b[i] == ':' && (i+1 == len(b) || kind[b[i+1]]&(isStop|isDigit) != 0) {
			break
		}
		i++
	}
	for i > start+1 && (b[i-1] == '.' || b[i-1] == '?' || b[i-1] == '!') {
		i--
	}
	return i
}

// urlEnd returns the end of the URL whose "://" is at i, or 0.
func urlEnd(b []byte, i int) int {
	if at(b, i) != ':' || at(b, i+1) != '/' || at(b, i+2) != '/' || i+3 >= len(b) || kind[b[i+3]]&isStop != 0 {
		return 0
	}
	j := i + 3
	for j < len(b) && (kind[b[j]]&isStop == 0 || b[j] == ',' || b[j] == ';' || b[j] == '[' || b[j] == ']') {
		j++
	}
	for j > i+4 {
		switch b[j-1] {
		case '.', ':', ',', ';', '?', '!', ']':
			j--
			continue
		}
		break
	}
	return j
}

// drivePath returns the end of the Windows path whose drive letter is at i, or 0.
func drivePath(b []byte, i int) int {
	if at(b, i+1) != ':' || (at(b, i+2) != '\\' && at(b, i+2) != '/') || is(b, i-1, isAlnum) {
		return 0
	}
	return linkEnd(b, i+3)
}
