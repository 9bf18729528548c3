package main

import (
	"archive/tar"
	"archive/zip"
	"cmp"
	"compress/gzip"
	"io"
	"io/fs"
	"slices"
	"time"
)

// A member is a file of an archive.
type member struct {
	name string
	data []byte
	mode fs.FileMode
}

// sorted puts members into one order, whatever order they were found in.
func sorted(members []member) []member {
	members = slices.Clone(members)
	slices.SortFunc(members, func(a, b member) int { return cmp.Compare(a.name, b.name) })
	return members
}

// tarball writes members below a folder. Owners and times are not those of this machine.
func tarball(w io.Writer, folder string, members []member, when time.Time) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	t := tar.NewWriter(z)
	for _, m := range sorted(members) {
		h := &tar.Header{Typeflag: tar.TypeReg, Name: folder + "/" + m.name, Size: int64(len(m.data)), Mode: int64(m.mode), ModTime: when, Format: tar.FormatUSTAR}
		if err := t.WriteHeader(h); err != nil {
			return err
		}
		if _, err := t.Write(m.data); err != nil {
			return err
		}
	}
	if err := t.Close(); err != nil {
		return err
	}
	return z.Close()
}

// zipped writes members below a folder, for Windows. Zip knows no time before 1980.
func zipped(w io.Writer, folder string, members []member, when time.Time) error {
	if least := time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC); when.Before(least) {
		when = least
	}
	z := zip.NewWriter(w)
	for _, m := range sorted(members) {
		h := &zip.FileHeader{Name: folder + "/" + m.name, Method: zip.Deflate, Modified: when}
		h.SetMode(m.mode)
		f, err := z.CreateHeader(h)
		if err != nil {
			return err
		}
		if _, err := f.Write(m.data); err != nil {
			return err
		}
	}
	return z.Close()
}
