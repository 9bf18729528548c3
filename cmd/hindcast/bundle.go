package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/hindcast/hindcast/cmd/hindcast/config"
	"github.com/hindcast/hindcast/ingest/bundle"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/file"
)

// ways are the flags that say what the window is; those of a bundle hold only if none of them is given.
var ways = []string{"from", "to", "since", "around", "window", "alert", "pagerduty"}

// openBundle opens the bundle among the paths, if there is one: then evidence, clock, zone and window are those that it
// was made with. It gives the paths that are left, and what is to be done at the end.
func (a *app) openBundle(paths []string, flags *pflag.FlagSet) (rest []string, done func(), err error) {
	i := slices.IndexFunc(paths, bundle.Is)
	if i < 0 {
		for _, p := range paths {
			if strings.HasSuffix(p, ".bundle") {
				return nil, nil, usage("make one with: hindcast collect", "%s is not a bundle", p)
			}
		}
		return paths, func() {}, nil
	}
	b, err := bundle.Open(paths[i])
	if err != nil {
		return nil, nil, failed("copy or collect it again", "%w", err)
	}
	done = func() { b.Close() } //nolint:errcheck // it was only read
	if err := a.useBundle(b, paths, flags); err != nil {
		done()
		return nil, nil, err
	}
	return nil, done, nil
}

func (a *app) useBundle(b *bundle.Reader, paths []string, flags *pflag.FlagSet) error {
	if len(paths) > 1 {
		return usage("", "a bundle is read alone, not together with other files")
	}
	m := b.Manifest()
	loc, err := time.LoadLocation(m.Timezone)
	if err != nil {
		return failed("", "%s: its time zone %q is not known here", paths[0], m.Timezone)
	}
	if a.timezone == "" {
		a.loc = loc
	}
	a.bundle, a.at = b, m.Now
	if flags == nil {
		return nil
	}
	for _, name := range []string{"elasticsearch.url", "prometheus.url", "alertmanager.url", "loki.url", "bundle", "dry-run"} {
		if f := flags.Lookup(name); f != nil && f.Changed {
			return usage("", "--%s: a bundle is read alone, without asking servers", name)
		}
	}
	given := slices.ContainsFunc(ways, flags.Changed)
	for name, value := range m.Asked {
		f := flags.Lookup(name)
		if f == nil || !inSection(f, "Window") || f.Changed || given && slices.Contains(ways, name) {
			continue
		}
		if err := f.Value.Set(value); err != nil {
			return failed("", "%s: its window: --%s %s: %w", paths[0], name, value, err)
		}
	}
	return nil
}

// portableName is what a bundle calls the configuration that is in it.
const portableName = config.Name

// evidenceConfig is the configuration that goes with the evidence: that of the bundle, or the one that is found. With a bundle
// a configuration that is named says how reports are to look.
func (a *app) evidenceConfig(ctx context.Context, paths []string) (*config.Config, error) {
	if a.bundle == nil {
		return a.config(folders(paths)...)
	}
	text, err := a.bundle.Read(portableName)
	if err != nil {
		return nil, failed("", "%w", err)
	}
	cfg, err := config.Parse(portableName, text)
	if err != nil {
		return nil, failed("it may have been made by a later version", "the configuration in the bundle: %w", err)
	}
	cfg = cfg.Evidence() // whoever made the bundle has no say in what is written here, and where
	cfg.Path = ""
	for i, member := range cfg.RuleFiles {
		if cfg.RuleFiles[i], err = a.bundle.Unpack(ctx, filepath.ToSlash(member), filepath.Base(member)); err != nil {
			return nil, failed("", "%w", err)
		}
	}
	if a.configFile != "" {
		own, err := a.config()
		if err != nil {
			return nil, err
		}
		cfg.Path, cfg.Redaction, cfg.Reports = own.Path, own.Redaction, own.Reports
	}
	return cfg, nil
}

// unpackedName is what files of a bundle are called where they are unpacked: their own names are what is shown.
const unpackedName = "file"

