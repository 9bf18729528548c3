package main

import (
	"cmp"
	"context"
	"maps"
	"runtime"
	"slices"
	"time"

	"github.com/hindcast/hindcast/cmd/hindcast/config"
	"github.com/hindcast/hindcast/correlate"
	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/bundle"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/file"
)

// An inquiry is what is asked of which evidence.
type inquiry struct {
	cfg *config.Config
	// src are the opened sources and whole what those of files keep whole.
	src   *opened
	whole *collector
	// window is the one that is known already, if explicit is set, perhaps without an end; windower finds the rest.
	window   event.Window
	explicit bool
	// settled is set if the window is to be as it is.
	settled  bool
	windower *windower
	// outside says why nothing can be found, if all evidence lies outside of the window.
	outside string
	workers int
	command string
}

// inquire reads what flags say of the window and opens the sources.
func (a *app) inquire(ctx context.Context, cfg *config.Config, paths []string, window *windowFlags, sources *sourceFlags) (*inquiry, error) {
	in := &inquiry{cfg: cfg, windower: &windower{flags: window, global: cfg.Global, clock: a.clock()}}
	var err error
	if in.window, in.explicit, err = in.windower.explicit(); err != nil {
		return nil, err
	}
	in.src, in.whole, err = a.openDated(ctx, cfg, paths, sources, in.window.To)
	return in, err
}

// readsStdin tells whether standard input is among the sources, which cannot be opened twice.
func readsStdin(sources []config.Source) bool {
	return slices.ContainsFunc(sources, func(c config.Source) bool { return c.Files != nil && slices.Contains(c.Files.Paths, "-") })
}

// gathered is what an inquiry gave, besides what observers saw.
type gathered struct {
	window event.Window
	engine *correlate.Engine
	rules  string
	// accounts are the coverages, sorted by the sources' names.
	accounts []event.Coverage
	// sources are those that were read, and places the files of those that read files.
	sources []config.Source
	places  map[string][]file.Place
	// kept are the files that were put into a bundle.
	kept       map[string][]bundle.File
	parts      int
	incomplete bool
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
	if reference != 0 || whole.err != nil || readsStdin(src.chosen) {
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

// gather finds the window and reads what lies in it. Observe makes an observer for each worker.
func (a *app) gather(ctx context.Context, in *inquiry, observe func(*correlate.Engine) ingest.Observer) (*gathered, error) {
	src, whole := in.src, in.whole
	win, err := a.findWindow(ctx, in)
	if err != nil {
		return nil, err
	}
	found := &gathered{window: win, sources: src.chosen, places: src.places(), parts: a.parts(in.workers)}
	if err := a.keepFiles(found); err != nil {
		return nil, err
	}
	whole.pull(ctx, src.live, win.All())
	found.incomplete = whole.err != nil || a.bundle != nil && a.bundle.Manifest().Incomplete
	a.note("window   %s .. %s UTC (%s, %s)", event.Time(win.From).Format(time.DateTime), event.Time(win.To).Format(time.DateTime), durationFlag(win.Duration().Round(time.Second)).text(), win.Source)
	if err := a.prepare(in, found); err != nil {
		return nil, err
	}
	observers := make([]ingest.Observer, workersOf(in.workers))
	for i := range observers {
		observers[i] = observe(found.engine)
	}
	observers[0].Observe(&event.Batch{Events: whole.events, Series: whole.series})
	bars := a.bars()
	reading, meter := metered(ctx, bars, in.cfg.Global.Limits)
	defer meter.done()
	q := ingest.Query{Range: win.All(), Window: win, Wanted: found.engine.Wanted(), Parts: found.parts, Alerts: whole.events}
	for _, s := range src.all() {
		c, err := a.records(reading, s, q, observers, meter)
		found.incomplete = found.incomplete || err != nil
		if in.outside != "" {
			c.Gaps = append(c.Gaps, event.Hole{Range: win.Range, Origin: event.Origin{Source: s.Name()}, Reason: in.outside})
		}
		if h, ok := limitHole(reading, s.Name()); ok {
			c.Gaps = append(c.Gaps, h)
		}
		all := whole.coverage[s.Name()]
		all.Source = s.Name()
		all.Add(c)
		whole.coverage[s.Name()] = all
	}
	bars.done()
	for _, name := range slices.Sorted(maps.Keys(whole.coverage)) {
		a.tellCoverage(whole.coverage[name])
		found.accounts = append(found.accounts, whole.coverage[name])
	}
	return found, nil
}

// findWindow finds the window of an inquiry, as far as it is not known.
func (a *app) findWindow(ctx context.Context, in *inquiry) (event.Window, error) {
	if in.settled {
		return in.window, nil
	}
	win, extent := in.window, extentOf(ctx, in.src.files)
	if in.windower.flags.pagerduty != "" {
		return pagerWindow(ctx, in, extent)
	}
	if !in.explicit || win.To == 0 {
		known, err := scout(ctx, in.src, in.whole, in.windower)
		if err != nil {
			return win, err
		}
		if win, err = a.closeWindow(in.windower, win, in.explicit, known, extent); err != nil {
			a.tellUnusable(in.src.files)
			return win, err
		}
	}
	if in.explicit && len(in.src.live) == 0 {
		evidence := in.whole.widen(extent)
		in.outside = outside(win, in.whole.events, evidence)
		win = in.windower.divide(win, in.whole.events, evidence)
	}
	return win, nil
}

// prepare loads the rules and makes the engine.
func (a *app) prepare(in *inquiry, found *gathered) error {
	rules, err := a.rules(in.cfg)
	if err != nil {
		return err
	}
	found.rules = rules.SHA256()
	found.engine, err = correlate.New(correlate.Options{Rules: rules, Window: found.window, Topology: topologyOf(in.cfg), Version: programVersion(), Command: in.command})
	if err != nil {
		return failed("", "%w", err)
	}
	return nil
}

func workersOf(asked int) int {
	if asked > 0 {
		return asked
	}
	return runtime.GOMAXPROCS(0)
}

// parts is how many parts sources are asked to make: several a worker, or as many as when the bundle was made, since
// what is asked of servers depends on it.
func (a *app) parts(workers int) int {
	if a.bundle != nil {
		return a.bundle.Manifest().Parts
	}
	return 4 * workersOf(workers)
}

// records reads the records of one source.
func (a *app) records(ctx context.Context, s ingest.Source, q ingest.Query, observers []ingest.Observer, p ingest.Progress) (event.Coverage, error) {
	parts, err := s.Parts(ctx, q)
	switch {
	case ctx.Err() != nil:
		return event.Coverage{}, ctx.Err()
	case err != nil:
		return event.Coverage{Gaps: []event.Hole{{Origin: event.Origin{Source: s.Name()}, Reason: err.Error(), Failed: true}}}, nil
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
