// Package archive keeps finished reports, one folder an incident, and is all the state that `hindcast watch` and
// `hindcast serve` have of them.
//
// A folder appears whole: it is written beside its place and renamed into it, so that a process that is killed leaves
// either no folder or a finished one, and a stray one that the next process removes. A folder whose incident has gone on
// is renewed file by file, the record of the incident last: killed in between, the next process finds the old record and
// does it again. One process works in an archive at a time; the others wait for its lock, which ends with the process.
package archive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hindcast/hindcast/cmd/hindcast/disk"
)

const (
	// recordName is the file that makes a folder an incident's. It is written last.
	recordName = "incident.json"
	// deliveredName says what has been sent where.
	deliveredName = "delivered.json"
	lockName      = ".hindcast.lock"
	// seenName holds the alerts of servers that forget them.
	seenName = ".hindcast-seen.json"
	// strayPrefix begins the names of folders that are being written.
	strayPrefix = ".hindcast-new-"
	// failedSuffix ends the names of marks that the report of an incident could not be made.
	failedSuffix = ".failed.json"
)

// An Archive is a folder of incidents.
type Archive struct{ dir string }

// Open makes the folder if there is none.
func Open(dir string) (*Archive, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder of reports: %w", err)
	}
	return &Archive{dir: dir}, nil
}

// Dir is the archive's folder.
func (a *Archive) Dir() string { return a.dir }

// Path is the folder of an incident, or a file in it.
func (a *Archive) Path(id string, file ...string) string {
	return filepath.Join(append([]string{a.dir, id}, file...)...)
}

// patience is how long a process that waits for the lock pauses before it tries again.
const patience = 200 * time.Millisecond

// Lock waits until this process is the only one that works in the archive, and removes what killed ones have left.
// waiting is called once if it has to wait. The lock ends with unlock or with the process, however that ends.
func (a *Archive) Lock(ctx context.Context, waiting func()) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(a.dir, lockName), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("locking the folder of reports: %w", err)
	}
	for first := true; ; first = false {
		ok, err := disk.TryLock(f)
		switch {
		case err != nil:
			return nil, errors.Join(fmt.Errorf("locking %s: %w", f.Name(), err), f.Close())
		case ok:
			if err := a.sweep(); err != nil {
				return nil, errors.Join(err, f.Close())
			}
			return func() { _ = f.Close() }, nil // closing gives the lock up
		case first && waiting != nil:
			waiting()
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("waiting for another hindcast that works in %s: %w", a.dir, ctx.Err()), f.Close())
		case <-time.After(patience):
		}
	}
}

// sweep removes what killed processes have left.
func (a *Archive) sweep() error {
	entries, err := os.ReadDir(a.dir)
	if err != nil {
		return fmt.Errorf("reading the folder of reports: %w", err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), strayPrefix) {
			if err := os.RemoveAll(filepath.Join(a.dir, e.Name())); err != nil {
				return fmt.Errorf("removing what a killed run has left: %w", err)
			}
		}
	}
	return nil
}

// List reads the records of all incidents, oldest first. Folders without a record are somebody else's. A record that
// cannot be read is an error for that one alone: the others are returned with it.
func (a *Archive) List() ([]Record, error) {
	entries, err := os.ReadDir(a.dir)
	if err != nil {
		return nil, fmt.Errorf("reading the folder of reports: %w", err)
	}
	var (
		records []Record
		faults  []error
	)
	for _, e := range entries {
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		r, err := a.Record(e.Name())
		switch {
		case err == nil:
			records = append(records, r)
		case !errors.Is(err, fs.ErrNotExist):
			faults = append(faults, err)
		}
	}
	slices.SortStableFunc(records, func(x, y Record) int { return x.From.Compare(y.From) })
	return records, errors.Join(faults...)
}

// Record reads the record of one incident; the error is fs.ErrNotExist if there is none.
func (a *Archive) Record(id string) (Record, error) {
	var r Record
	if !IsID(id) {
		return r, fmt.Errorf("incident %q: %w", id, fs.ErrNotExist)
	}
	if err := readJSON(a.Path(id, recordName), &r); err != nil {
		return r, err
	}
	r.ID = id
	return r, nil
}

// IsID tells whether a text can be the id of an incident: the name of a folder right in the archive.
func IsID(id string) bool {
	return id != "" && id[0] != '.' && !strings.ContainsAny(id, `/\:`+"\x00") && filepath.IsLocal(id)
}

// Expire removes the folders of incidents that ended before a time, and the marks of failure that are older, and returns
// their ids.
func (a *Archive) Expire(before time.Time) ([]string, error) {
	records, unread := a.List() // one that cannot be read does not keep the others
	var gone []string
	for _, r := range records {
		if !r.To.Before(before) {
			continue
		}
		// The folder is taken out of sight whole, so that nobody finds half of one.
		stray := filepath.Join(a.dir, strayPrefix+"gone-"+r.ID)
		if err := errors.Join(os.Rename(a.Path(r.ID), stray), os.RemoveAll(stray)); err != nil {
			return gone, fmt.Errorf("removing the report of %s: %w", r.ID, err)
		}
		gone = append(gone, r.ID)
	}
	failures, err := a.Failures()
	err = errors.Join(unread, err)
	for _, f := range failures {
		if f.To.Before(before) {
			err = errors.Join(err, a.Forgive(f.ID))
		}
	}
	return gone, err
}

func readJSON(path string, v any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("reading %s: %w", path, err)
	}
	return nil
}
