package file

import (
	"context"
	"fmt"
	"os"

	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/format"
)

// scanLimit is the size up to which a compressed file is read whole to find its last stamp.
const scanLimit = 32 << 20

func openSearcher(path string, size int64, p *format.Profile) (*searcher, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return &searcher{f: f, size: size, d: p.Decoder()}, nil
}

// extent finds the first and the last stamp of a file: in its beginning and its end if it is plain, by reading it if it is
// compressed and not large. Both are 0 if they cannot be told.
func (f *log) extent(ctx context.Context) (first, last int64, err error) {
	if !f.profile.Stamped {
		return 0, 0, nil
	}
	first, last = f.profile.First, f.profile.Last
	p := &part{f: f, profile: f.profile.With(event.Range{}, nil), to: -1}
	switch {
	case f.packing == plain && f.size > headSize:
		src, err := openSearcher(f.path, f.size, f.profile)
		if err != nil {
			return 0, 0, err
		}
		defer src.f.Close()
		at, _, err := src.start(f.size-headSize/2, f.size)
		if err != nil || at < 0 {
			return first, last, err
		}
		p.from = at
	case f.packing != plain && f.size > scanLimit:
		return first, last, nil
	}
	for b, err := range p.Read(ctx) {
		if err != nil {
			return first, last, fmt.Errorf("reading %s: %w", f.path, err)
		}
		for i := range b.Records {
			if r := &b.Records[i]; !r.Borrowed && !format.ClockUnset(r.Time) {
				if first == 0 || r.Time < first {
					first = r.Time
				}
				last = max(last, r.Time)
			}
		}
	}
	return first, last, nil
}

// zoneShift is the correction of a file whose stamps were written on a clock of another zone.
type zoneShift struct {
	by   int64
	note string
}

const (
	halfHour = int64(30 * 60 * 1e9)
	// leastShift is how far a file must end from all the others to be suspected.
	leastShift = int64(45 * 60 * 1e9)
	// alignment is how near both ends must come.
	alignment = int64(5 * 60 * 1e9)
)

// shifts finds the files whose stamps name no zone and disagree with everything else by a whole offset: both ends of the
// file lie as many half hours away from those of all files whose zone is known, or from the alerts'.
func (s *Source) shifts(ctx context.Context, alerts []event.Event) []zoneShift {
	list := make([]zoneShift, len(s.logs))
	var known event.Range
	var suspects []int
	widen := func(first, last int64) {
		if known.To == 0 || first < known.From {
			known.From = first
		}
		known.To = max(known.To, last)
	}
	for i, f := range s.logs {
		if f.profile.Local {
			suspects = append(suspects, i)
		}
	}
	if len(suspects) == 0 {
		return list
	}
	for _, f := range s.logs {
		if !f.profile.Local {
			if first, last, err := f.extent(ctx); err == nil && last != 0 {
				widen(first, last)
			}
		}
	}
	if known.To == 0 {
		for _, a := range alerts {
			widen(a.Time, max(a.Time, a.End))
		}
	}
	if known.To == 0 {
		return list
	}
	for _, i := range suspects {
		f := s.logs[i]
		if first, last, err := f.extent(ctx); err == nil && last != 0 {
			if by := offsetTo(event.Range{From: first, To: last}, known); by != 0 {
				list[i] = zoneShift{by, fmt.Sprintf("%s: stamps without a zone lie %s away from all others and were moved by %s (say the time zone in hindcast.yml to overrule)",
					f.shown, hours(-by), hours(by))}
			}
		}
	}
	return list
}

// offsetTo gives the number of half hours, in nanoseconds, that brings a onto known, 0 if there is none or none is needed.
func offsetTo(a, known event.Range) int64 {
	if a.To-a.From < 2*alignment {
		return 0
	}
	by := known.To - a.To
	k := (by + halfHour/2) / halfHour
	if by < 0 {
		k = (by - halfHour/2) / halfHour
	}
	by = k * halfHour
	if distance(by, 0) < leastShift || distance(by, 0) > 14*2*halfHour {
		return 0
	}
	if distance(a.To+by, known.To) > alignment || distance(a.From+by, known.From) > alignment || distance(a.From, known.From) < leastShift {
		return 0
	}
	return by
}

func distance(a, b int64) int64 { return max(a-b, b-a) }

// hours writes an offset as +02:00.
func hours(ns int64) string {
	sign := '+'
	if ns < 0 {
		sign, ns = '-', -ns
	}
	m := ns / 60e9
	return fmt.Sprintf("%c%02d:%02d", sign, m/60, m%60)
}
