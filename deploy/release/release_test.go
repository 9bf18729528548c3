package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var when = time.Date(2026, 3, 18, 12, 0, 0, 0, time.UTC)

func members() []member {
	return []member{{"hindcast", []byte("program"), 0o755}, {"docs/a.md", []byte("text"), 0o644}, {"LICENSE", []byte("licence"), 0o644}}
}

// TestArchivesAreReproducible: the order in which files are found, and who builds, change nothing.
func TestArchivesAreReproducible(t *testing.T) {
	for _, write := range []func(io.Writer, string, []member, time.Time) error{tarball, zipped} {
		var one, two bytes.Buffer
		other := members()
		slices.Reverse(other)
		require.NoError(t, write(&one, "hindcast-1", members(), when))
		require.NoError(t, write(&two, "hindcast-1", other, when))
		require.Equal(t, one.Bytes(), two.Bytes())
	}
}

func TestArchives(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, tarball(&b, "hindcast-1", members(), when))
	z, err := gzip.NewReader(&b)
	require.NoError(t, err)
	r := tar.NewReader(z)
	h, err := r.Next()
	require.NoError(t, err)
	require.Equal(t, "hindcast-1/LICENSE", h.Name)
	require.Equal(t, when, h.ModTime.UTC())
	require.Zero(t, h.Uid)

	b.Reset()
	require.NoError(t, zipped(&b, "hindcast-1", members(), time.Unix(0, 0)))
	files, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	require.NoError(t, err)
	require.Len(t, files.File, 3)
	require.Equal(t, os.FileMode(0o755), files.File[2].Mode())
	require.Equal(t, 1980, files.File[0].Modified.Year())
}

// TestBill reads the bill of this test's own program.
func TestBill(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	text, err := billOf(self, []byte("program"), "0.1.0", when)
	require.NoError(t, err)
	again, err := billOf(self, []byte("program"), "0.1.0", when)
	require.NoError(t, err)
	require.Equal(t, text, again)
	var b bill
	require.NoError(t, json.Unmarshal(text, &b))
	require.Regexp(t, `^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, b.Serial)
	require.Equal(t, "pkg:golang/github.com/hindcast/hindcast@0.1.0", b.Metadata.Component.PURL)
	var names []string
	for _, c := range b.Components {
		names = append(names, c.Name)
		require.NotEmpty(t, c.Version, c.Name)
	}
	require.Contains(t, names, "std")
	require.Len(t, b.Dependencies[0].DependsOn, len(b.Components))
}

func TestComponents(t *testing.T) {
	c := componentOf(&debug.Module{Path: "a.example/b", Version: "v1.2.3", Sum: "h1:x="})
	require.Equal(t, component{Name: "a.example/b", Version: "v1.2.3", PURL: "pkg:golang/a.example/b@v1.2.3", Properties: []property{{"go:sum", "h1:x="}}}, c)
	c = componentOf(&debug.Module{Path: "a.example/b", Version: "v1.2.3", Replace: &debug.Module{Path: "c.example/d", Version: "v2.0.0"}})
	require.Equal(t, "pkg:golang/c.example/d@v2.0.0", c.PURL, "what was linked is what counts")
}
