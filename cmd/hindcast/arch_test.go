package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/hindcast/hindcast/"

// mayImport says which folders of this project the files of a folder may import; the most specific entry counts, and a
// folder may always import what lies below its entry.
var mayImport = []struct {
	folder string
	from   []string
}{
	{"cmd", []string{"cmd", "ingest", "correlate", "render"}},
	{"correlate", []string{"correlate", "ingest/event"}},
	{"correlate/timeline", []string{"ingest/event"}},
	{"correlate/pattern", nil},
	{"ingest", []string{"ingest"}},
	{"ingest/event", nil},
	{"render", []string{"render", "correlate/timeline"}},
	{"deploy", []string{"cmd", "deploy"}},
	{"fixtures", []string{"fixtures", "ingest", "correlate", "render", "cmd"}},
}

// onlyIn says which heavy libraries live in one folder.
var onlyIn = map[string][]string{
	"github.com/elastic/":                     {"ingest/elastic"},
	"github.com/prometheus/prometheus/promql": {"correlate/query", "correlate/rule", "ingest/prometheus"},
	"github.com/minio/minio-go":               {"cmd/hindcast", "ingest/bundle"},
	"charm.land/lipgloss":                     {"render"},
	"github.com/spf13/":                       {"cmd"},
}

// forbiddenNames are folders that say nothing about what is in them.
var forbiddenNames = []string{"internal", "pkg", "util", "utils", "common", "helpers", "models", "types"}

// TestImportsRunOneWay holds the layout of ARCHITECTURE: cmd → ingest, correlate, render; correlate → ingest/event;
// render → correlate/timeline; ingest nothing. Test files may look wider, but never up at cmd.
func TestImportsRunOneWay(t *testing.T) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	files := 0
	require.NoError(t, filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, p)
		if d.IsDir() {
			require.NotContains(t, forbiddenNames, d.Name(), rel)
			if strings.HasPrefix(d.Name(), ".") && rel != "." || d.Name() == "testdata" || d.Name() == "bin" {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") {
			return nil
		}
		files++
		f, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.ImportsOnly)
		require.NoError(t, err)
		folder := path.Dir(filepath.ToSlash(rel))
		for _, i := range f.Imports {
			imported, _ := strconv.Unquote(i.Path.Value)
			checkImport(t, folder, imported, strings.HasSuffix(p, "_test.go"))
		}
		return nil
	}))
	require.Greater(t, files, 50)
}

func checkImport(t *testing.T, folder, imported string, isTest bool) {
	t.Helper()
	for library, folders := range onlyIn {
		if strings.HasPrefix(imported, library) && !isTest && !strings.HasPrefix(folder, "fixtures") {
			require.True(t, within(folder, folders), "%s imports %s, which belongs to %v", folder, imported, folders)
		}
	}
	require.NotEqual(t, "github.com/elastic/go-elasticsearch/v8", imported, "%s: the root package compiles 860 packages more: use esapi", folder)
	ours, ok := strings.CutPrefix(imported, module)
	if !ok || isTest && !strings.HasPrefix(ours, "cmd/") {
		return
	}
	best, allowed := "", []string(nil)
	for _, rule := range mayImport {
		if within(folder, []string{rule.folder}) && len(rule.folder) > len(best) {
			best, allowed = rule.folder, rule.from
		}
	}
	require.NotEmpty(t, best, "no rule says what %s may import", folder)
	require.True(t, within(ours, allowed), "%s imports %s, but may import only %v", folder, ours, allowed)
}

func within(folder string, folders []string) bool {
	for _, f := range folders {
		if folder == f || strings.HasPrefix(folder, f+"/") {
			return true
		}
	}
	return false
}
