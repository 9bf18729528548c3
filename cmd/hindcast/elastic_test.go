package main

import (
	"encoding/json"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/correlate"
	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/fixtures/load"
	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/ingesttest"
)

// TestServerGivesWhatFilesGive puts the logs of every fixture into a real Elasticsearch and asks once with the files and
// once with the server in their place.
func TestServerGivesWhatFilesGive(t *testing.T) {
	server := elasticsearch(t)
	fixtures, err := filepath.Abs("../../fixtures/incidents")
	require.NoError(t, err)
	dirs, err := filepath.Glob(filepath.Join(fixtures, "*"))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(dirs), 6)
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			index := "hindcast-fixture-" + filepath.Base(dir)
			window, logs := loadLogs(t, dir, server, index)
			flags := []string{
				"evidence", "--from", event.Time(window.From).Format(time.RFC3339Nano), "--to", event.Time(window.To).Format(time.RFC3339Nano),
				"--baseline", window.Baseline.Duration().String(),
			}
			files := answer(t, without(t, dir, nil), flags...)
			network := answer(t, without(t, dir, logs), append(flags, "--elasticsearch.url", server.String(), "--elasticsearch.index", index)...)
			require.NotEmpty(t, files.Entries)
			require.Equal(t, masked(t, files), masked(t, network))
		})
	}
}

// elasticsearch gives a real server: the one that runs, or one of the test's own.
func elasticsearch(t *testing.T) *url.URL {
	if text := os.Getenv("HINDCAST_ELASTICSEARCH_URL"); text != "" {
		u, err := url.Parse(text)
		require.NoError(t, err)
		return u
	}
	return ingesttest.NewServer(t, "elasticsearch", t.TempDir()).Start(t)
}

// loadLogs puts the log records of a folder into an index. It gives the window that was found and the files that hold records.
func loadLogs(t *testing.T, dir string, server *url.URL, index string) (event.Window, map[string]int) {
	docs, err := load.NewDocuments(server, index)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, docs.Remove()) })
	window := readLogs(t, dir, docs)
	require.NoError(t, docs.Close())
	require.Positive(t, docs.Sent)
	return window, docs.Paths
}

// readLogs reads a folder as run does and hands its log records on. It gives the window that was found.
func readLogs(t *testing.T, dir string, to ingest.Observer) event.Window {
	a := &app{stderr: io.Discard, quiet: true, color: "auto", progress: "none", logLevel: "info", logFormat: "logfmt"}
	require.NoError(t, a.start())
	cfg, err := a.config(dir)
	require.NoError(t, err)
	in, err := a.inquire(t.Context(), cfg, []string{dir}, &windowFlags{}, &sourceFlags{})
	require.NoError(t, err)
	defer in.src.Close()
	var one sync.Mutex // workers share it
	found, err := a.gather(t.Context(), in, func(*correlate.Engine) ingest.Observer { return &locked{&one, to} })
	require.NoError(t, err)
	return found.window
}

type locked struct {
	mu   *sync.Mutex
	next ingest.Observer
}

// Observe hands on, one at a time.
func (l *locked) Observe(b *event.Batch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next.Observe(b)
}

// without copies a folder, leaving files out, to one called evidence, and gives the folder that this is in.
func without(t *testing.T, dir string, left map[string]int) string {
	to := t.TempDir()
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || left[path] > 0 {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		copied := filepath.Join(to, "evidence", rel)
		if err := os.MkdirAll(filepath.Dir(copied), 0o755); err != nil {
			return err
		}
		return os.WriteFile(copied, text, 0o600)
	}))
	return to
}

// answer runs hindcast in a folder and gives the timeline.
func answer(t *testing.T, dir string, args ...string) *timeline.Timeline {
	t.Helper()
	t.Chdir(dir)
	require.NoError(t, run(t.Context(), append([]string{"run", "--quiet", "-o", "json=out.json"}, args...), nil, io.Discard, io.Discard))
	text, err := os.ReadFile("out.json")
	require.NoError(t, err)
	tl := &timeline.Timeline{}
	require.NoError(t, json.Unmarshal(text, tl))
	return tl
}

// masked writes what of a timeline must not depend on where the records were read: all but where they stand, and the account of
// the reading. A file has lines as they were written and an index documents, which shows in the text of evidence.
func masked(t *testing.T, tl *timeline.Timeline) string {
	tl.Command, tl.Coverage, tl.Redactions = "", nil, nil
	for i := range tl.Entries {
		tl.Entries[i].Source = ""
	}
	for i := range tl.Evidence {
		e := &tl.Evidence[i]
		e.Source, e.Origin, e.Text = "", "", ""
	}
	text, err := json.MarshalIndent(tl, "", " ")
	require.NoError(t, err)
	return string(text)
}
