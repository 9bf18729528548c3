// Package journal keeps received events on disk, one JSON document a line, one file a kind and day: the queue of
// `hindcast serve` and evidence at once, since the servers that sent them forget them.
//
// What Append has accepted is on the disk. Those that wait at the same time share one sync of the disk, so that a storm of
// webhooks costs a few. A line that a crash cut off was never accepted, and is removed when the journal is opened.
package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hindcast/hindcast/cmd/hindcast/disk"
)

const (
	// most is how many documents are written with one sync.
	most = 256
	// remembered is how many documents are remembered to recognise those that come twice: senders try again when an
	// answer is lost, and pairs of Alertmanagers may both send.
	remembered = 1 << 14

	day       = "2006-01-02"
	extension = ".jsonl"
	lockName  = ".lock"
)

// ErrLocked says that another process writes to the journal.
var ErrLocked = errors.New("another hindcast serve keeps its events here")

// ErrFull says that the day's events have reached the limit.
var ErrFull = errors.New("the day's events have reached the limit")

// ErrClosed says that the journal is closed.
var ErrClosed = errors.New("the journal is closed")

// Options are limits. The zero value has none.
type Options struct {
	// MaxBytes is how many bytes one day may have.
	MaxBytes int64
}

// A Journal is a folder of events.
type Journal struct {
	dir     string
	options Options
	entries chan entry
	quit    chan struct{}
	done    chan struct{}
	close   sync.Once
	lock    *os.File

	// The rest belongs to the goroutine that writes.
	day   string
	bytes int64
	known map[[sha256.Size]byte]bool
	order [][sha256.Size]byte
}

type entry struct {
	kind string
	line []byte
	// repeated and err are set when it is settled, and then settled is closed.
	result *result
}

type result struct {
	settled  chan struct{}
	repeated bool
	err      error
}

// Open opens a journal, making its folder if there is none, and mends what a crash has left. One process at a time may
// have it open.
func Open(dir string, o Options) (*Journal, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("making the folder of events: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the folder of events: %w", err)
	}
	switch ok, err := disk.TryLock(lock); {
	case err != nil:
		return nil, errors.Join(fmt.Errorf("locking the folder of events: %w", err), lock.Close())
	case !ok:
		return nil, errors.Join(fmt.Errorf("%s: %w", dir, ErrLocked), lock.Close())
	}
	j := &Journal{
		dir: dir, options: o, entries: make(chan entry, most), quit: make(chan struct{}), done: make(chan struct{}),
		known: map[[sha256.Size]byte]bool{}, lock: lock,
	}
	for _, p := range j.Paths(time.Time{}, time.Time{}) {
		if err := mend(p); err != nil {
			return nil, errors.Join(fmt.Errorf("mending %s: %w", p, err), lock.Close())
		}
	}
	go j.write()
	return j, nil
}

// mend cuts off a last line that does not end.
func mend(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	buf := make([]byte, 64<<10)
	for at := end; at > 0; {
		n := min(at, int64(len(buf)))
		at -= n
		if _, err := f.ReadAt(buf[:n], at); err != nil {
			return err
		}
		if i := bytes.LastIndexByte(buf[:n], '\n'); i >= 0 {
			if whole := at + int64(i) + 1; whole != end {
				return f.Truncate(whole)
			}
			return nil
		}
	}
	return f.Truncate(0)
}

// Append puts a JSON document of a kind into the journal and returns when it is on the disk. repeated is set for one that
// is there already.
func (j *Journal) Append(kind string, document []byte) (repeated bool, err error) {
	var line bytes.Buffer
	if err := json.Compact(&line, document); err != nil {
		return false, fmt.Errorf("not JSON: %w", err)
	}
	line.WriteByte('\n')
	e := entry{kind: kind, line: line.Bytes(), result: &result{settled: make(chan struct{})}}
	select {
	case j.entries <- e:
	case <-j.done:
		return false, ErrClosed
	}
	select {
	case <-e.result.settled:
		return e.result.repeated, e.result.err
	case <-j.done:
		select { // it may have been settled last
		case <-e.result.settled:
			return e.result.repeated, e.result.err
		default:
			return false, ErrClosed
		}
	}
}

// Close ends the journal after what has been handed in is on the disk.
func (j *Journal) Close() {
	j.close.Do(func() { close(j.quit) })
	<-j.done
	_ = j.lock.Close() // which gives the lock up
}

