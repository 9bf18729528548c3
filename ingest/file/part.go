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
	// shared is the file that the part reads together with others, nil for a part of its own.
	shared *shared
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
		r := &reading{part: p, ctx: ctx, yield: yield, first: true}
		if p.shared != nil {
			r.pieces(p.shared)
			return
		}
		src, count, err := p.open()
		if err != nil {
			yield(nil, err)
			return
		}
		defer src.Close()
		r.whole(src, count)
	}
}

func (p *part) origin() event.Origin { return event.Origin{Source: p.f.source, Path: p.f.shown} }

// open opens what the part reads, and something that counts the bytes read from disk.
func (p *part) open() (io.ReadCloser, *counter, error) {
	if p.f.packing != plain {
		r, count, err := p.unpacked()
		if err != nil {
			return nil, nil, err
		}
		return readAhead(r), count, nil
	}
	f, err := os.Open(p.f.path)
	if err != nil {
		return nil, nil, fmt.Errorf("opening: %w", err)
	}
	end := p.to
	if end < 0 {
		end = 1 << 62
	}
	count := &counter{src: io.NewSectionReader(f, p.from, end-p.from)}
	return readCloser{count, f}, count, nil
}

// unpacked opens the part's compressed file.
func (p *part) unpacked() (io.ReadCloser, *counter, error) {
	f, err := os.Open(p.f.path)
	if err != nil {
		return nil, nil, fmt.Errorf("opening: %w", err)
	}
	count := &counter{src: f}
	r, err := unpack(count, p.f.packing, p.f.size)
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return &closing{r, f}, count, nil
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
