package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/bundle"
)

// TestHostileBundle: a bundle may come from anybody. It has no say in what is written, and names no file but its own members.
func TestHostileBundle(t *testing.T) {
	dir := t.TempDir()
	victim := filepath.Join(dir, "victim.md")
	logs := filepath.Join(dir, "api.log")
	require.NoError(t, os.WriteFile(logs, []byte("2026-03-18T13:00:00Z INFO a secret of this machine\n"), 0o600))
	forge := func(name, config string, m *bundle.Manifest) string {
		w, err := bundle.Create(dir)
		require.NoError(t, err)
		defer w.Close()
		require.NoError(t, w.Add("hindcast.yml", strings.NewReader(config)))
		path := filepath.Join(dir, name)
		f, err := os.Create(path)
		require.NoError(t, err)
		defer f.Close()
		m.Timezone, m.Now, m.Parts = "UTC", time.Date(2026, 3, 18, 14, 0, 0, 0, time.UTC), 1
		require.NoError(t, w.Write(f, m))
		return path
	}
	window := map[string]string{"from": "2026-03-18T12:00:00Z", "to": "2026-03-18T14:00:00Z", "output": "md=" + victim, "force": "true", "bundle": victim}
	files := fmt.Sprintf("sources:\n  - {name: files, files: {paths: [%q]}}\n", logs)
	writes := forge("writes.bundle", files+fmt.Sprintf("reports:\n  - {format: md, path: %q}\n", victim), &bundle.Manifest{Asked: window, Sources: []bundle.Source{{Name: "files"}}})
	status, out, errs := hindcast(t, "run", writes, "-o", "json")
	require.Zero(t, status, errs)
	require.NotContains(t, out, "a secret of this machine")
	status, _, errs = hindcast(t, "run", writes)
	require.Zero(t, status, errs)
	require.NoFileExists(t, victim)

	reads := forge("reads.bundle", files, &bundle.Manifest{Asked: window, Sources: []bundle.Source{{Name: "files", Files: []bundle.File{{Path: "a.log", Member: "../api.log"}, {Path: logs}}}}})
	status, out, errs = hindcast(t, "run", reads, "-o", "json")
	require.Equal(t, exitFailed, status, "nothing could be read")
	require.Contains(t, errs, "there is no member ../api.log")
	require.NotContains(t, out, "a secret of this machine")

	rules := forge("rules.bundle", files+"rule_files: ["+logs+"]\n", &bundle.Manifest{Asked: window, Sources: []bundle.Source{{Name: "files"}}})
	status, _, errs = hindcast(t, "run", rules, "-o", "json")
	require.Equal(t, exitFailed, status)
	require.Contains(t, errs, "there is no member")
}
