package library

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/correlate/rule"
)

func TestLoad(t *testing.T) {
	set, err := rule.Load(FS, Globs...)
	require.NoError(t, err)
	conditions, edges := 0, 0
	for _, r := range set.Rules() {
		conditions++
		for _, c := range r.CausedBy {
			if c.Condition != "" {
				edges++
			}
		}
	}
	require.GreaterOrEqual(t, conditions, 110)
	require.GreaterOrEqual(t, edges, 200)
}