// unpackedFiles are the files of a source of the bundle.
func (a *app) unpackedFiles(ctx context.Context, source string) ([]file.Place, error) {
	s := a.bundle.Source(source)
	if s == nil {
		return nil, failed("", "the bundle holds no source %q", source)
	}
	places := []file.Place{}
	for _, f := range s.Files {
		p := file.Place{Shown: f.Path, Root: f.Root, Lost: f.Lost}
		if p.Lost == "" {
			path, err := a.bundle.Unpack(ctx, f.Member, unpackedName)
			if errors.Is(err, context.Canceled) {
				return nil, err
			}
			if err != nil {
				p.Lost = err.Error()
			}
			p.Path = path
		}
		places = append(places, p)
	}
	return places, nil
}

// record begins to keep what is pulled, if a path is given.
func (a *app) record(path string, force bool) error {
	if path == "" {
		return nil
	}
	if err := (&outputFlags{force: force}).writable(path); err != nil {
		return err
	}
	w, err := bundle.Create(filepath.Dir(path))
	if err != nil {
		return failed("", "%w", err)
	}
	a.recorder = w
	return nil
}

// stopRecording removes what recording needed.
func (a *app) stopRecording() {
	if a.recorder != nil {
		a.recorder.Close() //nolint:errcheck // the bundle is written, or could not be
		a.recorder = nil
	}
}

// keepFiles puts the files that were found into the bundle, if one is made. A file that cannot be read is noted there.
func (a *app) keepFiles(found *gathered) error {
	if a.recorder == nil {
		return nil
	}
	found.kept = map[string][]bundle.File{}
	for _, c := range found.sources {
		for _, p := range found.places[c.Name] {
			f := bundle.File{Path: p.Shown, Root: p.Root, Lost: p.Lost}
			if f.Lost == "" {
				var err error
				if f.Member, err = a.recorder.AddFile(c.Name, p.Shown, p.Path); err != nil {
					f.Member, f.Lost = "", err.Error()
				}
			}
			found.kept[c.Name] = append(found.kept[c.Name], f)
		}
	}
	return nil
}

// writeBundle writes what was pulled, with what is needed to ask the same of it again.
func (a *app) writeBundle(flags *pflag.FlagSet, in *inquiry, found *gathered, path string, force bool) error {
	cfg := *in.cfg
	cfg.Sources = found.sources
	var err error
	if cfg.RuleFiles, err = a.keepRules(cfg.RuleFiles); err != nil {
		return failed("", "%w", err)
	}
	text, err := cfg.Portable(bundle.URL)
	if err == nil {
		err = a.recorder.Add(portableName, strings.NewReader(string(text)))
	}
	if err != nil {
		return failed("", "%w", err)
	}
	m := &bundle.Manifest{
		Version: programVersion(), Command: in.command, Now: a.at.UTC(), Timezone: a.loc.String(), Asked: map[string]string{},
		Window: bundle.WindowOf(found.window), Parts: found.parts, RulesSHA256: found.rules, Incomplete: found.incomplete,
	}
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Changed && inSection(f, "Window") {
			m.Asked[f.Name] = f.Value.String()
		}
	})
	accounts := map[string]event.Coverage{}
	for _, c := range found.accounts {
		accounts[c.Source] = c
	}
	for _, c := range found.sources {
		m.Sources = append(m.Sources, bundle.Source{Name: c.Name, Kind: c.Kind(), Files: found.kept[c.Name], Coverage: bundle.AccountOf(accounts[c.Name])})
	}
	if err := placeFile(path, 0o600, force, func(w io.Writer) error { return a.recorder.Write(w, m) }); err != nil {
		return err
	}
	a.note("wrote    %s", path)
	return nil
}

// keepRules puts the rule files of the configuration into the bundle and gives what they are called there.
func (a *app) keepRules(patterns []string) ([]string, error) {
	var members []string
	for i, p := range patterns {
		paths, err := filepath.Glob(p)
		if err != nil {
			return nil, fmt.Errorf("rule files %q: %w", p, err)
		}
		for _, path := range paths {
			member := fmt.Sprintf("rules/%d/%s", i, filepath.Base(path))
			if err := a.recorder.AddAs(member, path); err != nil {
				return nil, err
			}
			members = append(members, member)
		}
	}
	return members, nil
}
