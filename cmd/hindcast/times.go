package main

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
)

// A clock reads times as people write them on a command line.
type clock struct {
	now time.Time
	loc *time.Location
	// echo is told about times that name no zone, so that nobody is surprised by the reading.
	echo func(text string, t time.Time)
}

// withDate and withoutZone are the layouts of times that do not name a zone.
var withDate = []string{
	"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02",
}

// parse reads a time. A time of day alone is of the given day, or of today if that is zero.
func (c clock) parse(text string, day time.Time) (time.Time, error) {
	text = strings.TrimSpace(text)
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return t.UTC(), nil
	}
	if t, ok := parseUnix(text); ok {
		return t, nil
	}
	if strings.HasPrefix(text, "now") {
		return c.relative(text)
	}
	for _, layout := range withDate {
		if t, err := time.ParseInLocation(layout, text, c.loc); err == nil {
			return c.echoed(text, t), nil
		}
	}
	for _, layout := range []string{"15:04:05", "15:04"} {
		t, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		if day.IsZero() {
			day = c.now
		}
		d := day.In(c.loc)
		return c.echoed(text, time.Date(d.Year(), d.Month(), d.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), c.loc)), nil
	}
	return time.Time{}, usage("see: hindcast help times", "%q is not a time", text)
}

func (c clock) echoed(text string, t time.Time) time.Time {
	t = t.UTC()
	if c.echo != nil {
		c.echo(text, t)
	}
	return t
}

// parseUnix reads Unix seconds, milliseconds, microseconds or nanoseconds, told apart by their number of digits.
func parseUnix(text string) (time.Time, bool) {
	whole, fraction, hasFraction := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n < 0 || strings.HasPrefix(text, "+") {
		return time.Time{}, false
	}
	switch len(whole) {
	case 9, 10:
		f := 0.0
		if hasFraction {
			if f, err = strconv.ParseFloat("0."+fraction, 64); err != nil {
				return time.Time{}, false
			}
		}
		return time.Unix(n, int64(math.Round(f*1e9))).UTC(), true
	case 13:
		return time.UnixMilli(n).UTC(), !hasFraction
	case 16:
		return time.UnixMicro(n).UTC(), !hasFraction
	case 19:
		return time.Unix(0, n).UTC(), !hasFraction
	default:
		return time.Time{}, false
	}
}

var relativeTime = regexp.MustCompile(`^now(?:([+-])([0-9a-z]+))?(?:/([mhdwMy]))?$`)

// relative reads now, now-1h30m and now-1d/d, which is the beginning of that day.
func (c clock) relative(text string) (time.Time, error) {
	m := relativeTime.FindStringSubmatch(text)
	if m == nil {
		return time.Time{}, usage("write it as now, now-1h30m or now-1d/d", "%q is not a time", text)
	}
	t := c.now.In(c.loc)
	if m[2] != "" {
		d, err := parseDuration(m[2])
		if err != nil {
			return time.Time{}, err
		}
		if m[1] == "-" {
			d = -d
		}
		t = t.Add(d)
	}
	midnight := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, c.loc)
	switch m[3] {
	case "m":
		t = t.Truncate(time.Minute)
	case "h":
		t = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), 0, 0, 0, c.loc)
	case "d":
		t = midnight
	case "w": // weeks begin on Monday
		t = midnight.AddDate(0, 0, -(int(midnight.Weekday())+6)%7)
	case "M":
		t = time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, c.loc)
	case "y":
		t = time.Date(t.Year(), 1, 1, 0, 0, 0, 0, c.loc)
	}
	return t.UTC(), nil
}

// parseDuration reads a duration as Prometheus writes it.
func parseDuration(text string) (time.Duration, error) {
	d, err := model.ParseDuration(text)
	if err != nil {
		return 0, usage("durations are written as 90s, 1h30m, 3d, 2w", "%q is not a duration", text)
	}
	return time.Duration(d), nil
}

// A durationFlag is a flag that holds such a duration.
type durationFlag time.Duration

func (d *durationFlag) String() string {
	if d == nil || *d == 0 {
		return ""
	}
	return model.Duration(*d).String()
}

// text is the duration as a person writes it.
func (d durationFlag) text() string { return model.Duration(d).String() }

// Set reads the flag.
func (d *durationFlag) Set(text string) error {
	n, err := model.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("%q is not a duration such as 90s, 1h30m, 3d or 2w", text)
	}
	*d = durationFlag(n)
	return nil
}

// Type names the kind of value in the help text.
func (d *durationFlag) Type() string { return "DURATION" }
