package rule

import (
	"os"
	"regexp"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// TestDocsExamples runs the examples of docs/rules.md: the rule file, and the tests of it.
func TestDocsExamples(t *testing.T) {
	text, err := os.ReadFile("../../docs/rules.md")
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(text, -1)
	require.Len(t, blocks, 2)
	fsys := fstest.MapFS{"billing.yml": {Data: blocks[0][1]}, "billing_test.yml": {Data: blocks[1][1]}}
	results, err := Test(t.Context(), fsys, []string{"billing_test.yml"}, TestOptions{})
	require.NoError(t, err)
	require.Len(t, results, 2)
	for _, r := range results {
		require.Empty(t, r.Failures, r.Name)
	}
}
