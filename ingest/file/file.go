// Package file is the source of evidence that lies in files: logs of all formats, and documents such as alerts,
// changes and series. It takes files, folders, globs and standard input, plain or compressed, and tells by content what
// each is.
package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/format"
)

// Options says what is known of the files. Its zero value works.
type Options struct {
	// Name is the source's name, "files" if empty.
	Name string
	// Format, Fields, Service, Host and Location hold for all files that no override names.
	Format        string
	Fields        map[string]string
	Service, Host string
	Location      *time.Location
	// Boot is when the machine of kernel ring buffers was started, 0 if not known.
	Boot int64
	// Reference is a time near the evidence, for stamps without a year, 0 if not known; Now is the time that nothing lies behind,
	// 0 for the clock's.
	Reference, Now int64
	// Files are what hindcast.yml says of single files; of several that fit, the last one holds.
	Files []Override
	// Stdin is what the path "-" stands for.
	Stdin io.Reader
	// Places are files that were found before, as [Source.Places] gave them. If they are set nothing is searched for.
	Places []Place
}

// Place is a file that was found.
type Place struct {
	// Path is where the file is, Shown what it is called in reports, and Root the folder it was found under, if any, as
	// it would be shown.
	Path, Shown, Root string
	// Lost is why the file or folder could not be read, empty if it could.
	Lost string
}

// Override is what is known of the files that a pattern fits.
type Override struct {
	// Path is a pattern as path.Match knows them, for the whole path, its end or the file's name.
	Path string
	// Format, Fields, Service, Host and Location are as in Options; an empty one leaves the general.
	Format        string
	Fields        map[string]string
	Service, Host string
	Location      *time.Location
	// Boot is when the machine of a kernel ring buffer was started.
	Boot int64
	// Ignore leaves the files out.
	Ignore bool
}

// Source is the files of one run.
type Source struct {
	name  string
	logs  []*log
	docs  []*document
	holes []event.Hole
	notes []string
	temp  []string
	// places are what was found, whether it could be used or not.
	places []Place
}

// log is a file of log records.
type log struct {
	source, path, shown string
	packing             packing
	size                int64
	profile             *format.Profile
	component           event.Component
	// options are what the file was recognised with.
	options format.Options
	// offsets is set for files too large to count lines in.
	offsets bool
	notes   []string
}

// Recognition is what a file was taken for.
type Recognition struct {
	// Path is the file.
	Path string
	// Format is the format's name, or that of a kind of document, empty if the file could not be used; Reason then says why.
	Format, Reason string
	// Confidence is the share of the sample that fits.
	Confidence float64
	// Component is the speaker of records that name none.
	Component event.Component
	// Sample is the file's first record.
	Sample string
	// Notes are remarks on how it will be read.
	Notes []string
}

// Name gives the source's name.
func (s *Source) Name() string { return s.name }

// Close removes what was spooled from standard input.
func (s *Source) Close() error { return removeAll(s.temp) }

// Places are the files that were found, whether they could be used or not, and the folders that could not be read.
func (s *Source) Places() []Place { return s.places }

// Recognised says of each file what it was taken for, in the order of their paths.
func (s *Source) Recognised() []Recognition {
	var list []Recognition
	for _, f := range s.logs {
		list = append(list, Recognition{
			Path: f.shown, Format: f.profile.Format, Confidence: f.profile.Confidence, Component: f.component,
			Sample: f.profile.Sample, Notes: f.notes,
		})
	}
	for _, d := range s.docs {
		list = append(list, Recognition{Path: d.shown, Format: d.kind.Name, Confidence: 1})
	}
	for _, h := range s.holes {
		list = append(list, Recognition{Path: h.Origin.Path, Reason: h.Reason})
	}
	sortRecognitions(list)
	return list
}

// Unusable says why files cannot be placed in time: they are empty, no logs, not readable, or without stamps.
func (s *Source) Unusable() []string {
	list := slices.Clone(s.notes)
	for _, h := range s.holes {
		list = append(list, h.Origin.Path+": "+h.Reason)
	}
	for _, f := range s.logs {
		if !f.profile.Stamped {
			list = append(list, f.shown+": no time stamps found (name its format in hindcast.yml if it has any)")
		}
	}
	return list
}

