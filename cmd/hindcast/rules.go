package main

import (
	"fmt"

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
	)
	return c
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
