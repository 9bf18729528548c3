package match

import (
	"slices"
	"strings"

	"github.com/hindcast/hindcast/correlate/pattern"
)

// alphabet is what the values of a class are made of: single bytes and words, in any order and number. It may allow
// more than the class does, never less. Letters are small: the automaton folds case.
type alphabet struct {
	bytes string
	words []string
	// open classes hold anything.
	open bool
}

// Values of one class, separated by commas, are one part; and a placeholder that stands in the message itself counts
// as the class.
const (
	list   = ","
	digits = "0123456789"
	hex    = "abcdef"
)

// alphabets is indexed by class. A class that is not listed is open.
var alphabets = func() (all [256]alphabet) {
	for c := range all {
		all[c].open = true
	}
	units := []string{
		"ns", "us", "µs", "μs", "ms", "s", "m", "h", "d", "sec", "secs", "min", "mins", "msec", "usec", "nsec", "second", "seconds",
		"minute", "minutes", "hour", "hours", "hrs", "hr", "day", "days", "millis",
	}
	sizes := []string{
		"b", "k", "m", "g", "t", "kb", "mb", "gb", "tb", "pb", "ki", "mi", "gi", "ti", "kib", "mib", "gib", "tib",
		"bps", "kbps", "mbps", "gbps", "hz", "khz", "mhz", "ghz",
	}
	all[pattern.Const] = alphabet{}
	all[pattern.Number] = alphabet{bytes: list + digits + ".+-e", words: []string{"<num>"}}
	all[pattern.Hex] = alphabet{bytes: list + digits + hex + "x:+-", words: []string{"<hex>"}}
	all[pattern.UUID] = alphabet{bytes: list + digits + hex + "-", words: []string{"<uuid>"}}
	all[pattern.IP] = alphabet{bytes: list + digits + hex + ".:", words: []string{"<ip>"}}
	all[pattern.MAC] = alphabet{bytes: list + digits + hex + ":", words: []string{"<mac>"}}
	all[pattern.Duration] = alphabet{bytes: list + digits + ".+-e ", words: append(units, "<dur>")}
	all[pattern.Size] = alphabet{bytes: list + digits + ".+-e ", words: append(sizes, "<size>")}
	all[pattern.Time] = alphabet{bytes: list + digits + "-/._+tz ", words: []string{"<time>"}}
	for _, d := range digits { // after a colon there is always one
		all[pattern.Time].words = append(all[pattern.Time].words, ":"+string(d))
	}
	for _, name := range slices.Concat(pattern.Names, pattern.Zones) {
		all[pattern.Time].words = append(all[pattern.Time].words, foldString(name))
	}
	for c := range all {
		if strings.HasPrefix(all[c].bytes, list) {
			all[c].words = append(all[c].words, list+" ")
		}
	}
	all[pattern.Space] = alphabet{bytes: ", \t\r\v\f\n"}
	return all
}()
