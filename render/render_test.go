package render

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/correlate/timeline"
)

var update = flag.Bool("update", false, "write the golden files anew")

// saved reads a timeline of testdata.
func saved(t *testing.T, path string) *timeline.Timeline {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	tl, err := Read(f)
	require.NoError(t, err)
	return tl
}

func cases(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	return paths
}

func written(t *testing.T, format string, tl *timeline.Timeline, o Options) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, Write(&b, format, tl, o))
	return b.String()
}

// TestGolden writes every timeline of testdata in every format. JSON has a golden of its own: the file itself.
func TestGolden(t *testing.T) {
	for _, path := range cases(t) {
		for _, f := range Formats {
			name := strings.TrimSuffix(path, ".json") + "." + f.Name + ".golden"
			if f.Name == "json" {
				name = path
			}
			t.Run(filepath.Base(name), func(t *testing.T) {
				got := written(t, f.Name, saved(t, path), Options{Incident: "INC-4127", Width: 120})
				if *update {
					require.NoError(t, os.WriteFile(name, []byte(got), 0o600))
				}
				want, err := os.ReadFile(name)
				require.NoError(t, err)
				require.Equal(t, string(want), got)
			})
		}
	}
}

func TestTemplatesGolden(t *testing.T) {
	for _, name := range Templates()[1:] {
		t.Run(name, func(t *testing.T) {
			golden := "testdata/pool." + name + ".golden"
			got := written(t, "md", saved(t, "testdata/pool.json"), Options{Template: name})
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o600))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), got)
		})
	}
}

// TestFormatsAreWhole holds what the list promises.
func TestFormatsAreWhole(t *testing.T) {
	names, extensions := map[string]bool{}, map[string]bool{}
	for _, f := range Formats {
		require.NotEmpty(t, f.Name)
		require.NotEmpty(t, f.Doc)
		require.NotNil(t, f.Write)
		require.False(t, names[f.Name], f.Name)
		names[f.Name] = true
		for _, e := range f.Extensions {
			require.False(t, extensions[e], e)
			extensions[e] = true
		}
	}
	_, err := Lookup("pdf")
	require.EqualError(t, err, `unknown format "pdf": there are `+strings.Join(Names(), ", "))
}

// TestSameBytes writes everything twice: nothing may depend on the order of a map or on the clock.
func TestSameBytes(t *testing.T) {
	for _, path := range cases(t) {
		for _, f := range Formats {
			first := written(t, f.Name, saved(t, path), Options{})
			for range 5 {
				require.Equal(t, first, written(t, f.Name, saved(t, path), Options{}), f.Name)
			}
		}
	}
}

func TestGeneratedIsTheOnlyDifference(t *testing.T) {
	tl := saved(t, "testdata/pool.json")
	a := written(t, "md", tl, Options{Generated: time.Unix(1e9, 0)})
	b := written(t, "md", tl, Options{Generated: time.Unix(2e9, 0)})
	require.NotEqual(t, a, b)
	require.Equal(t, generatedLine.ReplaceAllString(a, ""), generatedLine.ReplaceAllString(b, ""))
}

func TestReadRefuses(t *testing.T) {
	for text, want := range map[string]string{
		``:                                   "not the JSON of a hindcast report",
		`[1]`:                                "not the JSON of a hindcast report",
		`{"a": 1}`:                           `the schema is "", not "hindcast.timeline/v1"`,
		`{"schema":`:                         "not the JSON of a hindcast report",
		`{"schema": "hindcast.timeline/v2"}`: `the schema is "hindcast.timeline/v2"`,
	} {
		_, err := Read(strings.NewReader(text))
		require.ErrorContains(t, err, want, text)
	}
}

// TestEmpty writes a timeline with nothing in it: no format may fail, and JSON keeps its lists.
func TestEmpty(t *testing.T) {
	for _, f := range Formats {
		out := written(t, f.Name, &timeline.Timeline{}, Options{})
		if f.Name == "json" {
			require.NotContains(t, out, `"timeline": null`)
			require.Contains(t, out, `"timeline": []`)
		}
	}
}
