package chat

import (
	"bytes"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// stampForm is a time, with its day or without: 2025-10-14 03:15, 14/10/2025, 03:15:22, 10/14/25 3:15 AM, 03:15 UTC.
const stampForm = `(?:(\d{4}[-/.]\d\d?[-/.]\d\d?|\d\d?[/.]\d\d?[/.](?:\d{4}|\d\d)),?[T\s]\s*)?(\d\d?:\d\d(?::\d\d(?:[.,]\d+)?)?)(?:[\s\x{202f}]?([AaPp]\.?[Mm]\.?))?(?:\s?(Z|UTC|GMT|[+-]\d\d:?\d\d))?`

// groups is how many groups stampForm has.
const groups = 4

// stamp is what a stamp says.
type stamp struct {
	date, time, half, zone string
	seconds                bool
}

func newStamp(m []string) stamp {
	return stamp{date: m[0], time: m[1], half: m[2], zone: m[3], seconds: strings.Count(m[1], ":") > 1}
}

// The forms of a line that says which day follows.
var (
	isoDay   = regexp.MustCompile(`\b(\d{4})-(\d\d)-(\d\d)\b`)
	wordyDay = regexp.MustCompile(`(?i)\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? (\d{1,2})(?:st|nd|rd|th)?,?(?: \d\d:\d\d(?::\d\d)?)? (\d{4})\b`)
	dayWord  = regexp.MustCompile(`(?i)\b(\d{1,2})(?:st|nd|rd|th)?\.? (jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,? (\d{4})\b`)
)

// longestHeading bounds a line that is read as a day.
const longestHeading = 80

// dayIn finds the day that a heading names.
func dayIn(line string) (time.Time, bool) {
	if len(line) > longestHeading {
		return time.Time{}, false
	}
	var text, layout string
	if m := isoDay.FindStringSubmatch(line); m != nil {
		text, layout = m[0], time.DateOnly
	} else if m := wordyDay.FindStringSubmatch(line); m != nil {
		text, layout = m[1]+" "+m[2]+" "+m[3], "Jan 2 2006"
	} else if m := dayWord.FindStringSubmatch(line); m != nil {
		text, layout = m[2]+" "+m[1]+" "+m[3], "Jan 2 2006"
	} else {
		return time.Time{}, false
	}
	t, err := time.Parse(layout, text)
	return t, err == nil
}

// numeric finds dates whose order is not certain.
var numeric = regexp.MustCompile(`(?m)^\W*(?:\p{L}[^\n]{0,40} [—–-] )?(\d\d?)[/.](\d\d?)[/.]\d{2,4}\b[^\n]{0,16}?([AaPp]\.?[Mm])?`)

// monthFirst tells whether a transcript's dates have the month first: some have a second number that is no month, or all could
// be either and the times are of a clock of twelve hours, as they are where people write so.
func monthFirst(head []byte) bool {
	half := false
	for _, m := range numeric.FindAllSubmatch(head, -1) {
		first, _ := strconv.Atoi(string(m[1]))
		second, _ := strconv.Atoi(string(m[2]))
		if first > 12 {
			return false
		}
		if second > 12 {
			return true
		}
		half = half || len(m[3]) > 0
	}
	return half || bytes.Contains(head, []byte(" AM")) || bytes.Contains(head, []byte(" PM"))
}

// clock reads the stamps of a transcript in order.
type clock struct {
	monthFirst bool
	// day is that of the last heading or stamp; last is the time read last.
	day, last time.Time
}

var errDay = errors.New("a time whose day nothing says")

// read gives a stamp's time in Unix nanoseconds. A time alone is of the day before it, or of the next one if it were hours
// earlier.
func (c *clock) read(s stamp) (int64, error) {
	of, err := clockTime(s)
	if err != nil {
		return 0, err
	}
	if s.date != "" {
		if c.day, err = c.date(s.date); err != nil {
			return 0, err
		}
	} else if c.day.IsZero() {
		return 0, errDay
	}
	zone, err := zoneOf(s.zone)
	if err != nil {
		return 0, err
	}
	at := c.day.Add(of).Add(-zone)
	if s.date == "" && !c.last.IsZero() && at.Before(c.last.Add(-6*time.Hour)) {
		c.day = c.day.AddDate(0, 0, 1)
		at = at.AddDate(0, 0, 1)
	}
	c.last = at
	return at.UnixNano(), nil
}

// clockTime is the time since midnight.
func clockTime(s stamp) (time.Duration, error) {
	parts := strings.Split(strings.Replace(s.time, ",", ".", 1), ":")
	hour, _ := strconv.Atoi(parts[0])
	minute, _ := strconv.Atoi(parts[1])
	second := 0.0
	if len(parts) > 2 {
		second, _ = strconv.ParseFloat(parts[2], 64)
	}
	if s.half != "" {
		if hour < 1 || hour > 12 {
			return 0, errors.New("not a time of a clock of twelve hours: " + s.time + " " + s.half)
		}
		hour %= 12
		if s.half[0] == 'p' || s.half[0] == 'P' {
			hour += 12
		}
	}
	if hour > 23 || minute > 59 || second >= 61 {
		return 0, errors.New("not a time: " + s.time)
	}
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second*1e3)*time.Millisecond, nil
}

// date reads a day of numbers. Years of two digits are of this century.
func (c *clock) date(s string) (time.Time, error) {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '/' || r == '.' })
	n := make([]int, len(parts))
	for i, p := range parts {
		n[i], _ = strconv.Atoi(p)
	}
	year, month, day := n[2], n[1], n[0]
	switch {
	case len(parts[0]) == 4:
		year, month, day = n[0], n[1], n[2]
	case c.monthFirst:
		month, day = n[0], n[1]
	}
	if len(parts[2]) == 2 && len(parts[0]) != 4 {
		year += 2000
	}
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if t.Year() != year || int(t.Month()) != month || t.Day() != day || year < 1971 || year > 2200 {
		return time.Time{}, errors.New("not a date: " + s)
	}
	return t, nil
}

// zoneOf is how far a zone is east of UTC.
func zoneOf(s string) (time.Duration, error) {
	switch s {
	case "", "Z", "UTC", "GMT":
		return 0, nil
	}
	digits := strings.Replace(s[1:], ":", "", 1)
	hours, _ := strconv.Atoi(digits[:2])
	minutes, _ := strconv.Atoi(digits[2:])
	if hours > 14 || minutes > 59 {
		return 0, errors.New("not a zone: " + s)
	}
	d := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if s[0] == '-' {
		d = -d
	}
	return d, nil
}
