package library

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
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

var update = flag.Bool("update", false, "prepare the rules anew")

// TestPrepared holds what ships prepared to what it was made of.
func TestPrepared(t *testing.T) {
	now, err := rule.Prepare(FS, Globs...)
	require.NoError(t, err)
	if *update {
		require.NoError(t, os.WriteFile("prepared.jsonl", now, 0o644))
		return
	}
	require.True(t, bytes.Equal(now, Prepared), "rules were changed: run go test ./correlate/rule/library -update")
}

// A set of prepared rules is the same as one of rules that were read.
func TestReadPrepared(t *testing.T) {
	if *update {
		t.Skip("what is embedded is older than what was just written")
	}
	files, err := rule.ReadPrepared(Prepared, FS, Globs...)
	require.NoError(t, err)
	set, err := rule.NewSet(files...)
	require.NoError(t, err)
	want := load(t)
	require.Equal(t, want.SHA256(), set.SHA256())
	require.Equal(t, want.Edges(), set.Edges())
	require.Len(t, set.LogMatchers(), len(want.LogMatchers()))
	for i, l := range want.LogMatchers() {
		require.Equal(t, l, set.LogMatchers()[i])
	}
	require.Equal(t, want.Expressions(), set.Expressions())
	again, err := rule.ReadPrepared([]byte("of other files\n"), FS, Globs...)
	require.NoError(t, err)
	require.Len(t, again, len(files))
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
