package rule

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/correlate/match"
	"github.com/hindcast/hindcast/correlate/query"
	"github.com/hindcast/hindcast/ingest/event"
)

// TestLibraryIsTested: every condition that ships is recognised in a test that says where its lines come from, says in its
// references where its texts do, and has a near miss: a test with something that the condition looks at, in which it is not recognised.
func TestLibraryIsTested(t *testing.T) {
	fsys := os.DirFS("library")
	set, err := Load(fsys, "*.yml")
	require.NoError(t, err)
	files, err := glob(fsys, []string{"*.yml"}, true)
	require.NoError(t, err)
	recognised, missed, sourced := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, name := range files {
		data, err := os.ReadFile("library/" + name)
		require.NoError(t, err)
		f, err := parseTests(name, data)
		require.NoError(t, err)
		loaded := map[string]bool{}
		for _, r := range f.rules {
			loaded[r.string] = true
		}
		for _, u := range f.tests {
			for _, r := range set.Rules() {
				switch {
				case slices.ContainsFunc(u.expect, func(x expectation) bool { return x.condition.string == r.ID }):
					recognised[r.ID] = true
					sourced[r.ID] = sourced[r.ID] || u.source != ""
				case loaded[r.File] && u.touches(r):
					missed[r.ID] = true
				}
			}
		}
	}
	var untested, unmissed, unsourced, unreferenced []string
	for _, r := range set.Rules() {
		if !recognised[r.ID] {
			untested = append(untested, r.ID)
		}
		if !missed[r.ID] {
			unmissed = append(unmissed, r.ID)
		}
		if !sourced[r.ID] {
			unsourced = append(unsourced, r.ID)
		}
		if len(r.References) == 0 {
			unreferenced = append(unreferenced, r.ID)
		}
	}
	require.Empty(t, untested, "conditions that no test recognises")
	require.Empty(t, unmissed, "conditions without a near miss")
	require.Empty(t, unsourced, "conditions without a test whose lines have a source")
	require.Empty(t, unreferenced, "conditions without references")
}

// touches tells whether the input holds something that the rule looks at: one of its literals, its metrics or its events.
func (u *unit) touches(r *Rule) bool {
	found := false
	r.walk(func(i *Item) { found = found || u.touchesItem(i) })
	return found
}

func (u *unit) touchesItem(i *Item) bool {
	switch {
	case i.Log != nil:
		return slices.ContainsFunc(u.logs, func(l testLog) bool { return nearly(i.Log, &l.record) })
	case i.Metric != nil:
		names := query.Metrics(i.Metric.Expr)
		return slices.ContainsFunc(u.series, func(s event.Series) bool { return slices.Contains(names, s.Name) })
	case i.Event != nil:
		return slices.ContainsFunc(u.events, func(e event.Event) bool {
			return string(e.Kind) == i.Event.Kind && (len(i.Event.Names) == 0 || slices.ContainsFunc(i.Event.Names, func(re *regexp.Regexp) bool { return re.MatchString(e.Name) }))
		})
	default:
		return false
	}
}

// near is how many bytes in a row a near miss has in common with what a matcher looks for.
const near = 12

var fixedText = regexp.MustCompile(`[A-Za-z][A-Za-z ,:_-]{7,}`)

// nearly tells whether a record is like what a matcher looks for: it has a piece in common with one of its literals or with
// the fixed text of its regular expression, or its fields are looked at.
func nearly(l *match.Log, r *event.Record) bool {
	text := strings.ToLower(string(r.Message) + "\n" + string(r.Detail))
	literals := slices.Concat(l.Contains, l.ContainsAll, fixedText.FindAllString(l.Regexp, -1))
	if slices.ContainsFunc(literals, func(s string) bool { return inCommon(text, strings.ToLower(s)) }) {
		return true
	}
	return len(literals) == 0 && (l.Where != "" && (r.Status > 0 || r.Duration > 0) || len(r.Fields) > 0)
}

func inCommon(text, literal string) bool {
	if len(literal) <= near {
		return strings.Contains(text, literal)
	}
	for i := 0; i+near <= len(literal); i++ {
		if strings.Contains(text, literal[i:i+near]) {
			return true
		}
	}
	return false
}
