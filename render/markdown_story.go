package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hindcast/hindcast/correlate/timeline"
)

// summary is the story in a paragraph, and how sure the program is of it.
func (d *draft) summary() string {
	var b strings.Builder
	switch {
	case len(d.Summary) > 0:
		told := make([]string, len(d.Summary))
		for i, s := range d.Summary {
			told[i] = d.told(s)
		}
		b.WriteString(strings.Join(told, " "))
	case d.Verdict == timeline.NothingUnusual:
		b.WriteString("Nothing unusual was found.")
	case d.blank():
		b.WriteString("The data tell nothing of this time.")
	default:
		b.WriteString("The data show that something was unusual, but not one course of events.")
	}
	fmt.Fprintf(&b, "\n\n_Looked at: %s to %s %s (%s, %s)._\n\n", d.clock(d.Window.From), d.clock(d.Window.To), d.zone(),
		inWords(d.Window.To.Sub(d.Window.From)), inline(d.Window.Source))
	switch c := d.first(); {
	case d.Verdict == timeline.NothingUnusual:
		b.WriteString("**No cause is named, because nothing in the window stands out from the time before it.**\n")
	case c == nil && d.blank():
		b.WriteString("**No cause is named, because nothing was seen. Is it the right window? Data coverage says what there is.**\n")
	case c == nil:
		b.WriteString("**Inconclusive: no explanation fits what was observed.**\n")
	case d.Verdict == timeline.Inconclusive:
		fmt.Fprintf(&b, "**Inconclusive: the best explanation, %s, has a confidence of %s (%s).**%s\n", inline(c.Title), score(c.Confidence), c.Level, d.runnerUp())
	default:
		fmt.Fprintf(&b, "**Most suspected: %s, with a confidence of %s (%s).**%s\n", inline(c.Title), score(c.Confidence), c.Level, d.runnerUp())
	}
	return b.String()
}

func (d *draft) runnerUp() string {
	if len(d.Suspects) < 2 {
		return ""
	}
	return fmt.Sprintf(" The next best explanation scores %s: %s.", score(d.Suspects[1].Confidence), inline(d.Suspects[1].Title))
}

// impactTable holds what machines know of the harm. Customers and money are for people.
func (d *draft) impactTable() string {
	t := newTable("Measure", "Value", "From")
	if dur, ok := d.impact(); ok {
		end := d.KeyTimes.Resolved
		if end == nil {
			end = d.KeyTimes.Mitigated
		}
		t.row("Duration of impact", inWords(dur), d.refs(slices.Concat(d.KeyTimes.ImpactStarted.Evidence, end.Evidence)))
	} else {
		t.row("Duration of impact", "not to be told from the data", "–")
	}
	var (
		names []string
		ids   []string
	)
	for _, e := range d.Entries {
		if e.Role == timeline.Symptom && e.Starred && e.Component != "" && !slices.Contains(names, code(e.Component)) {
			names, ids = append(names, code(e.Component)), append(ids, e.ID)
		}
	}
	if len(names) > 0 {
		t.row("Components with symptoms", strings.ReplaceAll(strings.Join(names, ", "), "|", "&#124;"), d.refs(ids))
	}
	for _, e := range d.Entries {
		if e.Role == timeline.Symptom && e.Starred && len(ids) > 0 {
			t.row(inline(e.Component)+" from "+d.at(e.Time, e.ErrorSeconds), d.what(e), d.refs([]string{e.ID}))
		}
	}
	return t.String()
}

// what says what an entry is, with its number.
func (d *draft) what(e timeline.Entry) string {
	return inline(e.Title) + times(&e)
}

func (d *draft) keyTimeTable() string {
	t := newTable("What", d.zone(), "After impact began", "How it is known")
	began := d.KeyTimes.ImpactStarted
	for _, k := range keyTimes(&d.KeyTimes) {
		at := *k.at
		if at == nil {
			t.row(k.name, "–", "–", "not found in the data: "+pencil)
			continue
		}
		after := "–"
		if began != nil {
			after = "0"
			if diff := at.Time.Sub(began.Time); diff > 0 {
				after = "+" + inWords(diff)
			} else if diff < 0 {
				after = inWords(diff)
			}
		}
		t.row(k.name, d.at(at.Time, at.ErrorSeconds), after, strings.TrimSpace(inline(at.How)+" "+d.refs(at.Evidence)))
	}
	return t.String()
}

