package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hindcast/hindcast/cmd/hindcast/config"
	"github.com/hindcast/hindcast/render"
)

// A topic is a page of help that belongs to no command.
type topic struct {
	name, short string
	text        func() string
}

// topics are the pages that `hindcast help` knows besides the commands.
var topics = []topic{
	{"exit-codes", "what the exit statuses mean", func() string { return exitCodesText }},
	{"times", "how times and durations are written", func() string { return timesText }},
	{"formats", "what can be read and written", formatsText},
	{"config", "where hindcast.yml is looked for and what it holds", func() string { return configText }},
	{"environment", "the variables that are looked at", func() string { return environmentText }},
}

func newHelp() *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND|TOPIC]", Short: "help on a command or one of: exit-codes, times, formats, config, environment",
		RunE: func(c *cobra.Command, args []string) error {
			w := c.OutOrStdout()
			if len(args) == 0 {
				writeHelp(w, c.Root())
				fmt.Fprintln(w, "\nTopics (hindcast help TOPIC)")
				for _, t := range topics {
					fmt.Fprintf(w, "  %-12s %s\n", t.name, t.short)
				}
				return nil
			}
			var names []string
			for _, t := range topics {
				if t.name == args[0] {
					fmt.Fprintln(w, strings.TrimSpace(t.text()))
					return nil
				}
				names = append(names, t.name)
			}
			found, rest, err := c.Root().Find(args)
			if err == nil && len(rest) == 0 && found != c.Root() {
				writeHelp(w, found)
				return nil
			}
			for _, sub := range c.Root().Commands() {
				names = append(names, sub.Name())
			}
			hint := "topics are " + strings.Join(names[:len(topics)], ", ")
			if n := config.Nearest(args[0], names); n != "" {
				hint = fmt.Sprintf("did you mean %q?", "hindcast help "+n)
			}
			return usage(hint, "no help on %q", strings.Join(args, " "))
		},
	}
}

const exitCodesText = `
  0    done; an empty window is no failure
  1    failed while running; all sources failed; a source failed and --strict is set
  2    wrong use, or a configuration or rules that are not valid
  3    check or test found something; verify found a claim that is not supported
  4    a result was made, but a source failed or was cut: see "Data coverage" in the report
  5    --fail-on matched
  130  interrupted; what had been read by then was rendered and is marked incomplete`

const timesText = `
Times
  2026-11-18T14:00:05Z        RFC 3339
  2026-11-18 14:00[:05]       without a zone: UTC, or what --timezone says; the reading is printed
  14:00[:05]                  of today, or for --to of the day of --from
  1763474405                  Unix seconds, milliseconds, microseconds or nanoseconds, told apart by their length
  now, now-1h30m, now-1d/d    relative; /d is the beginning of the day, so are /m /h /w /M /y

Durations are written as Prometheus does: 90s, 1h30m, 3d, 2w.

Without --from, --since, --around, --alert or --pagerduty the window is taken from the alerts that are found, and without any from the
evidence itself. Which it was is printed, with the reason.`

const configText = `
hindcast.yml is taken from --config.file or HINDCAST_CONFIG_FILE, else from the folder that is being read, the working
folder, $XDG_CONFIG_HOME/hindcast/ and /etc/hindcast/, whichever has one first. None is needed.

It is read strictly: unknown fields are errors. Paths in it are relative to it. Secrets stand in files of their own.
Check it with: hindcast check config

  global:
    timezone: Europe/Berlin           # of times that name none
    window: {lead: 30m, lag: 15m}     # added to a window taken from an alert
    baseline: 4h                      # compared with
    lookback: 3d                      # searched for changes and trends
  files:                              # for what cannot be recognised by its content
    - {path: 'postgres/*.log*', service: orders-db, host: db-1, timezone: Europe/Berlin}
    - {path: app.log, fields: {time: ts, message: msg, level: lvl, service: app}}
  sources:
    - name: deploys
      files: {paths: [deploys/*.jsonl]}
  services:                           # who calls whom
    - {name: api, calls: [orders-db, redis]}
  rule_files: [rules/*.yml]           # besides the rules that ship
  redaction: {mode: on, rules: [{name: order-id, regex: 'ord_[0-9a-f]{16}'}], salt_file: salt}
  incidents: {folder: incidents, settle: 10m, retention: 90d}   # for watch and serve
  destinations:                       # where their reports are sent as well
    - {name: share, folder: {path: /srv/postmortems}}

All fields are described in docs/operations.md.`

const environmentText = `
  HINDCAST_CONFIG_FILE   as --config.file; the flag wins
  NO_COLOR               no colours, whatever its value
  CLICOLOR_FORCE         colours even where stdout is no terminal, unless 0
  CI                     progress is printed plainly, one line a source

No secret is ever taken from the environment.`

func formatsText() string {
	var b strings.Builder
	b.WriteString("Reports (-o FORMAT[=FILE])\n")
	for _, f := range render.Formats {
		fmt.Fprintf(&b, "  %-12s %s\n", f.Name, f.Doc)
	}
	b.WriteString("\nEvidence is recognised by its content, never by its name alone; see what was found with: hindcast parse FILE\n")
	b.WriteString(readableText())
	return b.String()
}
