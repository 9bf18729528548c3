package pattern

import "slices"

// timeEnd returns the end of the date, time or both that starts with the digit
// at i, or 0.
func timeEnd(b []byte, i int) int {
	if end := dateEnd(b, i); end > 0 {
		j := end
		if c := at(b, j); c == 'T' || c == ' ' || c == '-' || c == ':' || c == '_' || c == '.' {
			if t := clockEnd(b, j+1); t > 0 {
				return t
			}
		}
		if is(b, end, isAlnum) {
			return 0
		}
		return end
	}
	return clockEnd(b, i)
}

// digitsAt reports whether n digits, and no more, start at i.
func digitsAt(b []byte, i, n int) bool {
	for j := i; j < i+n; j++ {
		if !is(b, j, isDigit) {
			return false
		}
	}
	return !is(b, i+n, isDigit)
}

// dateEnd returns the end of the date at i: year, month and day in figures with
// - / . between, or the day, a month's name and the year.
func dateEnd(b []byte, i int) int {
	n := span(b, i, isDigit) - i
	sep := at(b, i+n)
	if sep != '-' && sep != '/' && sep != '.' {
		return 0
	}
	j := i + n + 1
	switch n {
	case 4:
		month := span(b, j, isDigit)
		day := span(b, month+1, isDigit)
		if month > j && month <= j+2 && at(b, month) == sep && day > month+1 && day <= month+3 {
			return day
		}
	case 1, 2:
		if sep != '.' && j+3 < len(b) && kind[b[j]]&isLetter != 0 && dayOrMonth(b[j:j+3]) && at(b, j+3) == sep && digitsAt(b, j+4, 4) {
			return j + 8
		}
		if n == 2 && digitsAt(b, j, 2) && at(b, j+2) == sep {
			if digitsAt(b, j+3, 4) {
				return j + 7
			}
			if sep == '/' && digitsAt(b, j+3, 2) {
				return j + 5
			}
		}
	}
	return 0
}

// clockEnd returns the end of the time of day at i, with fraction and zone, or 0.
func clockEnd(b []byte, i int) int {
	n := span(b, i, isDigit) - i
	if n < 1 || n > 2 || at(b, i+n) != ':' || !digitsAt(b, i+n+1, 2) {
		return 0
	}
	j := i + n + 3
	if at(b, j) == ':' && digitsAt(b, j+1, 2) {
		j += 3
		if c := at(b, j); (c == '.' || c == ',' || c == ':') && is(b, j+1, isDigit) {
			j = span(b, j+1, isDigit)
		}
	}
	if at(b, j) == ':' && is(b, j+1, isHex) || is(b, j, isLetter) && at(b, j) != 'Z' {
		return 0
	}
	return zoneEnd(b, j)
}

// zoneEnd returns the end of the time zone at i, or i.
func zoneEnd(b []byte, i int) int {
	if at(b, i) == 'Z' && !is(b, i+1, isAlnum) {
		return i + 1
	}
	j := i
	if at(b, j) == ' ' {
		j++
	}
	if c := at(b, j); c != '+' && c != '-' {
		return i
	}
	switch {
	case digitsAt(b, j+1, 4):
		return j + 5
	case digitsAt(b, j+1, 2) && at(b, j+3) == ':' && digitsAt(b, j+4, 2):
		return j + 6
	}
	return i
}

// dayOrMonth reports whether b is the short name of a day or a month.
func dayOrMonth(b []byte) bool {
	switch string(b) {
	case "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
		"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun":
		return true
	}
	return false
}

// wordyTime returns the end of a date that starts with a short name at i: "Sat
// Jun 11 03:28:22 2005", "Jun 11 03:28:22", "Tue, 24 Nov 2026 10:00:00 +0100".
func wordyTime(b []byte, i int) int {
	j, names := i, 0
	for names < 3 && j+3 < len(b) && kind[b[j]]&isLetter != 0 && dayOrMonth(b[j:j+3]) && !is(b, j+3, isAlnum) {
		names++
		j += 3
		if at(b, j) == ',' {
			j++
		}
		if j = span(b, j, isSpace); is(b, j, isDigit) && names == 1 && is(b, span(b, j, isDigit)+1, isLetter) {
			j = span(b, j, isDigit) + 1 // the day before the month
		}
	}
	n := span(b, j, isDigit) - j
	if names == 0 || n < 1 || n > 4 || n == 3 || b[j-1] != ' ' {
		return 0
	}
	end := j + n
	if c := clockEnd(b, j); c > 0 {
		return c
	}
	if is(b, end, isAlnum) {
		return 0
	}
	if at(b, end) == ' ' {
		if c := clockEnd(b, end+1); c > 0 {
			end = c
		}
	}
	if c := yearEnd(b, end); c > 0 {
		end = c
		if k := clockEnd(b, end+1); at(b, end) == ' ' && k > 0 {
			end = k
		}
	}
	return end
}

// Zones are the names of time zones that stand before a year, as "date" and syslog's relatives write them.
var Zones = []string{
	"UTC", "GMT", "BST", "IST", "WET", "WEST", "CET", "CEST", "EET", "EEST", "MSK", "SAST", "PKT", "SGT", "HKT", "CST", "CDT", "JST", "KST",
	"AWST", "ACST", "ACDT", "AEST", "AEDT", "NZST", "NZDT", "EST", "EDT", "MST", "MDT", "PST", "PDT", "AKST", "AKDT", "HST",
}

// Names are the short names of months and days.
var Names = []string{
	"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun",
}

// yearEnd returns the end of a year after an optional zone's name and a blank
// at i, or 0.
func yearEnd(b []byte, i int) int {
	if at(b, i) == ' ' {
		z := i + 1
		for z < len(b) && z < i+6 && kind[b[z]]&isUpper != 0 {
			z++
		}
		if slices.Contains(Zones, string(b[i+1:z])) && at(b, z) == ' ' && digitsAt(b, z+1, 4) {
			return z + 5
		}
		if digitsAt(b, i+1, 4) && (b[i+1] == '1' || b[i+1] == '2') && !is(b, i+5, isLetter) {
			return i + 5
		}
	}
	return 0
}
