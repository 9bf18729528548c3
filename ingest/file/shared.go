package file

import (
	"bytes"
	"errors"
	"io"
	"sync"

	"github.com/hindcast/hindcast/ingest/format"
)

// shared is a compressed file that is read by several parts. Decompressing cannot be split, but what comes out of it can:
// the part that needs text next takes the next piece off the stream, and while it reads the records of that, another may
// take the next. A piece ends where a file may be split, so its records do not depend on who reads it.
type shared struct {
	mu  sync.Mutex
	src io.ReadCloser
	// count counts the bytes read from disk, d finds where records begin.
	count *counter
	d     *format.Decoder
	// rest is what was decompressed and lies behind the last piece.
	rest []byte
	// next describes the piece to come: its number, and what lies before it.
	next  piece
	ended bool
	// readers is how many parts are at it.
	readers int
}

// piece is text of a shared file.
type piece struct {
	// index is the piece's number, lines and offset say how much text lies before it, size is how much it has.
	index         int
	lines, offset int64
	size          int
	// packed is how many bytes were read from disk for it.
	packed int64
	// err is what broke the stream behind the piece, nil for its end or if it goes on. alone is set if no place to split was
	// found: then whoever has the piece reads on alone.
	err   error
	alone bool
}

// take returns the bytes read from disk, once.
func (p *piece) take() int64 {
	n := p.packed
	p.packed = 0
	return n
}

const (
	// leastShared is the size from which a compressed file is read by several parts.
	leastShared = 256 << 10
	// tailSize is how far from its end a piece is searched for a place to split.
	tailSize = 8 << 10
)

// enter is called by every part before it reads; the first one opens the file.
func (s *shared) enter(p *part) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readers++
	if s.src != nil || s.ended {
		return nil
	}
	var err error
	if s.src, s.count, err = p.unpacked(); err != nil {
		s.ended = true
		return err
	}
	s.d = p.profile.Decoder()
	return nil
}

// leave is called by every part when it has done. The last one at it closes the file, and nobody goes on where a part broke off.
func (s *shared) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	if s.readers--; s.readers == 0 && s.src != nil {
		s.src.Close()
		s.src = nil
	}
}

// take puts the next piece into buf and tells whether there was one.
func (s *shared) take(buf []byte) (piece, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return piece{}, false
	}
	have := copy(buf, s.rest)
	n, err := fill(s.src, buf[have:])
	have += n
	p := s.next
	p.size, p.packed = have, s.count.take()
	switch {
	case err == nil:
		if p.size = s.split(buf[:have]); p.size == 0 {
			p.alone, p.size = true, have
		}
	case !errors.Is(err, io.EOF):
		p.err = err
	}
	s.rest = append(s.rest[:0], buf[p.size:have]...)
	s.ended = err != nil || p.alone
	s.next.index++
	s.next.lines += int64(bytes.Count(buf[:p.size], []byte{'\n'}))
	s.next.offset += int64(p.size)
	return p, true
}

// split finds the last place, or nearly, at which text may be split; 0 if there is none.
func (s *shared) split(text []byte) int {
	for size := tailSize; ; size *= 4 {
		from := max(0, len(text)-size)
		if at, _ := s.d.Start(text[from:], false); at > 0 {
			return from + at
		}
		if from == 0 {
			return 0
		}
	}
}
