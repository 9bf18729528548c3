package bundle

import (
	"archive/tar"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// blockSize is that of tar.
const blockSize = 512

// A Writer gathers the members of a bundle. They are compressed as they come into a file beside the bundle's place, and
// put in order when the bundle is written. It may be used from several goroutines.
type Writer struct {
	mu      sync.Mutex
	spool   *os.File
	at      int64
	members []*Member
	// spooled are the places of the members' contents in the spool.
	spooled map[*Member]int64
	// times counts the exchanges of a source with the same request.
	times map[string]int
	err   error
}

// Create begins a bundle whose members are spooled in a folder.
func Create(dir string) (*Writer, error) {
	f, err := os.CreateTemp(dir, ".hindcast-bundle-*")
	if err != nil {
		return nil, fmt.Errorf("beginning the bundle: %w", err)
	}
	return &Writer{spool: f, spooled: map[*Member]int64{}, times: map[string]int{}}, nil
}

// Close removes the spool.
func (w *Writer) Close() error {
	return errors.Join(w.spool.Close(), os.Remove(w.spool.Name()))
}

// AddFile adds the file at path, for a source, as what it was called, and gives the member's name.
func (w *Writer) AddFile(source, name, path string) (member string, err error) {
	member = "files/" + element(source) + "/" + elements(name)
	return member, w.AddAs(member, path)
}

// AddAs adds the file at path as a member.
func (w *Writer) AddAs(member, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return w.Add(member, f)
}

// Add adds a member.
func (w *Writer) Add(name string, r io.Reader) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := packers.Get().(*packer)
	defer packers.Put(c)
	out := &counting{w: w.spool}
	c.reset(out)
	if _, err := io.Copy(c, r); err != nil {
		return errors.Join(fmt.Errorf("keeping %s: %w", name, err), w.rewind())
	}
	if err := c.close(); err != nil {
		return errors.Join(fmt.Errorf("keeping %s: %w", name, err), w.rewind())
	}
	w.added(&Member{Name: name, Size: c.size, SHA256: c.sum(), Packed: out.n})
	return nil
}

// rewind takes back what was written of a member that failed.
func (w *Writer) rewind() error {
	_, err := w.spool.Seek(w.at, io.SeekStart)
	return errors.Join(err, w.spool.Truncate(w.at))
}

func (w *Writer) added(m *Member) {
	w.members = append(w.members, m)
	w.spooled[m] = w.at
	w.at += m.Packed
}

// addPacked adds the answer of a server, which was compressed while it was read. It cannot fail towards the source that
// is reading; what goes wrong is kept for [Writer.Write].
func (w *Writer) addPacked(m *Member, key string, packed []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.times[key]++
	m.Name = fmt.Sprintf("http/%s/%s-%d", element(m.Exchange.Source), key[len(key)-16:], w.times[key])
	m.Packed = int64(len(packed))
	if _, err := w.spool.Write(packed); err != nil {
		w.err = cmp.Or(w.err, fmt.Errorf("keeping %s: %w", m.Name, err))
		_ = w.rewind()
		return
	}
	w.added(m)
}

