package config

import (
	"fmt"
	"strings"
)

// Error is a fault in a file that a person wrote: where it is, what it is, a picture of the place and what to do.
type Error struct {
	File         string
	Line, Column int
	What         string
	Picture      string
	Hint         string
}

// Error gives the place and the fault in one line.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.What
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.What)
}

// picture shows a place in a text: two lines before it, the line, and a mark under the column.
func picture(text string, line, column int) string {
	lines := strings.Split(text, "\n")
	if line < 1 || line > len(lines) {
		return ""
	}
	var b strings.Builder
	for n := max(1, line-2); n <= line; n++ {
		mark := " "
		if n == line {
			mark = ">"
		}
		fmt.Fprintf(&b, "%s %4d | %s\n", mark, n, strings.TrimRight(lines[n-1], "\r"))
	}
	fmt.Fprintf(&b, "         %s^", strings.Repeat(" ", max(0, column-1)))
	return b.String()
}

// Nearest finds the known word that a person probably meant, empty if none is near.
func Nearest(word string, known []string) string {
	best, least := "", 1+len(word)/3
	for _, k := range known {
		if d := distance(word, k); d <= least && d < len(k) {
			if d < least || best == "" || d == least && best[0] != word[0] && k[0] == word[0] { // people seldom miss the first letter
				best, least = k, d
			}
		}
	}
	return best
}

// distance counts the letters to insert, take out, exchange or swap with their neighbour to turn a into b.
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			same := 1
			if a[i-1] == b[j-1] {
				same = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+same)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}

// didYouMean is a hint with the nearest known word, empty if there is none.
func didYouMean(word string, known []string) string {
	if n := Nearest(word, known); n != "" {
		return fmt.Sprintf("did you mean %q?", n)
	}
	return ""
}