// chain draws the way from the cause to the symptoms, says why each step is believed, and what speaks against it.
func (d *draft) chain() string {
	c := d.first()
	if c == nil {
		return "No chain of events was found.\n"
	}
	var b strings.Builder
	if d.clear() && d.Verdict == timeline.Found {
		fmt.Fprintf(&b, "**Most likely:** %s (%s). Confidence %s (%s).\n\n", inline(c.Title), d.about(c), score(c.Confidence), c.Level)
	} else {
		fmt.Fprintf(&b, "**Not clear.** The best of several explanations: %s (%s). Confidence %s (%s).\n\n", inline(c.Title), d.about(c), score(c.Confidence), c.Level)
	}
	if len(c.Chain) > 1 && !d.o.Plain {
		b.WriteString(d.graph(c) + "\n")
	}
	if len(c.Links) > 0 {
		t := newTable("Link", "Confidence", "Why the program joins them", "What speaks against it")
		for _, l := range c.Links {
			against := inline(l.Against)
			if against == "" {
				against = "–"
			}
			t.row(d.ref(d.label(l.From))+" → "+d.ref(d.label(l.To)), score(l.Confidence), inline(l.Why), against)
		}
		b.WriteString(t.String() + "\n")
	}
	for _, r := range c.Reasons {
		b.WriteString("- For: " + d.told(r) + "\n")
	}
	for _, r := range c.Against {
		b.WriteString("- Against: " + d.told(r) + "\n")
	}
	for _, n := range c.NextChecks {
		b.WriteString("- To confirm or refute: " + code(n) + "\n")
	}
	if c.Rule != "" {
		b.WriteString("\nRule " + code(c.Cause) + ", " + code(c.Rule) + ".\n")
	}
	return b.String()
}

func (d *draft) graph(c *timeline.Suspect) string {
	var b strings.Builder
	b.WriteString("```mermaid\nflowchart LR\n")
	node := map[string]string{}
	for i, id := range c.Chain {
		node[id] = fmt.Sprintf("n%d", i+1)
		text := graphLabel(d.label(id))
		if e := d.entries[id]; e != nil {
			text = graphLabel(d.label(id) + " " + d.clock(e.Time) + " " + cut(e.Title, 50))
		}
		fmt.Fprintf(&b, "  %s[\"%s\"]\n", node[id], text)
	}
	for _, l := range c.Links {
		if node[l.From] != "" && node[l.To] != "" {
			fmt.Fprintf(&b, "  %s -->|%s| %s\n", node[l.From], score(l.Confidence), node[l.To])
		}
	}
	b.WriteString("```\n")
	return b.String()
}

// about names the component of a suspect and when it began.
func (d *draft) about(c *timeline.Suspect) string {
	since := "since " + d.at(c.Onset, c.OnsetError)
	if c.Component == "" {
		return since
	}
	return code(c.Component) + ", " + since
}

// alternatives are the other suspects and what was ruled out.
func (d *draft) alternatives() string {
	if len(d.Suspects) < 2 && len(d.RuledOut) == 0 {
		return "No other explanation came up.\n"
	}
	t := newTable("Explanation", "Score", "For", "Against")
	for i, c := range d.Suspects {
		if i > 0 {
			t.row(inline(c.Title)+inBrackets(inline(c.Component)), score(c.Confidence), d.toldAll(c.Reasons), d.toldAll(c.Against))
		}
	}
	for _, r := range d.RuledOut {
		t.row(inline(r.Title), "ruled out", "–", strings.TrimSpace(inline(r.Reason)+" "+d.refs(r.Evidence)))
	}
	return t.String()
}

func (d *draft) toldAll(all []timeline.Sentence) string {
	told := make([]string, len(all))
	for i, s := range all {
		told[i] = d.told(s)
	}
	if len(told) == 0 {
		return "–"
	}
	return strings.Join(told, "; ")
}

// table is the short story in order.
func (d *draft) table() string {
	rows := d.short(d.o.All)
	t := newTable("Time", "Source", "What happened", "Role", "Conf.", "Evidence")
	for _, e := range rows {
		when := d.at(e.Time, e.ErrorSeconds)
		if e.End != nil && e.End.After(e.Time) {
			when = d.clock(e.Time) + "–" + d.clock(*e.End) + plusMinus(e.ErrorSeconds)
		}
		t.row(when, inline(e.Kind)+" · "+inline(orDash(e.Component)), d.what(e), roleWords(e.Role), score(e.Confidence), orDash(d.refs(e.Evidence)))
	}
	return fmt.Sprintf("All times %s. **Role** is the program's reading. Confidence is about the role; the time itself is exact unless \"±\" is given. %s records read, %s found, %d shown.\n\n",
		d.zone(), grouped(d.records()), counted2(len(d.Entries), "entry", "entries"), len(rows)) + t.String()
}

func counted2(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(int64(n)) + " " + many
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

func roleWords(r timeline.Role) string {
	if r == timeline.Trigger {
		return "trigger (likely)"
	}
	return string(r)
}
