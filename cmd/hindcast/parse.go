package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/file"
	"github.com/hindcast/hindcast/ingest/format"
)

func newParse(a *app) *cobra.Command {
	var (
		s        sourceFlags
		clusters bool
	)
	c := &cobra.Command{
		Use: "parse FILE|DIR|-...", Short: "show what files were taken for and what was understood of them",
		Long: "parse reads files whole and shows what each was taken for and why, how many records have a stamp, their levels, an example of\n" +
			"each level as it was understood, and the first lines that were not.",
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if clusters && (len(args) > 1 || len(folders(args)) > 0) {
				return usage("run it once for each file", "--clusters reads one file")
			}
			cfg, err := a.config(folders(args)...)
			if err != nil {
				return err
			}
			src, err := a.open(c.Context(), cfg, args, &s, 0)
			if err != nil {
				return err
			}
			defer src.Close() //nolint:errcheck // only spooled copies of stdin are removed
			if clusters {
				return a.clusters(c.Context(), src.all())
			}
			for _, one := range src.all() {
				if f, ok := one.(*file.Source); ok {
					if err := f.Inspect(c.Context(), a.tellInspected); err != nil {
						return failed("", "%w", err)
					}
				}
			}
			return nil
		},
	}
	section(c, "Sources", func(f *pflag.FlagSet) { s.defineFiles(f) })
	section(c, "Output", func(f *pflag.FlagSet) {
		f.BoolVar(&clusters, "clusters", false, "write the pattern of each record as CSV instead: line, cluster, pattern")
	})
	return c
}

// tellInspected writes what is known of a file.
func (a *app) tellInspected(in *file.Inspection) error {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "  %-10s %s\n", name, fmt.Sprintf(format, args...))
	}
	fmt.Fprintln(&b, in.Path)
	switch {
	case in.Format == "":
		line("not used", "%s", in.Reason)
	case in.Why == "":
		line("format", "%s", in.Format)
	default:
		line("format", "%s (%.0f %%: %s)", in.Format, 100*in.Confidence, in.Why)
	}
	if !in.Component.IsZero() {
		line("component", "%s", nameOf(in.Component))
	}
	if in.Coverage.Read > 0 {
		tellRecords(in, line)
	}
	for _, g := range in.Coverage.Gaps {
		line("gap", "%s", g.Reason)
	}
	for _, n := range in.Notes {
		line("note", "%s", n)
	}
	_, err := a.stdout.Write([]byte(b.String()))
	return err
}

// tellRecords writes what is known of a file's records.
func tellRecords(in *file.Inspection, line func(name, format string, args ...any)) {
	c := in.Coverage
	line("records", "%s", counted(c.Read))
	zone := ""
	if in.Local {
		zone = ", no zone in the stamps"
	}
	if in.First != 0 {
		line("time", "%s .. %s UTC%s", event.Time(in.First).Format(time.DateTime), event.Time(in.Last).Format(time.DateTime), zone)
	}
	line("stamps", "%s of the records have one", share(c.Kept-c.Borrowed, c.Read))
	var levels []string
	for s := event.Critical; ; s-- {
		if n := in.Levels[s]; n > 0 {
			levels = append(levels, fmt.Sprintf("%s %s", s, counted(n)))
		}
		if s == event.Unknown {
			break
		}
	}
	if len(levels) > 0 {
		line("levels", "%s", strings.Join(levels, ", "))
	}
	for _, e := range in.Examples {
		line("example", "%s", example(in.Path, e))
	}
	tellLines := func(name string, n int64, lines []file.Line) {
		if n > 0 {
			line(name, "%s, such as", counted(n))
		}
		for _, l := range lines {
			line("", "%s:%d: %s", in.Path, l.Number, printable(l.Text))
		}
	}
	tellLines("not understood", c.Unparsed, in.Odd)
	tellLines("no stamp", c.Borrowed, in.Stampless)
	for _, reason := range slices.Sorted(maps.Keys(c.Dropped)) {
		line("left out", "%s: %s", counted(c.Dropped[reason]), reason)
	}
}

// share writes a part of a whole in percent, and never says 100 where something is missing.
func share(n, of int64) string {
	if n == of {
		return "100 %"
	}
	return fmt.Sprintf("%.2f %%", math.Floor(1e4*float64(n)/float64(of))/100)
}

// example writes a record as it was understood.
func example(path string, e file.Example) string {
	s := fmt.Sprintf("%s:%d %s %s", path, e.Line, event.Time(e.Time).Format(time.RFC3339Nano), e.Severity)
	if !e.Component.IsZero() {
		s += " " + nameOf(e.Component)
	}
	if e.Logger != "" {
		s += " " + printable(e.Logger)
	}
	if e.Status != 0 {
		s += fmt.Sprintf(" status %d", e.Status)
	}
	if e.Duration != 0 {
		s += " in " + e.Duration.String()
	}
	s += ": " + printable(e.Message)
	if e.Details > 0 {
		s += fmt.Sprintf(" (+%d lines)", e.Details)
	}
	return s
}

// nameOf writes a component with its instance.
func nameOf(c event.Component) string {
	if c.Instance == "" || c.Instance == c.Name {
		return printable(c.Name)
	}
	return printable(c.Name + "/" + c.Instance)
}

// printable takes out what could steer a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '·'
		}
		return r
	}, s)
}

// readableText lists what files can hold.
func readableText() string {
	var b strings.Builder
	b.WriteString("\nLogs\n")
	for _, f := range format.All {
		fmt.Fprintf(&b, "  %-12s %s\n", f.Name, f.Doc)
	}
	b.WriteString("\nWhole documents\n")
	for _, d := range file.Documents() {
		fmt.Fprintf(&b, "  %-12s %s\n", d.Name, d.Doc)
	}
	return strings.TrimRight(b.String(), "\n")
}
