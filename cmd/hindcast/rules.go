package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hindcast/hindcast/correlate"
	"github.com/hindcast/hindcast/correlate/rule"
	"github.com/hindcast/hindcast/correlate/rule/library"
	"github.com/hindcast/hindcast/correlate/summary"
)

func newRules(a *app) *cobra.Command {
	c := &cobra.Command{Use: "rules", Short: "list | show | graph | import | extract: the conditions that are known", Args: cobra.ArbitraryArgs, RunE: group}
	var more ruleFlags
	more.define(c.PersistentFlags())
	c.AddCommand(
		&cobra.Command{Use: "list", Short: "list all conditions with role and place", Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error {
			set, err := a.allRules(&more)
			if err != nil {
				return err
			}
			for _, r := range set.Rules() {
				fmt.Fprintf(a.stdout, "%-40s %-8s %s\n", r.ID, r.Role, r.Position())
			}
			return nil
		}},
		&cobra.Command{Use: "show ID", Short: "show a condition: what causes it, what to check next", Args: cobra.ExactArgs(1), RunE: func(_ *cobra.Command, args []string) error {
			set, err := a.allRules(&more)
			if err != nil {
				return err
			}
			r := set.Rule(args[0])
			if r == nil {
				return usage("see: hindcast rules list", "no condition is called %q", args[0])
			}
			a.tellRule(set, r)
			return nil
		}},
		&cobra.Command{
			Use: "graph [ID]...", Short: "the cause graph as Mermaid, whole or around some conditions", Args: cobra.ArbitraryArgs,
			RunE: func(_ *cobra.Command, args []string) error {
				set, err := a.allRules(&more)
				if err != nil {
					return err
				}
				text, err := set.Graph(rule.Mermaid, args...)
				if err != nil {
					return usage("see: hindcast rules list", "%s", err)
				}
				_, err = fmt.Fprint(a.stdout, text)
				return err
			},
		},
		newImport(a),
		newExtract(a, &more),
	)
	return c
}

// ruleFlags name rule files besides those of the library and the configuration.
type ruleFlags struct{ files, without []string }

func (r *ruleFlags) define(f *pflag.FlagSet) {
	f.StringArrayVar(&r.files, "rule.file", nil, "rules besides those that ship and those of the configuration; may be repeated (`GLOB`)")
	f.StringSliceVar(&r.without, "rule.without", nil, "leave out these files of rules, such as redis.yml (`NAME,...`)")
}

func newTest(a *app) *cobra.Command {
	c := &cobra.Command{Use: "test", Short: "rules FILE...: run the unit tests of rules", Args: cobra.ArbitraryArgs, RunE: group}
	var junit string
	rules := &cobra.Command{
		Use: "rules FILE_test.yml...", Short: "run unit tests, in the manner of promtool test rules", Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return a.testRules(c.Context(), args, junit) },
	}
	rules.Flags().StringVar(&junit, "junit", "", "write the results as JUnit XML too (`FILE`)")
	c.AddCommand(rules)
	return c
}

func (a *app) testRules(ctx context.Context, names []string, junit string) error {
	var all []rule.Result
	bad := 0
	for _, name := range names {
		results, err := rule.Test(ctx, os.DirFS(filepath.Dir(name)), []string{filepath.Base(name)}, testOptions)
		if err != nil {
			return usage("", "%s", err)
		}
		all = append(all, results...)
	}
	for i := range all {
		r := &all[i]
		if r.OK() {
			continue
		}
		bad++
		fmt.Fprintf(a.stdout, "FAIL %s:%d: %s\n", r.File, r.Line, r.Name)
		for _, f := range r.Failures {
			fmt.Fprintf(a.stdout, "  %s\n", f)
		}
	}
	fmt.Fprintf(a.stdout, "%d passed, %d failed\n", len(all)-bad, bad)
	if junit != "" {
		data, err := rule.JUnit(all)
		if err != nil {
			return failed("", "%w", err)
		}
		if err := writeFile(junit, data, true); err != nil {
			return err
		}
	}
	if bad > 0 {
		return exitWith(exitFindings, "tests failed")
	}
	return nil
}

// testOptions let tests name rule files that ship, and ask for suspects.
var testOptions = rule.TestOptions{Shipped: library.FS, Suspects: suspectsOf}

