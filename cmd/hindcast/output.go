package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/hindcast/hindcast/cmd/hindcast/config"
	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/render"
	"github.com/hindcast/hindcast/render/redact"
)

// outputFlags are the flags of commands that write reports.
type outputFlags struct {
	specs           []string
	title, incident string
	template        string
	redact          string
	force, people   bool
	plain, all      bool
}

func (o *outputFlags) define(f *pflag.FlagSet) {
	f.StringArrayVarP(&o.specs, "output", "o", nil, "write a report, `FORMAT[=FILE]`: "+strings.Join(render.Names(), ", ")+"; may be repeated (default text on a terminal, md otherwise)")
	f.StringVar(&o.title, "title", "", "the report's title (`TEXT`)")
	f.StringVar(&o.incident, "incident", "", "the incident's number, for the head of the draft (`ID`)")
	o.defineLook(f)
	f.BoolVar(&o.force, "force", false, "overwrite files that exist")
}

// defineLook adds the flags that say how reports are to look, wherever they go.
func (o *outputFlags) defineLook(f *pflag.FlagSet) {
	f.StringVar(&o.template, "template", "", "the order of sections in Markdown: "+strings.Join(render.Templates(), ", ")+", or a file (`NAME`)")
	f.StringVar(&o.redact, "redact", "", "on, strict or off: what is masked (default on) (`MODE`)")
	f.BoolVar(&o.people, "people", false, "leave names of people in what they wrote")
	f.BoolVar(&o.plain, "plain", false, "Markdown without a Mermaid graph")
	f.BoolVar(&o.all, "all", false, "every entry, where a format shows the short story otherwise")
}

// An output is one report to write; without a path it goes to stdout.
type output struct {
	format render.Format
	path   string
}

// configured are the reports of the configuration, for a run without -o. Their paths are known when the window is; the
// folders that they lie in are made.
func (o *outputFlags) configured(reports []config.Report, t *timeline.Timeline, incident string) ([]output, error) {
	var all []output
	from := t.Window.From.UTC()
	n := config.ReportName{Incident: incident, From: from.Format("20060102-1504"), Date: from.Format(time.DateOnly)}
	if n.Incident == "" {
		n.Incident = n.From
	}
	for i, r := range reports {
		f, err := render.Lookup(r.Format)
		if err != nil {
			return nil, usage("", "reports[%d]: %s", i, err)
		}
		path, err := r.File(n)
		if err != nil {
			return nil, usage("", "reports[%d].path: %s", i, err)
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, failed("", "reports[%d]: %w", i, err)
		}
		if err := o.writable(path); err != nil {
			return nil, err
		}
		all = append(all, output{format: f, path: path})
	}
	return all, nil
}

// outputs reads the -o flags, and looks now for what would go wrong after the work is done.
func (o *outputFlags) outputs(terminal bool) ([]output, error) {
	specs := o.specs
	if len(specs) == 0 {
		specs = []string{"md"}
		if terminal {
			specs = []string{"text"}
		}
	}
	var all []output
	toStdout, paths := "", map[string]bool{}
	for _, spec := range specs {
		name, path, hasPath := strings.Cut(spec, "=")
		f, err := render.Lookup(name)
		if err != nil {
			return nil, usage(formatHint(spec), "-o %s: %s", spec, err)
		}
		switch {
		case !hasPath && toStdout != "":
			return nil, usage("give one of them a file: -o "+name+"=FILE", "-o %s and -o %s would both go to stdout", toStdout, name)
		case !hasPath:
			toStdout = name
		case path == "":
			return nil, usage("write it as -o "+name+"=FILE", "-o %s: the file is missing", spec)
		case paths[filepath.Clean(path)]:
			return nil, usage("", "-o %s: the file %s is written already", spec, path)
		default:
			if err := o.writable(path); err != nil {
				return nil, err
			}
			paths[filepath.Clean(path)] = true
		}
		all = append(all, output{format: f, path: path})
	}
	return all, nil
}

func formatHint(spec string) string {
	for _, f := range render.Formats {
		for _, e := range f.Extensions {
			if strings.HasSuffix(spec, e) {
				return fmt.Sprintf("-o takes a format first: -o %s=%s", f.Name, spec)
			}
		}
	}
	name, _, _ := strings.Cut(spec, "=")
	if n := config.Nearest(name, render.Names()); n != "" {
		return fmt.Sprintf("did you mean %q?", n)
	}
	return ""
}

