package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/hindcast/hindcast/cmd/hindcast/archive"
	"github.com/hindcast/hindcast/cmd/hindcast/config"
	"github.com/hindcast/hindcast/cmd/hindcast/incident"
	"github.com/hindcast/hindcast/ingest/event"
)

// startedBefore is how much further back than --since alerts are asked for: an incident that ended in that time may have
// begun before it.
const startedBefore = 12 * time.Hour

func newWatch(a *app) *cobra.Command {
	var i incidentFlags
	c := &cobra.Command{
		Use: "watch [FILE|DIR]...", Short: "make a report of every incident that has ended: one pass, for cron and timers",
		Long: "watch looks for incidents, which are alerts that overlap or follow each other on one component, in the history of\n" +
			"alerts, and writes the report of each that is over into a folder of its own. It keeps no state but these folders: run\n" +
			"it as often as you like, kill it, run it twice at once, and every incident has one finished report. One that goes on\n" +
			"after its report was made has it made again; what people have written into the draft stays.\n\n" +
			"The paths of the folders that were written are printed.",
		Example: "  hindcast watch --folder /var/lib/hindcast\n  hindcast watch --prometheus.url http://prometheus:9090 --settle 5m -o html\n  hindcast watch --since 4w evidence/",
		RunE: func(c *cobra.Command, args []string) error {
			return a.watch(c, args, &i)
		},
	}
	section(c, "Incidents", i.define)
	section(c, "Sources", i.sources.define)
	section(c, "Report", i.defineReport)
	section(c, "Behaviour", i.defineBehaviour)
	return c
}

// watch is one pass: look for incidents, make the reports that are due, remove the old ones.
func (a *app) watch(c *cobra.Command, paths []string, i *incidentFlags) error {
	ctx := c.Context()
	cfg, err := a.config(folders(paths)...)
	if err != nil {
		return err
	}
	r, err := a.reporting(cfg, paths, a.commandOf(c, paths), i)
	if err != nil {
		return err
	}
	unlock, err := r.archive.Lock(ctx, func() { a.note("waiting for another hindcast that works in %s", r.archive.Dir()) })
	switch {
	case ctx.Err() != nil:
		return exitWith(exitInterrupted, "interrupted")
	case err != nil:
		return failed("", "%w", err)
	}
	defer unlock()
	faults := []error{r.pass(ctx)}
	if r.retention > 0 && ctx.Err() == nil {
		gone, err := r.archive.Expire(time.Now().Add(-r.retention))
		for _, id := range gone {
			a.note("deleted  %s, which was kept for %s", id, durationFlag(r.retention).text())
		}
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// pass makes the reports that are due now. One that cannot be made does not keep the others.
func (r *reporting) pass(ctx context.Context) error {
	now := time.Now()
	events, missing, err := r.alerts(ctx, now)
	if err != nil {
		return err
	}
	records, err := r.archive.List()
	faults := []error{err}
	failures, err := r.archive.Failures()
	faults = append(faults, err)
	incidents := incident.Fold(incident.Firings(events, now.UnixNano()), r.fold)
	plan := archive.Plan(incidents, records, failures, r.terms(0), now)
	due := slices.DeleteFunc(slices.Clone(plan), func(p archive.Planned) bool { return p.State != archive.IsDue })
	r.note("found    %s in the last %s, %s due", counting(len(incidents), "incident"), durationFlag(r.since+startedBefore).text(), counting(len(due), "report"))
	for _, i := range due {
		rec, err := r.make(ctx, i.Incident, r.recalled)
		switch {
		case ctx.Err() != nil:
			return exitWith(exitInterrupted, "interrupted")
		case err != nil:
			faults = append(faults, r.fail(rec, err))
			continue
		}
		fmt.Fprintln(r.stdout, r.archive.Path(rec.ID))
	}
	faults = append(faults, r.deliverAll(ctx, now))
	for _, p := range plan {
		if p.State == archive.IsGivenUp {
			r.note("warning: the report of %s was given up after %d attempts: %s", p.ID, p.Failure.Attempts, p.Failure.Reason)
		}
	}
	if err := errors.Join(faults...); err != nil {
		return err
	}
	if missing {
		r.note("warning: some alerts may be missing")
		return exitWith(exitPartial, "some alerts may be missing")
	}
	return nil
}

// deliverAll sends the reports of the time that is looked back to, where they have not been taken yet.
func (r *reporting) deliverAll(ctx context.Context, now time.Time) error {
	records, err := r.archive.List()
	faults := []error{err}
	for _, rec := range records {
		if rec.To.Before(now.Add(-r.since)) {
			continue
		}
		if _, err := r.deliver(ctx, rec, true); err != nil {
			faults = append(faults, failed("the report is in "+r.archive.Path(rec.ID)+"; the next pass tries again", "sending the report of %s: %w", rec.ID, err))
		}
	}
	return errors.Join(faults...)
}

// alerts asks all sources for the alerts of the time that is looked back to. missing is set if one failed.
func (r *reporting) alerts(ctx context.Context, now time.Time) (events []event.Event, missing bool, err error) {
	src, whole, err := r.openDated(ctx, r.cfg, r.paths, &r.flags.sources, 0)
	if err != nil {
		return nil, false, err
	}
	defer src.Close() //nolint:errcheck // it was only read
	from := now.Add(-r.since - startedBefore)
	whole.pull(ctx, src.paging, event.Range{From: from.UnixNano(), To: now.UnixNano()})
	if whole.err != nil {
		return nil, false, failed("", "%w", whole.err)
	}
	asked, broken := 0, 0
	var reason error
	for name, c := range whole.coverage {
		asked++
		for _, g := range c.Gaps {
			if g.Failed {
				broken, reason, missing = broken+1, fmt.Errorf("source %q: %s", name, g.Reason), true
				r.note("  ! %s: %s", name, g.Reason)
				break
			}
		}
	}
	if broken > 0 && broken == asked {
		return nil, true, failed("try: hindcast check sources", "%w", reason)
	}
	recalled, err := r.recall(src.chosen, whole, now)
	if err != nil {
		return nil, missing, err
	}
	return append(whole.events, recalled...), missing, nil
}

// recall gives the alerts that only earlier passes have seen, and notes those that this one sees.
func (r *reporting) recall(sources []config.Source, whole *collector, now time.Time) ([]event.Event, error) {
	var answered []string
	for _, c := range sources {
		if c.Alertmanager != nil && !slices.ContainsFunc(whole.coverage[c.Name].Gaps, func(h event.Hole) bool { return h.Failed }) {
			answered = append(answered, c.Name)
		}
	}
	seen, err := r.archive.Seen()
	if err != nil {
		r.log.Warn("what earlier passes have seen cannot be read", "err", err)
	}
	if len(answered) == 0 && len(seen) == 0 {
		return nil, nil
	}
	kept, recalled := remember(seen, whole.events, answered, now, now.Add(-r.since-startedBefore))
	r.recalled = recalled
	if err := r.archive.SetSeen(kept); err != nil {
		return nil, failed("", "%w", err)
	}
	return recalled, nil
}

func counting(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return counted(int64(n)) + " " + what + "s"
}
