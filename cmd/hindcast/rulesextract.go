package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hindcast/hindcast/cmd/hindcast/config"
	"github.com/hindcast/hindcast/correlate"
	"github.com/hindcast/hindcast/correlate/query"
	"github.com/hindcast/hindcast/correlate/rule"
	"github.com/hindcast/hindcast/correlate/rule/library"
	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/render/redact"
)

// mostRecords is how many records a test is made of at the most: a matcher that takes more than that is too wide for one.
const mostRecords = 20_000

// extractFlags say what a test is made of and where it goes.
type extractFlags struct {
	evidence, bundles []string
	suspect, budget   int
	name, to, redact  string
	force             bool
}

func newExtract(a *app, more *ruleFlags) *cobra.Command {
	var x extractFlags
	c := &cobra.Command{
		Use: "extract REPORT.json (--evidence DIR... | --bundle FILE)", Short: "make a test of rules out of a confirmed incident",
		Long: "extract takes a report whose suspect people have confirmed, and the evidence it was made of, and writes BASE_test.yml: the\n" +
			"fewest lines, events and samples in which the rules still recognise the suspect's chain. For log lines that no rule\n" +
			"explains it writes BASE.yml with proposed conditions, for a person to work on. Secrets are masked in both.",
		Example: "  hindcast run evidence/ -o json=inc.json && hindcast rules extract inc.json --evidence evidence/ -o rules/inc-1014\n  hindcast test rules rules/inc-1014_test.yml",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return a.extract(c.Context(), args[0], &x, more) },
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringArrayVar(&x.evidence, "evidence", nil, "the files and folders that the report was made of; may be repeated (default the sources of the configuration) (`PATH`)")
	f.StringArrayVar(&x.bundles, "bundle", nil, "the evidence bundle that it was made of (`FILE`)")
	f.IntVar(&x.suspect, "suspect", 1, "the rank of the suspect that was confirmed (`N`)")
	f.StringVar(&x.name, "name", "", "the test's name (default the suspect's title) (`TEXT`)")
	f.StringVarP(&x.to, "output", "o", "extracted", "what the files are called: BASE_test.yml and BASE.yml (`BASE`)")
	f.IntVar(&x.budget, "budget", 2000, "how many parts of the evidence are tried at the most (`N`)")
	f.StringVar(&x.redact, "redact", "", "on, strict or off: what is masked (default on) (`MODE`)")
	f.BoolVar(&x.force, "force", false, "overwrite files that exist")
	return c
}

func (a *app) extract(ctx context.Context, report string, x *extractFlags, more *ruleFlags) error {
	t, _, err := a.saved(ctx, report)
	if err != nil {
		return err
	}
	if x.suspect < 1 || x.suspect > len(t.Suspects) {
		return usage("see them with: hindcast render "+report, "there is no suspect %d: the report has %d", x.suspect, len(t.Suspects))
	}
	t.Suspects = t.Suspects[x.suspect-1 : x.suspect]
	paths, done, err := a.openBundle(slices.Concat(x.evidence, x.bundles), nil)
	if err != nil {
		return err
	}
	defer done()
	cfg, err := a.evidenceConfig(ctx, paths)
	if err != nil {
		return err
	}
	cfg.RuleFiles = append(cfg.RuleFiles, more.files...)
	mask, err := (&outputFlags{redact: x.redact}).masking(a, cfg)
	if err != nil {
		return err
	}
	known, err := correlate.LibraryWith(cfg.RuleFiles...)
	if err != nil {
		return usage("", "%s", err)
	}
	if t.Generator.RulesSHA256 != known.SHA256() {
		a.note("warning: the report was made by other rules than those that are read now")
	}
	e := &extractor{app: a, flags: x, report: t, known: known, mask: redact.Texts(mask)}
	if err := e.choose(cfg); err != nil {
		return err
	}
	if err := e.read(ctx, cfg, paths); err != nil {
		return err
	}
	return e.write(ctx)
}

// An extractor makes a test of one report.
type extractor struct {
	app    *app
	flags  *extractFlags
	report *timeline.Timeline
	known  *rule.Set
	mask   func(string) string

	extraction rule.Extraction
	// proposed is the text of the conditions that are proposed, rules are those that the test is about.
	proposed []byte
	rules    []*rule.Rule
}

