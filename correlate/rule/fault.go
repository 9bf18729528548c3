package rule

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Position is a place in a file, counted from 1. The zero Position is the file as a whole.
type Position struct{ Line, Column int }

// Fault is something wrong in a file, with its place.
type Fault struct {
	File string
	Position
	// What says what is wrong; Hint what to do about it, empty if there is no advice.
	What, Hint string
	// Picture shows the place in the file.
	Picture string
}

// Error gives the place, what is wrong, the picture and the hint.
func (f *Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.Place())
	b.WriteString(": ")
	b.WriteString(f.What)
	if f.Picture != "" {
		b.WriteByte('\n')
		b.WriteString(f.Picture)
	}
	if f.Hint != "" {
		b.WriteString("\nhint: ")
		b.WriteString(f.Hint)
	}
	return b.String()
}

// Place gives file:line:col.
func (f *Fault) Place() string {
	if f.Line == 0 {
		return f.File
	}
	return f.File + ":" + strconv.Itoa(f.Line) + ":" + strconv.Itoa(f.Column)
}

// Faults are all that is wrong, by file and place.
type Faults []*Fault

// Error gives all faults, an empty line between them.
func (f Faults) Error() string {
	parts := make([]string, len(f))
	for i, one := range f {
		parts[i] = one.Error()
	}
	return strings.Join(parts, "\n\n")
}

// err sorts the faults and gives them as an error, nil if there are none.
func (f Faults) err() error {
	if len(f) == 0 {
		return nil
	}
	slices.SortStableFunc(f, func(a, b *Fault) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return f
}

// faultsIn takes the faults out of an error.
func faultsIn(err error) Faults {
	if err == nil {
		return nil
	}
	if f, ok := errors.AsType[Faults](err); ok {
		return f
	}
	return Faults{{What: err.Error()}}
}

// picture draws a place with the two lines before it.
func picture(lines []string, at Position) string {
	if at.Line < 1 || at.Line > len(lines) {
		return ""
	}
	var b strings.Builder
	for n := max(1, at.Line-2); n <= at.Line; n++ {
		mark := " "
		if n == at.Line {
			mark = ">"
		}
		fmt.Fprintf(&b, "%s %3d | %s\n", mark, n, shorten(lines[n-1], at.Column))
	}
	fmt.Fprintf(&b, "      | %s^", strings.Repeat(" ", min(max(at.Column-1, 0), mostColumn)))
	return b.String()
}

// mostColumn is how far to the right a picture goes.
const mostColumn = 160

func shorten(line string, column int) string {
	line = strings.Map(func(r rune) rune {
		if r == '\t' {
			return ' '
		}
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, strings.TrimRight(line, "\r"))
	runes := []rune(line)
	if most := max(column, 0) + 60; len(runes) > mostColumn && len(runes) > most {
		return string(runes[:max(most, mostColumn)]) + "…"
	}
	return line
}

// nearest gives a hint with the known name that is most like a wrong one, or with all of them.
func nearest(name string, known []string) string {
	best, distance := "", 1+max(1, len(name)/3)
	for _, k := range known {
		if d := editDistance(strings.ToLower(name), strings.ToLower(k)); d < distance {
			best, distance = k, d
		}
	}
	switch {
	case best != "":
		return fmt.Sprintf("did you mean %q?", best)
	case len(known) > 0 && len(known) <= 24:
		return "known are: " + strings.Join(known, ", ")
	default:
		return ""
	}
}

// editDistance is the number of insertions, deletions, replacements and swaps of neighbours that make b of a.
func editDistance(a, b string) int {
	before, last, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(last[j]+1, next[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, last, next = last, next, before
	}
	return last[len(b)]
}
