package destination

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/hindcast/hindcast/cmd/hindcast/archive"
	"github.com/hindcast/hindcast/cmd/hindcast/disk"
)

// A folder gets a folder for each incident.
type folder struct {
	path  string
	merge archive.Merge
}

func (f *folder) send(_ context.Context, r *Report) (string, error) {
	files, err := r.all()
	if err != nil {
		return "", err
	}
	return "", place(filepath.Join(f.path, r.ID), files, f.merge)
}

// place writes files into a folder, each beside its place and renamed into it. What people have written into them stays.
func place(dir string, files archive.Files, merge archive.Merge) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, fresh := range files {
		path := filepath.Join(dir, name)
		old, err := os.ReadFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return err
		case bytes.Equal(old, fresh):
			continue
		default:
			if fresh, err = merge(name, old, fresh); err != nil {
				return fmt.Errorf("%s has been changed so that it cannot be renewed: %w", path, err)
			}
		}
		tmp := filepath.Join(dir, ".hindcast-new-"+name)
		if err := errors.Join(disk.Write(tmp, fresh), os.Rename(tmp, path)); err != nil {
			return err
		}
	}
	return disk.Sync(dir)
}
