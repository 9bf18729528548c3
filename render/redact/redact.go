// Package redact masks secrets where text leaves the program: in a timeline, once, before any format sees it.
//
// What is masked becomes [redacted:KIND#HASH]. The hash is salted and short: equal values stay equal within a report,
// and a guess can hardly be proved. Masking what is masked already changes nothing.
package redact

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/hindcast/hindcast/correlate/timeline"
)

// Mode says how much is masked.
type Mode string

// The modes. On masks secrets and what names a person; Strict also network addresses and user names.
const (
	On     Mode = "on"
	Strict Mode = "strict"
	Off    Mode = "off"
)

// Modes lists them.
var Modes = []Mode{On, Strict, Off}

// Options say what is masked. The zero value masks secrets by the rules that ship.
type Options struct {
	Mode Mode
	// Rules are the user's own; they are asked before ours.
	Rules []Rule
	// Salt makes hashes that nobody outside can check guesses against, and that stay the same from report to report.
	// Without it the salt is made of the report's window, and the hash is so short that it proves nothing.
	Salt []byte
	// People leaves names and handles in what people wrote.
	People bool
}

// Rule masks what a regular expression finds: its group "secret" where it has one, otherwise all of it.
type Rule struct {
	// Name is the kind that the report counts.
	Name   string
	Regexp *regexp.Regexp
	// ok looks at a find in its text and says whether it is one.
	ok func(text string, start, end int) bool
}

// NewRule makes a user's rule.
func NewRule(name, expr string) (Rule, error) {
	if !ruleName.MatchString(name) {
		return Rule{}, fmt.Errorf("redaction rule %q: the name may have small letters, digits and dashes only", name)
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		return Rule{}, fmt.Errorf("redaction rule %q: %w", name, err)
	}
	if re.MatchString("") {
		return Rule{}, fmt.Errorf("redaction rule %q: the regular expression matches the empty text, so it would mask everything", name)
	}
	return Rule{Name: name, Regexp: re}, nil
}

var ruleName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

// Timeline returns a copy of t in which all that came from outside is masked, with the counts in its Redactions.
func Timeline(t *timeline.Timeline, o Options) *timeline.Timeline {
	c := *t
	c.Redactions = maps.Clone(t.Redactions)
	if c.Redactions == nil {
		c.Redactions = map[string]int64{}
	}
	if o.Mode == Off {
		return &c
	}
	if len(o.Salt) == 0 {
		o.Salt = nil
	}
	m := &masker{rules: rules(o), salt: o.Salt, digits: 6, counts: c.Redactions}
	if o.Salt == nil {
		m.salt, m.digits = []byte(t.Window.From.UTC().String()+t.Window.To.UTC().String()), 2
	}
	m.timeline(&c, !o.People)
	return &c
}

// Texts returns a function that masks single texts by the same rules, for what leaves the program but is no timeline.
func Texts(o Options) func(string) string {
	if o.Mode == Off {
		return func(s string) string { return s }
	}
	m := &masker{rules: rules(o), salt: o.Salt, digits: 6, counts: map[string]int64{}}
	if len(o.Salt) == 0 {
		m.salt, m.digits = nil, 2
	}
	return m.text
}

func rules(o Options) []Rule {
	all := slices.Concat(o.Rules, shipped)
	if o.Mode == Strict {
		all = append(all, strict...)
	}
	return all
}

// A masker masks the texts of one report.
type masker struct {
	rules  []Rule
	salt   []byte
	digits int
	counts map[string]int64
}

func (m *masker) timeline(c *timeline.Timeline, hidePeople bool) {
	written := map[string]bool{} // the evidence that people wrote
	for _, e := range c.Entries {
		if e.Kind == "action" && hidePeople {
			for _, id := range e.Evidence {
				written[id] = true
			}
		}
	}
	c.Title, c.Command = m.text(c.Title), m.text(c.Command)
	c.Summary = m.sentences(c.Summary)
	c.Entries = slices.Clone(c.Entries)
	for i := range c.Entries {
		e := &c.Entries[i]
		e.Title = m.text(e.Title)
		if e.Kind == "action" && hidePeople {
			e.Title = m.mask(e.Title, people)
		}
	}
	c.Evidence = slices.Clone(c.Evidence)
	for i := range c.Evidence {
		v := &c.Evidence[i]
		m.texts(&v.Text, &v.Query, &v.Link, &v.Pattern, &v.Origin)
		if written[v.ID] {
			v.Text = m.mask(v.Text, people)
		}
	}
	m.suspects(c)
	m.coverage(c)
}

