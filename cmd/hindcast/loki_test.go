package main

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/fixtures/load"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/ingesttest"
)

// TestLokiServerGivesWhatFilesGive puts the logs of every fixture into a real Loki and asks once with the files and once with
// the server in their place.
func TestLokiServerGivesWhatFilesGive(t *testing.T) {
	server := ingesttest.NewServer(t, "loki", t.TempDir()).Start(t)
	fixtures, err := filepath.Abs("../../fixtures/incidents")
	require.NoError(t, err)
	dirs, err := filepath.Glob(filepath.Join(fixtures, "*"))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(dirs), 6)
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			streams := load.NewStreams(server, filepath.Base(dir))
			window := readLogs(t, dir, streams)
			require.NoError(t, streams.Close())
			require.Positive(t, streams.Sent)
			flags := []string{
				"evidence", "--from", event.Time(window.From).Format(time.RFC3339Nano), "--to", event.Time(window.To).Format(time.RFC3339Nano),
				"--baseline", window.Baseline.Duration().String(),
			}
			files := answer(t, without(t, dir, nil), flags...)
			network := answer(t, without(t, dir, streams.Paths), append(flags, "--loki.url", server.String(), "--loki.query", `{fixture="`+filepath.Base(dir)+`"}`)...)
			require.NotEmpty(t, files.Entries)
			require.Equal(t, masked(t, files), masked(t, network))
		})
	}
}