// choose finds the conditions of the suspect's chain and the files they stand in, and proposes further ones.
func (e *extractor) choose(cfg *config.Config) error {
	s := &e.report.Suspects[0]
	x := &e.extraction
	for _, id := range s.Chain {
		i := slices.IndexFunc(e.report.Entries, func(n timeline.Entry) bool { return n.ID == id })
		if i < 0 {
			continue
		}
		n := &e.report.Entries[i]
		for _, ref := range n.Evidence {
			if r := e.known.Rule(e.ruleOf(ref)); r != nil {
				x.Wanted = append(x.Wanted, rule.Wanted{ID: r.ID, Component: n.Component, Onset: n.Time.UnixNano()})
				e.rules = append(e.rules, r)
			}
		}
	}
	own, err := e.ownFiles(cfg)
	if err != nil {
		return err
	}
	x.Own = own
	file := filepath.Base(e.flags.to) + ".yml"
	text, wanted, err := rule.Propose(e.report, filepath.Base(e.flags.to), e.known)
	if err != nil {
		return failed("", "%w", err)
	}
	if len(wanted) > 0 {
		parsed, err := rule.Parse(file, text)
		if err != nil {
			return failed("", "BUG: the proposed conditions are not valid: %w", err)
		}
		e.rules = append(e.rules, parsed.Groups[0].Rules...)
		e.proposed, x.Own[file], x.Wanted = text, text, append(x.Wanted, wanted...)
	}
	if len(x.Wanted) == 0 {
		return failed("", "there is nothing to make a test of: no rule took part in the chain of suspect %d, and no log line of it is unexplained", s.Rank)
	}
	for _, r := range e.rules {
		name := r.File
		if _, mine := x.Own[name]; !mine {
			name = rule.ShippedPrefix + name
		}
		if !slices.Contains(x.Example.RuleFiles, name) {
			x.Example.RuleFiles = append(x.Example.RuleFiles, name)
		}
	}
	x.Suspect, x.Options, x.Budget = s.Cause, testOptions, e.flags.budget
	x.Example.Name, x.Example.Topology = cmp.Or(e.flags.name, s.Title), topologyOf(cfg)
	x.Example.Window = windowOf(e.report)
	return nil
}

// ruleOf gives the id of the condition that took a piece of evidence: "ID (FILE:LINE:COLUMN)" is what stands there.
func (e *extractor) ruleOf(ref string) string {
	for _, v := range e.report.Evidence {
		if v.ID == ref {
			id, _, _ := strings.Cut(v.Rule, " ")
			return id
		}
	}
	return ""
}

// ownFiles reads the user's rule files that conditions of the chain stand in. A test can only name files below its folder.
func (e *extractor) ownFiles(cfg *config.Config) (map[string][]byte, error) {
	own := map[string][]byte{}
	for _, pattern := range cfg.RuleFiles {
		names, err := filepath.Glob(pattern)
		if err != nil {
			return nil, usage("", "rule files %q: %s", pattern, err)
		}
		for _, name := range names {
			base := filepath.Base(name)
			if !slices.ContainsFunc(e.rules, func(r *rule.Rule) bool { return r.File == base }) {
				continue
			}
			if _, err := library.FS.Open(base); err == nil {
				return nil, usage("rename it", "%s has the name of a rule file that ships", name)
			}
			if !sameFolder(filepath.Dir(name), filepath.Dir(e.flags.to)) {
				return nil, usage(fmt.Sprintf("write the test there: -o %s", filepath.Join(filepath.Dir(name), filepath.Base(e.flags.to))), "the test must stand beside %s, whose conditions it is about", name)
			}
			data, err := os.ReadFile(name)
			if err != nil {
				return nil, failed("", "reading rules: %w", err)
			}
			own[base] = data
		}
	}
	return own, nil
}

func sameFolder(a, b string) bool {
	x, errX := filepath.Abs(a)
	y, errY := filepath.Abs(b)
	return errX == nil && errY == nil && x == y
}

func windowOf(t *timeline.Timeline) event.Window {
	span := func(r timeline.Range) event.Range { return event.Range{From: r.From.UnixNano(), To: r.To.UnixNano()} }
	return event.Window{
		Range:    event.Range{From: t.Window.From.UnixNano(), To: t.Window.To.UnixNano()},
		Baseline: span(t.Baseline), Lookback: span(t.Lookback), Source: t.Window.Source,
	}
}

