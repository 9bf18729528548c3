package bundle

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"
)

const (
	// maxManifest bounds what a manifest may hold in memory; ten thousand answers have 10 MiB.
	maxManifest = 128 << 20
	// maxLine is longer than any line of the preamble.
	maxLine = 256
)

// A Reader reads a bundle. It may be used from several goroutines.
type Reader struct {
	path     string
	f        *os.File
	manifest *Manifest
	// base is where the members begin.
	base int64

	mu sync.Mutex
	// answers are the exchanges by their key that were not given yet; of each the last one stays.
	answers map[string][]*Member
	names   map[string]*Member
	// folder holds what was unpacked, and unpacked where in it.
	folder   string
	unpacked map[string]string
}

// Is tells whether a file is a bundle, by its beginning.
func Is(path string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	_, err = readPreamble(f)
	return err == nil
}

// front is what the preamble says.
type front struct {
	schema, sum string
	size        int64
	at          int64
}

func readPreamble(r io.Reader) (front, error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil || string(head[:4]) != skippable {
		return front{}, errors.New("not a bundle")
	}
	n := binary.LittleEndian.Uint32(head[4:])
	if n > maxLine {
		return front{}, errors.New("not a bundle")
	}
	line := make([]byte, n)
	if _, err := io.ReadFull(r, line); err != nil {
		return front{}, errors.New("not a bundle")
	}
	words := strings.Fields(string(line))
	if len(words) != 3 || !strings.HasPrefix(words[0], "hindcast.bundle/") {
		return front{}, errors.New("not a bundle")
	}
	size, err := strconv.ParseInt(words[1], 10, 64)
	if err != nil || size < 0 || size > maxManifest {
		return front{}, errors.New("not a bundle")
	}
	return front{schema: words[0], size: size, sum: words[2], at: int64(8 + n)}, nil
}

// Open reads the manifest and sees that the file is as long as it says. Close must be called.
func Open(path string) (*Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the bundle: %w", err)
	}
	r := &Reader{path: path, f: f, answers: map[string][]*Member{}, names: map[string]*Member{}, unpacked: map[string]string{}}
	if err := r.read(); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	return r, nil
}

func (r *Reader) read() error {
	p, err := readPreamble(r.f)
	if err != nil {
		return err
	}
	if p.schema != Schema {
		return fmt.Errorf("the bundle's form is %s and this program reads %s", p.schema, Schema)
	}
	packed := make([]byte, p.size)
	if _, err := io.ReadFull(r.f, packed); err != nil {
		return fmt.Errorf("the bundle is cut short in %s", ManifestName)
	}
	if sum := sha256.Sum256(packed); hex.EncodeToString(sum[:]) != p.sum {
		return fmt.Errorf("%s is damaged: its SHA-256 is not the one that the bundle states", ManifestName)
	}
	text, err := unpack(packed, maxManifest)
	if err != nil {
		return fmt.Errorf("unpacking %s: %w", ManifestName, err)
	}
	t := tar.NewReader(bytes.NewReader(text))
	if h, err := t.Next(); err != nil || h.Name != ManifestName {
		return fmt.Errorf("the first member is not %s", ManifestName)
	}
	r.manifest = &Manifest{}
	if err := json.NewDecoder(t).Decode(r.manifest); err != nil {
		return fmt.Errorf("reading %s: %w", ManifestName, err)
	}
	r.base = p.at + p.size
	return r.index()
}

// index looks through the members.
func (r *Reader) index() error {
	info, err := r.f.Stat()
	if err != nil {
		return err
	}
	end := info.Size() - r.base
	for i, m := range r.manifest.Members {
		if m == nil || m.Offset < 0 || m.Packed < 0 || m.Size < 0 || m.Offset > 1<<62 || m.Packed > 1<<62 || r.names[m.Name] != nil {
			return fmt.Errorf("%s is not valid: member %d", ManifestName, i)
		}
		if m.Offset+m.Packed > end {
			return fmt.Errorf("the bundle is cut short: %s and all behind it (%d of %d members) are missing", m.Name, len(r.manifest.Members)-i, len(r.manifest.Members))
		}
		r.names[m.Name] = m
		if m.Exchange != nil {
			k := m.Exchange.key()
			r.answers[k] = append(r.answers[k], m)
		}
	}
	for _, list := range r.answers {
		inOrder(list)
	}
	return nil
}

// Close closes the file and removes what was unpacked.
func (r *Reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var err error
	if r.folder != "" {
		err = os.RemoveAll(r.folder)
	}
	return errors.Join(r.f.Close(), err)
}