// write settles entries, as many at a time as wait.
func (j *Journal) write() {
	defer close(j.done)
	for {
		var batch []entry
		select {
		case e := <-j.entries:
			batch = append(batch, e)
		case <-j.quit:
			if len(j.entries) == 0 {
				return
			}
		}
		for len(batch) < most && len(j.entries) > 0 {
			batch = append(batch, <-j.entries)
		}
		j.settle(batch)
		for _, e := range batch {
			close(e.result.settled)
		}
	}
}

func (j *Journal) settle(batch []entry) {
	if today := time.Now().UTC().Format(day); today != j.day {
		j.day, j.bytes = today, j.size(today)
	}
	fresh := map[string][]byte{}
	hashes := map[string][][sha256.Size]byte{}
	waiting := map[string][]*result{}
	for _, e := range batch {
		sum := sha256.Sum256(append([]byte(e.kind), e.line...))
		switch {
		case j.known[sum] || slices.Contains(hashes[e.kind], sum):
			e.result.repeated = true
			if !j.known[sum] { // it repeats one of this batch: it is as good as that
				waiting[e.kind] = append(waiting[e.kind], e.result)
			}
		case j.options.MaxBytes > 0 && j.bytes+int64(len(fresh[e.kind])+len(e.line)) > j.options.MaxBytes:
			e.result.err = ErrFull
		default:
			fresh[e.kind] = append(fresh[e.kind], e.line...)
			hashes[e.kind] = append(hashes[e.kind], sum)
			waiting[e.kind] = append(waiting[e.kind], e.result)
		}
	}
	for kind, lines := range fresh {
		if err := j.put(kind, lines); err != nil {
			for _, r := range waiting[kind] {
				r.err = err
			}
			continue
		}
		j.bytes += int64(len(lines))
		j.remember(hashes[kind])
	}
}

// put adds lines to the day's file of a kind, which only the owner may read, since it is not masked, and syncs it. What could not be written whole is taken back.
func (j *Journal) put(kind string, lines []byte) error {
	path := filepath.Join(j.dir, kind+"-"+j.day+extension)
	_, missing := os.Stat(path)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("writing events: %w", err)
	}
	before, err := f.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = f.Write(lines)
	}
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		return errors.Join(fmt.Errorf("writing events: %w", err), f.Truncate(before), f.Close())
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("writing events: %w", err)
	}
	if missing != nil {
		return disk.Sync(j.dir)
	}
	return nil
}

func (j *Journal) remember(hashes [][sha256.Size]byte) {
	for _, h := range hashes {
		j.known[h] = true
	}
	j.order = append(j.order, hashes...)
	if over := len(j.order) - remembered; over > 0 {
		for _, h := range j.order[:over] {
			delete(j.known, h)
		}
		j.order = slices.Clone(j.order[over:])
	}
}

// size is how many bytes a day has.
func (j *Journal) size(date string) int64 {
	var n int64
	for _, p := range j.Paths(time.Time{}, time.Time{}) {
		if strings.HasSuffix(p, "-"+date+extension) {
			if info, err := os.Stat(p); err == nil {
				n += info.Size()
			}
		}
	}
	return n
}

// Paths are the files with events that were received in a span of time, sorted; the zero time is without limit.
func (j *Journal) Paths(from, to time.Time) []string {
	entries, err := os.ReadDir(j.dir)
	if err != nil {
		return nil // a folder that has gone has no files; Append tells
	}
	var paths []string
	for _, e := range entries {
		date, ok := dateOf(e.Name())
		if !ok || !from.IsZero() && date < from.UTC().Format(day) || !to.IsZero() && date > to.UTC().Format(day) {
			continue
		}
		paths = append(paths, filepath.Join(j.dir, e.Name()))
	}
	return paths
}

// Kind is the kind of the events in a file.
func Kind(path string) string {
	name := filepath.Base(path)
	if date, ok := dateOf(name); ok {
		return strings.TrimSuffix(name, "-"+date+extension)
	}
	return ""
}

// dateOf is the day of a file's name.
func dateOf(name string) (string, bool) {
	stem, ok := strings.CutSuffix(name, extension)
	if !ok || len(stem) < len(day)+2 || stem[len(stem)-len(day)-1] != '-' {
		return "", false
	}
	date := stem[len(stem)-len(day):]
	_, err := time.Parse(day, date)
	return date, err == nil
}

// Expire removes the files of days before a time.
func (j *Journal) Expire(before time.Time) error {
	var errs []error
	for _, p := range j.Paths(time.Time{}, before.Add(-24*time.Hour)) {
		errs = append(errs, os.Remove(p))
	}
	return errors.Join(errs...)
}
