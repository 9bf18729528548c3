package main

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hindcast/hindcast/cmd/hindcast/config"
	"github.com/hindcast/hindcast/correlate"
	"github.com/hindcast/hindcast/correlate/rule"
	"github.com/hindcast/hindcast/correlate/summary"
	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/render"
	"github.com/hindcast/hindcast/render/redact"
)

// runFlags are the flags of the everyday command.
type runFlags struct {
	window  windowFlags
	sources sourceFlags
	rules   ruleFlags
	output  outputFlags
	reading readFlags
	strict  bool
	failOn  string
	bundle  string
	dry     bool
}

// readFlags say how evidence is read.
type readFlags struct {
	workers int
	limits  limitFlags
}

func (r *readFlags) define(f *pflag.FlagSet) {
	f.IntVar(&r.workers, "workers", 0, "how many workers read side by side (default one a processor) (`N`)")
	r.limits.define(f)
}

func newRun(a *app) *cobra.Command {
	var r runFlags
	c := &cobra.Command{
		Use: "run [FILE|DIR|BUNDLE|-]...", Short: "collect, correlate, render: from evidence to a draft (the everyday command)",
		Long: "run reads evidence, finds the window of the incident unless it is told, and writes an ordered timeline with suspected\n" +
			"root causes. What a file holds is recognised by its content; hindcast.yml in a folder says what cannot be recognised.",
		Example: "  hindcast run evidence/\n  hindcast run --from 14:00 --to 15:10 logs/*.gz alerts.json -o md=inc.md -o json=inc.json\n  hindcast run --alert HighErrorRate evidence/",
		RunE: func(c *cobra.Command, args []string) error {
			return a.run(c, args, &r)
		},
	}
	section(c, "Window", r.window.define)
	section(c, "Sources", r.sources.define)
	section(c, "Rules", r.rules.define)
	section(c, "Output", r.output.define)
	section(c, "Behaviour", func(f *pflag.FlagSet) {
		r.reading.define(f)
		f.BoolVar(&r.dry, "dry-run", false, "say what the window is, what would be asked of servers and how much it is, and pull nothing")
		f.StringVar(&r.bundle, "bundle", "", "keep what was pulled as well, as hindcast collect does (`FILE`)")
		f.BoolVar(&r.strict, "strict", false, "a failed source is an error")
		f.StringVar(&r.failOn, "fail-on", "", "end with status 5 if there is a suspect of high confidence, or of any: high or any (`LEVEL`)")
	})
	return c
}

// run is the order of the stages: open, whole events, window, records, explain, redact, render.
func (a *app) run(c *cobra.Command, paths []string, r *runFlags) error {
	if r.failOn != "" && r.failOn != "high" && r.failOn != "any" {
		return usage("", "--fail-on %s: it is one of high, any", r.failOn)
	}
	a.at = a.now()
	paths, done, err := a.openBundle(paths, c.Flags())
	if err != nil {
		return err
	}
	defer done()
	cfg, err := a.evidenceConfig(c.Context(), paths)
	if err != nil {
		return err
	}
	cfg.RuleFiles = append(cfg.RuleFiles, r.rules.files...)
	cfg.RulesWithout = r.rules.without
	p, err := a.presentation(cfg, r)
	if err != nil {
		return err
	}
	if err := a.record(r.bundle, r.output.force); err != nil {
		return err
	}
	defer a.stopRecording()
	ctx, cancel := limited(c.Context(), r.reading.limits, cfg)
	defer cancel()
	in, err := a.inquire(ctx, cfg, paths, &r.window, &r.sources)
	if err != nil {
		return err
	}
	defer in.src.Close() //nolint:errcheck // only spooled copies of stdin are removed
	in.workers, in.command = r.reading.workers, a.commandOf(c, paths)
	if r.dry {
		return a.dryRun(ctx, in)
	}
	found, t, err := a.reconstruct(ctx, in)
	if err != nil {
		return err
	}
	if err := a.present(cfg, r, p, t); err != nil {
		return err
	}
	if r.bundle != "" {
		if err := a.writeBundle(c.Flags(), in, found, r.bundle, r.output.force); err != nil {
			return err
		}
	}
	a.tellVerdict(t)
	return a.outcome(ctx, found, t, r)
}

// presentation is how the reports of a run are to look and where they go.
type presentation struct {
	outs    []output
	mask    redact.Options
	options render.Options
}

