package archive

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var ended = time.Date(2026, 3, 18, 12, 0, 0, 0, time.UTC)

func record(id string, to time.Time) Record {
	return Record{ID: id, Name: "A", From: to.Add(-time.Hour), To: to, Firings: []Firing{{Name: "A", ID: "a", From: to.Add(-time.Hour), To: to}}}
}

func replaceAll(_ string, _, fresh []byte) ([]byte, error) { return fresh, nil }

func TestPut(t *testing.T) {
	a, err := Open(filepath.Join(t.TempDir(), "deep", "out"))
	require.NoError(t, err)
	kept, err := a.Put(record("i1", ended), Files{"report.md": []byte("one"), "report.json": []byte("{}")}, replaceAll)
	require.NoError(t, err)
	require.Empty(t, kept)
	records, err := a.List()
	require.NoError(t, err)
	require.Len(t, records, 1)
	require.Equal(t, 1, records[0].Times)
	require.True(t, records[0].Incident().Covers(records[0].Incident()))

	// What a person changed is merged, what nobody touched is replaced, what is not ours stays.
	require.NoError(t, os.WriteFile(a.Path("i1", "report.md"), []byte("one, edited"), 0o600))
	require.NoError(t, os.WriteFile(a.Path("i1", "own.txt"), []byte("own"), 0o600))
	_, err = a.Put(record("i1", ended.Add(time.Hour)), Files{"report.md": []byte("two"), "report.json": []byte("[]")}, func(name string, old, fresh []byte) ([]byte, error) {
		require.Equal(t, "report.md", name)
		return append(append(old, '+'), fresh...), nil
	})
	require.NoError(t, err)
	r, err := a.Record("i1")
	require.NoError(t, err)
	require.Equal(t, 2, r.Times)
	files, err := a.Read(r)
	require.NoError(t, err)
	require.Equal(t, Files{"report.md": []byte("one, edited+two"), "report.json": []byte("[]")}, files)
	own, err := os.ReadFile(a.Path("i1", "own.txt"))
	require.NoError(t, err)
	require.Equal(t, "own", string(own))

	// What cannot be merged is kept, and the new one stands beside it.
	kept, err = a.Put(r, Files{"report.md": []byte("three"), "report.json": []byte("[]")}, func(string, []byte, []byte) ([]byte, error) {
		return nil, errors.New("broken")
	})
	require.NoError(t, err)
	require.Equal(t, []string{"report.md"}, kept)
	beside, err := os.ReadFile(a.Path("i1", "report.md.new"))
	require.NoError(t, err)
	require.Equal(t, "three", string(beside))
}

// TestRenewalCutShort: the record is the last file to be renewed, so that it is done again.
func TestRenewalCutShort(t *testing.T) {
	a, err := Open(t.TempDir())
	require.NoError(t, err)
	_, err = a.Put(record("i1", ended), Files{"report.json": []byte("old")}, replaceAll)
	require.NoError(t, err)
	stray := filepath.Join(a.Dir(), strayPrefix+"x")
	require.NoError(t, os.Mkdir(stray, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(stray, "report.json"), []byte("new"), 0o600))
	require.Error(t, a.replace(stray, "i1", []string{"report.json", recordName}), "it ends before the record")
	r, err := a.Record("i1")
	require.NoError(t, err)
	require.Equal(t, ended, r.To)
	unlock, err := a.Lock(t.Context(), nil)
	require.NoError(t, err)
	defer unlock()
	require.NoDirExists(t, stray, "what is left is removed")
}

func TestLock(t *testing.T) {
	a, err := Open(t.TempDir())
	require.NoError(t, err)
	unlock, err := a.Lock(t.Context(), nil)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	_, err = a.Lock(ctx, cancel)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "another hindcast")
	unlock()
	unlock, err = a.Lock(t.Context(), func() { t.Fatal("nobody has it") })
	require.NoError(t, err)
	unlock()
}

func TestList(t *testing.T) {
	a, err := Open(t.TempDir())
	require.NoError(t, err)
	for _, id := range []string{"b", "a"} {
		_, err = a.Put(record(id, ended), Files{}, replaceAll)
		require.NoError(t, err)
	}
	require.NoError(t, os.Mkdir(a.Path("somebody's"), 0o755))
	require.NoError(t, os.WriteFile(a.Path("a", recordName), []byte("{"), 0o600))
	records, err := a.List()
	require.ErrorContains(t, err, "incident.json")
	require.Len(t, records, 1, "one that is broken does not hide the others")
	for _, id := range []string{"", ".", "..", "../b", "b/../b", "/b", `..\b`, ".hindcast.lock"} {
		_, err := a.Record(id)
		require.ErrorIs(t, err, os.ErrNotExist, id)
	}
}

func TestExpire(t *testing.T) {
	a, err := Open(t.TempDir())
	require.NoError(t, err)
	for id, to := range map[string]time.Time{"old": ended, "new": ended.Add(time.Hour)} {
		_, err = a.Put(record(id, to), Files{"report.md": []byte("x")}, replaceAll)
		require.NoError(t, err)
	}
	_, err = a.Failed(record("failed", ended), ended, errors.New("no"))
	require.NoError(t, err)
	gone, err := a.Expire(ended.Add(time.Minute))
	require.NoError(t, err)
	require.Equal(t, []string{"old"}, gone)
	require.NoDirExists(t, a.Path("old"))
	require.DirExists(t, a.Path("new"))
	failures, err := a.Failures()
	require.NoError(t, err)
	require.Empty(t, failures)
}

func TestFailures(t *testing.T) {
	a, err := Open(filepath.Join(t.TempDir(), "[a]"))
	require.NoError(t, err)
	r := record("i", ended)
	for n := range 3 {
		f, err := a.Failed(r, ended, errors.New("no"))
		require.NoError(t, err)
		require.Equal(t, n+1, f.Attempts)
	}
	all, err := a.Failures()
	require.NoError(t, err)
	require.Equal(t, "no", all["i"].Reason)
	r.To = r.To.Add(time.Hour)
	f, err := a.Failed(r, ended, errors.New("no"))
	require.NoError(t, err)
	require.Equal(t, 1, f.Attempts, "one that went on has new chances")
	require.NoError(t, a.Forgive("i"))
	require.NoError(t, a.Forgive("i"))
}

func TestDeliveries(t *testing.T) {
	a, err := Open(t.TempDir())
	require.NoError(t, err)
	_, err = a.Put(record("i", ended), Files{}, replaceAll)
	require.NoError(t, err)
	none, err := a.Deliveries("i")
	require.NoError(t, err)
	require.Empty(t, none)
	want := map[string]Delivery{"chat": {At: ended, Made: ended, Link: "x"}}
	require.NoError(t, a.SetDeliveries("i", want))
	got, err := a.Deliveries("i")
	require.NoError(t, err)
	require.Equal(t, want, got)
}
