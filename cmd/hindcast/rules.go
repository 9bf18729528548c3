package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/hindcast/hindcast/correlate"
	"github.com/hindcast/hindcast/correlate/rule"
)

func newRules(a *app) *cobra.Command {
	c := &cobra.Command{Use: "rules", Short: "list | show ID: the conditions that are known", Args: cobra.ArbitraryArgs, RunE: group}
	c.AddCommand(
		&cobra.Command{Use: "list", Short: "list all conditions with role and place", Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error {
			set, err := a.allRules()
			if err != nil {
				return err
			}
			for _, r := range set.Rules() {
				fmt.Fprintf(a.stdout, "%-40s %-8s %s\n", r.ID, r.Role, r.Position())
			}
			return nil
		}},
		&cobra.Command{Use: "show ID", Short: "show a condition: what causes it, what to check next", Args: cobra.ExactArgs(1), RunE: func(_ *cobra.Command, args []string) error {
			set, err := a.allRules()
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
				set, err := a.allRules()
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
	)
	return c
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
		results, err := rule.Test(ctx, os.DirFS(filepath.Dir(name)), []string{filepath.Base(name)}, rule.TestOptions{})
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

func newCheck(a *app) *cobra.Command {
	c := &cobra.Command{Use: "check", Short: "config | rules: is what you wrote valid?", Args: cobra.ArbitraryArgs, RunE: group}
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
		&cobra.Command{Use: "rules [FILE]...", Short: "read rule files together with those that ship", Args: cobra.ArbitraryArgs, RunE: func(_ *cobra.Command, args []string) error {
			set, err := correlate.LibraryWith(args...)
			if err != nil {
				return &fault{code: exitFindings, err: err}
			}
			fmt.Fprintf(a.stdout, "%d conditions, %d edges: ok\n", set.Len(), len(set.Edges()))
			return nil
		}},
	)
	return c
}

// allRules are those that ship and those of the configuration.
func (a *app) allRules() (*rule.Set, error) {
	cfg, err := a.config()
	if err != nil {
		return nil, err
	}
	set, err := correlate.LibraryWith(cfg.RuleFiles...)
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