// presentation looks now at what would go wrong after the work is done.
func (a *app) presentation(cfg *config.Config, r *runFlags) (p presentation, err error) {
	if p.outs, err = r.output.outputs(onTerminal(a.stdout)); err != nil {
		return p, err
	}
	if p.mask, err = r.output.masking(a, cfg); err != nil {
		return p, err
	}
	if p.options, err = r.output.options(a); err != nil {
		return p, err
	}
	p.options.Incident = cmp.Or(p.options.Incident, r.window.pagerduty)
	for i, c := range cfg.Reports {
		if _, err := render.Lookup(c.Format); err != nil {
			return p, usage("", "%s: reports[%d]: %s", cfg.Path, i, err)
		}
	}
	return p, nil
}

// present writes the reports: those of -o, else those of the configuration, whose names are known only now.
func (a *app) present(cfg *config.Config, r *runFlags, p presentation, t *timeline.Timeline) error {
	if len(r.output.specs) == 0 && len(cfg.Reports) > 0 {
		var err error
		if p.outs, err = r.output.configured(cfg.Reports, t, p.options.Incident); err != nil {
			return err
		}
	}
	return r.output.write(a, p.outs, redact.Timeline(t, p.mask), p.options)
}

// reconstruct answers an inquiry with a timeline. When ctx ends while it collects, it goes on with what there is.
func (a *app) reconstruct(ctx context.Context, in *inquiry) (*gathered, *timeline.Timeline, error) {
	var parts []*summary.Summary
	found, err := a.gather(ctx, in, func(e *correlate.Engine) ingest.Observer {
		parts = append(parts, e.Observer())
		return parts[len(parts)-1]
	})
	if err != nil {
		return nil, nil, err
	}
	t, err := found.engine.Explain(context.WithoutCancel(ctx), parts, found.accounts)
	if err != nil {
		return nil, nil, failed("", "%w", err)
	}
	t.Incomplete = found.incomplete
	return found, t, nil
}

// rules loads the library and the rule files of the configuration.
func (a *app) rules(cfg *config.Config) (*rule.Set, error) {
	set, err := correlate.LibraryWithout(cfg.RulesWithout, cfg.RuleFiles...)
	if err != nil {
		return nil, usage("", "%s", err)
	}
	return set, nil
}

// tellVerdict says in a line what came out.
func (a *app) tellVerdict(t *timeline.Timeline) {
	if len(t.Suspects) > 0 && t.Verdict == timeline.Found {
		s := t.Suspects[0]
		on := ""
		if s.Component != "" {
			on = " (" + s.Component + ")"
		}
		a.note("suspect  %s%s, confidence %.2f %s", s.Title, on, s.Confidence, s.Level)
	} else {
		a.note("verdict  %s", strings.ReplaceAll(string(t.Verdict), "-", " "))
	}
}

// outcome gives the exit status of a run that ended well.
func (a *app) outcome(ctx context.Context, found *gathered, t *timeline.Timeline, r *runFlags) error {
	if err := a.missing(ctx, found, r.strict, "see \"Data coverage\" in the report"); err != nil {
		return err
	}
	if r.failOn != "" && len(t.Suspects) > 0 && (r.failOn == "any" || t.Suspects[0].Level == timeline.High) {
		return exitWith(exitFailOn, "a suspect was found")
	}
	return nil
}

// missing gives the exit status if evidence is missing.
func (a *app) missing(ctx context.Context, found *gathered, strict bool, hint string) error {
	broken, worked := 0, 0
	for _, c := range found.accounts {
		if slices.ContainsFunc(c.Gaps, func(h event.Hole) bool { return h.Failed }) {
			broken++
		}
		if c.Read > 0 {
			worked++
		}
	}
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return exitWith(exitInterrupted, "interrupted")
	case broken > 0 && (worked == 0 || strict):
		return failed(hint, "evidence could not be read")
	case broken > 0 || found.incomplete:
		a.note("warning: some evidence is missing: %s", hint)
		return exitWith(exitPartial, "some evidence is missing")
	}
	return nil
}

// health counts the sources of a report that failed, in part at least, and those that gave something.
func health(t *timeline.Timeline) (failed, worked int) {
	for _, c := range t.Coverage {
		if slices.ContainsFunc(c.Gaps, func(g timeline.Gap) bool { return g.Failed }) {
			failed++
		}
		if c.Read > 0 {
			worked++
		}
	}
	return failed, worked
}
