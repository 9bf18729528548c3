package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/fetch"
	"github.com/hindcast/hindcast/ingest/file"
)

// checkSpan is how much time check looks at unless told otherwise.
const checkSpan = time.Hour

func newCheckSources(a *app) *cobra.Command {
	var window windowFlags
	var sources sourceFlags
	c := &cobra.Command{
		Use: "sources [FILE|DIR]...", Short: "ask every source what it is, how its clock goes and what it holds of the window",
		Long: "sources asks every server of the configuration, or of the flags, whether it answers, what it is, how its clock goes, how much\n" +
			"it holds of the window (the last hour unless told otherwise) and of the time that is compared with it, and what a run would\n" +
			"ask. It ends with status 3 if a source cannot be read or its clock is wrong.",
		Example: "  hindcast check sources --since 2h\n  hindcast check sources --source prod-logs\n  hindcast check sources --elasticsearch.url https://es:9200",
		RunE: func(c *cobra.Command, args []string) error {
			a.at, a.patience = a.now(), fetch.Patience{Attempts: 2} // whoever checks wants to know soon
			cfg, err := a.config(folders(args)...)
			if err != nil {
				return err
			}
			if window == (windowFlags{}) {
				window.since = durationFlag(checkSpan)
			}
			in, err := a.inquire(c.Context(), cfg, args, &window, &sources)
			if err != nil {
				return err
			}
			defer in.src.Close() //nolint:errcheck // only spooled copies of stdin are removed
			bad, err := a.survey(c.Context(), in)
			if err == nil && bad > 0 {
				return exitWith(exitFindings, "sources cannot be read")
			}
			return err
		},
	}
	section(c, "Window", window.define)
	section(c, "Sources", sources.define)
	return c
}

// dryRun says what a run would look at and ask for.
func (a *app) dryRun(ctx context.Context, in *inquiry) error {
	bad, err := a.survey(ctx, in)
	if err == nil && bad > 0 {
		return exitWith(exitPartial, "sources cannot be read")
	}
	return err
}

// survey asks the sources of an inquiry about themselves, without pulling what they hold, and writes down what they say. It
// returns how many of them cannot be used as they are.
func (a *app) survey(ctx context.Context, in *inquiry) (bad int, err error) {
	win, err := a.findWindow(ctx, in)
	if err != nil {
		return 0, err
	}
	found := &gathered{window: win}
	if err := a.prepare(in, found); err != nil {
		return 0, err
	}
	q := ingest.Query{Range: win.All(), Window: win, Wanted: found.engine.Wanted(), Parts: a.parts(in.workers), Alerts: in.whole.events}
	fmt.Fprintf(a.stdout, "window    %s UTC (%s)\n", shownRange(win.Range), win.Source)
	fmt.Fprintf(a.stdout, "baseline  %s UTC\n", shownRange(win.Baseline))
	fmt.Fprintf(a.stdout, "asked     %s UTC, the lookback and all of the above\n", shownRange(q.Range))
	for _, s := range in.src.all() {
		if !a.surveySource(ctx, s, q) {
			bad++
		}
	}
	return bad, ctx.Err()
}

func shownRange(r event.Range) string {
	return event.Time(r.From).Format(time.DateTime) + " .. " + event.Time(r.To).Format(time.DateTime)
}

// surveySource writes down what one source says, and tells whether it is all right.
func (a *app) surveySource(ctx context.Context, s ingest.Source, q ingest.Query) bool {
	if f, ok := s.(*file.Source); ok {
		fmt.Fprintf(a.stdout, "\n%s: %d files, read whole\n", s.Name(), len(f.Recognised()))
		return true
	}
	c, ok := s.(ingest.Checker)
	if !ok {
		fmt.Fprintf(a.stdout, "\n%s: cannot be checked\n", s.Name())
		return true
	}
	r, err := c.Check(ctx, q)
	if err != nil {
		fmt.Fprintf(a.stdout, "\n%s: FAILED: %s\n", s.Name(), err)
		return false
	}
	fmt.Fprintf(a.stdout, "\n%s: %s\n", s.Name(), strings.Join(given(r.Product, r.Server), " at "))
	clock, right := shownClock(r)
	fmt.Fprintf(a.stdout, "  clock   %s\n", clock)
	writeSize(a.stdout, r)
	for i, text := range r.Asked {
		label := "      "
		if i == 0 {
			label = "asks  "
		}
		fmt.Fprintf(a.stdout, "  %s  %s\n", label, text)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(a.stdout, "  note    %s\n", n)
	}
	return right
}

// given leaves out what is empty.
func given(list ...string) []string {
	var kept []string
	for _, s := range list {
		if s != "" {
			kept = append(kept, s)
		}
	}
	return kept
}

func writeSize(w io.Writer, r ingest.Report) {
	switch {
	case r.Records < 0:
		fmt.Fprintln(w, "  holds   it cannot be told how much")
	case r.Bytes > 0:
		fmt.Fprintf(w, "  holds   %s records, about %s\n", counted(r.Records), shownBytes(r.Bytes))
	default:
		fmt.Fprintf(w, "  holds   %s records\n", counted(r.Records))
	}
}

// wrongClock is by how much a clock may be wrong: more would put causes behind their effects.
const wrongClock = 2 * time.Second

// shownClock says how a server's clock goes, and whether that will do.
func shownClock(r ingest.Report) (text string, right bool) {
	if r.ClockError == 0 {
		return "not told", true
	}
	off := r.Clock.Abs().Round(time.Millisecond)
	by := r.ClockError.Round(time.Millisecond)
	switch {
	case r.Clock.Abs() <= r.ClockError:
		return fmt.Sprintf("right, to ± %s", by), true
	case r.Clock > 0:
		text = fmt.Sprintf("%s ahead of this machine's, to ± %s", off, by)
	default:
		text = fmt.Sprintf("%s behind this machine's, to ± %s", off, by)
	}
	if r.Clock.Abs()-r.ClockError <= wrongClock {
		return text, true
	}
	return "WRONG: " + text, false
}

// shownBytes writes a number of bytes for a person.
func shownBytes(n int64) string {
	const unit = 1024
	if n < unit {
		return fmt.Sprintf("%d bytes", n)
	}
	f := float64(n) / unit
	for _, name := range []string{"KiB", "MiB", "GiB"} {
		if f < unit {
			return fmt.Sprintf("%.1f %s", f, name)
		}
		f /= unit
	}
	return fmt.Sprintf("%.1f TiB", f)
}
