package detect

import (
	"math"
	"strconv"
	"strings"
)

// Quantity writes a value as a person would quote it: "512 MB", "45 s", "92 %", "0.3/s".
func Quantity(v float64, unit string) string {
	switch {
	case math.IsNaN(v):
		return "nothing"
	case unit == "ratio":
		return number(v*100) + " %"
	case unit == "%":
		return number(v) + " %"
	case unit == "B":
		return bytesOf(v)
	case unit == "B/s":
		return bytesOf(v) + "/s"
	case unit == "s":
		return secondsOf(v)
	case unit == "ms":
		return secondsOf(v / 1000)
	case unit == "MiB":
		return bytesOf(v * 1024 * 1024)
	case unit == "":
		return number(v)
	case strings.HasPrefix(unit, "/"), strings.HasPrefix(unit, "s/"):
		return number(v) + unit
	default:
		return number(v) + " " + unit
	}
}

// number rounds to three digits, and writes whole numbers whole.
func number(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e7 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	switch a := math.Abs(v); {
	case a >= 1e7:
		return strconv.FormatFloat(v, 'g', 3, 64)
	case a >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	default:
		digits := 2 - int(math.Floor(math.Log10(a)))
		s := strconv.FormatFloat(v, 'f', min(max(digits, 0), 6), 64)
		if strings.Contains(s, ".") {
			s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
		}
		return s
	}
}

// bytesOf writes bytes in binary units under the names that people and most dashboards give them.
func bytesOf(v float64) string {
	units := []string{"B", "KB", "MB", "GB", "TB", "PB"}
	i := 0
	for math.Abs(v) >= 1024 && i < len(units)-1 {
		v /= 1024
		i++
	}
	return number(v) + " " + units[i]
}

func secondsOf(v float64) string {
	switch a := math.Abs(v); {
	case a == 0:
		return "0 s"
	case a < 0.001:
		return number(v*1e6) + " µs"
	case a < 1:
		return number(v*1000) + " ms"
	case a < 120:
		return number(v) + " s"
	case a < 7200:
		return number(v/60) + " min"
	case a < 172800:
		return number(v/3600) + " h"
	default:
		return number(v/86400) + " days"
	}
}
