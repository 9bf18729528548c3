package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hindcast/hindcast/cmd/hindcast/archive"
	"github.com/hindcast/hindcast/cmd/hindcast/config"
	"github.com/hindcast/hindcast/cmd/hindcast/destination"
	"github.com/hindcast/hindcast/cmd/hindcast/incident"
	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/ingest/bundle"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/render"
	"github.com/hindcast/hindcast/render/redact"
)

const (
	// mostAttempts is how often the report of an incident is tried before it is given up.
	mostAttempts = 5
	// bundleName is the evidence in an incident's folder.
	bundleName = "evidence.bundle"
)

// incidentFlags are what watch and serve share: which alerts make an incident and where its report goes.
type incidentFlags struct {
	folder                        string
	settle, gap, since, retention durationFlag
	settleIsSet                   func() bool
	bundle                        bool
	workers                       int
	timeout                       durationFlag
	output                        outputFlags
	sources                       sourceFlags
}

func (i *incidentFlags) define(f *pflag.FlagSet) {
	f.StringVar(&i.folder, "folder", "", "where each incident gets a folder of its own (default incidents) (`DIR`)")
	f.Var(&i.settle, "settle", "how long an incident must have been over before its report is made (default 10m)")
	f.Var(&i.gap, "gap", "how much quiet time alerts of the same component may have between them (default 15m)")
	f.Var(&i.since, "since", "how far back incidents are looked for (default 1d)")
	f.Var(&i.retention, "retention", "delete reports this long after the end of their incident (default never)")
	i.settleIsSet = func() bool { return f.Lookup("settle").Changed }
}

func (i *incidentFlags) defineReport(f *pflag.FlagSet) {
	f.StringArrayVarP(&i.output.specs, "output", "o", nil, "a format of the reports, besides json: "+strings.Join(render.Names(), ", ")+"; may be repeated (default md and html) (`FORMAT`)")
	i.output.defineLook(f)
	f.BoolVar(&i.bundle, "bundle", true, "keep the evidence beside the report, as hindcast collect does: unmasked, in "+bundleName)
}

func (i *incidentFlags) defineBehaviour(f *pflag.FlagSet) {
	f.IntVar(&i.workers, "workers", 0, "how many workers read side by side for one report (default one a processor) (`N`)")
	f.Var(&i.timeout, "timeout", "stop collecting for one report after this long and render what is there")
}

// reporting makes reports of incidents and keeps them: what a configuration and flags say about that, resolved.
type reporting struct {
	*app
	cfg       *config.Config
	flags     *incidentFlags
	paths     []string
	command   string
	archive   *archive.Archive
	formats   []render.Format
	mask      redact.Options
	options   render.Options
	fold      incident.Options
	settle    time.Duration
	since     time.Duration
	retention time.Duration
	bundle    bool

	destinations []*destination.Destination
	// recalled are alerts that only earlier passes have seen.
	recalled []event.Event
}

// reporting resolves flags and configuration, and opens the archive.
func (a *app) reporting(cfg *config.Config, paths []string, command string, i *incidentFlags) (*reporting, error) {
	r := &reporting{app: a, cfg: cfg, flags: i, paths: paths, command: command, since: incident.DefaultSince, settle: incident.DefaultSettle}
	r.bundle = i.bundle && (cfg.Incidents.Bundle == nil || *cfg.Incidents.Bundle)
	r.fold = incident.Options{Gap: incident.DefaultGap, Require: cfg.Incidents.RequireLabels}
	set := func(to *time.Duration, configured *config.Duration) {
		if configured != nil {
			*to = time.Duration(*configured)
		}
	}
	set(&r.settle, cfg.Incidents.Settle)
	set(&r.fold.Gap, cfg.Incidents.Gap)
	if i.settleIsSet() {
		r.settle = time.Duration(i.settle)
	}
	r.fold.Gap = cmp.Or(time.Duration(i.gap), r.fold.Gap)
	r.since = cmp.Or(time.Duration(i.since), time.Duration(cfg.Incidents.Since), r.since)
	r.retention = cmp.Or(time.Duration(i.retention), time.Duration(cfg.Incidents.Retention))
	if r.retention > 0 && r.retention <= r.since {
		return nil, usage("what is deleted sooner than it is looked for would be made again", "retention must be longer than since")
	}
	var err error
	if r.formats, err = reportFormats(i.output.specs, cfg.Reports); err != nil {
		return nil, err
	}
	if r.mask, err = i.output.masking(a, cfg); err != nil {
		return nil, err
	}
	if r.options, err = i.output.options(a); err != nil {
		return nil, err
	}
	if _, err := a.rules(cfg); err != nil {
		return nil, err
	}
	if slices.Contains(paths, "-") {
		return nil, usage("name files and folders, or sources in "+config.Name, "stdin cannot be read more than once")
	}
	if r.destinations, err = destinations(cfg); err != nil {
		return nil, err
	}
	r.archive, err = archive.Open(cmp.Or(i.folder, cfg.Incidents.Folder, "incidents"))
	if err != nil {
		return nil, failed("name another with --folder", "%w", err)
	}
	return r, nil
}

