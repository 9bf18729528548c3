package rule

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestUnitTestsOfRules(t *testing.T) {
	results, err := Test(t.Context(), os.DirFS("testdata"), []string{"shop_test.yml"}, TestOptions{})
	require.NoError(t, err)
	require.Len(t, results, 10)
	for _, r := range results {
		require.Empty(t, r.Failures, r.Name)
	}
}

func TestUnitTestsFail(t *testing.T) {
	dir := t.TempDir()
	rules, err := os.ReadFile("testdata/shop.yml")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "shop.yml"), rules, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "bad_test.yml"), []byte(`
rule_files: [shop.yml]
tests:
  - name: wrong in every way
    input:
      logs: [{at: 1m, service: api, message: 'sorry, too many clients already (97/100)', repeat: 3}]
      events: [{at: 1m, kind: kubernetes, name: OOMKilling, component: node-1, text: 'Killed process 1'}]
    suspects: [leak]
    expect:
      - {condition: slots-exhausted, component: api, at: 4m, count: 9, title: x, values: {used: 1}}
      - {condition: leak}
      - {condition: nonsense}
`), 0o600))
	results, err := Test(t.Context(), os.DirFS(dir), []string{"bad_test.yml"}, TestOptions{})
	require.NoError(t, err)
	require.Len(t, results, 1)
	got := strings.Join(results[0].Failures, "\n")
	for _, want := range []string{
		"began at 1m0s, not at 4m0s", "was seen 3 times, not 9", `not "x"`, `used="97", not "1"`, "leak on anything was not recognised",
		`"nonsense" is not in the rule files`, "killed on node-1 at 1m0s was recognised but not expected", "asks for suspects",
	} {
		require.Contains(t, got, want)
	}
	xml, err := JUnit(results)
	require.NoError(t, err)
	require.Contains(t, string(xml), `<testsuite name="bad_test.yml" tests="1" failures="1">`)
}

// TestFaults: each file has one mistake, or a few of one sort, and its golden file what is said about them.
func TestFaults(t *testing.T) {
	files, err := filepath.Glob("testdata/faults/*.yml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			_, err := Load(os.DirFS("testdata/faults"), filepath.Base(file))
			require.Error(t, err)
			golden := strings.TrimSuffix(file, ".yml") + ".golden"
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(err.Error()+"\n"), 0o600))
			}
			want, readErr := os.ReadFile(golden)
			require.NoError(t, readErr)
			require.Equal(t, string(want), err.Error()+"\n")
		})
	}
}

func TestLoad(t *testing.T) {
	set, err := Load(os.DirFS("testdata"), "*.yml")
	require.NoError(t, err)
	require.Equal(t, 8, set.Len())
	require.Len(t, set.Edges(), 3)
	require.Len(t, set.LogMatchers(), 5)
	require.Equal(t, []string{"deriv(used_slots[30m]) > 0.001", "disk_free_ratio < 0.1", "used_slots / on(instance) max_slots > 0.95"}, set.Expressions())
	require.Len(t, set.SHA256(), 64)
	for id := range set.LogMatchers() {
		require.Equal(t, int32(id), set.MatcherOf(int32(id)).Item.Matcher)
	}
	_, err = Load(os.DirFS("testdata"), "none*.yml")
	require.ErrorContains(t, err, "there are none")
}

// TestBlownUpFiles: what aliases can blow up ends with an error, soon.
func TestBlownUpFiles(t *testing.T) {
	for _, text := range []string{
		"groups: &a [*a, *a]", "groups: [&a [[1,1,1,1,1,1,1,1]], &b [*a,*a,*a,*a,*a,*a,*a,*a], &c [*b,*b,*b,*b,*b,*b,*b,*b], [*c,*c,*c,*c,*c,*c,*c,*c]]",
		"groups: " + strings.Repeat("[", 200) + strings.Repeat("]", 200),
	} {
		_, err := Parse("x.yml", []byte(text))
		require.Error(t, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/*.yml", "testdata/faults/*.yml"} {
		files, err := filepath.Glob(pattern)
		require.NoError(f, err)
		for _, file := range files {
			data, err := os.ReadFile(file)
			require.NoError(f, err)
			f.Add(data)
		}
	}
	f.Add([]byte("a: &a [*a, *a]\ngroups: *a"))
	f.Fuzz(func(_ *testing.T, data []byte) {
		file, err := Parse("fuzz.yml", data)
		if err == nil {
			_, _ = newSet([]*File{file}, false)
		}
		_, _ = parseTests("fuzz_test.yml", data)
	})
}