func (m *masker) suspects(c *timeline.Timeline) {
	c.Suspects = slices.Clone(c.Suspects)
	for i := range c.Suspects {
		s := &c.Suspects[i]
		s.Title = m.text(s.Title)
		s.Reasons, s.Against = m.sentences(s.Reasons), m.sentences(s.Against)
		s.NextChecks, s.Actions = m.all(s.NextChecks), m.all(s.Actions)
		s.Links = slices.Clone(s.Links)
		for j := range s.Links {
			m.texts(&s.Links[j].Why, &s.Links[j].Against)
		}
	}
	c.RuledOut = slices.Clone(c.RuledOut)
	for i := range c.RuledOut {
		m.texts(&c.RuledOut[i].Title, &c.RuledOut[i].Reason)
	}
	for _, k := range []**timeline.KeyTime{
		&c.KeyTimes.Trigger, &c.KeyTimes.ImpactStarted, &c.KeyTimes.Detected,
		&c.KeyTimes.Acknowledged, &c.KeyTimes.Mitigated, &c.KeyTimes.Resolved,
	} {
		if *k != nil {
			copied := **k
			copied.How = m.text(copied.How)
			*k = &copied
		}
	}
}

func (m *masker) coverage(c *timeline.Timeline) {
	c.Coverage = slices.Clone(c.Coverage)
	for i := range c.Coverage {
		v := &c.Coverage[i]
		v.Notes, v.Gaps = m.all(v.Notes), slices.Clone(v.Gaps)
		for j := range v.Gaps {
			m.texts(&v.Gaps[j].Origin, &v.Gaps[j].Reason)
		}
	}
}

func (m *masker) sentences(s []timeline.Sentence) []timeline.Sentence {
	s = slices.Clone(s)
	for i := range s {
		s[i].Text = m.text(s[i].Text)
	}
	return s
}

func (m *masker) all(s []string) []string {
	s = slices.Clone(s)
	for i := range s {
		s[i] = m.text(s[i])
	}
	return s
}

func (m *masker) texts(s ...*string) {
	for _, p := range s {
		*p = m.text(*p)
	}
}

func (m *masker) text(s string) string { return m.mask(s, m.rules) }

func (m *masker) mask(s string, rules []Rule) string {
	for _, r := range rules {
		s = m.apply(s, r)
	}
	return s
}

// apply masks the finds of one rule.
func (m *masker) apply(s string, r Rule) string {
	if s == "" {
		return s
	}
	var b strings.Builder
	from := 0
	for _, loc := range r.Regexp.FindAllStringSubmatchIndex(s, -1) {
		start, end := secret(r.Regexp, loc)
		if start == end || start < from || masked(s, start, end) || r.ok != nil && !r.ok(s, start, end) {
			continue
		}
		b.WriteString(s[from:start])
		b.WriteString("[redacted:" + r.Name + "#" + m.hash(s[start:end]) + "]")
		m.counts[r.Name]++
		from = end
	}
	if from == 0 {
		return s
	}
	b.WriteString(s[from:])
	return b.String()
}

// secret finds the first group called secret that took part in a match.
func secret(re *regexp.Regexp, loc []int) (start, end int) {
	named := false
	for i, name := range re.SubexpNames() {
		if name != "secret" {
			continue
		}
		named = true
		if loc[2*i] >= 0 {
			return loc[2*i], loc[2*i+1]
		}
	}
	if named {
		return 0, 0
	}
	return loc[0], loc[1]
}

var mark = regexp.MustCompile(`\[redacted:[a-z0-9-]+#[0-9a-f]+\]`)

// masked tells whether a find lies in, or holds, what was masked before.
func masked(s string, start, end int) bool {
	for _, loc := range mark.FindAllStringIndex(s, -1) {
		if start < loc[1] && loc[0] < end {
			return true
		}
	}
	// A value may have been cut at the bracket that opens a mark.
	return strings.HasPrefix(s[start:], "[redacted:")
}

func (m *masker) hash(secret string) string {
	h := hmac.New(sha256.New, m.salt)
	h.Write([]byte(secret))
	return hex.EncodeToString(h.Sum(nil))[:m.digits]
}