// reportFormats are the formats of -o, else those of the configuration, else Markdown and HTML; and JSON in any case.
func reportFormats(specs []string, configured []config.Report) ([]render.Format, error) {
	if len(specs) == 0 {
		for _, c := range configured {
			specs = append(specs, c.Format)
		}
	}
	if len(specs) == 0 {
		specs = []string{"md", "html"}
	}
	var formats []render.Format
	for _, name := range append(specs, "json") {
		if name, _, hasPath := strings.Cut(name, "="); hasPath {
			return nil, usage("write -o "+name, "-o %s=: every incident has a folder of its own, where the report is called report", name)
		}
		f, err := render.Lookup(name)
		if err != nil {
			return nil, usage(formatHint(name), "%s", err)
		}
		if !slices.ContainsFunc(formats, func(o render.Format) bool { return o.Name == f.Name }) {
			formats = append(formats, f)
		}
	}
	return formats, nil
}

// terms are those of the configuration; pause is how long a report that cannot be made waits to be tried again.
func (r *reporting) terms(pause time.Duration) archive.Terms {
	return archive.Terms{Settle: r.settle, Since: r.since, Gap: r.fold.Gap, MostAttempts: mostAttempts, Pause: pause}
}

// make reconstructs an incident and puts its report into the archive. extra are events that no source has any more.
// An interrupted one is not kept, since the next process can do it whole.
func (r *reporting) make(ctx context.Context, i incident.Incident, extra []event.Event) (archive.Record, error) {
	rec := archive.RecordOf(&i)
	scratch, remove, err := r.archive.Scratch()
	if err != nil {
		return rec, failed("", "%w", err)
	}
	defer remove()
	t, evidence, err := r.timeline(ctx, &i, extra, scratch)
	if err != nil {
		return rec, err
	}
	if err := ctx.Err(); err != nil {
		return rec, err
	}
	bad, worked := health(t)
	if bad > 0 && worked == 0 {
		return rec, failed("try: hindcast check sources", "no source gave evidence: %s", firstGap(t))
	}
	t = redact.Timeline(t, r.mask)
	rec.Made, rec.Verdict, rec.Incomplete = time.Now().UTC(), string(t.Verdict), bad > 0 || t.Incomplete
	if len(t.Suspects) > 0 {
		rec.Suspect, rec.Confidence = t.Suspects[0].Title, t.Suspects[0].Confidence
	}
	for _, s := range t.Summary {
		rec.Story = append(rec.Story, s.Text)
	}
	files, err := r.render(t, rec)
	if err != nil {
		return rec, err
	}
	kept, err := r.archive.Put(rec, files, mergeReport, evidence...)
	if err != nil {
		return rec, failed("", "%w", err)
	}
	for _, name := range kept {
		r.log.Warn("a person has changed a file so that it cannot be renewed; the new one stands beside it", "file", r.archive.Path(rec.ID, name))
	}
	return rec, r.archive.Forgive(rec.ID)
}

