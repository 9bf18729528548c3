package destination

import (
	"fmt"
	"strings"
	"time"
)

// mostSentences is how many sentences of the story a message holds.
const mostSentences = 8

// story is the short story as lines, every piece of evidence's text passed through escape.
func (r *Report) story(escape func(string) string) []string {
	lines := []string{fmt.Sprintf("%s to %s UTC (%s)", r.From.UTC().Format(time.DateTime), r.To.UTC().Format(time.DateTime), r.To.Sub(r.From).Round(time.Second))}
	if len(r.Components) > 0 {
		lines[0] += ", " + escape(strings.Join(r.Components[:min(len(r.Components), 10)], ", "))
	}
	switch {
	case r.Suspect != "" && r.Verdict == "found":
		lines = append(lines, fmt.Sprintf("Suspected cause: %s (%.2f)", escape(r.Suspect), r.Confidence))
	case r.Verdict != "":
		lines = append(lines, "Verdict: "+escape(r.Verdict))
	}
	for i, s := range r.Story {
		if i == mostSentences {
			lines = append(lines, "…")
			break
		}
		lines = append(lines, escape(oneLine(s)))
	}
	if r.Incomplete {
		lines = append(lines, "Some evidence is missing; the report says which.")
	}
	return lines
}

// oneLine keeps a sentence short and on one line.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 500 {
		return string(r[:500]) + "…"
	}
	return s
}
