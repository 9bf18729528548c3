package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// sectionKey is the annotation that says under which heading a flag is shown.
const sectionKey = "section"

// section adds flags to a command under a heading.
func section(c *cobra.Command, name string, define func(f *pflag.FlagSet)) {
	f := pflag.NewFlagSet(name, pflag.ContinueOnError)
	f.SortFlags = false
	define(f)
	f.VisitAll(func(flag *pflag.Flag) {
		flag.Annotations = map[string][]string{sectionKey: {name}}
	})
	c.Flags().SortFlags = false
	c.Flags().AddFlagSet(f)
}

func writeHelp(w io.Writer, c *cobra.Command) {
	text := c.Long
	if text == "" {
		text = c.Short
	}
	fmt.Fprintf(w, "%s\n\n", strings.TrimSpace(text))
	writeUsage(w, c) //nolint:errcheck // help that cannot be written has no reader
}

// writeUsage writes how a command is called. Cobra's own would show "--help[=true|false]" since pflag 1.1.
func writeUsage(w io.Writer, c *cobra.Command) error {
	var b strings.Builder
	b.WriteString("Usage\n")
	if c.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "  %s COMMAND\n", c.CommandPath())
	} else {
		fmt.Fprintf(&b, "  %s\n", useLine(c))
	}
	if c.Example != "" {
		fmt.Fprintf(&b, "\nExamples\n%s\n", c.Example)
	}
	if c.HasAvailableSubCommands() {
		b.WriteString("\nCommands\n")
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() {
				fmt.Fprintf(&b, "  %-12s %s\n", sub.Name(), sub.Short)
			}
		}
	}
	writeFlags(&b, c)
	_, err := io.WriteString(w, b.String())
	return err
}

// useLine shows a command with its arguments.
func useLine(c *cobra.Command) string { return strings.Replace(c.UseLine(), " [flags]", "", 1) }

func writeFlags(b *strings.Builder, c *cobra.Command) {
	var order []string
	bySection := map[string][]*pflag.Flag{}
	add := func(name string, f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		if !slices.Contains(order, name) {
			order = append(order, name)
		}
		bySection[name] = append(bySection[name], f)
	}
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		switch s := f.Annotations[sectionKey]; {
		case len(s) > 0:
			add(s[0], f)
		case c.HasParent():
			add("Flags", f)
		default:
			add("Everywhere", f)
		}
	})
	c.InheritedFlags().VisitAll(func(f *pflag.Flag) { add("Everywhere", f) })
	for _, name := range order {
		fmt.Fprintf(b, "\n%s\n", name)
		for _, f := range bySection[name] {
			writeFlag(b, f)
		}
	}
}

func writeFlag(b *strings.Builder, f *pflag.Flag) {
	name, text := pflag.UnquoteUsage(f)
	if f.Value.Type() == "bool" {
		name = ""
	}
	text = strings.ReplaceAll(text, " ("+name+")", "")
	left := "      --" + f.Name
	if f.Shorthand != "" {
		left = "  -" + f.Shorthand + ", --" + f.Name
	}
	if name != "" {
		left += " " + name
	}
	if d := f.DefValue; d != "" && d != "false" && d != "[]" && d != "0" && !strings.Contains(text, "(default") {
		text += " (default " + d + ")"
	}
	if len(left) > 33 {
		fmt.Fprintf(b, "%s\n%-34s%s\n", left, "", text)
		return
	}
	fmt.Fprintf(b, "%-34s%s\n", left, text)
}
