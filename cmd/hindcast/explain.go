package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/render/redact"
)

func newExplain(a *app) *cobra.Command {
	var more ruleFlags
	c := &cobra.Command{
		Use: "explain FILE.json|BUNDLE WHAT", Short: "say why an entry, a link or a suspect is there, and what it rests on",
		Long: "explain answers from a saved result. WHAT is\n\n" +
			"  E7 or T12    a piece of evidence or an entry: what it is, how to find it again, which suspects need it\n" +
			"  T4:T5        a link: why the program joins the two, and what speaks against it\n" +
			"  suspect/1    a suspect: its chain, reasons, what speaks against it and what would confirm it\n" +
			"  pg-down      a condition: where it was recognised, what its rule looks for, what brings it about",
		Example: "  hindcast explain inc.json E4\n  hindcast explain inc.json T4:T5\n  hindcast explain inc.json suspect/1",
		Args:    cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			t, _, err := a.saved(c.Context(), args[0])
			if err != nil {
				return err
			}
			x := &explainer{w: a.stdout, t: redact.Timeline(t, redact.Options{}), loc: a.loc}
			if rest := x.recognised(args[1]); len(rest) > 0 {
				return a.explainCondition(x, args[1], rest, &more)
			}
			return x.explain(args[1])
		},
	}
	more.define(c.Flags())
	return c
}

// explainCondition tells where a condition was recognised, and its rule.
func (a *app) explainCondition(x *explainer, id string, entries []*timeline.Entry, more *ruleFlags) error {
	for _, e := range entries {
		x.entry(e)
		x.proofs(e)
	}
	set, err := a.allRules(more)
	if err != nil {
		return err
	}
	if r := set.Rule(id); r != nil {
		fmt.Fprintln(a.stdout)
		a.tellRule(set, r)
	}
	return nil
}

// recognised gives the entries that rest on a condition.
func (x *explainer) recognised(id string) []*timeline.Entry {
	var found []*timeline.Entry
	for i := range x.t.Entries {
		e := &x.t.Entries[i]
		if slices.ContainsFunc(e.Evidence, func(ref string) bool {
			v := x.evidence(ref)
			return v != nil && strings.HasPrefix(v.Rule, id+" ")
		}) {
			found = append(found, e)
		}
	}
	return found
}

// An explainer answers questions about one result.
type explainer struct {
	w   io.Writer
	t   *timeline.Timeline
	loc *time.Location
}

func (x *explainer) explain(what string) error {
	if from, to, ok := strings.Cut(what, ":"); ok {
		return x.link(from, to)
	}
	if rank, ok := strings.CutPrefix(what, "suspect/"); ok {
		n, err := strconv.Atoi(rank)
		if err != nil || n < 1 || n > len(x.t.Suspects) {
			return usage("", "there is no suspect %q: the result has %d", rank, len(x.t.Suspects))
		}
		x.suspect(&x.t.Suspects[n-1])
		return nil
	}
	entries := x.entriesOf(what)
	evidence := x.evidence(what)
	if len(entries) == 0 && evidence == nil {
		return usage("ids are shown by: hindcast query FILE.json true; other things to ask for: suspect/1, T4:T5, the id of a condition",
			"the result has no entry, evidence or condition %q", what)
	}
	for _, e := range entries {
		x.entry(e)
		if evidence == nil {
			x.proofs(e)
		}
	}
	if evidence != nil {
		x.proof(evidence)
	}
	return nil
}

// entriesOf finds the entry with an id, or those that rest on a piece of evidence.
func (x *explainer) entriesOf(id string) []*timeline.Entry {
	var found []*timeline.Entry
	for i := range x.t.Entries {
		if e := &x.t.Entries[i]; e.ID == id || slices.Contains(e.Evidence, id) {
			found = append(found, e)
		}
	}
	return found
}

func (x *explainer) evidence(id string) *timeline.Evidence {
	for i := range x.t.Evidence {
		if x.t.Evidence[i].ID == id {
			return &x.t.Evidence[i]
		}
	}
	return nil
}

func (x *explainer) printf(format string, args ...any) {
	fmt.Fprintln(x.w, safe(fmt.Sprintf(format, args...)))
}

// safe takes out of a line what could play tricks on a terminal.
func safe(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return ' '
		}
		if r != '\n' && (r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfeff) {
			return '\uFFFD'
		}
		return r
	}, s)
}

func (x *explainer) stamp(t time.Time, errorSeconds float64) string {
	s := t.In(x.loc).Format("2006-01-02 15:04:05.999 MST")
	if errorSeconds > 0 {
		s += fmt.Sprintf(" ± %g s", errorSeconds)
	}
	return s
}

