package pattern

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// shapesOf makes one shape a line. A line may start with its count and a bar.
func shapesOf(lines ...string) []Shape {
	var out []Shape
	for _, line := range lines {
		count := uint64(1)
		if n, text, ok := strings.Cut(line, "|"); ok {
			if _, err := fmt.Sscan(n, &count); err == nil {
				line = text
			}
		}
		msg := []byte(line)
		out = append(out, Shape{Fingerprint: Of(msg), Template: Template(msg), Count: count})
	}
	return out
}

func templates(shapes []Shape) []string {
	_, patterns := Cluster(shapes)
	var out []string
	for _, p := range patterns {
		out = append(out, p.Template)
	}
	return out
}

func TestClusterJoins(t *testing.T) {
	for _, c := range []struct {
		name  string
		lines []string
		want  string
	}{
		{"rare words", []string{"login of alice is ok now", "login of bob is ok now", "login of carol is ok now", "login of dave is ok now"}, "login of <*> is ok now"},
		{"users", []string{"900|session opened for user root", "800|session opened for user news"}, "session opened for user <*>"},
		{"a frequent and rare values of a key", []string{"900|auth failure user=root now", "2|auth failure user=git now", "2|auth failure user=bin now", "90|auth failure user=pi now"}, "auth failure user=<*> now"},
		{"classes", []string{"read 12 from disk", "read 0x1f from disk", "read a1b2x from disk"}, "read <*> from disk"},
		{"lists", []string{"blocks b_1 gone", "blocks b_1 b_2 gone", "blocks b_1 b_2 b_3 gone"}, "blocks b_<*> gone"},
		{"hosts", []string{"lost db-1.example.com today", "lost 10.0.0.1 today", "lost node-7 today"}, "lost <*> today"},
		{"absent values", []string{"lock ws=null taken", "lock ws=Source{17} taken"}, "lock ws=<*> taken"},
		{"repeated sizes", []string{"sent 1234 bytes (1.2 KB) today", "sent 12 bytes today"}, "sent <num> <*> today"},
		{"names first", []string{"com.a.b: told me", "com.c.d: told me", "org.e.f: told me", "org.x.y: told me", "org.x.z: told me", "org.x.q: told me", "org.x.r: told me"}, "<*>: told me"},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, []string{c.want}, templates(shapesOf(c.lines...)))
		})
	}
}

func TestClusterKeepsApart(t *testing.T) {
	for _, c := range []struct {
		name  string
		lines []string
	}{
		{"opposite verbs", []string{"pool web started at 1", "pool web stopped at 1"}},
		{"opposites among rare words", []string{"link is up now", "link is down now"}},
		{"few values of a key", []string{"900|auth failure user=root now", "20|auth failure user=guest now", "2|auth failure user=test now"}},
		{"few frequent words", []string{"900|state changed to draining", "800|state changed to warming"}},
		{"words of one", []string{"alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu"}},
		{"first words", []string{"cupsd startup ok", "hcid startup ok", "klogd startup ok", "portmap startup ok"}},
		{"keys", []string{"set uid=1 here", "set gid=1 here"}},
		{"endings of names", []string{"got action.SCREEN_ON here", "got action.SCREEN_OFF here"}},
		{"different sentences", []string{"failed to open file", "failed to read socket", "failed to parse header", "failed to load module"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			shapes := shapesOf(c.lines...)
			var want []string
			for _, s := range shapes {
				want = append(want, s.Template)
			}
			slices.Sort(want)
			require.Equal(t, want, templates(shapes))
		})
	}
}

// However many values make a position variable, words that tell how a thing
// went are never among them.
func TestClusterKeepsOutcomes(t *testing.T) {
	for _, pair := range [][2]string{
		{"started", "stopped"},
		{"connected", "disconnected"},
		{"up", "down"},
		{"succeeded", "failed"},
		{"success", "failure"},
		{"opened", "closed"},
		{"Enabled", "Disabled"},
		{"healthy", "unhealthy"},
		{"available", "unavailable"},
	} {
		var lines []string
		for i := range 30 {
			lines = append(lines, fmt.Sprintf("the big worker %s did wait", string(rune('a'+i%26))+strings.Repeat("x", 1+i)))
		}
		lines = append(lines, "the big worker "+pair[0]+" did wait", "the big worker "+pair[1]+" did wait")
		shapes := shapesOf(lines...)
		of, patterns := Cluster(shapes)
		require.Len(t, patterns, 3, pair)
		require.NotEqual(t, of[30], of[31], pair)
		require.NotEqual(t, of[0], of[30], pair)
		require.NotEqual(t, of[0], of[31], pair)
	}
}

// checkCluster holds what Cluster promises for any shapes.
func checkCluster(t *testing.T, shapes []Shape, r *dice) {
	t.Helper()
	of, patterns := Cluster(shapes)
	require.Len(t, of, len(shapes))
	counts := make([]uint64, len(patterns))
	for i, p := range of {
		counts[p] += shapes[i].Count
	}
	ids := map[string]bool{}
	for i, p := range patterns {
		require.Equal(t, counts[i], p.Count, p.Template)
		require.False(t, ids[p.ID], "%s twice", p.ID)
		ids[p.ID] = true
		require.True(t, i == 0 || patterns[i-1].Template < p.Template, "order of %q", p.Template)
	}

	// Another order, and counts in two shapes instead of one.
	order := make([]int, len(shapes))
	var other []Shape
	for i := range order {
		j := r.n(i + 1)
		order[i] = order[j]
		order[j] = i
	}
	for _, k := range order {
		other = append(other, shapes[k])
	}
	for i := range other {
		part := other[i].Count / 3
		other[i].Count -= part
		other = append(other, Shape{Fingerprint: other[i].Fingerprint, Template: other[i].Template, Count: part})
	}
	otherOf, otherPatterns := Cluster(other)
	require.Equal(t, patterns, otherPatterns)
	for i, k := range order {
		require.Equal(t, of[k], otherOf[i])
		require.Equal(t, of[k], otherOf[len(shapes)+i])
	}
}

func TestClusterDependsOnTheSetOnly(t *testing.T) {
	r := &dice{state: 3}
	checkCluster(t, nil, r)
	checkCluster(t, manyShapes(3000), r)
	for _, name := range []string{"android", "hadoop", "openssh", "services"} {
		msgs, _ := readCorpus(t, "testdata/corpora/"+name+".txt").messages(1000)
		checkCluster(t, shapesOf(msgs...), r)
	}
}

func FuzzCluster(f *testing.F) {
	f.Add("user alice in\nuser bob in\nuser carol in\n7|user dave in\nx <num> (<size>) y\na=null\na=1\n()")
	f.Add("no user  from 10.0.0.1\nno user al from 10.0.0.1\nno user bo from 10.0.0.1\nuser=a db=b ok ok\nuser=c db=d ok ok\nx 1 a 2 a\nx 1 a 2 a 3 a")
	f.Add("a b c d e f\nq b w d e f\nr b t d e f\nu b i d e f")
	f.Fuzz(func(t *testing.T, text string) {
		checkCluster(t, shapesOf(strings.Split(text, "\n")...), &dice{state: 1})
	})
}
