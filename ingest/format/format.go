// Package format reads log records: it tells the format of a file by its content, cuts the records out of blocks of
// bytes and fills in their parts.
//
// # How a file is read
//
// [Recognise] opens every format of [All] on a sample of the file and keeps the one, or the few, that read it best. The
// result, a [Profile], holds for the whole file, so that any piece of the file is read in the same way.
// [Profile.Decoder] makes a [Decoder], which reads blocks into records. What a line is depends on the line alone and on
// the line before it back to the last line with a stamp; a file may therefore be split before any such line.
//
// # Adding a format
//
// A format is one file with an opener and one line in [All]. Most formats are nothing but a list of layouts (see layout.go).
package format

import (
	"time"

	"github.com/hindcast/hindcast/ingest/event"
)

// Format is one way programs write their logs.
type Format struct {
	// Name is what hindcast.yml and --format call it.
	Name string
	// Doc says what it is, with an example.
	Doc string

	// open makes a reader that fits the sample, nil if there is none.
	open opener
	// loose formats take every line without a head for the continuation of the record before.
	loose bool
	// program is the program that alone writes the format, "" if many do.
	program string
	// weight is what a format is worth against others that read as many lines, 0 is 1.
	weight float64
}

// Options says what is known of a file. Its zero value works.
type Options struct {
	// Format names the format; empty or "auto" is to find it by content. A layout such as
	// "layout: $time [$level] $logger: $message" describes one that is not known here.
	Format string
	// Fields maps the fields of JSON and logfmt records: from a role ("time", "level", "message", "service", "instance",
	// "logger", "error", "status", "duration") to the name of the field that plays it, with dots for nested ones.
	Fields map[string]string
	// Location is the zone of stamps that name none, nil for UTC.
	Location *time.Location
	// Reference is a time near the records, for stamps without a year or a day, 0 if not known. Now is the time that no record
	// lies behind, 0 if not known.
	Reference, Now int64
	// Boot is when the machine was started, for stamps that count from there, 0 if not known.
	Boot int64
	// Shift is added to stamps that name no zone.
	Shift int64
	// Wanted are the fields to fill in beyond the usual.
	Wanted event.Wanted
	// Range is the time that records may have.
	Range event.Range
}

// settings is what openers are given.
type settings struct {
	Options
	clock clock
	roles *roles
	// formats are those to choose from.
	formats []Format
	// within is set where the lines are messages of other records, which are not taken apart once more.
	within bool
}

// lineReader reads the lines of one file in one format. It belongs to one goroutine.
type lineReader interface {
	// read reads a line into an empty record and says what it is. If it says none the record is of no use.
	read(line []byte, r *event.Record) verdict
	// clone makes a reader of its own, in the state that the opener left, that puts what it has to copy into s.
	clone(s *scratch) lineReader
	// setClock changes the clock's settings.
	setClock(f func(*clock))
}

// verdict is what a line turned out to be.
type verdict uint8

const (
	// none: the line is not of the format.
	none verdict = iota
	// whole: a record with a stamp.
	whole
	// bare: a record without a stamp, or with an impossible one.
	bare
	// joins: part of the record before, though it has a head of its own; the record's Message is what it adds.
	joins
	// more: part of the record before.
	more
	// skipped: nothing to keep, such as a header line.
	skipped
	// broken: of this format, but damaged.
	broken
)

// scratch is where readers put the bytes that do not lie in the block as they are needed. It is emptied with every block.
type scratch struct {
	bytes  []byte
	fields []event.Field
}

// join copies two pieces with a newline between into the scratch.
func (s *scratch) join(a, b []byte) []byte {
	if len(a) == 0 {
		return b
	}
	if len(b) == 0 {
		return a
	}
	n := len(s.bytes)
	if m := cap(a); len(a) <= n && m > 0 && &s.bytes[n-len(a)] == &a[0] { // a is what was put there last: go on behind it
		n -= len(a)
	} else {
		s.bytes = append(s.bytes, a...)
	}
	s.bytes = append(s.bytes, '\n')
	s.bytes = append(s.bytes, b...)
	return s.bytes[n:len(s.bytes):len(s.bytes)]
}