// Manifest says what the bundle holds.
func (r *Reader) Manifest() *Manifest { return r.manifest }

// Source gives what the manifest says of a source, nil if it is not in the bundle.
func (r *Reader) Source(name string) *Source {
	for i := range r.manifest.Sources {
		if r.manifest.Sources[i].Name == name {
			return &r.manifest.Sources[i]
		}
	}
	return nil
}

// Read gives a member's content and makes sure that it is what was put in.
func (r *Reader) Read(name string) ([]byte, error) {
	m := r.names[name]
	if m == nil {
		return nil, fmt.Errorf("%s: there is no member %s", r.path, name)
	}
	return r.content(m)
}

func (r *Reader) content(m *Member) ([]byte, error) {
	packed := make([]byte, m.Packed)
	if _, err := r.f.ReadAt(packed, r.base+m.Offset); err != nil {
		return nil, fmt.Errorf("%s: reading %s: %w", r.path, m.Name, err)
	}
	text, err := unpack(packed, m.Size)
	if err != nil {
		return nil, r.damaged(m, err.Error())
	}
	if sum := sha256.Sum256(text); int64(len(text)) != m.Size || hex.EncodeToString(sum[:]) != m.SHA256 {
		return nil, r.damaged(m, "its SHA-256 is not the one in the manifest")
	}
	return text, nil
}

func (r *Reader) damaged(m *Member, why string) error {
	return fmt.Errorf("%s: %s is damaged: %s", r.path, m.Name, why)
}

// unpack decompresses a frame of at most limit bytes.
func unpack(packed []byte, limit int64) ([]byte, error) {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(uint64(max(limit, 8<<20))))
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.DecodeAll(packed, nil)
}

// copyTo writes a member's content and makes sure that it is what was put in, without holding it in memory.
func (r *Reader) copyTo(ctx context.Context, out io.Writer, m *Member) error {
	d, err := zstd.NewReader(io.NewSectionReader(r.f, r.base+m.Offset, m.Packed), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20))
	if err != nil {
		return r.damaged(m, err.Error())
	}
	defer d.Close()
	h, src := sha256.New(), &source{ctx: ctx, r: d}
	n, err := io.Copy(io.MultiWriter(out, h), io.LimitReader(src, m.Size+1))
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case src.err != nil:
		return r.damaged(m, src.err.Error())
	case err != nil:
		return fmt.Errorf("%s: unpacking %s: %w", r.path, m.Name, err)
	case n != m.Size || hex.EncodeToString(h.Sum(nil)) != m.SHA256:
		return r.damaged(m, "its SHA-256 is not the one in the manifest")
	}
	return nil
}

// source is what is read in one copy: it ends with its context, and remembers what went wrong.
type source struct {
	ctx context.Context //nolint:containedctx // it lives as long as one copy
	r   io.Reader
	err error
}

// Read reads on.
func (s *source) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// Check reads every member and returns the faults that it finds, joined.
func (r *Reader) Check(ctx context.Context) error {
	var faults []error
	for _, m := range r.manifest.Members {
		if err := r.copyTo(ctx, io.Discard, m); err != nil {
			faults = append(faults, err)
			if ctx.Err() != nil {
				break
			}
		}
	}
	return errors.Join(faults...)
}

// Unpack writes a member into a file, once, and gives its path. The file is removed by Close. Nothing of the path comes from
// the bundle but the last part, which must be a plain name.
func (r *Reader) Unpack(ctx context.Context, member, base string) (path string, err error) {
	m := r.names[member]
	if m == nil {
		return "", fmt.Errorf("%s: there is no member %s", r.path, member)
	}
	if filepath.Base(base) != base || base == "." || base == ".." {
		return "", fmt.Errorf("%s: %q is not the name of a file", r.path, base)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if known := r.unpacked[member]; known != "" && filepath.Base(known) == base {
		return known, nil
	}
	if path, err = r.place(base); err != nil {
		return "", fmt.Errorf("unpacking %s: %w", member, err)
	}
	f, err := os.Create(path)
	if err != nil {
		return "", fmt.Errorf("unpacking %s: %w", member, err)
	}
	if err := errors.Join(r.copyTo(ctx, f, m), f.Close()); err != nil {
		return "", err
	}
	r.unpacked[member] = path
	return path, nil
}

// place makes a folder of its own for a file.
func (r *Reader) place(base string) (path string, err error) {
	if r.folder == "" {
		if r.folder, err = os.MkdirTemp("", "hindcast-bundle-*"); err != nil {
			return "", err
		}
	}
	dir, err := os.MkdirTemp(r.folder, "*")
	return filepath.Join(dir, base), err
}
