package main

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/hindcast/hindcast/cmd/hindcast/config"
	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/file"
	"github.com/hindcast/hindcast/ingest/format"
)

// sourceFlags say where evidence is pulled from and how files are read.
type sourceFlags struct {
	only, without       []string
	format              string
	fields              map[string]string
	service, host, boot string
	servers             liveFlags
}

func (s *sourceFlags) define(f *pflag.FlagSet) {
	f.StringSliceVar(&s.only, "source", nil, "only these of the configuration (`NAME,...`)")
	f.StringSliceVar(&s.without, "exclude-source", nil, "not these of the configuration (`NAME,...`)")
	s.defineFiles(f)
	s.servers.define(f)
}

// defineFiles adds the flags for files named on the command line.
func (s *sourceFlags) defineFiles(f *pflag.FlagSet) {
	f.StringVar(&s.format, "format", "", "the format of the files (default: found by content) (`FORMAT`)")
	f.StringToStringVar(&s.fields, "fields", nil, "what their fields are called, such as time=ts,message=msg (`ROLE=NAME,...`)")
	f.StringVar(&s.service, "service", "", "the service that the files are about (`NAME`)")
	f.StringVar(&s.host, "host", "", "the host that the files are about (`NAME`)")
	f.StringVar(&s.boot, "boot", "", "when the machine was started whose kernel's ring buffer a file is (`TIME`, RFC 3339)")
}

// opened are the sources of a run. Close removes what was spooled.
type opened struct {
	// files can be read whole without knowing the window; live ones are servers, which must be told what to look for.
	files, live []ingest.Source
	// paging are those of the live ones that know of alerts, from which the window can be taken.
	paging  []ingest.Source
	closers []io.Closer
	// chosen are what they were opened from.
	chosen []config.Source
}

// places are the files of the sources that read files.
func (o *opened) places() map[string][]file.Place {
	all := map[string][]file.Place{}
	for _, s := range o.files {
		if f, ok := s.(*file.Source); ok {
			all[f.Name()] = f.Places()
		}
	}
	return all
}

// all are the sources in the order in which they are read.
func (o *opened) all() []ingest.Source { return slices.Concat(o.files, o.live) }

