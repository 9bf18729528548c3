package journal

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func open(t *testing.T, dir string, o Options) *Journal {
	t.Helper()
	j, err := Open(dir, o)
	require.NoError(t, err)
	t.Cleanup(j.Close)
	return j
}

// lines are those of all files.
func lines(t *testing.T, j *Journal) []string {
	t.Helper()
	var all []string
	for _, p := range j.Paths(time.Time{}, time.Time{}) {
		data, err := os.ReadFile(p)
		require.NoError(t, err)
		require.True(t, len(data) == 0 || data[len(data)-1] == '\n')
		for l := range strings.Lines(string(data)) {
			all = append(all, Kind(p)+" "+strings.TrimSpace(l))
		}
	}
	return all
}

func TestAppend(t *testing.T) {
	j := open(t, t.TempDir(), Options{})
	repeated, err := j.Append("a", []byte("{\n  \"x\": 1\n}"))
	require.NoError(t, err)
	require.False(t, repeated)
	repeated, err = j.Append("a", []byte(`{"x":1}`))
	require.NoError(t, err)
	require.True(t, repeated, "the same document, written otherwise")
	_, err = j.Append("b", []byte(`{"x":1}`))
	require.NoError(t, err)
	require.Equal(t, []string{`a {"x":1}`, `b {"x":1}`}, lines(t, j), "one document is one line")
	_, err = j.Append("a", []byte(`{"x":`))
	require.ErrorContains(t, err, "not JSON")
	j.Close()
	_, err = j.Append("a", []byte(`{"x":2}`))
	require.ErrorIs(t, err, ErrClosed)
}

func TestAppendAtOnce(t *testing.T) {
	j := open(t, t.TempDir(), Options{})
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		again int
	)
	for n := range 400 {
		wg.Go(func() {
			repeated, err := j.Append("a", fmt.Appendf(nil, `{"n":%d}`, n/2))
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			if repeated {
				again++
			}
		})
	}
	wg.Wait()
	require.Len(t, lines(t, j), 200)
	require.Equal(t, 200, again)
}

func TestFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		j, err := Open(dir, Options{MaxBytes: 20})
		require.NoError(t, err)
		_, err = j.Append("a", []byte(`{"x":1}`))
		require.NoError(t, err)
		_, err = j.Append("b", []byte(`{"x":1}`))
		require.NoError(t, err)
		_, err = j.Append("a", []byte(`{"x":2}`))
		require.ErrorIs(t, err, ErrFull)
		j.Close()
		j, err = Open(dir, Options{MaxBytes: 20})
		require.NoError(t, err)
		_, err = j.Append("a", []byte(`{"x":2}`))
		require.ErrorIs(t, err, ErrFull, "the limit is of the day, not of the process")
		time.Sleep(24 * time.Hour)
		_, err = j.Append("a", []byte(`{"x":2}`))
		require.NoError(t, err)
		require.Len(t, j.Paths(time.Now(), time.Time{}), 1)
		require.NoError(t, j.Expire(time.Now().Add(time.Hour)))
		require.Equal(t, []string{`a {"x":2}`}, lines(t, j))
		j.Close()
	})
}

// TestDiskFails: what cannot be written is no part of the journal, and no later one says that it is there.
func TestDiskFails(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "events")
	j := open(t, dir, Options{})
	require.NoError(t, os.RemoveAll(dir))
	for range 2 {
		_, err := j.Append("a", []byte(`{"x":1}`))
		require.ErrorIs(t, err, os.ErrNotExist)
	}
	require.NoError(t, os.Mkdir(dir, 0o755))
	repeated, err := j.Append("a", []byte(`{"x":1}`))
	require.NoError(t, err)
	require.False(t, repeated)
}

func TestPaths(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a-2026-03-01.jsonl", "a-b-2026-03-02.jsonl", "a-2026-03-03.jsonl", "a-2026-13-01.jsonl", "notes.jsonl", "-2026-03-02.jsonl"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	j := open(t, dir, Options{})
	var names []string
	for _, p := range j.Paths(time.Date(2026, 3, 1, 23, 0, 0, 0, time.UTC), time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)) {
		names = append(names, Kind(p))
	}
	require.Equal(t, []string{"a", "a-b"}, names)
}

// FuzzMend: whatever a crash leaves, what was whole stays, and what was not goes.
func FuzzMend(f *testing.F) {
	f.Add([]byte("{}\n{}\n{\"cut"))
	f.Add([]byte("{}\n"))
	f.Add([]byte("cut"))
	f.Add([]byte(""))
	f.Add(append(bytes.Repeat([]byte("x"), 70_000), '\n', 'y'))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "a-2026-03-01.jsonl")
		require.NoError(t, os.WriteFile(path, data, 0o600))
		j, err := Open(filepath.Dir(path), Options{})
		require.NoError(t, err)
		j.Close()
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, data[:bytes.LastIndexByte(data, '\n')+1], append([]byte{}, got...))
	})
}

func TestOneProcess(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, Options{})
	_, err := Open(dir, Options{})
	require.ErrorIs(t, err, ErrLocked)
	j.Close()
	open(t, dir, Options{})
}

func TestOpenFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	_, err := Open(path, Options{})
	require.Error(t, err)
	require.NotErrorIs(t, err, os.ErrNotExist)
}
