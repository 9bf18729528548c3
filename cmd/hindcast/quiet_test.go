package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/correlate"
	"github.com/hindcast/hindcast/correlate/rule"
	"github.com/hindcast/hindcast/fixtures/truth"
	"github.com/hindcast/hindcast/render"
)

// TestQuietFixtures: where nothing happened, no condition is recognised that could be a cause.
func TestQuietFixtures(t *testing.T) {
	paths, err := filepath.Glob("../../fixtures/*/*/" + truth.FileName)
	require.NoError(t, err)
	set, err := correlate.Library()
	require.NoError(t, err)
	quiet := 0
	for _, path := range paths {
		dir := filepath.Dir(path)
		known, err := truth.Load(dir)
		require.NoError(t, err)
		if known.Kind == truth.Incident {
			continue
		}
		quiet++
		t.Run(filepath.Base(dir), func(t *testing.T) {
			result := filepath.Join(t.TempDir(), "result.json")
			require.NoError(t, run(t.Context(), []string{"run", dir, "-q", "-o", "json=" + result}, strings.NewReader(""), io.Discard, io.Discard))
			f, err := os.Open(result)
			require.NoError(t, err)
			defer f.Close()
			tl, err := render.Read(f)
			require.NoError(t, err)
			for _, v := range tl.Evidence {
				if id, _, _ := strings.Cut(v.Rule, " "); id != "" {
					role := set.Rule(id).Role
					require.True(t, role != rule.Root && role != rule.Mid, "%s (%s): %s", id, role, v.Text)
				}
			}
		})
	}
	require.GreaterOrEqual(t, quiet, 4)
}