// suspectsOf explains facts as a run does and gives the causes suspected.
func suspectsOf(ctx context.Context, set *rule.Set, f rule.Facts) ([]string, error) {
	engine, err := correlate.New(correlate.Options{Rules: set, Window: f.Window, Topology: *f.Topology})
	if err != nil {
		return nil, err
	}
	t, err := engine.Explain(ctx, []*summary.Summary{f.Summary}, nil)
	if err != nil {
		return nil, err
	}
	var causes []string
	for _, s := range t.Suspects {
		causes = append(causes, s.Cause)
	}
	return causes, nil
}

func newCheck(a *app) *cobra.Command {
	c := &cobra.Command{Use: "check", Short: "config | rules | sources: is what you wrote valid, and do the servers answer?", Args: cobra.ArbitraryArgs, RunE: group}
	c.AddCommand(
		&cobra.Command{Use: "config [DIR]", Short: "read the configuration and say what is wrong with it", Args: cobra.MaximumNArgs(1), RunE: func(_ *cobra.Command, args []string) error {
			cfg, err := a.config(args...)
			if err != nil {
				return err
			}
			if cfg.Path == "" {
				return usage("name it with --config.file FILE", "there is no configuration")
			}
			fmt.Fprintf(a.stdout, "%s: ok\n", cfg.Path)
			return nil
		}},
		newCheckRules(a), newCheckSources(a),
	)
	return c
}

func newCheckRules(a *app) *cobra.Command {
	var strict bool
	c := &cobra.Command{
		Use: "rules [FILE]...", Short: "read rule files together with those that ship", Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error { return a.checkRules(args, strict) },
	}
	c.Flags().BoolVar(&strict, "strict", false, "end with status 3 if there are warnings too")
	return c
}

// checkRules says what is wrong with rule files and what looks wrong. If it is strict, warnings are something to fail for.
func (a *app) checkRules(patterns []string, strict bool) error {
	set, err := correlate.LibraryWith(patterns...)
	if err != nil {
		return &fault{code: exitFindings, err: err}
	}
	warnings := 0
	for i, p := range patterns {
		known, err := ruleFiles(slices.Concat(patterns[:i], patterns[i+1:]))
		if err != nil {
			return err
		}
		findings, err := rule.Check(os.DirFS(filepath.Dir(p)), []string{filepath.Base(p)}, known...)
		if err != nil {
			return failed("", "%w", err)
		}
		for k := range findings {
			if findings[k].Level != "note" {
				warnings++
			}
			fmt.Fprintf(a.stdout, "%s (%s)\n\n", findings[k].String(), findings[k].Check)
		}
	}
	if warnings == 0 {
		fmt.Fprintf(a.stdout, "%d conditions, %d edges: ok\n", set.Len(), len(set.Edges()))
		return nil
	}
	fmt.Fprintf(a.stdout, "%d conditions, %d edges: %d warnings\n", set.Len(), len(set.Edges()), warnings)
	if strict {
		return exitWith(exitFindings, "the rules have warnings")
	}
	return nil
}

// ruleFiles reads the library and what patterns on the disk name.
func ruleFiles(patterns []string) ([]*rule.File, error) {
	files, err := rule.ReadFiles(library.FS, library.Globs...)
	for _, p := range patterns {
		more, e := rule.ReadFiles(os.DirFS(filepath.Dir(p)), filepath.Base(p))
		files, err = append(files, more...), errors.Join(err, e)
	}
	return files, err
}

// allRules are those that ship, those of the configuration and those of the command line.
func (a *app) allRules(more *ruleFlags) (*rule.Set, error) {
	cfg, err := a.config()
	if err != nil {
		return nil, err
	}
	set, err := correlate.LibraryWithout(more.without, append(cfg.RuleFiles, more.files...)...)
	if err != nil {
		return nil, usage("", "%s", err)
	}
	return set, nil
}

func (a *app) tellRule(set *rule.Set, r *rule.Rule) {
	fmt.Fprintf(a.stdout, "%s (%s), %s\n%s\n", r.ID, r.Role, r.Position(), r.Title)
	for _, e := range set.Edges() {
		switch {
		case e.Effect == r.ID && e.Cause == "":
			fmt.Fprintf(a.stdout, "caused by  a change %v (%s)\n", e.Changes, e.Reach)
		case e.Effect == r.ID:
			fmt.Fprintf(a.stdout, "caused by  %s (%s)\n", e.Cause, e.Reach)
		case e.Cause == r.ID:
			fmt.Fprintf(a.stdout, "causes     %s (%s)\n", e.Effect, e.Reach)
		}
	}
	for _, n := range r.NextChecks {
		fmt.Fprintf(a.stdout, "check      %s\n", n)
	}
	for _, n := range r.References {
		fmt.Fprintf(a.stdout, "reference  %s\n", n)
	}
}
