package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// newMan writes man pages, for packages. Cobra's own generator would bring a Markdown library into the program.
func newMan() *cobra.Command {
	return &cobra.Command{
		Use: "man DIR", Short: "write the man pages into a folder", Hidden: true, Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return failed("", "%w", err)
			}
			return writePages(c.Root(), args[0])
		},
	}
}

// writePages writes the page of a command and those of the commands below it.
func writePages(c *cobra.Command, dir string) error {
	path := filepath.Join(dir, pageName(c)+".1")
	if err := os.WriteFile(path, []byte(manPage(c)), 0o644); err != nil { //nolint:gosec // it is to be read
		return failed("", "%w", err)
	}
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			if err := writePages(sub, dir); err != nil {
				return err
			}
		}
	}
	return nil
}

func pageName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// manPage is the page of one command, in the man macros.
func manPage(c *cobra.Command) string {
	var b strings.Builder
	name := pageName(c)
	fmt.Fprintf(&b, ".TH %s 1 \"\" \"hindcast %s\" \"User Commands\"\n.SH NAME\n%s \\- %s\n.SH SYNOPSIS\n.B %s\n", strings.ToUpper(roff(name)), roff(programVersion()), roff(name), roff(c.Short), roff(c.CommandPath()))
	if c.HasAvailableSubCommands() {
		b.WriteString(".I COMMAND\n")
	} else {
		b.WriteString(roff(strings.TrimSpace(strings.TrimPrefix(strings.Replace(c.UseLine(), " [flags]", "", 1), c.CommandPath()))) + "\n")
	}
	if c.Long != "" {
		b.WriteString(".SH DESCRIPTION\n" + paragraphs(c.Long))
	}
	if c.HasAvailableSubCommands() {
		b.WriteString(".SH COMMANDS\n")
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() {
				fmt.Fprintf(&b, ".TP\n.BR %s (1)\n%s\n", roff(pageName(sub)), roff(sub.Short))
			}
		}
	}
	if options := manOptions(c); options != "" {
		b.WriteString(".SH OPTIONS\n" + options)
	}
	if c.Example != "" {
		b.WriteString(".SH EXAMPLES\n.nf\n" + verbatim(c.Example) + ".fi\n")
	}
	if !c.HasParent() {
		b.WriteString(".SH EXIT STATUS\n.nf\n" + verbatim(exitCodesText) + ".fi\n.SH ENVIRONMENT\n.nf\n" + verbatim(environmentText) + ".fi\n.SH FILES\n.nf\n" + verbatim(configText) + ".fi\n")
	}
	return b.String()
}

func manOptions(c *cobra.Command) string {
	var b strings.Builder
	section := ""
	each := func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		if s := f.Annotations[sectionKey]; len(s) > 0 && s[0] != section {
			section = s[0]
			fmt.Fprintf(&b, ".SS %s\n", roff(section))
		}
		value, text := pflag.UnquoteUsage(f)
		if f.Value.Type() == "bool" {
			value = ""
		}
		head := `\fB\-\-` + roff(f.Name) + `\fR`
		if f.Shorthand != "" {
			head = `\fB\-` + f.Shorthand + `\fR, ` + head
		}
		if value != "" {
			head += ` \fI` + roff(value) + `\fR`
		}
		fmt.Fprintf(&b, ".TP\n%s\n%s\n", head, roff(strings.ReplaceAll(text, " ("+value+")", "")))
	}
	c.LocalFlags().VisitAll(each)
	if c.HasParent() && c.InheritedFlags().HasAvailableFlags() {
		section = ""
		b.WriteString(".SS Everywhere\n")
		c.InheritedFlags().VisitAll(each)
	}
	return b.String()
}

// paragraphs sets a text whose paragraphs are separated by empty lines; indented lines stay as they are.
func paragraphs(text string) string {
	var b strings.Builder
	for i, p := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if i > 0 {
			b.WriteString(".PP\n")
		}
		if strings.HasPrefix(p, " ") {
			b.WriteString(".nf\n" + verbatim(p) + ".fi\n")
			continue
		}
		b.WriteString(verbatim(p))
	}
	return b.String()
}

func verbatim(text string) string {
	var b strings.Builder
	for l := range strings.SplitSeq(strings.Trim(text, "\n"), "\n") {
		b.WriteString(roff(l) + "\n")
	}
	return b.String()
}

// roff escapes what roff would read as its own: backslashes, hyphens that are to stay, and a dot or quote at the start.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		return `\&` + text
	}
	return text
}
