package file

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/hindcast/hindcast/ingest/export"
)

// packing is the way a file is compressed or encoded, told by its first bytes, and whether it is an export.
type packing uint8

const (
	plain packing = iota
	gzipped
	zstandard
	bzipped
	utf16le
	utf16be

	// exported is added for what a log store gave, whose records are taken out of it once it is unpacked.
	exported packing = 1 << 7
)

// String names the packing.
func (p packing) String() string {
	if p&exported != 0 {
		return "export"
	}
	return [...]string{"plain", "gzip", "zstd", "bzip2", "UTF-16", "UTF-16"}[p]
}

// packingOf tells the packing by the first bytes.
func packingOf(b []byte) packing {
	switch {
	case bytes.HasPrefix(b, []byte{0x1f, 0x8b, 8}):
		return gzipped
	case bytes.HasPrefix(b, []byte{0x28, 0xb5, 0x2f, 0xfd}), len(b) >= 4 && b[0]&0xf0 == 0x50 && bytes.Equal(b[1:4], []byte{0x2a, 0x4d, 0x18}):
		return zstandard
	case bytes.HasPrefix(b, []byte("BZh")) && len(b) >= 10 && bytes.Equal(b[4:10], []byte{0x31, 0x41, 0x59, 0x26, 0x53, 0x59}):
		return bzipped
	case bytes.HasPrefix(b, []byte{0xff, 0xfe}):
		return utf16le
	case bytes.HasPrefix(b, []byte{0xfe, 0xff}):
		return utf16be
	}
	return plain
}

const (
	// maxWindow is how much memory a zstd stream may ask for; "zstd --long" asks for 128 MiB.
	maxWindow = 128 << 20
	// freeExpansion is how much any compressed file may expand to, and maxRatio how many times its size on top of it. Logs
	// compress to a tenth or a twentieth, the most repetitive ones to a two-hundredth.
	freeExpansion = 4 << 30
	maxRatio      = 250
)

var errExpansion = errors.New("expands to more than 250 times its size, which no log does: reading stopped there")

// unpack returns a reader of what src holds. It must be closed.
func unpack(src io.Reader, p packing, size int64) (io.ReadCloser, error) {
	if p&exported != 0 {
		inner, err := unpack(src, p&^exported, size)
		if err != nil {
			return nil, err
		}
		return &closing{io.NopCloser(export.NewReader(inner)), inner}, nil
	}
	switch p {
	case gzipped:
		r, err := gzip.NewReader(src)
		if err != nil {
			return nil, fmt.Errorf("gzip: %w", err)
		}
		return narrowed(capped(r, size)), nil
	case zstandard:
		r, err := zstd.NewReader(src, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, fmt.Errorf("zstd: %w", err)
		}
		return narrowed(capped(r.IOReadCloser(), size)), nil
	case bzipped:
		return narrowed(capped(io.NopCloser(bzip2.NewReader(src)), size)), nil
	case utf16le, utf16be:
		return io.NopCloser(&wide{src: src, big: p == utf16be}), nil
	}
	return io.NopCloser(src), nil
}

// limited ends a stream that expands beyond all measure.
type limited struct {
	io.ReadCloser
	left int64
}

func capped(r io.ReadCloser, size int64) io.ReadCloser {
	return &limited{r, freeExpansion + maxRatio*size}
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errExpansion
	}
	n, err := l.ReadCloser.Read(p[:min(int64(len(p)), l.left)])
	l.left -= int64(n)
	return n, err
}

// wide turns UTF-16 into UTF-8.
type wide struct {
	src io.Reader
	big bool
	in  [8192]byte
	n   int // bytes of in that are left from before
	out []byte
	err error
}

func (w *wide) Read(p []byte) (int, error) {
	for len(w.out) == 0 {
		if w.err != nil {
			return 0, w.err
		}
		w.fill()
	}
	n := copy(p, w.out)
	w.out = w.out[n:]
	return n, nil
}

