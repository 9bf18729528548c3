package main

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hindcast/hindcast/cmd/hindcast/config"
	"github.com/hindcast/hindcast/correlate"
	"github.com/hindcast/hindcast/correlate/rule"
	"github.com/hindcast/hindcast/correlate/summary"
	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/render/redact"
)

// runFlags are the flags of the everyday command.
type runFlags struct {
	window  windowFlags
	sources sourceFlags
	rules   ruleFlags
	output  outputFlags
	workers int
	timeout durationFlag
	strict  bool
	failOn  string
}

func newRun(a *app) *cobra.Command {
	var r runFlags
	c := &cobra.Command{
		Use: "run [FILE|DIR|-]...", Short: "collect, correlate, render: from evidence to a draft (the everyday command)",
		Long: "run reads evidence, finds the window of the incident unless it is told, and writes an ordered timeline with suspected\n" +
			"root causes. What a file holds is recognised by its content; hindcast.yml in a folder says what cannot be recognised.",
		Example: "  hindcast run evidence/\n  hindcast run --from 14:00 --to 15:10 logs/*.gz alerts.json -o md=inc.md -o json=inc.json\n  hindcast run --alert HighErrorRate evidence/",
		RunE: func(c *cobra.Command, args []string) error {
			return a.run(c.Context(), args, &r)
		},
	}
	section(c, "Window", r.window.define)
	section(c, "Sources", r.sources.define)
	section(c, "Rules", r.rules.define)
	section(c, "Output", r.output.define)
	section(c, "Behaviour", func(f *pflag.FlagSet) {
		f.IntVar(&r.workers, "workers", 0, "how many workers read side by side (default one a processor) (`N`)")
		f.Var(&r.timeout, "timeout", "stop collecting after this long and render what is there")
		f.BoolVar(&r.strict, "strict", false, "a failed source is an error")
		f.StringVar(&r.failOn, "fail-on", "", "end with status 5 if there is a suspect of high confidence, or of any: high or any (`LEVEL`)")
	})
	return c
}

// run is the order of the stages: open, whole events, window, records, explain, redact, render.
func (a *app) run(ctx context.Context, paths []string, r *runFlags) error {
	if r.failOn != "" && r.failOn != "high" && r.failOn != "any" {
		return usage("", "--fail-on %s: it is one of high, any", r.failOn)
	}
	cfg, err := a.config(folders(paths)...)
	if err != nil {
		return err
	}
	cfg.RuleFiles = append(cfg.RuleFiles, r.rules.files...)
	outs, err := r.output.outputs(onTerminal(a.stdout))
	if err != nil {
		return err
	}
	mask, err := r.output.masking(cfg)
	if err != nil {
		return err
	}
	options, err := r.output.options(a)
	if err != nil {
		return err
	}
	w := &windower{flags: &r.window, global: cfg.Global, clock: a.clock()}
	given, explicit, err := w.explicit()
	if err != nil {
		return err
	}
	if d := limitsOf(limits{timeout: time.Duration(r.timeout)}, cfg.Global.Limits).timeout; d > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, d)
		defer cancel()
	}
	src, whole, err := a.openDated(ctx, cfg, paths, &r.sources, given.To)
	if err != nil {
		return err
	}
	defer src.Close() //nolint:errcheck // only spooled copies of stdin are removed
	t, err := a.reconstruct(ctx, cfg, src, whole, w, given, explicit, r.workers)
	if err != nil {
		return err
	}
	if err := r.output.write(a, outs, redact.Timeline(t, mask), options); err != nil {
		return err
	}
	return a.outcome(ctx, t, r)
}

// openDated opens the sources and reads what they keep whole. Stamps without a year need to know about when they were
// written: if no window says so, the events tell, which have their years, and the sources are opened anew with that.
func (a *app) openDated(ctx context.Context, cfg *config.Config, paths []string, s *sourceFlags, reference int64) (*opened, *collector, error) {
	src, err := a.open(ctx, cfg, paths, s, reference)
	if err != nil {
		return nil, nil, err
	}
	whole := &collector{}
	whole.coverage, whole.err = ingest.Events(ctx, src.files, event.Range{}, whole)
	if reference != 0 || whole.err != nil || slices.Contains(paths, "-") {
		return src, whole, nil
	}
	for _, e := range whole.events {
		if e.Kind == event.Alert || e.Kind == event.Kubernetes || reference == 0 {
			reference = max(reference, e.Time)
		}
	}
	if reference == 0 {
		return src, whole, nil
	}
	if err := src.Close(); err != nil {
		return nil, nil, failed("", "%w", err)
	}
	src, err = a.open(ctx, cfg, paths, s, reference)
	return src, whole, err
}

