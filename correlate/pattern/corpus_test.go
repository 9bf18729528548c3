package pattern

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	update = flag.Bool("update", false, "write the golden files anew")
	show   = flag.String("show", "", "log what is grouped wrong in this corpus")
)

// golden compares text with a file, or writes the file.
func golden(t *testing.T, path, text string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), text)
}

// A corpus is a recipe for messages. Every line of its file is a weight, a tab
// and one kind of message with slots: {ip}, {num:99} (up to 99), {num6} (six
// digits), {a|b*3} (one of these, b three times as often). The kinds are in the
// manner of well-known systems; every value is invented.
type corpus struct {
	kinds   []string
	weights []int
	sum     int
}

func readCorpus(t testing.TB, path string) *corpus {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	c := &corpus{}
	for sc := bufio.NewScanner(f); sc.Scan(); {
		weight, kind, ok := strings.Cut(sc.Text(), "\t")
		require.True(t, ok, "%s: line without a tab: %q", path, sc.Text())
		n, err := strconv.Atoi(weight)
		require.NoError(t, err)
		c.kinds = append(c.kinds, kind)
		c.weights = append(c.weights, n)
		c.sum += n
	}
	return c
}

// messages makes n messages and says of which kind each is.
func (c *corpus) messages(n int) (msgs []string, kinds []int) {
	r := &dice{state: 1}
	for range n {
		k, pick := 0, r.n(c.sum)
		for pick >= c.weights[k] {
			pick -= c.weights[k]
			k++
		}
		msgs = append(msgs, r.fill(c.kinds[k]))
		kinds = append(kinds, k)
	}
	return msgs, kinds
}

// mine gives the pattern of each message.
func mine(msgs []string) (of []int, patterns []Pattern) {
	index := map[Fingerprint]int{}
	var shapes []Shape
	shapeOf := make([]int, len(msgs))
	for i, m := range msgs {
		fp := Of([]byte(m))
		k, ok := index[fp]
		if !ok {
			k = len(shapes)
			index[fp] = k
			shapes = append(shapes, Shape{Fingerprint: fp, Template: Template([]byte(m))})
		}
		shapes[k].Count++
		shapeOf[i] = k
	}
	ofShape, patterns := Cluster(shapes)
	for _, k := range shapeOf {
		of = append(of, ofShape[k])
	}
	return of, patterns
}

// groupingAccuracy is the share of messages whose group is exactly the group
// of their kind.
func groupingAccuracy(of, kinds []int) float64 {
	type pair struct{ pattern, kind int }
	pairs, byPattern, byKind := map[pair]int{}, map[int]int{}, map[int]int{}
	for i := range of {
		pairs[pair{of[i], kinds[i]}]++
		byPattern[of[i]]++
		byKind[kinds[i]]++
	}
	right := 0
	for p, n := range pairs {
		if n == byPattern[p.pattern] && byPattern[p.pattern] == byKind[p.kind] {
			right += n
		}
	}
	return float64(right) / float64(len(of))
}

// TestCorpora holds what is mined from each corpus: how well it groups the
// messages of a kind, the number of patterns, and a hash of their templates.
func TestCorpora(t *testing.T) {
	const size = 2000
	files, err := filepath.Glob("testdata/corpora/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var got strings.Builder
	sum := 0.0
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		msgs, kinds := readCorpus(t, file).messages(size)
		of, patterns := mine(msgs)
		ga := groupingAccuracy(of, kinds)
		require.GreaterOrEqual(t, ga, 0.9, name)
		sum += ga
		var all strings.Builder
		for _, p := range patterns {
			all.WriteString(p.Template + "\n")
		}
		fmt.Fprintf(&got, "%-12s accuracy %.3f patterns %d hash %016x\n", name, ga, len(patterns), hashText(all.String()))
		if *show == name {
			logWrong(t, msgs, of, kinds, patterns)
		}
	}
	require.GreaterOrEqual(t, sum/float64(len(files)), 0.99)
	golden(t, "testdata/corpora.golden", got.String())
}

// logWrong logs the patterns that are not one kind's whole.
func logWrong(t *testing.T, msgs []string, of, kinds []int, patterns []Pattern) {
	t.Helper()
	groups := map[int]map[int]int{}
	for i := range msgs {
		if groups[kinds[i]] == nil {
			groups[kinds[i]] = map[int]int{}
		}
		groups[kinds[i]][of[i]]++
	}
	for k, g := range groups {
		for p, n := range g {
			if len(g) > 1 || uint64(n) != patterns[p].Count {
				t.Logf("kind %d: %d of %d: %s", k, n, patterns[p].Count, patterns[p].Template)
			}
		}
	}
}
