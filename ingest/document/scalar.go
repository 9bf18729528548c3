package document

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Text is a scalar that a producer may write as a string, a number, a boolean or null.
type Text string

// UnmarshalJSON takes any scalar; null is empty.
func (t *Text) UnmarshalJSON(b []byte) error {
	switch {
	case bytes.Equal(b, []byte("null")):
		*t = ""
	case b[0] == '"':
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		*t = Text(s)
	case b[0] == '{' || b[0] == '[':
		return fmt.Errorf("%.40s is not a plain value", b)
	default:
		*t = Text(b)
	}
	return nil
}

// Stamp is a time in a document, in Unix nanoseconds, 0 if absent or null.
type Stamp int64

// UnmarshalJSON takes what [ParseTime] takes, as a string or a number.
func (s *Stamp) UnmarshalJSON(b []byte) error {
	var t Text
	if err := t.UnmarshalJSON(b); err != nil {
		return err
	}
	if t == "" {
		*s = 0
		return nil
	}
	ns, ok := ParseTime(string(t))
	if !ok {
		return fmt.Errorf("%q is not a time", string(t))
	}
	*s = Stamp(ns)
	return nil
}

// layouts are the written times that documents have; those without a zone are UTC.
var layouts = []string{
	time.RFC3339Nano,
	"2006-01-02T15:04:05.999999999Z0700",
	"2006-01-02 15:04:05.999999999Z07:00",
	"2006-01-02 15:04:05.999999999 Z0700",
	"2006-01-02 15:04:05.999999999 Z07:00",
	"2006-01-02 15:04:05.999999999 Z0700 MST", // Go's time.String, as Alertmanager and Helm print it
	"2006-01-02 15:04:05.999999999 -0700 -0700",
	"2006-01-02 15:04:05.999999999 MST",
	"2006-01-02T15:04:05.999999999",
	"2006-01-02 15:04:05.999999999",
	"2006-01-02T15:04Z07:00",
	"2006-01-02T15:04",
	"2006-01-02 15:04",
	"2006-01-02T15Z07:00",
	"2006-01-02",
	"Mon Jan _2 15:04:05 2006 -0700", // git
	"Mon Jan _2 15:04:05 2006",       // ctime
	time.RFC1123Z,
	"Mon, _2 Jan 2006 15:04:05 -0700", // git's rfc
	time.RFC1123,
	"02/Jan/2006:15:04:05 -0700",
}

// ParseTime reads a time as documents write it: RFC 3339 and its looser forms, git's, ctime's, and Unix seconds,
// milliseconds, microseconds or nanoseconds, told apart by their size. A time without a zone is UTC.
func ParseTime(s string) (int64, bool) {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 64 {
		return 0, false
	}
	if s[0] >= '0' && s[0] <= '9' && strings.IndexFunc(s, func(r rune) bool { return r != '.' && (r < '0' || r > '9') }) < 0 {
		return parseUnix(s)
	}
	for _, l := range layouts {
		if t, err := time.Parse(l, s); err == nil {
			return nanoseconds(t)
		}
	}
	return 0, false
}

// nanoseconds refuses the years that Unix nanoseconds cannot hold, and year 1, which Go programs write for "never".
func nanoseconds(t time.Time) (int64, bool) {
	if y := t.Year(); y < 1971 || y > 2200 {
		return 0, false
	}
	return t.UnixNano(), true
}

func parseUnix(s string) (int64, bool) {
	whole, frac, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || strings.Contains(frac, ".") {
		return 0, false
	}
	unit := int64(1)
	switch len(whole) {
	case 9, 10, 11:
		unit = int64(time.Second)
	case 12, 13, 14:
		unit = int64(time.Millisecond)
	case 15, 16, 17:
		unit = int64(time.Microsecond)
	case 18, 19:
	default:
		return 0, false
	}
	if n > math.MaxInt64/unit {
		return 0, false
	}
	ns := n * unit
	for _, c := range frac {
		unit /= 10
		ns += int64(c-'0') * unit
	}
	return ns, ns >= 0
}
