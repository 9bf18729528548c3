package render

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"
)

var inPage = map[string]*regexp.Regexp{
	"style":  regexp.MustCompile(`(?s)<style>(.*?)</style>`),
	"script": regexp.MustCompile(`(?s)<script>(.*?)</script>`),
}

// TestPolicy holds that the policy names the style and the script that are in the page, and that nothing else needs leave.
func TestPolicy(t *testing.T) {
	out := written(t, "html", saved(t, "testdata/pool.json"), Options{})
	for name, re := range inPage {
		m := re.FindAllStringSubmatch(out, -1)
		require.Len(t, m, 1, name)
		require.Contains(t, html.UnescapeString(out), name+"-src 'sha256-"+SourceHash(m[0][1])+"'")
	}
	require.NotContains(t, out, " style=")
	require.NotContains(t, out, " src=")
}

// elements lists the elements of a page with the attributes that can do something.
func elements(t *testing.T, page string) []string {
	t.Helper()
	var out []string
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return out
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			out = append(out, token.Data)
			for _, a := range token.Attr {
				require.False(t, strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src", "%s %s", token.Data, a.Key)
				if a.Key == "href" {
					require.Regexp(t, `^(#|https?://)`, a.Val)
				}
			}
		}
	}
}

// TestHostileHTML holds that no text changes the elements of a page.
func TestHostileHTML(t *testing.T) {
	want := elements(t, written(t, "html", hostile("harmless"), Options{}))
	for _, s := range nasty {
		out := written(t, "html", hostile(s), Options{})
		require.Equal(t, want, elements(t, out), "%q", s)
		requireVisible(t, out)
	}
}
