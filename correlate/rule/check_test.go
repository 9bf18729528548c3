package rule

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCheck(t *testing.T) {
	findings, err := Check(os.DirFS("testdata/check"), []string{"remarks.yml"})
	require.NoError(t, err)
	var got []string
	for _, f := range findings {
		got = append(got, f.Level+" "+f.Check+" "+f.Condition)
	}
	require.Equal(t, []string{
		"warning isolated never", "warning never-matches never", "note cycle dear", "warning duplicate dear", "warning no-literal dear", "note short-literal twice",
		"warning duplicate twice", "warning isolated again", "warning no-literal again", "warning duplicate doubled",
	}, got)
	require.Contains(t, findings[2].What, "dear <- twice <- dear")
}

func TestCheckSaysNothingOfWhatIsKnown(t *testing.T) {
	known, err := ReadFiles(os.DirFS("testdata/check"), "remarks.yml")
	require.NoError(t, err)
	findings, err := Check(os.DirFS("testdata"), []string{"shop.yml"}, known...)
	require.NoError(t, err)
	for _, f := range findings {
		require.Equal(t, "shop.yml", f.File)
	}
}

func TestCheckGivesFaults(t *testing.T) {
	findings, err := Check(os.DirFS("testdata/faults"), []string{"where.yml"})
	require.NoError(t, err)
	require.Len(t, findings, 3)
	require.Equal(t, "error", findings[0].Level)
	_, err = Check(os.DirFS("testdata"), []string{"none.yml"})
	require.Error(t, err)
}

func TestGraph(t *testing.T) {
	set, err := Load(os.DirFS("testdata"), "shop.yml")
	require.NoError(t, err)
	mermaid, err := set.Graph(Mermaid, "leak")
	require.NoError(t, err)
	require.Equal(t, `flowchart LR
  n0[["leak"]]
  n1["slots-exhausted"]
  n0 -->|any 0.8| n1
  n2{{"change: deploy"}}
  n2 -->|same 0.6| n1
`, mermaid)
	dot, err := set.Graph(DOT)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(dot, "digraph causes {"))
	require.Contains(t, dot, `"killed" -> "crash-after-start" [label="host 0.5"];`)
	_, err = set.Graph(Mermaid, "leek")
	require.ErrorContains(t, err, `did you mean "leak"?`)
	_, err = set.Graph("png")
	require.Error(t, err)
}

func TestShow(t *testing.T) {
	set, err := Load(os.DirFS("testdata"), "shop.yml")
	require.NoError(t, err)
	text := set.Rule("slots-exhausted").Show()
	for _, want := range []string{
		"slots-exhausted (mid, shop)", "shop.yml:5:13", "at least 3 times within 5m", "metric: used_slots / on(instance) max_slots > 0.95 for 30s",
		"caused by a change: deploy (same, within 3d, strength 0.6)",
	} {
		require.Contains(t, text, want)
	}
	require.Contains(t, set.Rule("not-reloaded").Show(), `absent: log: one of ["configuration reloaded"] within 2m after log: one of ["renewal succeeded"]`)
}
