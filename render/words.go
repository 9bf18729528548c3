package render

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/hindcast/hindcast/correlate/timeline"
)

// stamps prints times the way a reader of one report wants them: the hour alone on the day of the incident, with the
// date before it on any other.
type stamps struct {
	loc *time.Location
	day string
}

func newStamps(t *timeline.Timeline, o Options) stamps {
	return stamps{loc: o.location(), day: t.Window.From.In(o.location()).Format(time.DateOnly)}
}

// at prints one time with its error.
func (s stamps) at(t time.Time, errorSeconds float64) string {
	return s.clock(t) + plusMinus(errorSeconds)
}

func (s stamps) clock(t time.Time) string {
	t = t.In(s.loc)
	if t.Format(time.DateOnly) == s.day {
		return t.Format(time.TimeOnly)
	}
	return t.Format(time.DateTime)
}

// span prints a range, an open one with an empty side.
func (s stamps) span(from, to *time.Time) string {
	switch {
	case from == nil && to == nil:
		return ""
	case to == nil || from != nil && from.Equal(*to):
		return s.clock(*from)
	case from == nil:
		return "until " + s.clock(*to)
	default:
		return s.clock(*from) + "–" + s.clock(*to)
	}
}

// zone names the zone that the times are in.
func (s stamps) zone() string { return s.loc.String() }

func plusMinus(seconds float64) string {
	switch {
	case seconds < 0.5 || math.IsNaN(seconds):
		return ""
	case seconds < 120:
		return fmt.Sprintf(" ± %.0f s", seconds)
	default:
		return " ± " + inWords(time.Duration(math.Min(seconds, 1e9))*time.Second)
	}
}

// inWords prints a duration with its two largest units: "27 min 20 s", "1 h 32 min", "2 d".
func inWords(d time.Duration) string {
	if d < 0 {
		return "−" + inWords(-d)
	}
	d = d.Round(time.Second)
	units := []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}}
	for i, u := range units {
		if d < u.size {
			continue
		}
		text := fmt.Sprintf("%d %s", d/u.size, u.name)
		if i+1 < len(units) {
			if rest := d % u.size / units[i+1].size; rest > 0 {
				text += fmt.Sprintf(" %d %s", rest, units[i+1].name)
			}
		}
		return text
	}
	return "0 s"
}

// grouped prints a number with a comma every three digits.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	var b strings.Builder
	for i, c := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	return sign + b.String()
}

// counted prints a number and its noun: "1 place", "19 places".
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(int64(n)) + " " + noun + "s"
}

// inBrackets adds a word in brackets, if there is one.
func inBrackets(word string) string {
	if word == "" {
		return ""
	}
	return " (" + word + ")"
}

// enumerated joins words as a sentence does: "a, b and c".
func enumerated(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// score prints a confidence with two digits.
func score(c float64) string { return strconv.FormatFloat(c, 'f', 2, 64) }

// value prints a sample with as many digits as tell something.
func value(v float64) string {
	switch a := math.Abs(v); {
	case a >= 1e15 || a > 0 && a < 1e-4:
		return strconv.FormatFloat(v, 'g', 3, 64)
	case a >= 1000 || v == math.Trunc(v):
		return grouped(int64(math.Round(v)))
	default:
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
}
