package render

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"github.com/hindcast/hindcast/correlate/timeline"
)

// nasty are texts that try to become something else than text.
var nasty = []string{
	"[click](javascript:alert(1))",
	"![pixel](https://evil.example/p.png)",
	"<script>alert(1)</script>",
	"<img src=x onerror=alert(1)>",
	"</script><script>alert(1)//",
	"<https://evil.example/>",
	"see https://evil.example/a and www.evil.example and WWW.EVIL.EXAMPLE",
	"ftp://evil.example/x mailto:a@evil.example a@evil.example",
	"a | b | c \\| d \\\\| e",
	"`code` ``x`` ```\n```\n# heading",
	"*bold* __bold__ ~~gone~~ _i_",
	"line one\nline two\r\n\r\n- item\n1. item\n> quote\n    code",
	"# heading", "- item", "+ item", "1. item", "1) item", "> quote", "=== ", "---",
	"[ref]: https://evil.example/ \"title\"",
	"&lt;b&gt; &amp; &#60;",
	"\x1b[31mred\x1b[0m \x07 \x00 \x9b31m",
	"user\u202egnp.exe \u2066x\u2069 \u200bzero \ufeff",
	"broken \xff\xfe utf8",
	"<!-- hindcast:end evidence -->\n<!-- hindcast:begin summary sha256=00 -->",
	"--> <!-- comment",
	"@here @channel @maria",
	"$$x$$ $y$",
	"✎ fill me in",
	"|---|---|\n| a | b |",
	"\\",
	"```mermaid\nflowchart LR\n  a[\"<b>\"] --> b\n  click a \"https://evil.example\"\n```",
	"\"] --> x[\"y",
}

// hostile puts a text into every field that holds text from outside.
func hostile(s string) *timeline.Timeline {
	at := time.Date(2026, 3, 18, 14, 0, 0, 0, time.UTC)
	say := []timeline.Sentence{{Text: s, Evidence: []string{"E1"}}}
	key := &timeline.KeyTime{Time: at, How: s, Evidence: []string{"E1"}}
	suspect := timeline.Suspect{
		Rank: 1, Cause: s, Title: s, Component: s, Onset: at, Confidence: 0.9, Level: timeline.High, Chain: []string{"T1", "T2"}, Rule: s,
		Links: []timeline.Link{{From: "T1", To: "T2", Why: s, Against: s}}, Reasons: say, Against: say, NextChecks: []string{s}, Actions: []string{s},
	}
	entry := timeline.Entry{Time: at, Kind: "log", Role: timeline.Cause, Component: s, Source: s, Title: s, Count: 2, Starred: true, Evidence: []string{"E1"}}
	first, second := entry, entry
	first.ID, second.ID, second.Role = "T1", "T2", timeline.Symptom
	return &timeline.Timeline{
		Schema: timeline.Schema, Title: s, Command: s, Verdict: timeline.Found, Window: timeline.Window{Range: timeline.Range{From: at, To: at.Add(time.Hour)}, Source: s},
		KeyTimes: timeline.KeyTimes{Trigger: key, ImpactStarted: key, Detected: key, Acknowledged: key, Mitigated: key, Resolved: key},
		Summary:  say, Suspects: []timeline.Suspect{suspect, suspect}, RuledOut: []timeline.RuledOut{{Title: s, Reason: s, Evidence: []string{"E1"}}},
		Entries: []timeline.Entry{first, second}, Unexplained: []string{"T1"},
		Evidence: []timeline.Evidence{{
			ID: "E1", Source: s, Origin: s, Text: s, Count: 2, Query: s, Link: s, Pattern: s, Rule: s, Unit: s,
			Points: []timeline.Point{{Time: at, Value: 1}, {Time: at.Add(time.Minute), Value: 2}},
		}},
		Coverage: []timeline.Coverage{{Source: s, Read: 1, Dropped: map[string]int64{s: 1}, Gaps: []timeline.Gap{{Origin: s, Reason: s}}, Notes: []string{s}}},
	}
}

var markdown = goldmark.New(goldmark.WithExtensions(extension.GFM))

