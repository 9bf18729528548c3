package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/format"
)

const (
	// blockSize is how much is read at a time: enough that a read costs nothing, and little enough to stay in the cache.
	blockSize = 256 << 10
	// maxBlock holds the longest record and some more.
	maxBlock = format.MaxRecord + blockSize
)

// part is a log file, or a range of one.
type part struct {
	f       *log
	profile *format.Profile
	// from and to are bytes of a plain file; to is -1 for the end.
	from, to int64
	// base tells how many lines lie before from.
	base *lineCount
	// notes and gaps are what is to be said of the file, by its first part.
	notes []string
	gaps  []event.Hole
	size  int64
	// order watches the file's records, of which this is the part of that index; nil if nobody wants to know.
	order *order
	index int
	// lines asks for lines however large the file is, and odd is told those of records that were not understood, nil if
	// nobody asks.
	lines bool
	odd   func(lines []int64)
}

// Name gives the path, and the range if the file is split.
func (p *part) Name() string {
	if p.from == 0 && p.to < 0 {
		return p.f.shown
	}
	return fmt.Sprintf("%s[%d:%d]", p.f.shown, p.from, p.to)
}

// Size estimates the bytes to read, as they lie on disk.
func (p *part) Size() int64 { return p.size }

// Read yields a batch for each block of the file.
func (p *part) Read(ctx context.Context) iter.Seq2[*event.Batch, error] {
	return func(yield func(*event.Batch, error) bool) {
		if p.profile == nil { // nothing but something to say
			yield(&event.Batch{Origin: p.origin(), Coverage: event.Coverage{Gaps: p.gaps, Notes: p.notes}}, nil)
			return
		}
		src, count, err := p.open()
		if err != nil {
			yield(nil, err)
			return
		}
		defer src.Close()
		p.blocks(ctx, src, count, yield)
	}
}

func (p *part) origin() event.Origin { return event.Origin{Source: p.f.source, Path: p.f.shown} }

// open opens what the part reads, and something that counts the bytes read from disk.
func (p *part) open() (io.ReadCloser, *counter, error) {
	f, err := os.Open(p.f.path)
	if err != nil {
		return nil, nil, fmt.Errorf("opening: %w", err)
	}
	if p.f.packing == plain {
		end := p.to
		if end < 0 {
			end = 1 << 62
		}
		count := &counter{src: io.NewSectionReader(f, p.from, end-p.from)}
		return readCloser{count, f}, count, nil
	}
	count := &counter{src: f}
	r, err := unpack(count, p.f.packing, p.f.size)
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return &closing{readAhead(r), f}, count, nil
}

type readCloser struct {
	io.Reader
	io.Closer
}

// closing closes a reader and the file below it.
type closing struct {
	io.ReadCloser
	f io.Closer
}

func (c *closing) Close() error { return errors.Join(c.ReadCloser.Close(), c.f.Close()) }

// blocks reads the part block by block.
func (p *part) blocks(ctx context.Context, src io.Reader, count *counter, yield func(*event.Batch, error) bool) {
	d := p.profile.Decoder()
	switch {
	case p.f.offsets && !p.lines:
		d.SetOffset(p.from)
	case p.base != nil:
		n, err := p.base.lines()
		if err != nil {
			yield(nil, fmt.Errorf("counting lines: %w", err))
			return
		}
		d.SetLine(n)
	}
	batch := &event.Batch{Origin: p.origin(), Component: p.f.component}
	buf, have, first := make([]byte, blockSize), 0, true
	var seen stretch
	for {
		if err := ctx.Err(); err != nil {
			yield(nil, err)
			return
		}
		n, err := fill(src, buf[have:])
		have += n
		text := buf[:have]
		if first && p.from == 0 {
			text = skipMark(text)
		}
		last := err != nil
		cut := last && !errors.Is(err, io.EOF)
		batch.Coverage = event.Coverage{}
		if cut { // the stream broke off: what is behind the last newline is no record
			text = text[:lastLine(text)]
		}
		records, cov, used := d.Block(text, last)
		batch.Records, batch.Coverage = records, cov
		batch.Coverage.Bytes = count.take()
		if p.odd != nil {
			p.odd(d.Odd())
		}
		if first {
			batch.Coverage.Notes, batch.Coverage.Gaps = p.notes, p.gaps
		}
		if cut {
			p.broken(err, have > len(text), batch)
		}
		if p.order != nil {
			p.watch(&seen, batch, last)
		}
		if first || len(records) > 0 || batch.Coverage.Read > 0 || batch.Coverage.Bytes > 0 || cut || len(batch.Coverage.Notes) > 0 {
			if !yield(batch, nil) {
				return
			}
		}
		first = false
		if last {
			return
		}
		used += have - len(text) // the mark that was skipped
		if used == 0 && have == len(buf) {
			if len(buf) >= maxBlock {
				yield(nil, fmt.Errorf("BUG: a block of %d bytes gives no record", len(buf)))
				return
			}
			bigger := make([]byte, min(maxBlock, 2*len(buf)))
			copy(bigger, buf[:have])
			buf = bigger
			continue
		}
		have = copy(buf, buf[used:have])
	}
}

// watch looks at the order of a batch's records and, with the last, says what it is of the file.
func (p *part) watch(seen *stretch, b *event.Batch, last bool) {
	seen.watch(b.Records)
	if !last {
		return
	}
	if note := p.order.done(p.index, *seen, p.f.shown); note != "" {
		b.Coverage.Notes = append(b.Coverage.Notes[:len(b.Coverage.Notes):len(b.Coverage.Notes)], note)
	}
}

// broken accounts for a stream that broke off, perhaps in mid-record.
func (p *part) broken(err error, half bool, b *event.Batch) {
	reason := err.Error()
	if errors.Is(err, io.ErrUnexpectedEOF) {
		reason = packingNames[p.f.packing] + " stream ends too early"
	}
	if half {
		b.Coverage.Read++
		b.Coverage.Unparsed++
	}
	b.Coverage.Gaps = append(b.Coverage.Gaps[:len(b.Coverage.Gaps):len(b.Coverage.Gaps)], event.Hole{Origin: p.origin(), Reason: reason + ": the rest of the file is missing", Failed: true})
}

// skipMark skips the byte order mark that Windows puts before UTF-8.
func skipMark(b []byte) []byte {
	if len(b) >= 3 && b[0] == 0xef && b[1] == 0xbb && b[2] == 0xbf {
		return b[3:]
	}
	return b
}

// lastLine gives the length of the whole lines of b.
func lastLine(b []byte) int {
	for i := len(b); i > 0; i-- {
		if b[i-1] == '\n' {
			return i
		}
	}
	return 0
}
