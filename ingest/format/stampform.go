package format

// This file holds the forms of stamps that do not begin with a four-digit year.

// digits reads the stamps that begin with a digit and are not of the ISO family.
func (c *clock) digits(b []byte) (int64, int) {
	switch n := digitRun(b); n {
	case 1, 2:
		return c.shortDay(b, n)
	case 6:
		return c.packedShort(b)
	case 8:
		return c.packed(b)
	case 10, 13, 16, 19:
		return c.epoch(b, n)
	}
	return 0, 0
}

// shortDay reads what begins with one or two digits: a day, a month, a year of two digits, or a time of day.
func (c *clock) shortDay(b []byte, n int) (int64, int) {
	rest := b[n+1:]
	first := number(b[:n])
	switch sep := b[n]; sep {
	case '/', '-', '.', ' ':
		if m := month(rest); m > 0 {
			return c.dayMonthName(b, n, m)
		}
		if n == 2 && len(rest) >= 3 && digitRun(rest[:3]) == 2 {
			second := number(rest[:2])
			if rest[2] == sep && sep != ' ' {
				return c.threeNumbers(b, sep, first, second)
			}
			if rest[2] == ' ' && (sep == '-' || sep == '.' || sep == '/') { // Android's 03-17, Proxifier's 10.30
				return c.monthDayTime(b, 6, first, second)
			}
		}
		if n == 1 && sep == '/' && len(rest) >= 4 { // 1/2/2025 3:04:05 PM
			if w := digitRun(rest); w > 0 && w <= 2 && rest[w] == '/' {
				return c.slashes(b, n, w)
			}
		}
	case ':':
		if n == 2 && len(b) >= 8 {
			if secs, ok := clockTime(b[:8]); ok && secs >= 0 {
				return c.timeOfDay(b, secs)
			}
		}
	}
	return 0, 0
}

// stamp reads a stamp, or a time of day alone: "03:15:22", with a fraction or without.
func (c *clock) stamp(b []byte, ofDay bool) (int64, int) {
	if !ofDay {
		return c.read(b)
	}
	if len(b) < 8 || b[2] != ':' {
		return 0, 0
	}
	secs, ok := clockTime(b[:8])
	if !ok || len(b) > 8 && b[8]-'0' <= 9 {
		return 0, 0
	}
	c.zoned = false
	n, f := 8, int64(0)
	if len(b) > 9 && (b[8] == '.' || b[8] == ',') {
		var w int
		f, w = fraction(b[9:])
		n += 1 + w
	}
	t, ok := c.dayless(secs*second + f)
	if !ok || secs < 0 {
		return 0, -n
	}
	return c.local(t), n
}

// timeOfDay reads a bare time with a fraction: without one, too many other things look like it.
func (c *clock) timeOfDay(b []byte, secs int64) (int64, int) {
	if len(b) < 12 || b[8] != '.' && b[8] != ',' {
		return 0, 0
	}
	f, w := fraction(b[9:])
	if w < 3 {
		return 0, 0
	}
	t, ok := c.dayless(secs*second + f)
	if !ok {
		return 0, -(9 + w)
	}
	return c.local(t), 9 + w
}

// dayMonthName reads "14/Oct/2025:03:15:22 +0000", "14-Oct-2025 03:15:22.123" and "14 Oct 2025 03:15:22".
func (c *clock) dayMonthName(b []byte, n int, m int64) (int64, int) {
	y := n + 5 // a day, a separator, three letters, a separator
	if len(b) < y+8 {
		return 0, 0
	}
	if b[y+2] == ':' && b[n] == ' ' { // old Redis has no year
		return c.monthDayTime(b, y, m, number(b[:n]))
	}
	if len(b) < y+12 || digitRun(b[y:y+5]) != 4 {
		return 0, 0
	}
	if b[y+4] == ':' && b[y+5] == ':' { // Erlang
		y++
	}
	secs, w := looseTime(b[y+5:])
	if w == 0 {
		return 0, 0
	}
	d, ok := c.date(number(b[n+5:n+9]), m, number(b[:n]))
	if !ok || secs < 0 {
		return 0, -(y + 5 + w)
	}
	return c.finish(b, y+5+w, d, secs)
}