// read collects the evidence that the chosen rules look at.
func (e *extractor) read(ctx context.Context, cfg *config.Config, paths []string) error {
	win := e.extraction.Example.Window
	src, whole, err := e.app.openDated(ctx, cfg, paths, &sourceFlags{}, win.To)
	if err != nil {
		return err
	}
	defer src.Close() //nolint:errcheck // only spooled copies of stdin are removed
	whole.pull(ctx, src.live, win.All())
	if whole.err != nil {
		return failed("", "reading evidence: %w", whole.err)
	}
	k, err := newKeeper(e.rules, e.mask)
	if err != nil {
		return failed("", "%w", err)
	}
	q := ingest.Query{Range: win.All(), Window: win, Wanted: k.matchers.Wanted(), Parts: 1, Alerts: whole.events}
	if e.app.bundle != nil { // it answers what was asked when it was made
		m, err := e.known.Matchers()
		if err != nil {
			return failed("", "%w", err)
		}
		q.Wanted, q.Parts = m.Wanted(), e.app.parts(1)
	}
	for _, s := range src.all() {
		// One worker reads, so that what is kept and its order are always the same.
		if _, err := e.app.records(ctx, s, q, []ingest.Observer{k}, nil); err != nil {
			return failed("", "reading %s: %w", s.Name(), err)
		}
	}
	if k.dropped > 0 {
		e.app.note("warning: %d of the records that the rules look at were left out: a test is made of %d at the most", k.dropped, mostRecords)
	}
	slices.SortStableFunc(k.records, func(a, b event.Record) int { return cmp.Compare(a.Time, b.Time) })
	e.extraction.Example.Evidence = rule.Evidence{Records: k.records, Events: e.events(whole.events), Series: e.series(slices.Concat(whole.series, k.series))}
	return nil
}

// events are those of the time looked at, masked.
func (e *extractor) events(all []event.Event) []event.Event {
	win := e.extraction.Example.Window
	var out []event.Event
	for _, v := range all {
		if v.Time < win.Lookback.From || v.Time >= win.To || v.Kind == event.Action {
			continue
		}
		v.Title, v.Text = e.mask(v.Title), e.mask(v.Text)
		out = append(out, v)
	}
	slices.SortStableFunc(out, func(a, b event.Event) int { return cmp.Compare(a.Time, b.Time) })
	return out
}

// series are those that the rules look at, cut to the time looked at.
func (e *extractor) series(all []event.Series) []event.Series {
	var exprs []string
	for _, r := range e.rules {
		exprs = append(exprs, r.Expressions()...)
	}
	win := e.extraction.Example.Window.All()
	var out []event.Series
	for _, s := range all {
		if !slices.ContainsFunc(exprs, func(x string) bool { return query.Selects(x, &s) }) {
			continue
		}
		from, _ := slices.BinarySearch(s.Times, win.From)
		to, _ := slices.BinarySearch(s.Times, win.To)
		if s.Times, s.Values = s.Times[from:to], s.Values[from:to]; len(s.Times) > 0 {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b event.Series) int { return strings.Compare(a.String(), b.String()) })
	return out
}

func (e *extractor) write(ctx context.Context) error {
	all := &e.extraction.Example.Evidence
	e.app.note("made of  %d records, %d events, %d series that the rules look at", len(all.Records), len(all.Events), len(all.Series))
	example, text, err := rule.Extract(ctx, e.extraction)
	switch {
	case errors.Is(err, rule.ErrNotRecognised):
		return failed("is it the evidence that the report was made of?", "%w", err)
	case err != nil:
		return failed("", "making the test: %w", err)
	}
	if err := e.extraction.Verify(ctx, text); err != nil {
		return failed("", "%w", err)
	}
	if e.proposed != nil {
		if err := writeFile(e.flags.to+".yml", e.proposed, e.flags.force); err != nil {
			return err
		}
		e.app.note("wrote    %s: proposed conditions, for you to work on", e.flags.to+".yml")
	}
	if err := writeFile(e.flags.to+"_test.yml", text, e.flags.force); err != nil {
		return err
	}
	samples := 0
	for _, s := range example.Evidence.Series {
		samples += len(s.Times)
	}
	e.app.note("wrote    %s: %d conditions in %d records, %d events, %d samples of %d series", e.flags.to+"_test.yml",
		len(example.Expect), len(example.Evidence.Records), len(example.Evidence.Events), samples, len(example.Evidence.Series))
	for _, w := range e.extraction.Wanted {
		if !slices.ContainsFunc(example.Expect, func(c rule.Condition) bool { return c.ID == w.ID }) {
			e.app.note("missing  %s on %s: the test does not show it", w.ID, w.Component)
		}
	}
	if len(example.Suspects) == 0 {
		e.app.note("note     the test does not ask for the suspect: what the rules look at is not enough to tell it")
	}
	return nil
}
