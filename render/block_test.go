package render

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUpdateRenewsUntouchedBlocks(t *testing.T) {
	tl := saved(t, "testdata/pool.json")
	draft := written(t, "md", tl, Options{})
	same, kept, err := Update(draft, draft)
	require.NoError(t, err)
	require.Empty(t, kept)
	require.Equal(t, draft, same)

	edited := strings.Replace(draft, "- ✎ **Customers affected:**", "- **Customers affected:** 12", 1)
	edited = strings.Replace(edited, "**Most suspected:", "**Surely:", 1)
	tl.Summary[0].Text = "A new sentence."
	tl.RuledOut[0].Reason = "a new reason"
	fresh := written(t, "md", tl, Options{})
	updated, kept, err := Update(edited, fresh)
	require.NoError(t, err)
	require.Equal(t, []string{"summary"}, kept)
	require.Contains(t, updated, "**Customers affected:** 12")
	require.Contains(t, updated, "**Surely:")
	require.Contains(t, updated, "a new reason")
	require.Contains(t, updated, "<!-- hindcast:renewed summary\nA new sentence.")
	require.Len(t, Open(updated), len(Open(draft))-1, "one place was filled in")
	require.Contains(t, updated, openWords(len(Open(updated))))

	again, kept, err := Update(updated, fresh)
	require.NoError(t, err)
	require.Equal(t, []string{"summary"}, kept)
	require.Equal(t, updated, again, "updating twice changes nothing")
}

func TestUpdateKeepsRemovedBlocksOut(t *testing.T) {
	draft := written(t, "md", saved(t, "testdata/pool.json"), Options{})
	begin, end := strings.Index(draft, "<!-- hindcast:begin impact"), strings.Index(draft, "<!-- hindcast:end impact -->")
	cut := draft[:begin] + draft[end+len("<!-- hindcast:end impact -->"):]
	updated, kept, err := Update(cut, draft)
	require.NoError(t, err)
	require.Empty(t, kept)
	require.NotContains(t, updated, "hindcast:begin impact")
}

func TestUpdateUnderstandsWindowsLines(t *testing.T) {
	draft := written(t, "md", saved(t, "testdata/pool.json"), Options{})
	updated, kept, err := Update(strings.ReplaceAll(draft, "\n", "\r\n"), draft)
	require.NoError(t, err)
	require.Empty(t, kept)
	require.Contains(t, updated, "hindcast:begin summary")
}

func TestUpdateRefusesBrokenMarkers(t *testing.T) {
	for draft, want := range map[string]string{
		"<!-- hindcast:begin a sha256=00 -->\nx\n":                                                `line 1: block "a" does not end`,
		"x\n<!-- hindcast:end a -->\n":                                                            `line 2: block "a" ends but did not begin`,
		"<!-- hindcast:begin a sha256=00 -->\n<!-- hindcast:begin b sha256=00 -->\n":              `line 2: block "b" begins within block "a"`,
		"<!-- hindcast:begin a sha256=00 -->\n<!-- hindcast:end b -->\n":                          `line 2: block "b" ends but did not begin`,
		"<!-- hindcast:begin a sha256=00 -->\n<!-- hindcast:end a -->\n<!-- hindcast:renewed a\n": "line 3:",
	} {
		_, _, err := Update(draft, "")
		require.ErrorContains(t, err, want, draft)
	}
}

func TestOpen(t *testing.T) {
	places := Open("a ✎\n<!-- hindcast:begin draft sha256=00 -->\n✎ not me\n<!-- hindcast:end draft -->\n| ✎ | ✎ |\n")
	require.Equal(t, []Place{{1, "a ✎"}, {5, "| ✎ | ✎ |"}, {5, "| ✎ | ✎ |"}}, places)
}

func FuzzUpdate(f *testing.F) {
	f.Add("<!-- hindcast:begin a sha256=00 -->\nx\n<!-- hindcast:end a -->\n")
	f.Add("<!-- hindcast:renewed a\nhindcast:renewed-end -->\n")
	f.Fuzz(func(t *testing.T, draft string) {
		updated, _, err := Update(draft, markBlock("a", "new"))
		if err != nil {
			return
		}
		again, _, err := Update(updated, markBlock("a", "new"))
		require.NoError(t, err)
		require.Equal(t, updated, again)
	})
}
