package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/file"
	"github.com/spf13/cobra"

	"github.com/hindcast/hindcast/cmd/hindcast/config"
	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/render"
	"github.com/hindcast/hindcast/render/redact"
)

// queryFormats are those that show single entries.
var queryFormats = []string{"text", "csv", "jsonl", "timesketch"}

// A row is an entry as expressions see it.
type row struct {
	ID         string    `expr:"id"`
	Time       time.Time `expr:"time"`
	End        time.Time `expr:"end"`
	Kind       string    `expr:"kind"`
	Role       string    `expr:"role"`
	Component  string    `expr:"component"`
	Source     string    `expr:"source"`
	Title      string    `expr:"title"`
	Count      int64     `expr:"count"`
	Confidence float64   `expr:"confidence"`
	Starred    bool      `expr:"starred"`
	Evidence   []string  `expr:"evidence"`
	Text       string    `expr:"text"`
}

var rowNames = []string{"id", "time", "end", "kind", "role", "component", "source", "title", "count", "confidence", "starred", "evidence", "text"}

func newQuery(a *app) *cobra.Command {
	var format string
	c := &cobra.Command{
		Use: "query FILE.json|BUNDLE EXPRESSION", Short: "filter the entries of a saved result",
		Long: "query prints the entries of a saved result for which an expression is true. The expression is one of expr-lang; it knows\n" +
			strings.Join(rowNames, ", ") + " (text is what the evidence says),\nand date(\"2026-11-18T14:00:00Z\") makes a time to compare with.",
		Example: "  hindcast query inc.json 'kind == \"alert\" && confidence > 0.5'\n" +
			"  hindcast query inc.json 'component == \"orders-db\" and text contains \"FATAL\"' -o csv\n" +
			"  hindcast query inc.json 'time > date(\"2026-11-18T14:05:00Z\")' -o jsonl",
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			if !slices.Contains(queryFormats, format) {
				return usage("it is one of "+strings.Join(queryFormats, ", "), "-o %s: unknown format", format)
			}
			t, _, err := a.saved(c.Context(), args[0])
			if err != nil {
				return err
			}
			t = redact.Timeline(t, redact.Options{})
			kept, err := filter(t, args[1])
			if err != nil {
				return err
			}
			return a.printEntries(t, kept, format)
		},
	}
	c.Flags().StringVarP(&format, "output", "o", "text", strings.Join(queryFormats, ", ")+" (`FORMAT`)")
	return c
}

// filter gives the entries for which the expression is true.
func filter(t *timeline.Timeline, expression string) ([]timeline.Entry, error) {
	program, err := expr.Compile(expression, expr.Env(row{}), expr.AsBool(), expr.MaxNodes(500))
	if err != nil {
		return nil, expressionFault(err)
	}
	texts := map[string]string{}
	for _, v := range t.Evidence {
		texts[v.ID] = v.Text
	}
	var kept []timeline.Entry
	for _, e := range t.Entries {
		r := row{
			ID: e.ID, Time: e.Time, Kind: e.Kind, Role: string(e.Role), Component: e.Component, Source: e.Source, Title: e.Title,
			Count: e.Count, Confidence: e.Confidence, Starred: e.Starred, Evidence: e.Evidence,
		}
		if e.End != nil {
			r.End = *e.End
		}
		for _, id := range e.Evidence {
			r.Text += texts[id] + "\n"
		}
		yes, err := expr.Run(program, r)
		if err != nil {
			return nil, failed("", "evaluating the expression on %s: %w", e.ID, err)
		}
		if yes == true {
			kept = append(kept, e)
		}
	}
	return kept, nil
}

// expressionFault shows where an expression is wrong, and the name that was meant.
func expressionFault(err error) error {
	var fe *file.Error
	if !errors.As(err, &fe) {
		return usage("", "the expression: %s", err)
	}
	hint := "names are " + strings.Join(rowNames, ", ")
	if name, ok := strings.CutPrefix(fe.Message, "unknown name "); ok {
		if n := config.Nearest(name, rowNames); n != "" {
			hint = fmt.Sprintf("did you mean %q?", n)
		}
	}
	return usage(hint, "the expression, column %d: %s%s", fe.Column+1, fe.Message, fe.Snippet)
}

func (a *app) printEntries(t *timeline.Timeline, kept []timeline.Entry, format string) error {
	if format == "jsonl" {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		for _, e := range kept {
			if err := enc.Encode(e); err != nil {
				return err
			}
		}
		_, err := a.stdout.Write(b.Bytes())
		return err
	}
	if format == "text" {
		for _, e := range kept {
			_, err := fmt.Fprintln(a.stdout, safe(fmt.Sprintf("%-4s %s  %-10s %-10s %-20s %s [%s]", e.ID, e.Time.In(a.loc).Format(time.DateTime), e.Kind, e.Role, e.Component, strings.ReplaceAll(e.Title, "\n", " "), strings.Join(e.Evidence, " "))))
			if err != nil {
				return err
			}
		}
		return nil
	}
	some := *t
	some.Entries = kept
	return render.Write(a.stdout, format, &some, render.Options{})
}