func (x *explainer) entry(e *timeline.Entry) {
	x.printf("%s  %s", e.ID, e.Title)
	x.printf("  time        %s", x.stamp(e.Time, e.ErrorSeconds))
	if e.End != nil {
		x.printf("  until       %s", x.stamp(*e.End, 0))
	}
	x.printf("  what        %s about %s, from %s%s", e.Kind, orNothing(e.Component), orNothing(e.Source), often(e.Count, "time"))
	x.printf("  role        %s, confidence %.2f", e.Role, e.Confidence)
	if e.Starred {
		x.printf("  short story yes")
	}
	for _, s := range x.t.Suspects {
		if i := slices.Index(s.Chain, e.ID); i >= 0 {
			x.printf("  suspect/%d   step %d of %d in the chain of: %s", s.Rank, i+1, len(s.Chain), s.Title)
		}
	}
	for _, s := range x.t.Suspects {
		for _, l := range s.Links {
			if l.From == e.ID || l.To == e.ID {
				x.printf("  link        %s → %s, confidence %.2f: %s", l.From, l.To, l.Confidence, l.Why)
			}
		}
	}
	if slices.Contains(x.t.Unexplained, e.ID) {
		x.printf("  unexplained no suspect explains it")
	}
}

// proofs shows all the evidence of an entry.
func (x *explainer) proofs(e *timeline.Entry) {
	for _, id := range e.Evidence {
		if v := x.evidence(id); v != nil {
			x.proof(v)
		}
	}
}

func orNothing(s string) string {
	if s == "" {
		return "nothing named"
	}
	return s
}

// often says how many times, if it was more than once.
func often(n int64, what string) string {
	if n <= 1 {
		return ""
	}
	return ", " + counted(n) + " " + what + "s"
}

func (x *explainer) proof(v *timeline.Evidence) {
	x.printf("%s  evidence from %s%s", v.ID, v.Source, often(v.Count, "record"))
	for _, f := range []struct{ name, value string }{{"at", v.Origin}, {"query", v.Query}, {"link", v.Link}, {"pattern", v.Pattern}, {"rule", v.Rule}} {
		if f.value != "" {
			x.printf("  %-8s %s", f.name, f.value)
		}
	}
	if v.Text != "" {
		for line := range strings.SplitSeq(strings.TrimRight(v.Text, "\n"), "\n") {
			x.printf("  | %s", line)
		}
	}
	if n := len(v.Points); n > 0 {
		x.printf("  samples  %d, from %g at %s to %g at %s", n, v.Points[0].Value, x.stamp(v.Points[0].Time, 0), v.Points[n-1].Value, x.stamp(v.Points[n-1].Time, 0))
	}
}

func (x *explainer) link(from, to string) error {
	ids := func(what string) []string {
		var ids []string
		for _, e := range x.entriesOf(what) {
			ids = append(ids, e.ID)
		}
		return ids
	}
	sources, targets := ids(from), ids(to)
	found := false
	for _, s := range x.t.Suspects {
		for _, l := range s.Links {
			if !slices.Contains(sources, l.From) || !slices.Contains(targets, l.To) {
				continue
			}
			found = true
			x.printf("%s → %s   confidence %.2f (%s), in the chain of suspect/%d: %s", l.From, l.To, l.Confidence, timeline.LevelOf(l.Confidence), s.Rank, s.Title)
			x.printf("  why      %s", l.Why)
			if l.Against != "" {
				x.printf("  against  %s", l.Against)
			}
			for _, id := range []string{l.From, l.To} {
				for _, e := range x.entriesOf(id) {
					x.printf("  %-8s %s %s [%s]", e.ID, x.stamp(e.Time, e.ErrorSeconds), e.Title, strings.Join(e.Evidence, " "))
				}
			}
		}
	}
	if !found {
		return usage("the links of a suspect are shown by: hindcast explain FILE.json suspect/1", "no suspect joins %s and %s", from, to)
	}
	return nil
}

func (x *explainer) suspect(s *timeline.Suspect) {
	x.printf("suspect/%d  %s", s.Rank, s.Title)
	x.printf("  cause       %s on %s since %s", s.Cause, orNothing(s.Component), x.stamp(s.Onset, s.OnsetError))
	x.printf("  confidence  %.2f (%s)", s.Confidence, s.Level)
	if s.Change != nil {
		x.printf("  change      %s", *s.Change)
	}
	if s.Rule != "" {
		x.printf("  rule        %s", s.Rule)
	}
	for i, id := range s.Chain {
		for _, e := range x.entriesOf(id) {
			if e.ID == id {
				x.printf("  chain %-5d %s  %s  %s", i+1, e.ID, x.stamp(e.Time, e.ErrorSeconds), e.Title)
			}
		}
	}
	for _, l := range s.Links {
		x.printf("  link        %s → %s  %.2f  %s", l.From, l.To, l.Confidence, l.Why)
	}
	for _, r := range s.Reasons {
		x.printf("  for         %s [%s]", r.Text, strings.Join(r.Evidence, " "))
	}
	for _, r := range s.Against {
		x.printf("  against     %s [%s]", r.Text, strings.Join(r.Evidence, " "))
	}
	for _, n := range s.NextChecks {
		x.printf("  check       %s", n)
	}
}
