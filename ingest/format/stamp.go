package format

// This file holds the readers of the pieces that stamps are made of.

// clockTime reads "03:15:22" or "03.15.22". It returns -1 for a time that no clock shows. ok is false if b is not of that form.
func clockTime(b []byte) (secs int64, ok bool) {
	_ = b[7]
	if b[2] != ':' && b[2] != '.' || b[5] != b[2] {
		return 0, false
	}
	h1, h2, m1, m2, s1, s2 := b[0]-'0', b[1]-'0', b[3]-'0', b[4]-'0', b[6]-'0', b[7]-'0'
	if h1 > 9 || h2 > 9 || m1 > 9 || m2 > 9 || s1 > 9 || s2 > 9 {
		return 0, false
	}
	h, m, s := int64(h1)*10+int64(h2), int64(m1)*10+int64(m2), int64(s1)*10+int64(s2)
	if h > 23 || m > 59 || s > 60 {
		return -1, true
	}
	return h*3600 + m*60 + s, true
}

// looseTime reads a time whose parts may have one digit, "3:15:22" or "22:15:9", with an AM or PM after it.
func looseTime(b []byte) (secs int64, n int) {
	var part [3]int64
	for i := range part {
		v, w := int64(0), 0
		for w < 2 && n+w < len(b) && b[n+w] >= '0' && b[n+w] <= '9' {
			v = v*10 + int64(b[n+w]-'0')
			w++
		}
		if w == 0 {
			return 0, 0
		}
		n += w
		part[i] = v
		if i < 2 {
			if n >= len(b) || b[n] != ':' {
				return 0, 0
			}
			n++
		}
	}
	if n < len(b) && b[n] >= '0' && b[n] <= '9' {
		return 0, 0
	}
	if n+2 < len(b) && b[n] == ' ' && (b[n+1]|0x20 == 'a' || b[n+1]|0x20 == 'p') && b[n+2]|0x20 == 'm' {
		if part[0] == 12 {
			part[0] = 0
		}
		if b[n+1]|0x20 == 'p' {
			part[0] += 12
		}
		n += 3
	}
	if part[0] > 23 || part[1] > 59 || part[2] > 60 {
		return -1, n
	}
	return part[0]*3600 + part[1]*60 + part[2], n
}

var scale = [10]int64{1e9, 1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 10, 1}

// fraction reads the digits of a fraction of a second and returns nanoseconds and the number of digits.
func fraction(b []byte) (int64, int) {
	v, n := int64(0), 0
	for n < len(b) {
		d := b[n] - '0'
		if d > 9 {
			break
		}
		if n < 9 {
			v = v*10 + int64(d)
		}
		n++
	}
	if n >= 9 {
		return v, n
	}
	return v * scale[n], n
}

// number reads b as a decimal number of digits only, and returns -1 if it is none.
func number(b []byte) int64 {
	v := int64(0)
	for _, ch := range b {
		d := ch - '0'
		if d > 9 {
			return -1
		}
		v = v*10 + int64(d)
	}
	return v
}

// digitRun counts the digits at the beginning of b.
func digitRun(b []byte) int {
	n := 0
	for n < len(b) && b[n]-'0' <= 9 {
		n++
	}
	return n
}

// month gives the number of the month whose English name or its first three letters b begins with, 0 for none.
func month(b []byte) int64 {
	if len(b) < 4 {
		return 0
	}
	if b[3]|0x20 >= 'a' && b[3]|0x20 <= 'z' {
		return 0
	}
	switch string(b[:3]) {
	case "Jan", "JAN":
		return 1
	case "Feb", "FEB":
		return 2
	case "Mar", "MAR":
		return 3
	case "Apr", "APR":
		return 4
	case "May", "MAY":
		return 5
	case "Jun", "JUN":
		return 6
	case "Jul", "JUL":
		return 7
	case "Aug", "AUG":
		return 8
	case "Sep", "SEP":
		return 9
	case "Oct", "OCT":
		return 10
	case "Nov", "NOV":
		return 11
	case "Dec", "DEC":
		return 12
	}
	return 0
}

