package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/hindcast/hindcast/correlate/rule"
)

func newImport(a *app) *cobra.Command {
	var to string
	var force bool
	c := &cobra.Command{
		Use: "import FILE...", Short: "write CRE and Sigma rules as conditions",
		Long: "import reads rules of prequel (CRE) and Sigma and writes them as conditions without causes, which hindcast check rules\n" +
			"accepts. What it could not take, or not as it was meant, is told on stderr with its place.",
		Example: "  hindcast rules import cre/*.yaml -o imported.yml",
		Args:    cobra.MinimumNArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return a.importRules(args, to, force) },
	}
	c.Flags().StringVarP(&to, "output", "o", "", "where to write them (default stdout) (`FILE`)")
	c.Flags().BoolVar(&force, "force", false, "overwrite the file if it exists")
	return c
}

func (a *app) importRules(names []string, to string, force bool) error {
	var files []rule.Foreign
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			return usage("", "%s", plainError(err))
		}
		files = append(files, rule.Foreign{Name: name, Data: data})
	}
	got, err := rule.Import(files...)
	if got != nil {
		for _, f := range got.Left {
			fmt.Fprintf(a.stderr, "%s: %s\n", f.Place(), f.What)
		}
	}
	switch {
	case errors.Is(err, rule.ErrNothingTaken):
		return &fault{code: exitFindings, err: err}
	case err != nil:
		return failed("", "%w", err)
	}
	if to == "" {
		_, err = a.stdout.Write(got.YAML)
	} else {
		err = writeFile(to, got.YAML, force)
	}
	if err != nil {
		return err
	}
	a.note("took     %d conditions of %d files, with %d remarks", len(got.Taken), len(files), len(got.Left))
	return nil
}
