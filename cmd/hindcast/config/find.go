package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Name is what the file is called.
const Name = "hindcast.yml"

// Find looks for the file where nobody has named one: in a folder that is being read, in the working folder, in the
// user's and in the machine's configuration. It returns an empty path if there is none.
func Find(folders ...string) (string, error) {
	var places []string
	for _, f := range folders {
		places = append(places, filepath.Join(f, Name))
	}
	places = append(places, Name)
	if dir, err := os.UserConfigDir(); err == nil {
		places = append(places, filepath.Join(dir, "hindcast", Name))
	}
	places = append(places, filepath.Join("/etc/hindcast", Name))
	for _, p := range places {
		info, err := os.Stat(p)
		switch {
		case err == nil && info.Mode().IsRegular():
			return p, nil
		case err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission):
			return "", err
		}
	}
	return "", nil
}