// reconstruct turns opened sources into a timeline. When ctx ends while it collects, it goes on with what there is.
func (a *app) reconstruct(ctx context.Context, cfg *config.Config, src *opened, whole *collector, w *windower, win event.Window, explicit bool, workers int) (*timeline.Timeline, error) {
	extent := extentOf(ctx, src.files)
	if !explicit || win.To == 0 {
		known, err := scout(ctx, src, whole, w)
		if err != nil {
			return nil, err
		}
		if win, err = a.closeWindow(w, win, explicit, known, extent); err != nil {
			return nil, err
		}
	}
	if explicit && len(src.live) == 0 {
		win = w.divide(win, whole.events, whole.widen(extent))
	}
	whole.pull(ctx, src.live, win.All())
	coverage, incomplete := whole.coverage, whole.err != nil
	a.note("window   %s .. %s UTC (%s, %s)", event.Time(win.From).Format(time.DateTime), event.Time(win.To).Format(time.DateTime), win.Duration().Round(time.Second), win.Source)
	rules, err := a.rules(cfg)
	if err != nil {
		return nil, err
	}
	engine, err := correlate.New(correlate.Options{Rules: rules, Window: win, Topology: topologyOf(cfg), Version: programVersion(), Command: commandLine(os.Args[1:])})
	if err != nil {
		return nil, failed("", "%w", err)
	}
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	parts := make([]*summary.Summary, workers)
	observers := make([]ingest.Observer, workers)
	for i := range parts {
		parts[i] = engine.Observer()
		observers[i] = parts[i]
	}
	parts[0].Observe(&event.Batch{Events: whole.events, Series: whole.series})
	bars := a.bars()
	for _, s := range src.all() {
		c, err := a.records(ctx, s, ingest.Query{Range: win.All(), Wanted: engine.Wanted(), Parts: 4 * workers, Alerts: whole.events}, observers, bars)
		incomplete = incomplete || err != nil
		all := coverage[s.Name()]
		all.Source = s.Name()
		all.Add(c)
		coverage[s.Name()] = all
	}
	bars.done()
	var accounts []event.Coverage
	for _, name := range slices.Sorted(maps.Keys(coverage)) {
		a.tellCoverage(coverage[name])
		accounts = append(accounts, coverage[name])
	}
	t, err := engine.Explain(context.WithoutCancel(ctx), parts, accounts)
	if err != nil {
		return nil, failed("", "%w", err)
	}
	t.Incomplete = incomplete
	return t, nil
}

// records reads the records of one source.
func (a *app) records(ctx context.Context, s ingest.Source, q ingest.Query, observers []ingest.Observer, p ingest.Progress) (event.Coverage, error) {
	parts, err := s.Parts(ctx, q)
	if err != nil {
		return event.Coverage{Gaps: []event.Hole{{Origin: event.Origin{Source: s.Name()}, Reason: err.Error(), Failed: true}}}, ctx.Err()
	}
	return ingest.Run(ctx, s.Name(), parts, observers, p)
}

func (a *app) closeWindow(w *windower, win event.Window, explicit bool, events []event.Event, extent event.Range) (event.Window, error) {
	if !explicit {
		return w.found(events, extent)
	}
	win.To = extent.To + 1
	if win.To <= win.From {
		win.To = w.clock.now.UnixNano()
	}
	return w.complete(win), nil
}

// rules loads the library and the rule files of the configuration.
func (a *app) rules(cfg *config.Config) (*rule.Set, error) {
	if len(cfg.RuleFiles) == 0 {
		return nil, nil //nolint:nilnil // nil means the library
	}
	set, err := correlate.LibraryWith(cfg.RuleFiles...)
	if err != nil {
		return nil, usage("", "%s", err)
	}
	return set, nil
}

