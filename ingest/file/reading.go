package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/format"
)

// reading is a part while it is read.
type reading struct {
	*part
	ctx   context.Context
	yield func(*event.Batch, error) bool
	d     *format.Decoder
	batch event.Batch
	buf   []byte
	// first is set until something was yielded.
	first bool
}

// text is a stretch of a file to be read into blocks.
type text struct {
	src io.Reader
	// have is how much of it lies in the buffer already.
	have int
	// begins is set at the beginning of the file.
	begins bool
	// read returns how many bytes came from disk since it was asked last.
	read func() int64
	// index is its place among the stretches of the file.
	index int
}

func (r *reading) start() {
	r.d = r.profile.Decoder()
	r.batch = event.Batch{Origin: r.origin(), Component: r.f.component}
	r.buf = make([]byte, blockSize)
}

// whole reads a part that is not shared.
func (r *reading) whole(src io.Reader, count *counter) {
	r.start()
	switch {
	case r.f.offsets && !r.lines:
		r.d.SetOffset(r.from)
	case r.base != nil:
		n, err := r.base.lines()
		if err != nil {
			r.yield(nil, fmt.Errorf("counting lines: %w", err))
			return
		}
		r.d.SetLine(n)
	}
	if r.blocks(text{src: src, begins: r.from == 0, read: count.take, index: r.index}) {
		r.finish()
	}
}

// pieces reads what a part gets of a shared file.
func (r *reading) pieces(s *shared) {
	defer s.leave()
	if err := s.enter(r.part); err != nil {
		r.yield(nil, err)
		return
	}
	r.start()
	for {
		if err := r.ctx.Err(); err != nil {
			r.yield(nil, err)
			return
		}
		p, ok := s.take(r.buf[:blockSize-1]) // with room behind it, so that reading on finds the end
		if !ok {
			r.finish()
			return
		}
		if r.f.offsets {
			r.d.SetOffset(p.offset)
		} else {
			r.d.SetLine(p.lines)
		}
		t := text{src: ended{p.err}, have: p.size, begins: p.index == 0, read: p.take, index: p.index}
		if p.alone {
			t.src, t.read = s.src, func() int64 { return p.take() + s.count.take() }
		}
		if !r.blocks(t) {
			return
		}
	}
}

// ended is what follows a piece: nothing, or what broke the stream.
type ended struct{ err error }

func (e ended) Read([]byte) (int, error) {
	if e.err == nil {
		return 0, io.EOF
	}
	return 0, e.err
}

// blocks reads text block by block and tells whether to go on.
func (r *reading) blocks(t text) bool {
	have := t.have
	var seen stretch
	for {
		if err := r.ctx.Err(); err != nil {
			r.yield(nil, err)
			return false
		}
		n, err := fill(t.src, r.buf[have:])
		have += n
		b := r.buf[:have]
		if t.begins {
			b = skipMark(b)
		}
		last := err != nil
		cut := last && !errors.Is(err, io.EOF)
		if cut { // the stream broke off: what is behind the last newline is no record
			b = b[:lastLine(b)]
		}
		records, cov, used := r.d.Block(b, last)
		r.batch.Records, r.batch.Coverage = records, cov
		r.batch.Coverage.Bytes = t.read()
		if r.odd != nil {
			r.odd(r.d.Odd())
		}
		if cut {
			r.broken(err, have > len(b), &r.batch)
		}
		seen.watch(records)
		if last && r.order != nil {
			r.order.add(t.index, seen)
		}
		if !r.send(cut) {
			return false
		}
		if last {
			return true
		}
		used += have - len(b) // the mark that was skipped
		t.begins = false
		if used == 0 && have == len(r.buf) {
			if len(r.buf) >= maxBlock {
				r.yield(nil, fmt.Errorf("BUG: a block of %d bytes gives no record", len(r.buf)))
				return false
			}
			bigger := make([]byte, min(maxBlock, 2*len(r.buf)))
			copy(bigger, r.buf[:have])
			r.buf = bigger
			continue
		}
		have = copy(r.buf, r.buf[used:have])
	}
}

// send yields the batch if there is anything in it, and tells whether to go on.
func (r *reading) send(anyway bool) bool {
	c := &r.batch.Coverage
	if r.first {
		c.Notes, c.Gaps = append(slices.Clip(r.notes), c.Notes...), append(slices.Clip(r.gaps), c.Gaps...)
	}
	if !anyway && !r.first && len(r.batch.Records) == 0 && c.Read == 0 && c.Bytes == 0 && len(c.Notes) == 0 {
		return true
	}
	r.first = false
	return r.yield(&r.batch, nil)
}

// finish says what is to be said at the end of the part: the last one of a file knows the order of its records.
func (r *reading) finish() {
	r.batch.Records, r.batch.Coverage = nil, event.Coverage{}
	if r.order != nil {
		if note := r.order.done(r.f.shown); note != "" {
			r.batch.Coverage.Notes = []string{note}
		}
	}
	r.send(false)
}

// broken accounts for a stream that broke off, perhaps in mid-record.
func (r *reading) broken(err error, half bool, b *event.Batch) {
	reason := err.Error()
	if errors.Is(err, io.ErrUnexpectedEOF) {
		reason = r.f.packing.String() + " stream ends too early"
	}
	if half {
		b.Coverage.Read++
		b.Coverage.Unparsed++
	}
	b.Coverage.Gaps = append(slices.Clip(b.Coverage.Gaps), event.Hole{Origin: r.origin(), Reason: reason + ": the rest of the file is missing", Failed: true})
}