// Parts splits the log files. Small files are one part each, and the parts of a compressed one share its stream; a plain file
// that is sorted and much larger than the asked time is entered where that begins.
func (s *Source) Parts(ctx context.Context, q ingest.Query) ([]ingest.Part, error) {
	var parts []ingest.Part
	if len(s.holes) > 0 || len(s.notes) > 0 {
		parts = append(parts, &part{f: &log{source: s.name, shown: s.name}, gaps: s.holes, notes: s.notes})
	}
	shifts := s.shifts(ctx, q.Alerts)
	var total int64
	for _, f := range s.logs {
		total += f.size
	}
	for i, f := range s.logs {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("splitting %s: %w", f.path, err)
		}
		pieces := 1
		if total > 0 {
			pieces = int(int64(max(1, q.Parts)) * f.size / total)
		}
		list, err := f.parts(q, max(1, pieces), shifts[i])
		if err != nil {
			hole := event.Hole{Origin: event.Origin{Source: s.name, Path: f.shown}, Reason: err.Error(), Failed: true}
			list = []ingest.Part{&part{f: f, gaps: []event.Hole{hole}}}
		}
		parts = append(parts, list...)
	}
	return parts, nil
}

// parts splits one file.
func (f *log) parts(q ingest.Query, pieces int, shift zoneShift) ([]ingest.Part, error) {
	profile, notes := f.profile, f.notes
	if shift.by != 0 {
		profile = profile.Shift(shift.by)
		notes = append(slices.Clip(notes), shift.note)
	}
	profile = profile.With(q.Range, q.Wanted)
	spans := []span{{0, -1}}
	if f.packing == plain && f.size >= 2*leastPart && profile.Stamped {
		var err error
		var entered string
		if spans, entered, err = f.spans(q.Range, pieces, profile); err != nil {
			return nil, err
		}
		if entered != "" {
			notes = append(slices.Clip(notes), entered)
		}
	}
	var together *shared
	if f.packing != plain && f.size >= leastShared && profile.Stamped && q.Parts > 1 {
		together = &shared{}
		spans = slices.Repeat(spans, min(q.Parts, max(2, pieces)))
	}
	var base *lineCount
	list := make([]ingest.Part, 0, len(spans))
	watched := &order{left: len(spans)}
	for i, sp := range spans {
		p := &part{f: f, profile: profile, from: sp.from, to: sp.to, size: f.size / int64(len(spans)), shared: together, order: watched, index: i}
		if f.packing == plain {
			p.size = sp.to - sp.from
			if sp.to < 0 {
				p.size = f.size - sp.from
			}
		}
		if sp.from > 0 && !f.offsets {
			base = &lineCount{path: f.path, prev: base, at: sp.from}
			p.base = base
		}
		if i == 0 {
			p.notes = notes
		}
		if !profile.Stamped {
			p.gaps = []event.Hole{{Origin: p.origin(), Reason: "no time stamps found: its records cannot be placed in time (name its format in hindcast.yml if it has any)"}}
		}
		list = append(list, p)
	}
	return list, nil
}

// spans finds the ranges of a plain file to read.
func (f *log) spans(within event.Range, pieces int, profile *format.Profile) (list []span, note string, err error) {
	src, err := openSearcher(f.path, f.size, profile)
	if err != nil {
		return nil, "", err
	}
	defer src.f.Close()
	whole := span{0, -1}
	if !within.IsZero() && f.size >= searchLimit && src.sorted() {
		if whole, err = src.search(within); err != nil {
			return nil, "", fmt.Errorf("searching for the asked time: %w", err)
		}
		end := whole.to
		if end < 0 {
			end = f.size
		}
		if skipped := f.size - (end - whole.from); skipped > 0 {
			note = fmt.Sprintf("%s: sorted by time; %d of %d bytes lie outside the asked time and were not read", f.shown, skipped, f.size)
		}
	}
	list, err = src.cut(whole, pieces)
	return list, note, err
}

// Events yields what lies in documents: alerts, changes, people's actions, Kubernetes events and series.
func (s *Source) Events(ctx context.Context, within event.Range) iter.Seq2[*event.Batch, error] {
	return func(yield func(*event.Batch, error) bool) {
		s.exports()
		for _, d := range s.docs {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			if !d.read(ctx, within, yield) {
				return
			}
		}
	}
}

// Extent gives the time from the first to the last stamp of the log files.
func (s *Source) Extent(ctx context.Context) (event.Range, bool) {
	var r event.Range
	for _, f := range s.logs {
		first, last, err := f.extent(ctx)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) || last == 0 {
			continue
		}
		if r.To == 0 || first < r.From {
			r.From = first
		}
		r.To = max(r.To, last+1)
	}
	return r, r.To != 0
}