// outcome gives the exit status of a run that ended well.
func (a *app) outcome(ctx context.Context, t *timeline.Timeline, r *runFlags) error {
	failedSources, worked := sourcesOf(t)
	if len(t.Suspects) > 0 && t.Verdict == timeline.Found {
		s := t.Suspects[0]
		a.note("suspect  %s (%s), confidence %.2f %s", s.Title, s.Component, s.Confidence, s.Level)
	} else {
		a.note("verdict  %s", t.Verdict)
	}
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return exitWith(exitInterrupted, "interrupted")
	case failedSources > 0 && (worked == 0 || r.strict):
		return failed("see the part on data coverage in the report", "evidence could not be read")
	case failedSources > 0 || t.Incomplete:
		a.note("warning: some evidence is missing: see \"Data coverage\"")
		return exitWith(exitPartial, "some evidence is missing")
	case r.failOn != "" && len(t.Suspects) > 0 && (r.failOn == "any" || t.Suspects[0].Level == timeline.High):
		return exitWith(exitFailOn, "a suspect was found")
	}
	return nil
}

// sourcesOf counts the sources that failed, in part at least, and those that gave something.
func sourcesOf(t *timeline.Timeline) (failed, worked int) {
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

// collector keeps what sources give whole, and the account of it. err is set if the reading was cut short.
type collector struct {
	events   []event.Event
	series   []event.Series
	coverage map[string]event.Coverage
	err      error
}

// Observe takes events and series over.
func (c *collector) Observe(b *event.Batch) {
	c.events = append(c.events, b.Events...)
	c.series = append(c.series, b.Series...)
}

// pull adds what live sources keep whole within a range.
func (c *collector) pull(ctx context.Context, live []ingest.Source, within event.Range) {
	if len(live) == 0 {
		return
	}
	coverage, err := ingest.Events(ctx, live, within, c)
	c.err = cmp.Or(c.err, err)
	maps.Copy(c.coverage, coverage)
}

// scout adds the alerts that live sources know of to the events of files, so that the window can be taken from one. How
// far it looks back is the lookback of the search for changes. What it finds serves for the window alone.
func scout(ctx context.Context, src *opened, whole *collector, w *windower) ([]event.Event, error) {
	if len(src.paging) == 0 {
		return whole.events, nil
	}
	now := w.clock.now.UnixNano()
	back := cmp.Or(time.Duration(w.flags.lookback), time.Duration(w.global.Lookback), defaultLookback)
	found := &collector{events: slices.Clone(whole.events), coverage: map[string]event.Coverage{}}
	found.pull(ctx, src.paging, event.Range{From: now - int64(back), To: now})
	if found.err != nil {
		return nil, failed("", "%w", found.err)
	}
	if len(found.events) == 0 {
		for _, name := range slices.Sorted(maps.Keys(found.coverage)) {
			for _, g := range found.coverage[name].Gaps {
				return nil, failed("try: hindcast check sources", "source %q: %s", name, g.Reason)
			}
		}
	}
	return found.events, nil
}

// widen adds the time that series cover to a range.
func (c *collector) widen(r event.Range) event.Range {
	for i := range c.series {
		if t := c.series[i].Times; len(t) > 0 {
			if r.IsZero() {
				r = event.Range{From: t[0], To: t[len(t)-1]}
			}
			r = event.Range{From: min(r.From, t[0]), To: max(r.To, t[len(t)-1])}
		}
	}
	return r
}

func extentOf(ctx context.Context, sources []ingest.Source) event.Range {
	var all event.Range
	for _, s := range sources {
		e, ok := s.(ingest.Extent)
		if !ok {
			continue
		}
		r, ok := e.Extent(ctx)
		switch {
		case !ok:
		case all.IsZero():
			all = r
		default:
			all = event.Range{From: min(all.From, r.From), To: max(all.To, r.To)}
		}
	}
	return all
}

func topologyOf(cfg *config.Config) event.Topology {
	var t event.Topology
	for _, s := range cfg.Services {
		for _, callee := range s.Calls {
			t.AddCall(s.Name, callee)
		}
		for _, h := range s.Hosts {
			t.AddHost(s.Name, h)
		}
	}
	return t
}