// threeNumbers reads dates of three numbers of which the first has two digits.
func (c *clock) threeNumbers(b []byte, sep byte, first, second int64) (int64, int) {
	if len(b) < 15 {
		return 0, 0
	}
	switch digitRun(b[6:]) {
	case 4: // 14.10.2025, 10/14/2025
		return c.slashes(b, 2, 2)
	case 2: // Spark's 17/06/09: the year first
		secs, n := looseTime(b[9:])
		if n == 0 || b[8] != ' ' || sep == '.' {
			return 0, 0
		}
		d, ok := c.date(2000+first, second, number(b[6:8]))
		if !ok || secs < 0 {
			return 0, -(9 + n)
		}
		return c.finish(b, 9+n, d, secs)
	}
	return 0, 0
}

// slashes reads "10/14/2025 03:15:22 AM", or with the day first; with dots the day is always first.
func (c *clock) slashes(b []byte, n, w int) (int64, int) {
	first, second := number(b[:n]), number(b[n+1:n+1+w])
	y := n + w + 2
	if len(b) < y+12 || digitRun(b[y:]) != 4 {
		return 0, 0
	}
	at := y + 4
	if b[at] == ',' {
		at++
	}
	secs, t := looseTime(b[at+1:])
	if t == 0 {
		return 0, 0
	}
	m, d := first, second
	if c.dayFirst || b[n] == '.' || first > 12 {
		m, d = second, first
	}
	dn, ok := c.date(number(b[y:y+4]), m, d)
	if !ok || secs < 0 {
		return 0, -(at + 1 + t)
	}
	return c.finish(b, at+1+t, dn, secs)
}

// monthDayTime reads the time after a month and a day without a year.
func (c *clock) monthDayTime(b []byte, at int, m, d int64) (int64, int) {
	if len(b) < at+8 {
		return 0, 0
	}
	secs, n := looseTime(b[at:])
	if n == 0 {
		return 0, 0
	}
	dn, ok := c.yearless(m, d)
	if !ok || secs < 0 {
		return 0, -(at + n)
	}
	return c.finish(b, at+n, dn, secs)
}

// packedShort reads HDFS' "081109 203615" and old MySQL's "251014  3:15:22".
func (c *clock) packedShort(b []byte) (int64, int) {
	if len(b) < 13 || b[6] != ' ' {
		return 0, 0
	}
	var secs int64
	n := 13
	if digitRun(b[7:]) == 6 {
		h, m, s := number(b[7:9]), number(b[9:11]), number(b[11:13])
		secs = h*3600 + m*60 + s
		if h > 23 || m > 59 || s > 60 {
			secs = -1
		}
	} else {
		at := 7
		if b[at] == ' ' {
			at++
		}
		var w int
		if secs, w = looseTime(b[at:]); w == 0 {
			return 0, 0
		}
		n = at + w
	}
	d, ok := c.date(2000+number(b[:2]), number(b[2:4]), number(b[4:6]))
	if !ok || secs < 0 {
		return 0, -n
	}
	return c.finish(b, n, d, secs)
}

// packed reads "20251014T031522Z", "20251014 03:15:22" and HealthApp's "20171223-22:15:29:606", whose parts vary in width.
func (c *clock) packed(b []byte) (int64, int) {
	if len(b) < 14 || b[8] != '-' && b[8] != 'T' && b[8] != ' ' {
		return 0, 0
	}
	var secs int64
	n := 15
	if digitRun(b[9:]) == 6 && len(b) >= 15 {
		h, m, s := number(b[9:11]), number(b[11:13]), number(b[13:15])
		secs = h*3600 + m*60 + s
		if h > 23 || m > 59 || s > 60 {
			secs = -1
		}
	} else {
		var w int
		if secs, w = looseTime(b[9:]); w == 0 {
			return 0, 0
		}
		n = 9 + w
	}
	d, ok := c.date(number(b[:4]), number(b[4:6]), number(b[6:8]))
	if !ok || secs < 0 {
		return 0, -n
	}
	if n < len(b) && b[n] == ':' { // milliseconds, without leading zeros
		if w := digitRun(b[n+1:]); w > 0 && w <= 3 {
			return c.local(d + secs*second + number(b[n+1:n+1+w])*1e6), n + 1 + w
		}
	}
	return c.finish(b, n, d, secs)
}