// shape lists what a Markdown reader makes of a draft that is not plain text: links, images, HTML, cells of each row.
func shape(t *testing.T, draft string) []string {
	t.Helper()
	src := []byte(draft)
	var out []string
	err := ast.Walk(markdown.Parser().Parse(text.NewReader(src)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Link:
			out = append(out, "link "+string(n.Destination))
		case *ast.AutoLink:
			out = append(out, "autolink "+string(n.URL(src)))
		case *ast.Image:
			out = append(out, "image "+string(n.Destination))
		case *ast.RawHTML:
			out = append(out, "html "+string(n.Segments.Value(src)))
		case *ast.HTMLBlock:
			out = append(out, "html "+string(n.Lines().Value(src)))
		case *ast.Heading:
			out = append(out, fmt.Sprintf("heading %d", n.Level))
		case *ast.FencedCodeBlock:
			out = append(out, "fence "+string(n.Language(src)))
		case *ast.CodeBlock:
			out = append(out, "indented code")
		case *ast.List:
			out = append(out, fmt.Sprintf("list of %d", n.ChildCount()))
		case *ast.Blockquote:
			out = append(out, "quote")
		case *east.TableRow:
			out = append(out, fmt.Sprintf("row of %d", n.ChildCount()))
		}
		return ast.WalkContinue, nil
	})
	require.NoError(t, err)
	return out
}

// TestHostileMarkdown holds that no text changes what a draft is made of: a draft with hostile texts has exactly the
// links, rows, headings and HTML of a draft with harmless ones.
func TestHostileMarkdown(t *testing.T) {
	hashes := func(list []string) []string { // block markers are HTML comments whose hash differs
		for i := range list {
			if strings.HasPrefix(list[i], "html <!-- hindcast:") {
				list[i] = strings.Join(strings.Fields(list[i])[:4], " ")
			}
		}
		return list
	}
	for _, template := range Templates() {
		o := Options{Template: template}
		want := hashes(shape(t, written(t, "md", hostile("harmless"), o)))
		for _, s := range nasty {
			draft := written(t, "md", hostile(s), o)
			require.Equal(t, want, hashes(shape(t, draft)), "%q", s)
			requireVisible(t, draft)
		}
	}
}

// requireVisible fails if a text holds characters that are not seen or do something.
func requireVisible(t *testing.T, s string) {
	t.Helper()
	for _, r := range s {
		if r == '\n' || r == '\t' {
			continue
		}
		require.False(t, isHidden(r), "%U in %q", r, s)
	}
}

// TestHostileGraph holds that a Mermaid graph keeps one line a node and link.
func TestHostileGraph(t *testing.T) {
	graph := func(s string) string {
		_, after, _ := strings.Cut(written(t, "md", hostile(s), Options{}), "```mermaid\n")
		before, _, _ := strings.Cut(after, "```")
		return before
	}
	for _, s := range nasty {
		g := graph(s)
		require.Equal(t, strings.Count(graph("harmless"), "\n"), strings.Count(g, "\n"), "%q", s)
		require.NotContains(t, g, "<")
		require.Equal(t, 4, strings.Count(g, `"`), "%q", g)
	}
}

func TestHostileText(t *testing.T) {
	for _, s := range nasty {
		requireVisible(t, written(t, "text", hostile(s), Options{}))
		require.Equal(t, strings.Count(written(t, "text", hostile(strings.Repeat("x", 10)), Options{Width: 10000}), "\n"),
			strings.Count(written(t, "text", hostile(s), Options{Width: 10000}), "\n"), "%q", s)
	}
}

func TestHostileCSV(t *testing.T) {
	for _, s := range append([]string{"=cmd|' /C calc'!A0", "@SUM(1)", "+1", "-1"}, nasty...) {
		out := written(t, "csv", hostile(s), Options{})
		requireVisible(t, out)
		require.Equal(t, 3, strings.Count(out, "\n"), "%q", s)
		require.NotContains(t, out, ",=cmd")
	}
}

// TestWebLink lets only links to the web through.
func TestWebLink(t *testing.T) {
	for _, link := range []string{"javascript:alert(1)", "data:text/html,x", "//evil.example", "file:///etc/passwd", "", "http://", "https://[::1"} {
		_, ok := webLink(link)
		require.False(t, ok, link)
	}
	got, ok := webLink("https://k.example/app#/?q=(a:'b c')|x")
	require.True(t, ok)
	require.NotContains(t, got, "(")
	require.NotContains(t, got, "|")
	require.NotContains(t, got, " ")
}
