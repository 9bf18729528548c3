package main

import (
	"bytes"
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hindcast/hindcast/cmd/hindcast/config"
	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/ingest/bundle"
	"github.com/hindcast/hindcast/render"
	"github.com/hindcast/hindcast/render/redact"
)

func newVerify(a *app) *cobra.Command {
	var o outputFlags
	c := &cobra.Command{
		Use: "verify REPORT.json BUNDLE", Short: "check every claim of a report against the evidence in a bundle",
		Long: "verify checks the SHA-256 of all that is in the bundle, reconstructs the report's window from it once more, and compares\n" +
			"every field of the report with what comes out; then it looks up the text of log evidence where the report says that it\n" +
			"stands. It prints each claim that is not supported, with its place, and ends with status 3 if there is one.\n\n" +
			"Title and command are not claims. A report that was masked in another way than the configuration in the bundle says\n" +
			"needs the same --redact and --people here.",
		Example: "  hindcast verify inc.json inc.bundle",
		Args:    cobra.ExactArgs(2),
		RunE:    func(c *cobra.Command, args []string) error { return a.verify(c.Context(), args[0], args[1], &o) },
	}
	section(c, "Output", func(f *pflag.FlagSet) {
		f.StringVar(&o.redact, "redact", "", "on, strict or off: how the report was masked (default as the bundle's configuration says) (`MODE`)")
		f.BoolVar(&o.people, "people", false, "names of people were left in it")
	})
	return c
}

func (a *app) verify(ctx context.Context, report, path string, o *outputFlags) error {
	text, err := os.ReadFile(report)
	if err != nil {
		return failed("", "reading the report: %w", err)
	}
	t, err := render.Read(bytes.NewReader(text))
	if err != nil {
		return failed("only JSON reports can be verified: hindcast run … -o json=FILE", "%s: %w", report, err)
	}
	if !bundle.Is(path) {
		return usage("make one with: hindcast collect", "%s is not a bundle", path)
	}
	r, err := a.replay(ctx, path, func(m *bundle.Manifest, in *inquiry) {
		win := windowOf(t)
		if reported := bundle.WindowOf(win); !reported.Same(m.Window) {
			a.note("note: the report is about another window than the bundle was collected for")
			in.window, in.settled = win, true
		}
	})
	if err != nil {
		return err
	}
	defer r.close()
	if err := a.bundle.Check(ctx); err != nil {
		return failed("copy or collect it again", "%w", err)
	}
	mask, err := o.masking(a, r.cfg)
	if err != nil {
		return err
	}
	claims, err := differences(text, redact.Timeline(r.timeline, mask))
	if err != nil {
		return failed("", "%s: %w", report, err)
	}
	places, err := a.lookUp(ctx, t)
	if err != nil {
		return failed("", "%w", err)
	}
	return a.tellClaims(t, append(claims, places...), path)
}

func (a *app) tellClaims(t *timeline.Timeline, claims []string, path string) error {
	for _, c := range claims {
		fmt.Fprintln(a.stdout, safe(c))
	}
	if len(claims) == 0 {
		a.note("verified %d entries, %d suspects and %d pieces of evidence: %s supports every claim", len(t.Entries), len(t.Suspects), len(t.Evidence), path)
		return nil
	}
	if m := a.bundle.Manifest(); t.Generator.RulesSHA256 != m.RulesSHA256 || t.Generator.Version != programVersion() {
		a.note("note: the report was made by version %s, the bundle by %s, and this is %s: other rules come to other conclusions", t.Generator.Version, m.Version, programVersion())
	}
	a.note("%d claims are not supported by %s", len(claims), path)
	return exitWith(exitFindings, "claims are not supported")
}

// A replayed result is one that was made from a bundle, which is still open.
type replayed struct {
	timeline *timeline.Timeline
	cfg      *config.Config
	close    func()
}

// replay makes the result of a bundle as it was asked for, unless change asks something else.
func (a *app) replay(ctx context.Context, path string, change func(*bundle.Manifest, *inquiry)) (r *replayed, err error) {
	var w windowFlags
	c := &cobra.Command{}
	section(c, "Window", w.define)
	_, done, err := a.openBundle([]string{path}, c.Flags())
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			done()
		}
	}()
	r = &replayed{close: done}
	if r.cfg, err = a.evidenceConfig(ctx, nil); err != nil {
		return nil, err
	}
	in, err := a.inquire(ctx, r.cfg, nil, &w, &sourceFlags{})
	if err != nil {
		return nil, err
	}
	defer in.src.Close() //nolint:errcheck // what was unpacked goes with the bundle
	in.command = a.bundle.Manifest().Command
	if change != nil {
		change(a.bundle.Manifest(), in)
	}
	_, r.timeline, err = a.reconstruct(ctx, in)
	return r, err
}
