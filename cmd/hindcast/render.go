package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hindcast/hindcast/cmd/hindcast/config"
	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/ingest/bundle"
	"github.com/hindcast/hindcast/render"
	"github.com/hindcast/hindcast/render/redact"
)

func newRender(a *app) *cobra.Command {
	var (
		o                outputFlags
		update, listOpen string
	)
	c := &cobra.Command{
		Use: "render FILE.json|BUNDLE", Short: "write reports of a saved result again, without asking any source",
		Long: "render reads a result that was saved with -o json and writes it in other formats.\n\n" +
			"With --update it renews the generated blocks of a Markdown draft that people have worked on. Blocks that somebody has\n" +
			"changed stay as they are, and what they would be now is put below as a comment.",
		Example: "  hindcast render inc.json -o html=inc.html\n  hindcast render inc.json --update inc.md\n  hindcast render --list-open inc.md",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if listOpen != "" {
				if len(args) > 0 || update != "" {
					return usage("", "--list-open takes the draft alone")
				}
				return listPlaces(a.stdout, listOpen)
			}
			if len(args) == 0 {
				return usage("for stdin write: hindcast render -", "the file of a saved result is missing")
			}
			return a.render(c.Context(), args[0], update, &o)
		},
	}
	section(c, "Draft", func(f *pflag.FlagSet) {
		f.StringVar(&update, "update", "", "renew the untouched blocks of a draft (`FILE`)")
		f.StringVar(&listOpen, "list-open", "", "list the places of a draft that only a person can fill in (`FILE`)")
	})
	section(c, "Output", o.define)
	return c
}

func (a *app) render(ctx context.Context, path, update string, o *outputFlags) error {
	t, cfg, err := a.saved(ctx, path)
	if err != nil {
		return err
	}
	if cfg == nil {
		if cfg, err = a.config(); err != nil {
			return err
		}
	}
	mask, err := o.masking(a, cfg)
	if err != nil {
		return err
	}
	r, err := o.options(a)
	if err != nil {
		return err
	}
	t = redact.Timeline(t, mask)
	if update != "" {
		if len(o.specs) > 0 {
			return usage("", "--update and -o cannot be used together")
		}
		return a.update(update, t, r)
	}
	outs, err := o.outputs(onTerminal(a.stdout))
	if err != nil {
		return err
	}
	return o.write(a, outs, t, r)
}

var templateLine = regexp.MustCompile(`(?m)^template: ([a-z]+)\r?$`)

// update renews a draft in place. The draft says itself which template it was made with.
func (a *app) update(path string, t *timeline.Timeline, r render.Options) error {
	draft, err := os.ReadFile(path)
	if err != nil {
		return failed("", "reading the draft: %w", err)
	}
	if m := templateLine.FindSubmatch(draft); m != nil && r.Template == "" && r.TemplateText == "" {
		if r.Template = string(m[1]); r.Template == "own" {
			return usage("name it again with --template FILE", "%s was made with a template of your own", path)
		}
	}
	var fresh bytes.Buffer
	if err := render.Write(&fresh, "md", t, r); err != nil {
		return failed("", "%w", err)
	}
	updated, kept, err := render.Update(string(draft), fresh.String())
	if err != nil {
		return failed("mend the line, or write a new draft with -o md=FILE", "%s: %w", path, err)
	}
	if err := writeFile(path, []byte(updated), true); err != nil {
		return err
	}
	for _, name := range kept {
		a.note("warning: %s: block %q was changed by a person and is kept; what it would be now stands below it as a comment", path, name)
	}
	a.note("updated  %s", path)
	return nil
}

func listPlaces(w io.Writer, path string) error {
	draft, err := os.ReadFile(path)
	if err != nil {
		return failed("", "reading the draft: %w", err)
	}
	var b strings.Builder
	for _, p := range render.Open(string(draft)) {
		fmt.Fprintf(&b, "%s:%d: %s\n", path, p.Line, p.Text)
	}
	_, err = io.WriteString(w, b.String())
	return err
}

// saved reads a result that was saved as JSON; "-" is stdin. Of a bundle it makes the result, and gives the configuration
// in it.
func (a *app) saved(ctx context.Context, path string) (*timeline.Timeline, *config.Config, error) {
	if bundle.Is(path) {
		r, err := a.replay(ctx, path, nil)
		if err != nil {
			return nil, nil, err
		}
		r.close()
		return r.timeline, r.cfg, nil
	}
	r := a.stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			if pe, ok := errors.AsType[*os.PathError](err); ok {
				err = pe.Err // which does not name the file again
			}
			return nil, nil, failed("a result is made with: hindcast run … -o json=FILE", "%s: %w", path, err)
		}
		defer f.Close()
		r = f
	}
	t, err := render.Read(r)
	if err != nil {
		return nil, nil, failed("a result is made with: hindcast run … -o json=FILE", "%s: %w", path, err)
	}
	return t, nil, nil
}

// config reads the configuration that is named, or found in one of the folders or the usual places.
func (a *app) config(folders ...string) (*config.Config, error) {
	path := a.configFile
	if path == "" {
		found, err := config.Find(folders...)
		if err != nil {
			return nil, failed("", "looking for %s: %w", config.Name, err)
		}
		path = found
	}
	cfg := &config.Config{}
	if path != "" {
		read, err := config.Load(path)
		if err != nil {
			return nil, &fault{code: exitUsage, err: err}
		}
		cfg = read
	}
	if a.timezone == "" {
		a.loc = cfg.Location()
	}
	return cfg, nil
}
