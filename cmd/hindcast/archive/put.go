package archive

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/hindcast/hindcast/cmd/hindcast/disk"
)

// Files are the files of a report by their names.
type Files map[string][]byte

// A Merge puts what is new into a file that a person may have changed since the program wrote it. An error keeps the
// person's file as it is, and the new one is put beside it.
type Merge func(name string, old, fresh []byte) ([]byte, error)

// Scratch makes a folder for what is to go into the archive and is too large to be held in memory. What killed processes
// leave of it the next one removes.
func (a *Archive) Scratch() (dir string, remove func(), err error) {
	dir, err = os.MkdirTemp(a.dir, strayPrefix)
	if err != nil {
		return "", nil, fmt.Errorf("making room in the folder of reports: %w", err)
	}
	return dir, func() { _ = os.RemoveAll(dir) }, nil
}

// Put writes the report of an incident, or renews it. Only the holder of the lock may call it. The files at the paths of
// large are moved in under their own names; they are no part of what is shown or sent. The returned names are
// those of files that a person has changed so that they could not be renewed: the new ones stand beside them, called NAME.new.
func (a *Archive) Put(r Record, files Files, merge Merge, large ...string) (kept []string, err error) {
	old, err := a.Record(r.ID)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	r.Times = old.Times + 1
	r.Files = map[string]string{}
	for name, data := range files {
		r.Files[name] = hash(data)
	}
	exists := false
	if _, err := os.Stat(a.Path(r.ID)); err == nil {
		exists = true
		if files, kept, err = a.merged(r, old, files, merge); err != nil {
			return nil, err
		}
	}
	stray, err := os.MkdirTemp(a.dir, strayPrefix+r.ID+"-")
	if err != nil {
		return nil, fmt.Errorf("writing the report of %s: %w", r.ID, err)
	}
	defer os.RemoveAll(stray)
	record, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the record of %s: %w", r.ID, err)
	}
	var names []string
	for _, path := range large {
		name := filepath.Base(path)
		if err := os.Rename(path, filepath.Join(stray, name)); err != nil {
			return nil, fmt.Errorf("writing the report of %s: %w", r.ID, err)
		}
		names = append(names, name)
	}
	written := append(slices.Sorted(maps.Keys(files)), recordName)
	names = append(names, written...)
	for _, name := range written {
		data := files[name]
		if name == recordName {
			data = append(record, '\n')
		}
		if err := disk.Write(filepath.Join(stray, name), data); err != nil {
			return nil, fmt.Errorf("writing the report of %s: %w", r.ID, err)
		}
	}
	if exists {
		err = a.replace(stray, r.ID, names)
	} else {
		err = errors.Join(os.Chmod(stray, 0o755), disk.Sync(stray), os.Rename(stray, a.Path(r.ID)))
	}
	if err := errors.Join(err, disk.Sync(a.dir)); err != nil {
		return nil, fmt.Errorf("putting the report of %s into its place: %w", r.ID, err)
	}
	return kept, nil
}

// replace moves files into a folder that is there, the record last.
func (a *Archive) replace(stray, id string, names []string) error {
	for _, name := range names {
		if name == recordName {
			if err := disk.Sync(a.Path(id)); err != nil {
				return err
			}
		}
		if err := os.Rename(filepath.Join(stray, name), a.Path(id, name)); err != nil {
			return err
		}
	}
	return disk.Sync(a.Path(id))
}

// merged keeps what people have written into the files that are there.
func (a *Archive) merged(r, old Record, files Files, merge Merge) (Files, []string, error) {
	out := Files{}
	var kept []string
	for name, fresh := range files {
		out[name] = fresh
		now, err := os.ReadFile(a.Path(r.ID, name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return nil, nil, fmt.Errorf("reading what is to be renewed: %w", err)
		case hash(now) == old.Files[name] || bytes.Equal(now, fresh):
			continue
		}
		both, err := merge(name, now, fresh)
		if err != nil {
			kept = append(kept, name)
			out[name], out[name+".new"] = now, fresh
			continue
		}
		out[name] = both
	}
	slices.Sort(kept)
	return out, kept, nil
}

// Read gives the files of a report as they are now, with what people have written into them.
func (a *Archive) Read(r Record) (Files, error) {
	files := Files{}
	for name := range r.Files {
		data, err := os.ReadFile(a.Path(r.ID, name))
		if err != nil {
			return nil, fmt.Errorf("reading the report of %s: %w", r.ID, err)
		}
		files[name] = data
	}
	return files, nil
}

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// writeJSON replaces a file by a new one.
func (a *Archive) writeJSON(path string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	tmp := filepath.Join(a.dir, strayPrefix+hash([]byte(path))[:16])
	if err := errors.Join(disk.Write(tmp, append(data, '\n')), os.Rename(tmp, path)); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return disk.Sync(filepath.Dir(path))
}
