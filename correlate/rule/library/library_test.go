package library

import (
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/correlate/rule"
)

func load(t *testing.T) *rule.Set {
	t.Helper()
	set, err := rule.Load(FS, Globs...)
	require.NoError(t, err)
	return set
}

func TestSize(t *testing.T) {
	conditions, edges := 0, 0
	for _, r := range load(t).Rules() {
		conditions++
		for _, c := range r.CausedBy {
			if c.Condition != "" {
				edges++
			}
		}
	}
	require.GreaterOrEqual(t, conditions, 200)
	require.GreaterOrEqual(t, edges, 1000)
}

// TestRules runs the unit tests that stand beside the rules.
func TestRules(t *testing.T) {
	files, err := fs.Glob(FS, "*_test.yml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	results, err := rule.Test(t.Context(), FS, files, rule.TestOptions{})
	require.NoError(t, err)
	for i := range results {
		r := &results[i]
		t.Run(r.File+"/"+r.Name, func(t *testing.T) {
			require.Empty(t, r.Failures, "%s:%d", r.File, r.Line)
		})
	}
}

// TestFindings holds the library to what the check of rules says of anybody's rules. Notes, such as of two conditions that
// can each start the other, are allowed.
func TestFindings(t *testing.T) {
	findings, err := rule.Check(FS, Globs)
	require.NoError(t, err)
	for i := range findings {
		require.Equal(t, "note", findings[i].Level, findings[i].String())
	}
}