// Close closes them all.
func (o *opened) Close() error {
	var errs []error
	for _, c := range o.closers {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// open opens the files that were named, or what the configuration names.
func (a *app) open(ctx context.Context, cfg *config.Config, paths []string, s *sourceFlags, reference int64) (*opened, error) {
	chosen, err := chooseAll(cfg, paths, s)
	if err != nil {
		return nil, err
	}
	o := &opened{chosen: chosen}
	for _, c := range chosen {
		src, err := a.openSource(ctx, cfg, c, reference)
		if err != nil {
			return nil, errors.Join(err, o.Close())
		}
		o.add(c.Kind(), src)
	}
	return o, nil
}

// chooseAll gives the sources of a run: the files and servers that the command line names, and those of the configuration
// if it names none or picks some of them.
func chooseAll(cfg *config.Config, paths []string, s *sourceFlags) ([]config.Source, error) {
	var chosen []config.Source
	if len(paths) > 0 {
		hint := config.Hint{Format: s.format, Fields: s.fields, Service: s.service, Host: s.host, Boot: s.boot}
		if s.boot != "" && hint.Started() == 0 {
			return nil, usage("write it as 2025-10-14T02:00:00Z; uptime -s tells it", "--boot %s: not a time", s.boot)
		}
		chosen = append(chosen, config.Source{Name: "files", Files: &config.FileSource{Paths: paths, Hint: hint}})
	}
	chosen = append(chosen, s.servers.sources()...)
	if len(chosen) == 0 || len(s.only) > 0 {
		configured, err := choose(cfg, s)
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, configured...)
	}
	if len(chosen) == 0 {
		return nil, usage("name files or folders, - for stdin, or sources in "+config.Name+" (see: hindcast help config)", "there is nothing to read")
	}
	names := map[string]bool{}
	for _, c := range chosen {
		if names[c.Name] {
			return nil, usage("give the one in "+config.Name+" another name", "there are two sources called %q", c.Name)
		}
		names[c.Name] = true
	}
	return chosen, nil
}

// pagingKinds are the kinds of sources that know of alerts.
var pagingKinds = []string{"prometheus", "alertmanager", "pagerduty"}

func (o *opened) add(kind string, s ingest.Source) {
	if kind == "files" {
		o.files = append(o.files, s)
	} else {
		o.live = append(o.live, s)
	}
	if slices.Contains(pagingKinds, kind) {
		o.paging = append(o.paging, s)
	}
	if c, ok := s.(io.Closer); ok {
		o.closers = append(o.closers, c)
	}
}

// choose picks the sources of the configuration that are asked for.
func choose(cfg *config.Config, s *sourceFlags) ([]config.Source, error) {
	var names []string
	for _, c := range cfg.Sources {
		names = append(names, c.Name)
	}
	for _, name := range slices.Concat(s.only, s.without) {
		if !slices.Contains(names, name) {
			hint := "the configuration names no sources"
			if len(names) > 0 {
				hint = "there are " + strings.Join(names, ", ")
			}
			return nil, usage(hint, "there is no source %q", name)
		}
	}
	return slices.DeleteFunc(slices.Clone(cfg.Sources), func(c config.Source) bool {
		return len(s.only) > 0 && !slices.Contains(s.only, c.Name) || slices.Contains(s.without, c.Name)
	}), nil
}

// openSource opens one source of the configuration, by its kind.
func (a *app) openSource(ctx context.Context, cfg *config.Config, c config.Source, reference int64) (ingest.Source, error) {
	switch {
	case c.Files != nil:
		return a.openFiles(ctx, cfg, c.Name, c.Files.Paths, c.Files.Hint, reference)
	case c.Elasticsearch != nil:
		return a.openElasticsearch(c)
	case c.Prometheus != nil:
		return a.openPrometheus(cfg, c)
	case c.Alertmanager != nil:
		return a.openAlertmanager(c)
	case c.Loki != nil:
		return a.openLoki(c)
	case c.PagerDuty != nil:
		return a.openPagerDuty(c)
	case c.Kubernetes != nil:
		return a.openKubernetes(c)
	case c.Grafana != nil:
		return a.openGrafana(c)
	case c.GitHub != nil:
		return a.openGitHub(c)
	case c.GitLab != nil:
		return a.openGitLab(c)
	case c.ArgoCD != nil:
		return a.openArgoCD(c)
	default:
		return nil, usage("", "source %q: %s cannot be pulled from", c.Name, c.Kind())
	}
}

func (a *app) openFiles(ctx context.Context, cfg *config.Config, name string, paths []string, hint config.Hint, reference int64) (*file.Source, error) {
	o := file.Options{
		Name: name, Format: hint.Format, Fields: hint.Fields, Service: hint.Service, Host: hint.Host,
		Location: zone(hint.Timezone, a.loc), Boot: hint.Started(), Reference: reference, Now: a.now().UnixNano(), Stdin: a.stdin,
	}
	if a.bundle != nil {
		places, err := a.unpackedFiles(ctx, name)
		if err != nil {
			return nil, err
		}
		o.Places = places
	}
	for _, f := range cfg.Files {
		over := file.Override{Path: f.Path, Format: f.Format, Fields: f.Fields, Service: f.Service, Host: f.Host, Boot: f.Started()}
		if f.Timezone != "" {
			over.Location = zone(f.Timezone, nil)
		}
		o.Files = append(o.Files, over)
	}
	src, err := file.Open(ctx, paths, o)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) || strings.Contains(err.Error(), "no such file") {
			return nil, usage("", "%s", err)
		}
		if _, ok := errors.AsType[*format.OptionError](err); ok {
			return nil, usage("see: hindcast help formats", "%s", err)
		}
		return nil, failed("", "%w", err)
	}
	return src, nil
}

// zone loads a zone whose name was checked when it was read.
func zone(name string, otherwise *time.Location) *time.Location {
	if name == "" {
		return otherwise
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return otherwise
	}
	return loc
}

// folders are the paths that are folders, where a configuration may lie.
func folders(paths []string) []string {
	var dirs []string
	for _, p := range paths {
		if info, err := os.Stat(p); err == nil && info.IsDir() {
			dirs = append(dirs, p)
		}
	}
	return dirs
}