func (o *outputFlags) writable(path string) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return usage("name a file in it", "%s is a folder", path)
	case err == nil && !o.force:
		return usage("use --force to overwrite it; for a draft that people have worked on: hindcast render --update", "%s exists", path)
	}
	if dir := filepath.Dir(path); dir != "." {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return usage("make it first", "there is no folder %s to write %s into", dir, filepath.Base(path))
		}
	}
	return nil
}

// options turns the flags into those of the renderers.
func (o *outputFlags) options(a *app) (render.Options, error) {
	r := render.Options{
		Title: o.title, Incident: o.incident, Generated: a.now(), Template: o.template,
		Plain: o.plain, All: o.all, Location: a.loc,
	}
	if o.template == "" {
		return r, nil
	}
	if slices.Contains(render.Templates(), o.template) {
		return r, nil
	}
	text, err := os.ReadFile(o.template)
	if err != nil {
		return r, usage("it is one of "+strings.Join(render.Templates(), ", ")+", or a file", "--template %s: %s", o.template, plainError(err))
	}
	r.Template, r.TemplateText = "", string(text)
	return r, nil
}

// masking turns the flags and the configuration into the options of redaction.
func (o *outputFlags) masking(a *app, c *config.Config) (redact.Options, error) {
	mode := c.Redaction.Mode
	if o.redact != "" {
		mode = o.redact
	}
	if mode == "" {
		mode = string(redact.On)
	}
	r := redact.Options{Mode: redact.Mode(mode), People: o.people}
	if mode != string(redact.On) && mode != string(redact.Strict) && mode != string(redact.Off) {
		return r, usage("it is one of on, strict, off", "--redact %s: unknown mode", mode)
	}
	for _, rule := range c.Redaction.Rules {
		own, err := redact.NewRule(rule.Name, rule.Regex)
		if err != nil {
			return r, usage("", "%s: %s", c.Path, err)
		}
		r.Rules = append(r.Rules, own)
	}
	if c.Redaction.SaltFile != "" {
		salt, err := os.ReadFile(c.Redaction.SaltFile)
		if err != nil && a.bundle != nil {
			a.note("warning: the salt of masks is not here (%s): masks differ from those of other reports", plainError(err))
			return r, nil
		}
		if err != nil {
			return r, usage("", "%s: redaction.salt_file: %s", c.Path, plainError(err))
		}
		r.Salt = bytes.TrimSpace(salt)
	}
	return r, nil
}

// write renders t into every output.
func (o *outputFlags) write(a *app, outs []output, t *timeline.Timeline, r render.Options) error {
	for _, out := range outs {
		r := r
		if out.path == "" {
			r.Color, r.Width = out.format.Name == "text" && a.colored(a.stdout), width(a.stdout)
			if err := out.format.Write(a.stdout, t, r); err != nil {
				return failed("", "writing %s to stdout: %w", out.format.Name, err)
			}
			continue
		}
		var b bytes.Buffer
		if err := out.format.Write(&b, t, r); err != nil {
			return failed("", "writing %s: %w", out.path, err)
		}
		if err := writeFile(out.path, b.Bytes(), o.force); err != nil {
			return err
		}
		a.note("wrote    %s", out.path)
	}
	return nil
}

// writeFile writes a file of which nobody ever sees half, see [placeFile].
func writeFile(path string, data []byte, force bool) error {
	return placeFile(path, 0o644, force, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// placeFile writes beside the file's place and renames into it, so that nobody ever sees half of it. Without force a
// file that has come to be there in the meantime is kept.
func placeFile(path string, mode fs.FileMode, force bool, write func(io.Writer) error) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return failed("", "writing %s: %w", path, err)
	}
	defer os.Remove(tmp.Name())
	if err := errors.Join(write(tmp), tmp.Chmod(mode), tmp.Close()); err != nil {
		return failed("", "writing %s: %w", path, err)
	}
	if force {
		if err := os.Rename(tmp.Name(), path); err != nil {
			return failed("", "writing %s: %w", path, err)
		}
		return nil
	}
	err = os.Link(tmp.Name(), path) // unlike a rename it fails where there is a file
	switch {
	case errors.Is(err, fs.ErrExist):
		return failed("use --force to overwrite it", "%s exists", path)
	case err == nil:
		return nil
	}
	if err := os.Rename(tmp.Name(), path); err != nil { // a file system without links
		return failed("", "writing %s: %w", path, err)
	}
	return nil
}

// plainError takes the operation and the path out of an error whose message names the path already.
func plainError(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}
