package file

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/export"
	"github.com/hindcast/hindcast/ingest/format"
)

// Open finds the files that paths name (files, folders, patterns, or "-" for standard input) and tells what each is. A file
// that cannot be read or is nothing known becomes a gap; it is an error if a path names nothing or an override is wrong.
func Open(ctx context.Context, paths []string, o Options) (*Source, error) {
	s := &Source{name: o.Name}
	if s.name == "" {
		s.name = "files"
	}
	files, err := s.expand(paths, &o)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	for _, f := range files {
		s.places = append(s.places, Place{Path: f.path, Shown: f.shown, Root: f.root})
		if err := ctx.Err(); err != nil {
			return nil, errors.Join(fmt.Errorf("recognising files: %w", err), s.Close())
		}
		if err := s.add(f, &o); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	if err := s.anchor(ctx, &o); err != nil {
		return nil, errors.Join(fmt.Errorf("recognising files: %w", err), s.Close())
	}
	if len(files) == 0 {
		s.notes = append(s.notes, strings.Join(paths, ", ")+": no files to read")
	}
	return s, nil
}

// known takes files over that were found before.
func (s *Source) known(places []Place) []found {
	var list []found
	for _, p := range places {
		if p.Lost != "" {
			s.lose(p.Shown, p.Lost)
			continue
		}
		list = append(list, found{path: p.Path, shown: p.Shown, root: p.Root})
	}
	return list
}

// lose notes a file or folder that cannot be read.
func (s *Source) lose(path, reason string) {
	s.places = append(s.places, Place{Path: path, Shown: path, Lost: reason})
	s.holes = append(s.holes, event.Hole{Origin: event.Origin{Source: s.name, Path: path}, Reason: reason, Failed: true})
}

// found is a file to look at; root is the folder it was found under, if any.
type found struct{ path, shown, root string }

// expand finds the files, each once, sorted by their paths.
func (s *Source) expand(paths []string, o *Options) ([]found, error) {
	if o.Places != nil {
		return s.known(o.Places), nil
	}
	var list []found
	for _, p := range paths {
		if p == "-" {
			name, err := spool(o.Stdin)
			if err != nil {
				return nil, fmt.Errorf("reading standard input: %w", err)
			}
			s.temp = append(s.temp, name)
			list = append(list, found{path: name, shown: "-"})
			continue
		}
		matches := []string{p}
		if _, err := os.Lstat(p); err != nil {
			if matches, err = filepath.Glob(p); err != nil {
				return nil, fmt.Errorf("pattern %q: %w", p, err)
			}
			if len(matches) == 0 {
				return nil, fmt.Errorf("%s: no such file or folder", p)
			}
		}
		for _, m := range matches {
			more, err := s.walk(m)
			if err != nil {
				return nil, err
			}
			list = append(list, more...)
		}
	}
	slices.SortFunc(list, func(a, b found) int { return strings.Compare(a.path, b.path) })
	return slices.CompactFunc(list, func(a, b found) bool { return a.path == b.path }), nil
}

// walk lists the files of a folder, or the file itself.
func (s *Source) walk(root string) ([]found, error) {
	info, err := os.Stat(root)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []found{{path: root, shown: root}}, nil
	}
	var list []found
	err = filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			s.lose(p, err.Error())
			if e != nil && e.IsDir() {
				return fs.SkipDir
			}
			return nil
		case e.IsDir():
			if p != root && strings.HasPrefix(e.Name(), ".") {
				return fs.SkipDir
			}
			return nil
		case ignored(e.Name()):
			return nil
		case e.Type()&fs.ModeSymlink != 0:
			if info, err := os.Stat(p); err != nil || !info.Mode().IsRegular() {
				return nil
			}
		case !e.Type().IsRegular():
			return nil
		}
		list = append(list, found{path: p, shown: p, root: root})
		return nil
	})
	return list, err
}

// ignored tells the files of a folder that are no evidence: its own description and the answers to it.
func ignored(name string) bool {
	lower := strings.ToLower(name)
	switch lower {
	case "hindcast.yml", "hindcast.yaml", "truth.yml", "truth.yaml", "license", "makefile":
		return true
	}
	return strings.HasPrefix(name, ".") || strings.HasPrefix(lower, "readme")
}

