package pattern

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFamilies clusters each file of testdata/families: its blocks, which empty lines part, are messages as known
// programs write them, with other values. The lines of a block are one pattern, and no two blocks share one.
func TestFamilies(t *testing.T) {
	files, err := filepath.Glob("testdata/families/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			var lines []string
			var blocks []int
			for i, block := range strings.Split(strings.TrimSpace(string(text)), "\n\n") {
				for line := range strings.Lines(block + "\n") {
					lines = append(lines, strings.TrimSuffix(line, "\n"))
					blocks = append(blocks, i)
				}
			}
			of, patterns := mine(lines)
			first := map[int]int{}  // of each block, a pattern
			holder := map[int]int{} // of each pattern, a block
			for i, p := range of {
				if want, ok := first[blocks[i]]; ok && want != p {
					t.Errorf("one block has two patterns, for %q:\n  %s\n  %s", lines[i], patterns[want].Template, patterns[p].Template)
				} else {
					first[blocks[i]] = p
				}
				if b, ok := holder[p]; ok && b != blocks[i] {
					t.Errorf("two blocks have one pattern, for %q: %s", lines[i], patterns[p].Template)
				} else {
					holder[p] = blocks[i]
				}
			}
		})
	}
}