// timeline explains the window of an incident, and keeps the evidence in a bundle in scratch, if that is wanted.
func (r *reporting) timeline(ctx context.Context, i *incident.Incident, extra []event.Event, scratch string) (*timeline.Timeline, []string, error) {
	own, cfg := *r.app, *r.cfg
	own.at = own.now()
	ctx, cancel := limited(ctx, limitFlags{timeout: r.flags.timeout}, &cfg)
	defer cancel()
	if r.bundle {
		w, err := bundle.Create(scratch)
		if err != nil {
			return nil, nil, failed("", "%w", err)
		}
		own.recorder = w
		defer own.stopRecording()
	}
	w := &windower{flags: &windowFlags{}, global: cfg.Global, clock: own.clock()}
	in := &inquiry{cfg: &cfg, explicit: true, windower: w, workers: r.flags.workers}
	in.window = w.around(*i.Lead(), i.Range, event.Range{})
	in.command = fmt.Sprintf("%s --from %s --to %s", r.command, event.Time(in.window.From).Format(time.RFC3339), event.Time(in.window.To).Format(time.RFC3339))
	var err error
	if in.src, in.whole, err = own.openDated(ctx, &cfg, r.paths, &r.flags.sources, in.window.To); err != nil {
		return nil, nil, err
	}
	defer in.src.Close() //nolint:errcheck // it was only read
	in.whole.events = append(in.whole.events, extra...)
	found, t, err := own.reconstruct(ctx, in)
	if err != nil || !r.bundle {
		return t, nil, err
	}
	path := filepath.Join(scratch, bundleName)
	if err := own.writeBundle(windowAsked(in.window), in, found, path, false); err != nil {
		r.log.Warn("the evidence could not be kept", "incident", i.ID, "err", err)
		return t, nil, nil
	}
	return t, []string{path}, nil
}

// windowAsked are the flags that give a window again to somebody who runs the bundle.
func windowAsked(win event.Window) *pflag.FlagSet {
	var (
		c cobra.Command
		w windowFlags
	)
	section(&c, "Window", w.define)
	for name, at := range map[string]int64{"from": win.From, "to": win.To} {
		if err := c.Flags().Set(name, event.Time(at).Format(time.RFC3339Nano)); err != nil {
			panic("BUG: " + err.Error())
		}
	}
	return c.Flags()
}

func (r *reporting) render(t *timeline.Timeline, rec archive.Record) (archive.Files, error) {
	files := archive.Files{}
	for _, f := range r.formats {
		o := r.options
		o.Incident, o.Generated = rec.ID, rec.Made
		o.Title = fmt.Sprintf("%s, %s", rec.Name, rec.From.Format("2006-01-02 15:04"))
		var b bytes.Buffer
		if err := f.Write(&b, t, o); err != nil {
			return nil, failed("", "writing %s: %w", f.Name, err)
		}
		files["report"+f.Extensions[0]] = b.Bytes()
	}
	return files, nil
}

// mergeReport renews what is the program's in a draft. Files of the other formats are for reading only.
func mergeReport(name string, old, fresh []byte) ([]byte, error) {
	if filepath.Ext(name) != ".md" {
		return fresh, nil
	}
	updated, _, err := render.Update(string(old), string(fresh))
	return []byte(updated), err
}

func firstGap(t *timeline.Timeline) string {
	for _, c := range t.Coverage {
		for _, g := range c.Gaps {
			if g.Failed {
				return fmt.Sprintf("source %q: %s", c.Source, g.Reason)
			}
		}
	}
	return ""
}

// fail notes that a report could not be made, and says so.
func (r *reporting) fail(rec archive.Record, reason error) error {
	f, err := r.archive.Failed(rec, time.Now(), reason)
	text := fmt.Sprintf("incident %s: %s", rec.ID, reason)
	if f.Attempts >= mostAttempts {
		text += fmt.Sprintf("; given up after %d attempts, to try again delete %s", f.Attempts, r.archive.Path(rec.ID+".failed.json"))
	}
	return errors.Join(failed("", "%s", text), err)
}
