// Package disk writes what must be on the disk when a call returns, and locks what only one process may use.
package disk

import (
	"errors"
	"os"
	"runtime"
)

// Write writes a file, replacing one that is there, and returns when it is on the disk. Its name in the folder is only
// after [Sync] of the folder.
func Write(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}

// Sync puts the names in a folder on the disk. Windows does so itself.
func Sync(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
