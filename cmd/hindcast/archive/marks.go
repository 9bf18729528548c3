package archive

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hindcast/hindcast/ingest/event"
)

// A Failure says that the report of an incident could not be made.
type Failure struct {
	ID   string    `json:"id"`
	Name string    `json:"name"`
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Attempts is how often it was tried, Last when for the last time, and Reason why that failed.
	Attempts int       `json:"attempts"`
	Last     time.Time `json:"last"`
	Reason   string    `json:"reason"`
}

// Failed adds to the mark of failure of an incident, which ends in failed.json, and returns it.
func (a *Archive) Failed(r Record, now time.Time, reason error) (Failure, error) {
	path := a.Path(r.ID + failedSuffix)
	var f Failure
	if err := readJSON(path, &f); err != nil && !errors.Is(err, fs.ErrNotExist) {
		f = Failure{} // a mark that cannot be read is made anew
	}
	if r.To.After(f.To) {
		f.Attempts = 0 // the incident has gone on: it may succeed now
	}
	f.ID, f.Name, f.From, f.To, f.Last, f.Reason = r.ID, r.Name, r.From, r.To, now.UTC(), reason.Error()
	f.Attempts++
	return f, a.writeJSON(path, f)
}

// Failures reads all marks of failure, by the incidents' ids.
func (a *Archive) Failures() (map[string]Failure, error) {
	paths, err := filepath.Glob(filepath.Join(escaped(a.dir), "*"+failedSuffix))
	if err != nil {
		return nil, err
	}
	all := map[string]Failure{}
	for _, p := range paths {
		var f Failure
		if err := readJSON(p, &f); err != nil {
			return all, err
		}
		all[strings.TrimSuffix(filepath.Base(p), failedSuffix)] = f
	}
	return all, nil
}

// Forgive removes the mark of failure of an incident, if it has one.
func (a *Archive) Forgive(id string) error {
	err := os.Remove(a.Path(id + failedSuffix))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// escaped keeps what a folder is called from being taken for a pattern.
func escaped(dir string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(dir)
}

// A Delivery says that a destination has the report of an incident.
type Delivery struct {
	At time.Time `json:"at"`
	// Made is when the report that was sent had been made.
	Made time.Time `json:"made"`
	// Link is where it can be seen there, if the destination says.
	Link string `json:"link,omitempty"`
	// Error is why the last attempt failed, empty if it did not, and Attempts how many have failed.
	Error    string `json:"error,omitempty"`
	Attempts int    `json:"attempts,omitempty"`
}

// Deliveries reads what has been sent of an incident, by the destinations' names.
func (a *Archive) Deliveries(id string) (map[string]Delivery, error) {
	all := map[string]Delivery{}
	err := readJSON(a.Path(id, deliveredName), &all)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return all, err
}

// SetDeliveries writes what has been sent of an incident.
func (a *Archive) SetDeliveries(id string, all map[string]Delivery) error {
	return a.writeJSON(a.Path(id, deliveredName), all)
}

// Seen is an alert that a server has shown which forgets alerts that are over.
type Seen struct {
	Alert event.Event `json:"alert"`
	// Last is when it was shown for the last time, Ended when it is taken to have ended, in Unix nanoseconds; 0 while it is active.
	Last  int64 `json:"last"`
	Ended int64 `json:"ended,omitempty"`
}

// Seen reads the alerts that were seen by earlier passes.
func (a *Archive) Seen() ([]Seen, error) {
	var all []Seen
	err := readJSON(filepath.Join(a.dir, seenName), &all)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return all, err
}

// SetSeen writes them. Only the holder of the lock may call it.
func (a *Archive) SetSeen(all []Seen) error {
	return a.writeJSON(filepath.Join(a.dir, seenName), all)
}
