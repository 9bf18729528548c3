package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/hindcast/hindcast/cmd/hindcast/config"
	"github.com/hindcast/hindcast/ingest/bundle"
	"github.com/hindcast/hindcast/ingest/fetch"
)

// An app is what all commands share: where they read and write, and the global flags.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer

	configFile          string
	logLevel, logFormat string
	quiet, verbose      bool
	color, progress     string
	timezone            string

	log *slog.Logger
	loc *time.Location
	// at is the time that a run counts as now, the clock's if zero.
	at time.Time
	// bundle is where evidence comes from instead of files and servers, recorder where it is kept; nil mostly.
	bundle   *bundle.Reader
	recorder *bundle.Writer
	// patience is for servers that do not answer.
	patience fetch.Patience
}

const long = `hindcast reconstructs an incident: it reads what the systems recorded and writes an ordered timeline
with suspected root causes, as a draft of the postmortem.`

const examples = `  hindcast run evidence/                                  # a folder of logs, series, alerts and changes
  hindcast run --from 2026-11-18T13:45:00Z --to 14:50 logs/*.gz events.json -o md=inc.md -o json=inc.json
  kubectl logs deploy/orders --since=1h --timestamps | hindcast run --since 1h -
  hindcast render inc.json -o html=inc.html
  hindcast explain inc.json E4`

// newRoot puts the commands together.
func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use: "hindcast", Short: "reconstruct an incident from what the systems recorded", Long: long, Example: examples,
		SilenceErrors: true, SilenceUsage: true,
		Args: cobra.ArbitraryArgs, RunE: group,
		PersistentPreRunE: func(*cobra.Command, []string) error { return a.start() },
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	f := root.PersistentFlags()
	f.SortFlags = false
	f.StringVarP(&a.configFile, "config.file", "c", os.Getenv("HINDCAST_CONFIG_FILE"), "the configuration; without it hindcast.yml is looked for, see: hindcast help config (`FILE`)")
	f.StringVar(&a.logLevel, "log.level", "info", "debug, info, warn or error (`LEVEL`)")
	f.StringVar(&a.logFormat, "log.format", "logfmt", "logfmt or json (`FORMAT`)")
	f.BoolVarP(&a.quiet, "quiet", "q", false, "no progress, no summary, only errors")
	f.BoolVarP(&a.verbose, "verbose", "v", false, "as --log.level=debug")
	f.StringVar(&a.color, "color", "auto", "auto, always or never (`WHEN`)")
	f.StringVar(&a.progress, "progress", "auto", "auto, plain or none (`WHEN`)")
	f.StringVar(&a.timezone, "timezone", "", "of times that name none, and of times that are printed (default UTC) (`ZONE`)")
	root.SetFlagErrorFunc(flagError)
	root.SetUsageFunc(func(c *cobra.Command) error { return writeUsage(c.OutOrStdout(), c) })
	root.SetHelpFunc(func(c *cobra.Command, _ []string) { writeHelp(c.OutOrStdout(), c) })
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetHelpCommand(newHelp())
	root.AddCommand(newRun(a), newCollect(a), newWatch(a), newServe(a), newRender(a), newExplain(a), newQuery(a), newVerify(a), newParse(a), newCheck(a), newTest(a), newRules(a), newCompletion(), newMan(), newVersion())
	return root
}

// execute runs the command line. What goes wrong before a command starts is wrong use, whatever cobra calls it.
func execute(ctx context.Context, root *cobra.Command, args []string) error {
	root.SetArgs(args)
	started := false
	pre := root.PersistentPreRunE
	root.PersistentPreRunE = func(c *cobra.Command, args []string) error {
		started = true
		return pre(c, args)
	}
	c, err := root.ExecuteContextC(ctx)
	var f *fault
	switch {
	case err == nil || started || errors.As(err, &f):
		return err
	case strings.Contains(err.Error(), "arg(s)"):
		return usage("it is called as: "+useLine(c), "%s: wrong number of arguments: %d", c.CommandPath(), c.Flags().NArg())
	default:
		return usage("", "%s", err)
	}
}

