package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hindcast/hindcast/ingest/file"
	"github.com/hindcast/hindcast/ingest/format"
)

func newParse(a *app) *cobra.Command {
	var (
		s        sourceFlags
		clusters bool
	)
	c := &cobra.Command{
		Use: "parse FILE|DIR|-...", Short: "show what files were taken for: format, component, first record",
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
					a.tellRecognised(f.Recognised())
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

func (a *app) tellRecognised(all []file.Recognition) {
	for _, r := range all {
		what := r.Format
		if what == "" {
			what = "not used: " + r.Reason
		}
		fmt.Fprintf(a.stdout, "%s\n  format     %s (%.0f %%)\n  component  %s\n  first      %s\n", r.Path, what, 100*r.Confidence, r.Component, firstLine(r.Sample))
		for _, n := range r.Notes {
			fmt.Fprintf(a.stdout, "  note       %s\n", n)
		}
	}
}

func firstLine(s string) string {
	l, _, _ := strings.Cut(s, "\n")
	if len(l) > 160 {
		l = l[:160] + "…"
	}
	return l
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