// spool copies standard input to a file, since it is read more than once.
func spool(r io.Reader) (name string, err error) {
	if r == nil {
		return "", errors.New("there is none")
	}
	f, err := os.CreateTemp("", "hindcast-stdin-*")
	if err != nil {
		return "", err
	}
	if _, err = io.Copy(f, r); err != nil {
		return "", errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	return f.Name(), f.Close()
}

func removeAll(names []string) error {
	var errs []error
	for _, n := range names {
		errs = append(errs, os.Remove(n))
	}
	return errors.Join(errs...)
}

// override gives what is known of a file.
func (o *Options) override(p string) Override {
	res := Override{Format: o.Format, Fields: o.Fields, Service: o.Service, Host: o.Host, Location: o.Location, Boot: o.Boot}
	for _, f := range o.Files {
		if !fits(f.Path, p) {
			continue
		}
		if f.Format != "" {
			res.Format = f.Format
		}
		if len(f.Fields) > 0 {
			res.Fields = f.Fields
		}
		if f.Service != "" {
			res.Service = f.Service
		}
		if f.Host != "" {
			res.Host = f.Host
		}
		if f.Location != nil {
			res.Location = f.Location
		}
		if f.Boot != 0 {
			res.Boot = f.Boot
		}
		res.Ignore, res.Path = f.Ignore, f.Path
	}
	return res
}

// fits tells whether a pattern fits a path, or as many of its last names as the pattern has.
func fits(pattern, p string) bool {
	p = filepath.ToSlash(p)
	if ok, _ := path.Match(pattern, p); ok {
		return true
	}
	names := strings.Split(p, "/")
	n := strings.Count(pattern, "/") + 1
	if n > len(names) {
		return false
	}
	ok, _ := path.Match(pattern, strings.Join(names[len(names)-n:], "/"))
	return ok
}

// add recognises a file and takes it in.
func (s *Source) add(f found, o *Options) error {
	ov := o.override(f.shown)
	if ov.Ignore {
		return nil
	}
	hole := func(reason string, failed bool) {
		s.holes = append(s.holes, event.Hole{Origin: event.Origin{Source: s.name, Path: f.shown}, Reason: reason, Failed: failed})
	}
	b, packed, size, err := head(f.path)
	if err != nil && len(b) == 0 {
		hole(unreadable(err, packed), true)
		return nil
	}
	b = skipMark(b)
	if len(b) == 0 {
		s.notes = append(s.notes, f.shown+": empty")
		return nil
	}
	if ours(b) {
		return nil
	}
	if ov.Format == "" || ov.Format == "auto" || documentNamed(ov.Format) != nil {
		if k := recogniseDocument(b, ov.Format); k != nil {
			s.docs = append(s.docs, &document{kind: k, source: s.name, path: f.path, shown: f.shown, packing: packed, size: size})
			return nil
		}
	}
	if (ov.Format == "" || ov.Format == "auto" || ov.Format == "json") && export.Recognise(b) {
		if lines, _ := io.ReadAll(io.LimitReader(export.NewReader(bytes.NewReader(b)), headSize)); len(lines) > 0 {
			b, packed = lines, packed|exported
		}
	}
	fo := format.Options{
		Format: ov.Format, Fields: ov.Fields, Location: ov.Location, Reference: o.Reference, Now: o.Now, Boot: ov.Boot,
	}
	profile, err := format.Recognise(b, fo)
	if err != nil {
		if strings.HasPrefix(err.Error(), "not a log") {
			hole(err.Error(), false)
			return nil
		}
		return fmt.Errorf("%s: %w", f.shown, err)
	}
	l := &log{source: s.name, path: f.path, shown: f.shown, packing: packed, size: size, profile: profile, options: fo, offsets: packed == plain && size > countLimit}
	l.component = componentOf(f, ov, profile)
	for _, n := range profile.Notes {
		l.notes = append(l.notes, f.shown+": "+n)
	}
	s.logs = append(s.logs, l)
	return nil
}

// unreadable says why nothing of a file can be read.
func unreadable(err error, p packing) string {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return p.String() + " stream ends too early: nothing of it can be read"
	}
	return err.Error()
}

// ours tells our own reports and bundles, which are no evidence themselves.
func ours(b []byte) bool {
	b = b[:min(len(b), 4096)]
	return strings.Contains(string(b), `"hindcast.bundle/v1"`) || strings.Contains(string(b), `"hindcast.timeline/v1"`) || strings.Contains(string(b), "<!-- hindcast")
}

func sortRecognitions(list []Recognition) {
	slices.SortStableFunc(list, func(a, b Recognition) int { return strings.Compare(a.Path, b.Path) })
}
