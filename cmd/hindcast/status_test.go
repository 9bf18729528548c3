package main

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"
)

// status runs hindcast and holds that it ends with a status: status 2 run --from x. Its output is left in the files
// stdout and stderr.
func status(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec("hindcast", args[1:]...)
	got := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	stdout, stderr := ts.ReadFile("stdout"), ts.ReadFile("stderr")
	ts.Check(os.WriteFile(ts.MkAbs("stdout"), []byte(stdout), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("stderr"), []byte(stderr), 0o600))
	if got != want {
		ts.Fatalf("status %d, not %d", got, want)
	}
}

func TestParseTime(t *testing.T) {
	now := time.Date(2026, 11, 18, 15, 30, 20, 0, time.UTC)
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	day := time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		text string
		day  time.Time
		loc  *time.Location
		want string
	}{
		{"2026-11-18T14:00:05Z", time.Time{}, time.UTC, "2026-11-18T14:00:05Z"},
		{"2026-11-18T14:00:05.25+01:00", time.Time{}, time.UTC, "2026-11-18T13:00:05.25Z"},
		{"2026-11-18 14:00", time.Time{}, time.UTC, "2026-11-18T14:00:00Z"},
		{"2026-11-18 14:00", time.Time{}, berlin, "2026-11-18T13:00:00Z"},
		{"14:00", time.Time{}, time.UTC, "2026-11-18T14:00:00Z"},
		{"14:00:07", day, time.UTC, "2026-11-01T14:00:07Z"},
		{"1763474405", time.Time{}, time.UTC, "2025-11-18T14:00:05Z"},
		{"1763474405.5", time.Time{}, time.UTC, "2025-11-18T14:00:05.5Z"},
		{"1763474405000", time.Time{}, time.UTC, "2025-11-18T14:00:05Z"},
		{"1763474405000000", time.Time{}, time.UTC, "2025-11-18T14:00:05Z"},
		{"1763474405000000000", time.Time{}, time.UTC, "2025-11-18T14:00:05Z"},
		{"now", time.Time{}, time.UTC, "2026-11-18T15:30:20Z"},
		{"now-1h30m", time.Time{}, time.UTC, "2026-11-18T14:00:20Z"},
		{"now-1d/d", time.Time{}, time.UTC, "2026-11-17T00:00:00Z"},
		{"now/w", time.Time{}, time.UTC, "2026-11-16T00:00:00Z"},
	} {
		got, err := clock{now: now, loc: c.loc}.parse(c.text, c.day)
		require.NoError(t, err, c.text)
		require.Equal(t, c.want, got.Format(time.RFC3339Nano), c.text)
	}
	for _, text := range []string{"", "soon", "25:00", "2026-13-01", "now-", "now-1x", "12345", "-1763474405", "1763474405x", "now-1h/q"} {
		_, err := clock{now: now, loc: time.UTC}.parse(text, time.Time{})
		require.Error(t, err, text)
		require.Equal(t, exitUsage, exitCode(err), text)
	}
}
