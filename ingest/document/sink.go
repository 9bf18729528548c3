package document

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/hindcast/hindcast/ingest/event"
)

const (
	// batchSize bounds how many events and series go out at a time.
	batchSize = 512
	// maxGaps bounds how many broken records of one document are named one by one.
	maxGaps = 20
)

// Sink gathers what a decoder makes of records into batches and keeps the account. Every record ends in exactly one of
// Keep, Drop and Broken. Bytes are not counted: whoever opened the document knows how many there were.
type Sink struct {
	origin event.Origin
	emit   func(*event.Batch)
	batch  event.Batch
	broken int
}

// NewSink makes a sink for records that stand at origin. Emit is called with each full batch, and by Flush.
func NewSink(origin event.Origin, emit func(*event.Batch)) *Sink {
	return &Sink{origin: origin, emit: emit, batch: event.Batch{Origin: origin}}
}

// Keep counts a record that begins at line and takes over the events that were made of it. Their origin is filled in,
// except for an id that they have.
func (s *Sink) Keep(line int64, events ...event.Event) {
	for i := range events {
		events[i].Origin = s.At(line, events[i].Origin.ID)
	}
	s.batch.Events = append(s.batch.Events, events...)
	s.count(&s.batch.Coverage.Kept)
}

// Attach hands on events that no record of their own was counted for.
func (s *Sink) Attach(events ...event.Event) {
	s.batch.Events = append(s.batch.Events, events...)
	s.flushFull()
}

// AttachSeries hands on series that no record of their own was counted for.
func (s *Sink) AttachSeries(series ...event.Series) {
	s.batch.Series = append(s.batch.Series, series...)
	s.flushFull()
}

// Drop counts a record that was understood and left out.
func (s *Sink) Drop(reason string) {
	s.batch.Coverage.Drop(reason, 1)
	s.count(nil)
}

// Broken counts a record that could not be understood, and says where it stands.
func (s *Sink) Broken(line int64, err error) {
	s.count(&s.batch.Coverage.Unparsed)
	if s.broken++; s.broken <= maxGaps {
		s.Gap(event.Hole{Origin: s.At(line, ""), Reason: "record not understood: " + err.Error()})
	}
}

// Gap notes that evidence is missing.
func (s *Sink) Gap(h event.Hole) { s.batch.Coverage.Gaps = append(s.batch.Coverage.Gaps, h) }

// Note adds a remark for a person.
func (s *Sink) Note(format string, args ...any) {
	s.batch.Coverage.Notes = append(s.batch.Coverage.Notes, fmt.Sprintf(format, args...))
}

// Flush hands on what has been gathered. It is called once, at the end.
func (s *Sink) Flush() {
	if s.broken > maxGaps {
		s.Note("%s: %d more records were not understood", s.origin.Path, s.broken-maxGaps)
	}
	s.flush()
}

// At gives the origin of what stands at line, or has an id.
func (s *Sink) At(line int64, id string) event.Origin {
	o := s.origin
	o.Line = line
	if id != "" {
		o.ID = id
	}
	return o
}

func (s *Sink) count(n *int64) {
	s.batch.Coverage.Read++
	if n != nil {
		*n++
	}
	s.flushFull()
}

func (s *Sink) flushFull() {
	if len(s.batch.Events)+len(s.batch.Series) >= batchSize {
		s.flush()
	}
}

func (s *Sink) flush() {
	s.emit(&s.batch)
	s.batch = event.Batch{Origin: s.origin}
}

// Each reads the records of r, as [NewReader] cuts them, and calls fn with each that is whole. An error of fn means that
// this record is not understood. A document that is cut short gives what is complete and a gap; an error means that
// reading failed and the rest is lost. Fn puts what it keeps into s; Each counts what is broken.
func Each(ctx context.Context, r io.Reader, s *Sink, lists []string, fn func(Record) error) error {
	d := NewReader(r, lists...)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		rec, err := d.Next()
		if lost, ok := errors.AsType[*LostError](err); ok && lost.Err == nil {
			s.Gap(event.Hole{Origin: s.At(lost.Line, ""), Reason: lost.Error(), Failed: true})
			return nil
		} else if ok {
			return fmt.Errorf("reading %s at line %d: %w", s.origin.Path, lost.Line, lost.Err)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if rec.Err == nil {
			rec.Err = fn(rec)
		}
		if rec.Err != nil {
			s.Broken(rec.Line, rec.Err)
		}
	}
}