func weekday(b []byte) bool {
	if len(b) < 5 || b[3] != ' ' && b[3] != ',' {
		return false
	}
	switch string(b[:3]) {
	case "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun":
		return true
	}
	return false
}

// zone reads a zone at the beginning of b: "Z", "+02:00", "+0200", "+02", or a blank and one of these or an abbreviation.
// It returns the offset in nanoseconds and the number of bytes.
func zone(b []byte) (off int64, n int, ok bool) {
	switch b[0] {
	case 'Z':
		return 0, 1, len(b) == 1 || !isWord(b[1])
	case '+', '-':
		return offset(b)
	case ' ':
		if len(b) < 4 {
			return 0, 0, false
		}
		switch ch := b[1]; {
		case ch == '+' || ch == '-':
			off, n, ok = offset(b[1:])
			return off, n + 1, ok && n >= 5
		case ch >= 'A' && ch <= 'Z':
			off, n, ok = abbreviation(b[1:])
			return off, n + 1, ok
		}
	}
	return 0, 0, false
}

func offset(b []byte) (off int64, n int, ok bool) {
	if len(b) < 3 || digitRun(b[1:3]) < 2 {
		return 0, 0, false
	}
	h, m := number(b[1:3]), int64(0)
	n = 3
	switch {
	case len(b) >= 6 && b[3] == ':' && digitRun(b[4:6]) == 2:
		m, n = number(b[4:6]), 6
	case len(b) >= 5 && digitRun(b[3:5]) == 2:
		m, n = number(b[3:5]), 5
	}
	if n < len(b) && b[n]-'0' <= 9 || h > 14 || m > 59 {
		return 0, 0, false
	}
	off = h*hour + m*minute
	if b[0] == '-' {
		off = -off
	}
	return off, n, true
}

// abbreviation reads the name of a zone. Names that several zones share (IST, BST, CST in China) stand for the most
// common one; a file of another place says its zone in the configuration.
func abbreviation(b []byte) (int64, int, bool) {
	n := 0
	for n < len(b) && n < 6 && b[n] >= 'A' && b[n] <= 'Z' {
		n++
	}
	if n < 2 || n < len(b) && isWord(b[n]) {
		return 0, 0, false
	}
	switch string(b[:n]) {
	case "UTC", "GMT", "WET":
		return 0, n, true
	case "CET", "WEST", "BST", "MET":
		return hour, n, true
	case "CEST", "EET", "MEST", "SAST":
		return 2 * hour, n, true
	case "EEST", "MSK":
		return 3 * hour, n, true
	case "IST":
		return 5*hour + 30*minute, n, true
	case "SGT", "HKT", "AWST":
		return 8 * hour, n, true
	case "JST", "KST":
		return 9 * hour, n, true
	case "AEST":
		return 10 * hour, n, true
	case "AEDT":
		return 11 * hour, n, true
	case "NZST":
		return 12 * hour, n, true
	case "NZDT":
		return 13 * hour, n, true
	case "BRT", "ART", "ADT":
		return -3 * hour, n, true
	case "EDT", "AST":
		return -4 * hour, n, true
	case "EST", "CDT":
		return -5 * hour, n, true
	case "CST", "MDT":
		return -6 * hour, n, true
	case "MST", "PDT":
		return -7 * hour, n, true
	case "PST", "AKDT":
		return -8 * hour, n, true
	case "AKST":
		return -9 * hour, n, true
	case "HST":
		return -10 * hour, n, true
	}
	return 0, 0, false
}

func isWord(ch byte) bool { return wordBytes[ch] }

// wordBytes are letters, digits and the underscore.
var wordBytes = func() (t [256]bool) {
	for i := range t {
		ch := byte(i)
		t[i] = ch >= 'a' && ch <= 'z' || ch >= 'A' && ch <= 'Z' || ch >= '0' && ch <= '9' || ch == '_'
	}
	return t
}()
