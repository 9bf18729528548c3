package render

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hindcast/hindcast/correlate/timeline"
)

// leadUp is what was going on before the impact: changes and trends.
func (d *draft) leadUp() string {
	began := d.Window.From
	if d.KeyTimes.ImpactStarted != nil {
		began = d.KeyTimes.ImpactStarted.Time
	}
	var b strings.Builder
	for _, e := range d.short(d.o.All) {
		if e.Time.Before(began) {
			b.WriteString("- " + d.at(e.Time, e.ErrorSeconds) + " " + d.what(e) + " " + d.refs(e.Evidence) + "\n")
		}
	}
	if b.Len() == 0 {
		return "The data show nothing before the impact that belongs to it.\n"
	}
	return b.String()
}

// factors are proposals: what had to be so for the chain to run. Nobody is named, and no human action is a factor.
func (d *draft) factors() string {
	c := d.first()
	if c == nil {
		return "No factor is proposed, since no chain was found.\n"
	}
	var b strings.Builder
	n := 0
	for _, id := range c.Chain {
		e := d.entries[id]
		if e == nil || e.Role != timeline.Trigger && e.Role != timeline.Cause {
			continue
		}
		n++
		component := ""
		if e.Component != "" {
			component = code(e.Component) + ": "
		}
		fmt.Fprintf(&b, "%d. %s%s %s\n", n, component, d.what(*e), d.refs(e.Evidence))
	}
	if n == 0 {
		fmt.Fprintf(&b, "1. %s\n", inline(c.Title))
	}
	return b.String()
}

// detection says how the incident was found and how long it took.
func (d *draft) detection() string {
	k := d.KeyTimes
	var b strings.Builder
	switch {
	case k.Detected == nil:
		b.WriteString("- The data do not show how it was found.\n")
	case k.ImpactStarted == nil:
		fmt.Fprintf(&b, "- Found at %s: %s %s.\n", d.at(k.Detected.Time, k.Detected.ErrorSeconds), inline(k.Detected.How), d.refs(k.Detected.Evidence))
	default:
		fmt.Fprintf(&b, "- Found %s: %s %s.\n", relative(k.Detected.Time.Sub(k.ImpactStarted.Time), "impact began"), inline(k.Detected.How), d.refs(k.Detected.Evidence))
	}
	if k.Detected != nil {
		if e := d.firstSign(k.Detected.Time); e != nil {
			fmt.Fprintf(&b, "- The data showed the first sign %s before: %s at %s %s. An alert on it would have been earlier.\n",
				inWords(k.Detected.Time.Sub(e.Time)), d.what(*e), d.at(e.Time, e.ErrorSeconds), d.refs(e.Evidence))
		}
	}
	return b.String()
}

// firstSign is the earliest measured or logged step of the first suspect's chain before t.
func (d *draft) firstSign(t time.Time) *timeline.Entry {
	c := d.first()
	if c == nil {
		return nil
	}
	var first *timeline.Entry
	for _, id := range c.Chain {
		e := d.entries[id]
		if e == nil || e.Kind != "metric" && e.Kind != "log" || !e.Time.Before(t) {
			continue
		}
		if first == nil || e.Time.Before(first.Time) {
			first = e
		}
	}
	return first
}

func relative(d time.Duration, what string) string {
	switch {
	case d < 0:
		return inWords(-d) + " before " + what
	case d == 0:
		return "as " + what
	default:
		return inWords(d) + " after " + what
	}
}

// handling is detection and what the response took.
func (d *draft) handling() string {
	k := d.KeyTimes
	b := strings.Builder{}
	b.WriteString(d.detection())
	steps := []struct {
		from, to *timeline.KeyTime
		text     string
	}{
		{k.Detected, k.Acknowledged, "From detection to acknowledgement"},
		{k.Acknowledged, k.Mitigated, "From acknowledgement to mitigation"},
		{k.Mitigated, k.Resolved, "From mitigation to the end"},
	}
	for _, s := range steps {
		if s.from != nil && s.to != nil && !s.to.Time.Before(s.from.Time) {
			fmt.Fprintf(&b, "- %s: %s.\n", s.text, inWords(s.to.Time.Sub(s.from.Time)))
		}
	}
	return b.String()
}

// recovery lists what ended it.
func (d *draft) recovery() string {
	var b strings.Builder
	for _, e := range d.short(d.o.All) {
		if e.Role == timeline.Mitigation || e.Role == timeline.Recovery {
			b.WriteString("- " + d.at(e.Time, e.ErrorSeconds) + " " + d.what(e) + " " + d.refs(e.Evidence) + "\n")
		}
	}
	if b.Len() == 0 {
		return "The data do not show what ended it.\n"
	}
	return b.String()
}

// whys walks the chain backwards, up to where only a person can go on.
func (d *draft) whys() string {
	c := d.first()
	if c == nil || len(c.Chain) == 0 {
		return "No chain was found to ask along.\n"
	}
	var b strings.Builder
	chain := slices.Clone(c.Chain)
	slices.Reverse(chain)
	for i, id := range chain {
		e := d.entries[id]
		if e == nil {
			continue
		}
		word := "Because"
		if i == 0 {
			word = "What was seen"
		}
		fmt.Fprintf(&b, "%d. %s: %s %s\n", i+1, word, d.what(*e), d.refs(e.Evidence))
	}
	b.WriteString("\nWhy that: " + pencil + "\n")
	return b.String()
}

// actions is a table for a person to work on; proposals come from the rule of the first suspect.
func (d *draft) actions() string {
	t := newTable("#", "Action", "Kind", "Owner", "Due", "Ticket")
	n := 0
	if c := d.first(); c != nil && d.Verdict == timeline.Found {
		for _, a := range c.Actions {
			n++
			t.row(strconv.Itoa(n), "_proposed:_ "+inline(a), pencil, pencil, pencil, pencil)
		}
	}
	if n == 0 {
		t.row("1", pencil, pencil, pencil, pencil, pencil)
	}
	return strings.TrimRight(t.String(), "\n")
}

// questions are what the data leave open.
func (d *draft) questions() string {
	var b strings.Builder
	for _, id := range d.Unexplained {
		if e := d.entries[id]; e != nil {
			fmt.Fprintf(&b, "- Not explained: %s, %s %s\n", d.at(e.Time, e.ErrorSeconds), d.what(*e), d.refs(e.Evidence))
		}
	}
	if c := d.first(); c != nil {
		for _, l := range c.Links {
			if l.Confidence < 0.5 {
				fmt.Fprintf(&b, "- Weak: that %s leads to %s (%s)\n", d.ref(d.label(l.From)), d.ref(d.label(l.To)), score(l.Confidence))
			}
		}
	}
	for _, c := range d.Coverage {
		if len(c.Gaps) > 0 {
			fmt.Fprintf(&b, "- What would %s have shown where it is missing? See data coverage.\n", code(c.Source))
		}
	}
	if b.Len() == 0 {
		return "None that the program knows of.\n"
	}
	return b.String()
}