// start checks the global flags and sets up what they are for.
func (a *app) start() error {
	for flag, v := range map[string]struct {
		value string
		among []string
	}{
		"color":      {a.color, []string{"auto", "always", "never"}},
		"progress":   {a.progress, []string{"auto", "plain", "none"}},
		"log.format": {a.logFormat, []string{"logfmt", "json"}},
		"log.level":  {a.logLevel, []string{"debug", "info", "warn", "error"}},
	} {
		if !slices.Contains(v.among, v.value) {
			return usage("", "--%s is %q but must be one of %s", flag, v.value, strings.Join(v.among, ", "))
		}
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(a.logLevel)); err != nil {
		return usage("", "--log.level: %s", err)
	}
	if a.verbose {
		level = slog.LevelDebug
	}
	if a.quiet {
		level = slog.LevelError
	}
	o := &slog.HandlerOptions{Level: level}
	if a.logFormat == "json" {
		a.log = slog.New(slog.NewJSONHandler(a.stderr, o))
	} else {
		a.log = slog.New(slog.NewTextHandler(a.stderr, o))
	}
	a.loc = time.UTC
	if a.timezone != "" {
		loc, err := time.LoadLocation(a.timezone)
		if err != nil {
			return usage("names are those of the time zone database: UTC, Europe/Berlin, America/New_York", "unknown time zone %q", a.timezone)
		}
		a.loc = loc
	}
	return nil
}

// now is the time that counts as now.
func (a *app) now() time.Time {
	if a.at.IsZero() {
		return time.Now()
	}
	return a.at
}

// clock reads the times of a command line.
func (a *app) clock() clock {
	return clock{now: a.now(), loc: a.loc, echo: func(text string, t time.Time) {
		a.note("reading %q as %s", text, t.Format(time.RFC3339))
	}}
}

// note tells a person something on stderr, unless told to be quiet.
func (a *app) note(format string, args ...any) {
	if !a.quiet {
		fmt.Fprintf(a.stderr, format+"\n", args...)
	}
}

// onTerminal tells whether w is a terminal.
func onTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// width is that of the terminal, 0 if w is none.
func width(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if n, _, err := term.GetSize(int(f.Fd())); err == nil {
			return n
		}
	}
	return 0
}

// colored tells whether what is written to w is to have colours.
func (a *app) colored(w io.Writer) bool {
	switch {
	case a.color == "always":
		return true
	case a.color == "never" || os.Getenv("NO_COLOR") != "":
		return false
	case os.Getenv("CLICOLOR_FORCE") != "" && os.Getenv("CLICOLOR_FORCE") != "0":
		return true
	default:
		return onTerminal(w) && os.Getenv("TERM") != "dumb"
	}
}

// group is the body of a command that only has commands below it. Cobra would print help for a wrong one and end well.
func group(c *cobra.Command, args []string) error {
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	switch {
	case len(args) == 0 && !c.HasParent():
		writeHelp(c.OutOrStdout(), c)
		return nil
	case len(args) == 0:
		return usage("see: "+c.CommandPath()+" --help", "%s needs one of %s", c.CommandPath(), strings.Join(names, ", "))
	}
	hint := "see: " + c.CommandPath() + " --help"
	if n := config.Nearest(args[0], names); n != "" {
		hint = fmt.Sprintf("did you mean %q?", c.CommandPath()+" "+n)
	}
	return usage(hint, "unknown command %q for %s", args[0], c.CommandPath())
}

var unknownFlag = regexp.MustCompile(`unknown flag: --(\S+)`)

// flagError gives the hint for a wrong flag that pflag does not.
func flagError(c *cobra.Command, err error) error {
	hint := "see: " + c.CommandPath() + " --help"
	if m := unknownFlag.FindStringSubmatch(err.Error()); m != nil {
		var names []string
		c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		c.InheritedFlags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if n := config.Nearest(m[1], names); n != "" {
			hint = fmt.Sprintf("did you mean --%s?", n)
		}
	}
	return usage(hint, "%s", err)
}
