package format

import (
	"encoding/binary"
	"time"
)

const (
	second = int64(time.Second)
	minute = int64(time.Minute)
	hour   = int64(time.Hour)
	day    = 24 * hour
)

// clock reads time stamps of one file. It keeps the day, the hour and the zone it met last, so that a stamp of a day
// already seen costs a few comparisons. What it answers depends on the bytes and its settings alone, never on what
// it read before: files are split, and every part has a clock of its own.
type clock struct {
	// loc is the zone of stamps that name none, nil for UTC; shift is added to them.
	loc   *time.Location
	shift int64
	// reference is where years that are missing are looked for, now the time that nothing lies behind; both 0 if not known.
	reference, now int64
	// boot is when the machine of a kernel ring buffer was started, 0 if not known.
	boot int64
	// dayFirst reads 03/04/2025 as the third of April.
	dayFirst bool

	// zoned tells whether the last stamp read said its zone.
	zoned bool

	isoDate  uint64 // the first eight bytes of the date met last
	isoTail  uint16 // and its last two
	isoDay   int64
	hourKey  int64 // the local hour met last, and its difference to UTC
	hourOff  int64
	hourSet  bool
	monthKey int64
	monthDay int64
	dateKey  int64
	dateDay  int64
}

// read reads a stamp at the beginning of b. It returns the time and how many bytes the stamp takes: 0 if there is none,
// and less than 0 if something there has the form of a stamp and is none, such as the 31st of February.
func (c *clock) read(b []byte) (int64, int) {
	if len(b) < 8 {
		return 0, 0
	}
	c.zoned = false
	ch := b[0]
	if ch >= '0' && ch <= '9' {
		if len(b) >= 19 && (b[4] == '-' || b[4] == '/' || b[4] == '.') && b[7] == b[4] {
			return c.iso(b)
		}
		return c.digits(b)
	}
	if ch >= 'A' && ch <= 'Z' {
		if m := month(b); m > 0 {
			return c.named(b, m)
		}
		if weekday(b) {
			return c.withWeekday(b)
		}
	}
	return 0, 0
}

// ClockUnset tells a stamp of a machine whose clock had not been set yet, which counts from 1970.
func ClockUnset(t int64) bool { return t < 2*day }

// iso reads "2025-10-14T03:15:22.104Z" and its kin: slashes or dots in the date, a blank, "T", "_" or "-" before the
// time, dots in the time, any fraction, any zone.
func (c *clock) iso(b []byte) (int64, int) {
	if s := b[10]; s != 'T' && s != ' ' && s != '-' && s != '_' && s != 't' && s != ':' {
		return 0, 0
	}
	secs, ok := clockTime(b[11:19])
	if !ok {
		return c.isoShort(b)
	}
	d, e := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint16(b[8:])
	if d != c.isoDate || e != c.isoTail || d == 0 {
		y, m, dd := number(b[0:4]), number(b[5:7]), number(b[8:10])
		if y < 0 || m < 0 || dd < 0 {
			return 0, 0
		}
		n, ok := daysOf(y, m, dd)
		if !ok {
			return 0, -19
		}
		c.isoDate, c.isoTail, c.isoDay = d, e, n*day
	}
	if secs < 0 {
		return 0, -19
	}
	return c.finish(b, 19, c.isoDay, secs)
}

// isoShort reads an hour with one digit: "2025-10-14 3:15:22" or "2025-10-14  3:15:22".
func (c *clock) isoShort(b []byte) (int64, int) {
	at := 11
	if b[at] == ' ' { // MariaDB pads the hour
		at++
	}
	secs, n := looseTime(b[at:])
	if n == 0 {
		return 0, 0
	}
	n += at - 11
	y, m, dd := number(b[0:4]), number(b[5:7]), number(b[8:10])
	if y < 0 || m < 0 || dd < 0 {
		return 0, 0
	}
	d, ok := daysOf(y, m, dd)
	if !ok || secs < 0 {
		return 0, -(11 + n)
	}
	return c.finish(b, 11+n, d*day, secs)
}

// finish reads the fraction and the zone that may follow at b[n:], and puts the time together.
func (c *clock) finish(b []byte, n int, dayNS, secs int64) (int64, int) {
	t := dayNS + secs*second
	if n < len(b) && (b[n] == '.' || b[n] == ',') {
		f, w := fraction(b[n+1:])
		if w > 0 {
			t += f
			n += 1 + w
		}
	}
	if n < len(b) {
		if off, w, ok := zone(b[n:]); ok {
			c.zoned = true
			return t - off, n + w
		}
	}
	return c.local(t), n
}

// local turns a time on the file's wall clock into UTC.
func (c *clock) local(t int64) int64 {
	if c.loc == nil {
		return t + c.shift
	}
	key := t - t%hour
	if !c.hourSet || key != c.hourKey {
		u := time.Unix(0, key).UTC()
		l := time.Date(u.Year(), u.Month(), u.Day(), u.Hour(), 0, 0, 0, c.loc)
		c.hourKey, c.hourOff, c.hourSet = key, l.UnixNano()-key, true
	}
	return t + c.hourOff + c.shift
}

// yearless gives the day of a date without a year: the year that brings it nearest to the reference, but no day that
// is still to come. Without a reference it is the last such day.
func (c *clock) yearless(m, d int64) (int64, bool) {
	key := m<<8 | d
	if key == c.monthKey {
		return c.monthDay, true
	}
	now := c.now
	if now == 0 {
		now = 1 << 62
	}
	ref := c.reference
	if ref == 0 {
		ref = now
	}
	base := int64(time.Unix(0, ref).UTC().Year())
	best, found := int64(0), false
	for y := base + 1; y >= base-8; y-- {
		n, ok := daysOf(y, m, d)
		if !ok || n*day > now+day {
			continue
		}
		if t := n * day; !found || distance(t, ref) < distance(best, ref) {
			best, found = t, true
		}
	}
	if found {
		c.monthKey, c.monthDay = key, best
	}
	return best, found
}

// dayless gives the time of a bare time of day: that nearest to the reference, but none that is still to come.
func (c *clock) dayless(ofDay int64) (int64, bool) {
	ref := c.reference
	if ref == 0 {
		return 0, false
	}
	best := ref - ref%day - day + ofDay
	for _, t := range [...]int64{best + day, best + 2*day} {
		if distance(t, ref) < distance(best, ref) && (c.now == 0 || t <= c.now+minute) {
			best = t
		}
	}
	return best, true
}

func distance(a, b int64) int64 {
	if a > b {
		return a - b
	}
	return b - a
}

// date gives the day of a date, cached.
func (c *clock) date(y, m, d int64) (int64, bool) {
	key := y<<16 | m<<8 | d
	if key == c.dateKey {
		return c.dateDay, true
	}
	n, ok := daysOf(y, m, d)
	if ok {
		c.dateKey, c.dateDay = key, n*day
	}
	return n * day, ok
}

var monthDays = [13]int64{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

// daysOf counts the days from the epoch to a date, and tells whether there is such a date.
func daysOf(y, m, d int64) (int64, bool) {
	if m < 1 || m > 12 || d < 1 || d > monthDays[m] || y < 1970 || y > 2200 {
		return 0, false
	}
	if m == 2 && d == 29 && (y%4 != 0 || y%100 == 0 && y%400 != 0) {
		return 0, false
	}
	// Days from the civil date, counting years from March so that the leap day is the last of a year.
	if m <= 2 {
		y--
		m += 12
	}
	return 365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + d - 719469, true
}