func (w *wide) fill() {
	n, err := w.src.Read(w.in[w.n:])
	w.err = err
	end := w.n + n
	i := 0
	w.out = w.out[:0]
	for ; i+1 < end; i += 2 {
		r := w.unit(i)
		if utf16.IsSurrogate(r) {
			if i+3 >= end && err == nil {
				break
			}
			if i+3 < end {
				if d := utf16.DecodeRune(r, w.unit(i+2)); d != utf8.RuneError {
					r = d
					i += 2
				}
			}
		}
		if r != 0xfeff {
			w.out = utf8.AppendRune(w.out, r)
		}
	}
	w.n = copy(w.in[:], w.in[i:end])
}

func (w *wide) unit(i int) rune {
	if w.big {
		return rune(w.in[i])<<8 | rune(w.in[i+1])
	}
	return rune(w.in[i+1])<<8 | rune(w.in[i])
}

// narrow turns what was compressed into UTF-8 if it begins as UTF-16 does.
type narrow struct {
	io.ReadCloser
	src io.Reader // nil until the first two bytes are known
}

func narrowed(r io.ReadCloser) io.ReadCloser { return &narrow{ReadCloser: r} }

func (n *narrow) Read(p []byte) (int, error) {
	if n.src == nil {
		mark := make([]byte, 2)
		got, err := io.ReadFull(n.ReadCloser, mark)
		n.src = io.MultiReader(bytes.NewReader(mark[:got]), n.ReadCloser)
		switch {
		case err != nil && !errors.Is(err, io.EOF):
			n.src = io.MultiReader(bytes.NewReader(mark[:got]), failing{err})
		case packingOf(mark[:got]) == utf16le, packingOf(mark[:got]) == utf16be:
			n.src = &wide{src: n.src, big: packingOf(mark) == utf16be}
		}
	}
	return n.src.Read(p)
}

// failing is a stream that broke off.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// counter counts the bytes that are read through it.
type counter struct {
	src io.Reader
	mu  sync.Mutex
	n   int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.src.Read(p)
	c.mu.Lock()
	c.n += int64(n)
	c.mu.Unlock()
	return n, err
}

// take returns what was read since the last call.
func (c *counter) take() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.n
	c.n = 0
	return n
}

const (
	// headSize is how much of a file its format is judged by.
	headSize = 256 << 10
	// maxSkipped is how long a first line may be to be passed over when the format is judged.
	maxSkipped = 1 << 30
)

// head returns the beginning of a file, decompressed, and how the file is packed: of a first line that is longer than that, what
// follows it. What can be read of a damaged beginning is returned with the error.
func head(path string) (b []byte, p packing, size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, plain, 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, plain, 0, err
	}
	var magic [10]byte
	n, err := io.ReadFull(f, magic[:])
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, plain, 0, err
	}
	p = packingOf(magic[:n])
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, plain, 0, err
	}
	r, err := unpack(f, p, info.Size())
	if err != nil {
		return nil, p, info.Size(), err
	}
	defer r.Close()
	b = make([]byte, headSize)
	n, err = io.ReadFull(r, b)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) && p == plain || n == headSize {
		err = nil
	}
	if n == headSize && bytes.IndexByte(b, '\n') < 0 && !export.Recognise(b) && recogniseDocument(b, "") == nil {
		if after := afterLine(r); len(after) > 0 {
			return after, p, info.Size(), nil
		}
	}
	return b[:n], p, info.Size(), err
}

// afterLine returns what a file is judged by that follows the line which r stands in; none if the line does not end.
func afterLine(r io.Reader) []byte {
	lines := bufio.NewReaderSize(io.LimitReader(r, maxSkipped), headSize)
	for {
		_, err := lines.ReadSlice('\n')
		if err == nil {
			break
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return nil
		}
	}
	b := make([]byte, headSize)
	n, _ := io.ReadFull(lines, b)
	return b[:n]
}

// Plain opens a file and unpacks it as a source would: what is read is what a source reads.
func Plain(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	var magic [10]byte
	n, err := f.ReadAt(magic[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, errors.Join(err, f.Close())
	}
	r, err := unpack(f, packingOf(magic[:n]), info.Size())
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &closing{r, f}, nil
}