// epoch reads a count of seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their digits.
func (c *clock) epoch(b []byte, n int) (int64, int) {
	if n < len(b) && (isWord(b[n]) || b[n] == '-') {
		return 0, 0
	}
	t := number(b[:n])
	for i := n; i < 19; i += 3 {
		t *= 1000
	}
	if t < 0 || t > 4102444800*second || t < 631152000*second { // 1990 to 2100
		return 0, 0
	}
	if n == 10 && n+1 < len(b) && b[n] == '.' {
		if f, w := fraction(b[n+1:]); w > 0 {
			t += f
			n += 1 + w
		}
	}
	c.zoned = true
	return t, n
}

// named reads what begins with the name of a month: syslog's "Oct 14 03:15:22", Cisco's with the year before the time,
// and Java's "Oct 14, 2025 3:15:22 AM".
func (c *clock) named(b []byte, m int64) (int64, int) {
	at := 4
	if len(b) < 14 || b[3] != ' ' {
		return 0, 0
	}
	if b[at] == ' ' {
		at++
	}
	w := digitRun(b[at:])
	if w == 0 || w > 2 {
		return 0, 0
	}
	d := number(b[at : at+w])
	at += w
	if b[at] == ',' {
		at++
	}
	if at+9 > len(b) || b[at] != ' ' {
		return 0, 0
	}
	at++
	if digitRun(b[at:]) == 4 && at+6 < len(b) { // a year
		y := number(b[at : at+4])
		at += 5
		secs, n := looseTime(b[at:])
		if n == 0 {
			return 0, 0
		}
		dn, ok := c.date(y, m, d)
		if !ok || secs < 0 {
			return 0, -(at + n)
		}
		return c.finish(b, at+n, dn, secs)
	}
	return c.monthDayTime(b, at, m, d)
}

// withWeekday reads "Sun Dec 04 04:47:44.123456 2005", "Tue, 14 Oct 2025 03:15:22 GMT" and systemd's "Tue 2025-10-14 03:15:22 UTC".
func (c *clock) withWeekday(b []byte) (int64, int) {
	at := 4
	if b[3] == ',' {
		at = 5
	}
	if len(b) < at+15 {
		return 0, 0
	}
	rest := b[at:]
	m := month(rest)
	if m == 0 {
		if rest[0]-'0' > 9 {
			return 0, 0
		}
		t, n := c.read(rest)
		switch {
		case n > 0:
			return t, n + at
		case n < 0:
			return 0, n - at
		}
		return 0, 0
	}
	p := 4
	if rest[p] == ' ' {
		p++
	}
	w := digitRun(rest[p:])
	if w == 0 || w > 2 || p+w+9 > len(rest) {
		return 0, 0
	}
	d := number(rest[p : p+w])
	p += w + 1
	secs, n := looseTime(rest[p:])
	if n == 0 {
		return 0, 0
	}
	p += n
	var frac int64
	if p < len(rest) && rest[p] == '.' {
		f, w := fraction(rest[p+1:])
		frac, p = f, p+1+w
	}
	return c.yearBehind(rest, at, p, m, d, secs, frac)
}

// yearBehind reads the year that C's ctime puts last, perhaps after a zone.
func (c *clock) yearBehind(rest []byte, at, p int, m, d, secs, frac int64) (int64, int) {
	off, zoned := int64(0), false
	if p < len(rest) {
		if o, w, ok := zone(rest[p:]); ok && w > 1 {
			off, zoned, p = o, true, p+w
		}
	}
	if p+5 > len(rest) || rest[p] != ' ' || digitRun(rest[p+1:]) != 4 {
		return 0, 0
	}
	dn, ok := c.date(number(rest[p+1:p+5]), m, d)
	if !ok || secs < 0 {
		return 0, -(at + p + 5)
	}
	t := dn + secs*second + frac
	if zoned {
		c.zoned = true
		return t - off, at + p + 5
	}
	return c.local(t), at + p + 5
}
