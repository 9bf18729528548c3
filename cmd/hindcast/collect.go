package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hindcast/hindcast/correlate"
	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
)

// collectFlags are the flags of collect.
type collectFlags struct {
	window  windowFlags
	sources sourceFlags
	rules   ruleFlags
	reading readFlags
	output  string
	force   bool
	strict  bool
}

func newCollect(a *app) *cobra.Command {
	var f collectFlags
	c := &cobra.Command{
		Use: "collect [FILE|DIR|-]... BUNDLE", Short: "only fetch the evidence of a window into one file, to work offline or to hand on",
		Long: "collect asks the same of the same sources as run does, and keeps what they gave, as it came, in one file. It is read with\n" +
			"hindcast run BUNDLE, which gives what run would have given, and a report is checked against it with hindcast verify.\n\n" +
			"A bundle holds no credentials, but all the evidence, unmasked: keep it as you keep your logs.",
		Example: "  hindcast collect --around '2026-11-18 14:05' --window 45m inc-4127.bundle && hindcast run inc-4127.bundle\n" +
			"  hindcast collect evidence/ -o inc.bundle",
		RunE: func(c *cobra.Command, args []string) error { return a.collect(c, args, &f) },
	}
	section(c, "Window", f.window.define)
	section(c, "Sources", f.sources.define)
	section(c, "Rules", f.rules.define)
	section(c, "Output", func(fs *pflag.FlagSet) {
		fs.StringVarP(&f.output, "output", "o", "", "the bundle (default the last argument) (`FILE`)")
		fs.BoolVar(&f.force, "force", false, "overwrite a file that exists")
	})
	section(c, "Behaviour", func(fs *pflag.FlagSet) {
		f.reading.define(fs)
		fs.BoolVar(&f.strict, "strict", false, "a failed source is an error")
	})
	return c
}

// collect reads all evidence as run does and keeps it instead of explaining it.
func (a *app) collect(c *cobra.Command, paths []string, f *collectFlags) error {
	if f.output == "" {
		if len(paths) == 0 {
			return usage("write it as: hindcast collect … FILE.bundle", "collect needs the name of the bundle to write")
		}
		f.output, paths = paths[len(paths)-1], paths[:len(paths)-1]
	}
	a.at = a.now()
	cfg, err := a.config(folders(paths)...)
	if err != nil {
		return err
	}
	cfg.RuleFiles = append(cfg.RuleFiles, f.rules.files...)
	if err := a.record(f.output, f.force); err != nil {
		return err
	}
	defer a.stopRecording()
	ctx, cancel := limited(c.Context(), f.reading.limits, cfg)
	defer cancel()
	in, err := a.inquire(ctx, cfg, paths, &f.window, &f.sources)
	if err != nil {
		return err
	}
	defer in.src.Close() //nolint:errcheck // only spooled copies of stdin are removed
	in.workers, in.command = f.reading.workers, a.commandOf(c, paths)
	found, err := a.gather(ctx, in, func(*correlate.Engine) ingest.Observer { return passedBy{} })
	if err != nil {
		return err
	}
	if err := a.writeBundle(c.Flags(), in, found, f.output, f.force); err != nil {
		return err
	}
	return a.missing(ctx, found, f.strict, "the bundle says what")
}

// passedBy observes nothing: all that counts is that the source was read.
type passedBy struct{}

// Observe leaves the batch.
func (passedBy) Observe(*event.Batch) {}