// Write writes the whole bundle. Members and the sources' Queries of the manifest are filled in.
func (w *Writer) Write(out io.Writer, m *Manifest) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return w.err
	}
	m.Schema = Schema
	m.Members = slices.SortedFunc(slices.Values(w.members), func(a, b *Member) int { return strings.Compare(a.Name, b.Name) })
	for i := range m.Sources {
		m.Sources[i].Queries = queries(m.Members, m.Sources[i].Name)
	}
	heads := make([][]byte, len(m.Members))
	at := int64(0)
	for i, member := range m.Members {
		head, err := tarHeader(member.Name, member.Size)
		if err != nil {
			return fmt.Errorf("naming %s: %w", member.Name, err)
		}
		heads[i] = frame(head)
		member.Offset = at + int64(len(heads[i]))
		at = member.Offset + member.Packed + int64(len(padding(member.Size)))
	}
	text, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return fmt.Errorf("writing the manifest: %w", err)
	}
	text = append(text, '\n')
	head, err := tarHeader(ManifestName, int64(len(text)))
	if err != nil {
		return fmt.Errorf("writing the manifest: %w", err)
	}
	manifest := frame(slices.Concat(head, text, make([]byte, padLength(int64(len(text))))))
	pieces := []io.Reader{bytes.NewReader(preamble(manifest)), bytes.NewReader(manifest)}
	for i, member := range m.Members {
		pieces = append(pieces, bytes.NewReader(heads[i]), io.NewSectionReader(w.spool, w.spooled[member], member.Packed), bytes.NewReader(padding(member.Size)))
	}
	pieces = append(pieces, bytes.NewReader(frame(make([]byte, 2*blockSize))))
	for _, p := range pieces {
		if _, err := io.Copy(out, p); err != nil {
			return fmt.Errorf("writing the bundle: %w", err)
		}
	}
	return nil
}

// queries lists the distinct requests of a source.
func queries(members []*Member, source string) []Query {
	count := map[string]int{}
	for _, m := range members {
		if x := m.Exchange; x != nil && x.Source == source {
			count[x.Method+" "+x.URL]++
		}
	}
	var list []Query
	for request, n := range count {
		list = append(list, Query{Request: request, Times: n})
	}
	slices.SortFunc(list, func(a, b Query) int { return strings.Compare(a.Request, b.Request) })
	return list
}

// skippable is the magic number of a Zstandard frame that decoders skip.
const skippable = "\x50\x2a\x4d\x18"

// preamble is the skippable frame in front: the schema, the manifest's length and its SHA-256, in one line.
func preamble(manifest []byte) []byte {
	line := fmt.Sprintf("%s %d %x\n", Schema, len(manifest), sha256.Sum256(manifest))
	n := len(line)
	return append([]byte(skippable), append([]byte{byte(n), byte(n >> 8), 0, 0}, line...)...)
}

func tarHeader(name string, size int64) ([]byte, error) {
	var b bytes.Buffer
	// The end of a member that has no content is not waited for, so no error of Close is of interest.
	err := tar.NewWriter(&b).WriteHeader(&tar.Header{Name: name, Size: size, Mode: 0o644, Typeflag: tar.TypeReg})
	return b.Bytes(), err
}

func padLength(size int64) int64 { return (blockSize - size%blockSize) % blockSize }

// padding is the frame that fills a member's last block.
func padding(size int64) []byte {
	n := padLength(size)
	if n == 0 {
		return nil
	}
	return frame(make([]byte, n))
}

// frame compresses a short text into a frame.
func frame(text []byte) []byte {
	var b bytes.Buffer
	c := packers.Get().(*packer)
	defer packers.Put(c)
	c.reset(&b)
	_, err := c.Write(text)
	if err := errors.Join(err, c.close()); err != nil {
		panic("BUG: compressing into memory: " + err.Error())
	}
	return b.Bytes()
}

// A packer compresses a member and takes its measure. Its encoder does not work ahead, which would make the bytes depend
// on timing.
type packer struct {
	enc  *zstd.Encoder
	size int64
	hash hash.Hash
}

var packers = sync.Pool{New: func() any {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(1<<20))
	if err != nil {
		panic("BUG: options of the encoder: " + err.Error())
	}
	return &packer{enc: enc, hash: sha256.New()}
}}

func (p *packer) reset(w io.Writer) {
	p.enc.Reset(w)
	p.hash.Reset()
	p.size = 0
}

// Write takes content in.
func (p *packer) Write(b []byte) (int, error) {
	p.hash.Write(b)
	p.size += int64(len(b))
	return p.enc.Write(b)
}

// close ends the frame. A member without content is an empty frame, so that it has a place.
func (p *packer) close() error { return p.enc.Close() }

func (p *packer) sum() string { return hex.EncodeToString(p.hash.Sum(nil)) }

// counting counts what is written.
type counting struct {
	w io.Writer
	n int64
}

// Write hands on and counts.
func (c *counting) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}
