package file

import (
	"bytes"
	"errors"
	"io"
	"os"
	"sync"

	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/format"
)

const (
	// leastPart is the smallest range that a file is split into.
	leastPart = 4 << 20
	// countLimit is the size up to which the lines before a part are counted, so that its records know their line. In larger
	// files records say the byte that they begin at: counting would cost more than a search.
	countLimit = 256 << 20
	// searchLimit is the size from which a file is searched for the asked time instead of being read from its beginning.
	searchLimit = 8 << 20
	// probes is how many places of a file are looked at to see whether it is sorted.
	probes = 64
	// probeSize is how much is read at each.
	probeSize = 32 << 10
	// slack is how far stamps of a sorted file may lie apart from their order: threads write late, clocks are corrected.
	slack = int64(5 * 60 * 1e9)
)

// span is a range of bytes of a file.
type span struct{ from, to int64 }

// searcher looks into a plain file at any place.
type searcher struct {
	f    *os.File
	size int64
	d    *format.Decoder
	buf  []byte
}

// start finds the first place at or behind off at which the file may be split, and the time there. It is -1 if there is none
// before limit or within the longest record.
func (s *searcher) start(off, limit int64) (at, time int64, err error) {
	for size := int64(probeSize); ; size *= 4 {
		from := off
		if off > 0 {
			from-- // a line that begins at off counts
		}
		n := min(size, s.size-from)
		if int64(len(s.buf)) < n {
			s.buf = make([]byte, n)
		}
		b := s.buf[:n]
		if _, err := s.f.ReadAt(b, from); err != nil && !errors.Is(err, io.EOF) {
			return -1, 0, err
		}
		if at, t := s.d.Start(b, off == 0); at >= 0 {
			if from+int64(at) >= limit {
				return -1, 0, nil
			}
			return from + int64(at), t, nil
		}
		if from+n >= min(s.size, limit) || size > format.MaxRecord {
			return -1, 0, nil
		}
	}
}

// sorted tells whether the stamps of the file rise, as far as a look at some places can tell.
func (s *searcher) sorted() bool {
	last := int64(-1 << 62)
	for i := range int64(probes) {
		off := s.size / probes * i
		for range 3 { // a few in a row as well
			at, t, err := s.start(off, s.size)
			if err != nil {
				return false
			}
			if at < 0 {
				break
			}
			if t < last-slack/5 {
				return false
			}
			last = max(last, t)
			off = at + 1
		}
	}
	return last > 0
}

// search finds the range of a sorted file that holds all records of a time.
func (s *searcher) search(r event.Range) (span, error) {
	from, err := s.bound(r.From - slack)
	if err != nil {
		return span{}, err
	}
	to := s.size
	if r.To > 0 {
		if to, err = s.bound(r.To + slack); err != nil {
			return span{}, err
		}
	}
	if to >= s.size {
		to = -1
	}
	return span{from, to}, nil
}

// bound finds a place before which all records are older than t and behind which, within a few kilobytes, they are not.
func (s *searcher) bound(t int64) (int64, error) {
	low, high := int64(0), s.size // low: everything before it is older
	for high-low > probeSize {
		mid := low + (high-low)/2
		at, when, err := s.start(mid, high)
		switch {
		case err != nil:
			return 0, err
		case at < 0 || when >= t:
			high = mid
		default:
			low = at
		}
	}
	for off := low; ; { // the first that is not older
		at, when, err := s.start(off, s.size)
		if err != nil {
			return 0, err
		}
		if at < 0 {
			return s.size, nil
		}
		if when >= t {
			return at, nil
		}
		off = at + 1
	}
}

// cut splits a span into about n pieces at places where records begin.
func (s *searcher) cut(sp span, n int) ([]span, error) {
	end := sp.to
	if end < 0 {
		end = s.size
	}
	n = int(min(int64(n), (end-sp.from)/leastPart))
	var list []span
	from := sp.from
	for i := 1; i < n; i++ {
		at, _, err := s.start(sp.from+(end-sp.from)/int64(n)*int64(i), end)
		if err != nil {
			return nil, err
		}
		if at > from {
			list = append(list, span{from, at})
			from = at
		}
	}
	return append(list, span{from, sp.to}), nil
}

// lineCount counts the lines before a place in a file, when somebody asks.
type lineCount struct {
	path string
	prev *lineCount // of a place before, nil for the beginning
	at   int64
	once sync.Once
	n    int64
	err  error
}

// lines gives the number of lines before the place.
func (c *lineCount) lines() (int64, error) {
	if c == nil {
		return 0, nil
	}
	c.once.Do(func() {
		var from int64
		if c.prev != nil {
			from = c.prev.at
		}
		var before int64
		if before, c.err = c.prev.lines(); c.err != nil {
			return
		}
		var f *os.File
		if f, c.err = os.Open(c.path); c.err != nil {
			return
		}
		defer f.Close()
		buf := make([]byte, blockSize)
		r := io.NewSectionReader(f, from, c.at-from)
		for c.n = before; ; {
			n, err := r.Read(buf)
			c.n += int64(bytes.Count(buf[:n], []byte{'\n'}))
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				c.err = err
				return
			}
		}
	})
	return c.n, c.err
}
