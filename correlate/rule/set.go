package rule

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hindcast/hindcast/correlate/match"
	"github.com/hindcast/hindcast/correlate/rank"
)

// Set is all rules of a run, checked against each other. It is constant.
type Set struct {
	rules []*Rule
	byID  map[string]*Rule
	files []*File
	// logs are the log matchers, items the item that each belongs to.
	logs  []match.Log
	items []Owner
	sha   string
}

// Owner says whose a log matcher is: the item, and its rule.
type Owner struct {
	Rule *Rule
	Item *Item
}

// Load reads the rule files that the patterns name (see [fs.Glob]) and makes a set of them. Files that end in _test.yml
// are tests and left out.
func Load(fsys fs.FS, globs ...string) (*Set, error) {
	files, err := ReadFiles(fsys, globs...)
	if err != nil {
		return nil, err
	}
	return NewSet(files...)
}

// ReadFiles reads the rule files that the patterns name. A pattern without any file is an error.
func ReadFiles(fsys fs.FS, globs ...string) ([]*File, error) {
	files, err := unread(fsys, globs...)
	if err != nil {
		return nil, err
	}
	var parsing sync.WaitGroup
	wrong := make([]error, len(files))
	for i, f := range files {
		parsing.Go(func() { files[i], wrong[i] = Parse(f.Name, f.data) })
	}
	parsing.Wait()
	var faults Faults
	for _, err := range wrong {
		faults = append(faults, faultsIn(err)...)
	}
	return files, faults.err()
}

// unread gives the rule files that the patterns name, with nothing but their contents.
func unread(fsys fs.FS, globs ...string) ([]*File, error) {
	names, err := glob(fsys, globs, false)
	if err != nil {
		return nil, err
	}
	files := make([]*File, len(names))
	for i, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("reading rules: %w", err)
		}
		files[i] = newFile(name, data)
	}
	return files, nil
}

// glob gives the files that patterns name, sorted: rule files, or the tests.
func glob(fsys fs.FS, globs []string, tests bool) ([]string, error) {
	var names []string
	for _, g := range globs {
		found, err := fs.Glob(fsys, g)
		if err != nil {
			return nil, fmt.Errorf("rule files %q: %w", g, err)
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("rule files %q: there are none", g)
		}
		for _, name := range found {
			if isTest(name) == tests {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

func isTest(name string) bool {
	return strings.HasSuffix(name, "_test.yml") || strings.HasSuffix(name, "_test.yaml")
}

// NewSet makes a set of files that were read. What does not fit together comes back as [Faults].
func NewSet(files ...*File) (*Set, error) { return newSet(files, true) }

// NewSetWithout makes a set of all files but those called as names say. Edges from and to what is left out are left out.
// A name that no file has is an error.
func NewSetWithout(names []string, files ...*File) (*Set, error) {
	if len(names) == 0 {
		return NewSet(files...)
	}
	var known []string
	for _, f := range files {
		known = append(known, path.Base(f.Name))
	}
	for _, n := range names {
		if !slices.Contains(known, n) {
			return nil, fmt.Errorf("there is no rule file %q to leave out; there are %s", n, strings.Join(known, ", "))
		}
	}
	rest := slices.DeleteFunc(slices.Clone(files), func(f *File) bool { return slices.Contains(names, path.Base(f.Name)) })
	return newSet(rest, false)
}

// newSet makes a set. Unless it is whole, causes may be conditions of files that are not in it.
func newSet(files []*File, whole bool) (*Set, error) {
	s := &Set{byID: map[string]*Rule{}, files: files}
	var faults Faults
	groups := map[string]string{}
	for _, f := range files {
		for _, g := range f.Groups {
			if other, ok := groups[g.Name]; ok {
				at := Position{}
				if len(g.Rules) > 0 {
					at = g.Rules[0].At
				}
				faults = append(faults, f.document().made(at, fmt.Sprintf("the group %q is also in %s", g.Name, other), ""))
			}
			groups[g.Name] = f.Name
			for _, r := range g.Rules {
				if other, ok := s.byID[r.ID]; ok {
					faults = append(faults, f.document().made(r.At, fmt.Sprintf("the condition %q is also at %s", r.ID, other.Position()), "ids are unique over all rule files"))
					continue
				}
				s.byID[r.ID] = r
				s.rules = append(s.rules, r)
			}
		}
	}
	slices.SortFunc(s.rules, func(a, b *Rule) int { return strings.Compare(a.ID, b.ID) })
	faults = append(faults, s.check(whole)...)
	if err := faults.err(); err != nil {
		return nil, err
	}
	s.number()
	s.sha = sumOf(files)
	return s, nil
}

// made makes a fault in a file that was read before.
func (d *document) made(at Position, what, hint string) *Fault {
	return &Fault{File: d.file, Position: at, What: what, Hint: hint, Picture: picture(d.lines, at)}
}

// check finds causes that are no conditions, and templates that name what nothing captures.
func (s *Set) check(whole bool) Faults {
	var faults Faults
	ids := s.IDs()
	for _, f := range s.files {
		if f.checked {
			continue
		}
		scratch := f.document()
		for _, g := range f.Groups {
			for _, r := range g.Rules {
				for _, e := range r.CausedBy {
					if whole && e.Condition != "" && s.byID[e.Condition] == nil {
						scratch.fault(e.Position, fmt.Sprintf("no condition is called %q", e.Condition), nearest(e.Condition, ids))
					}
				}
				var captured []string
				for _, i := range r.When {
					captured = append(captured, i.captures()...)
				}
				r.title.check(scratch, captured)
				r.component.check(scratch, captured)
			}
		}
		faults = append(faults, scratch.faults...)
	}
	return faults
}

// number gives the log matchers their ids, in the order of the rules' ids and the items.
func (s *Set) number() {
	for _, r := range s.rules {
		for _, top := range r.When {
			top.walk(func(i *Item) {
				if i.Log != nil {
					i.Matcher = int32(len(s.logs))
					s.logs = append(s.logs, *i.Log)
					s.items = append(s.items, Owner{r, i})
				}
			})
		}
	}
}

// sumOf hashes files, so that a report can say by which rules it was made.
func sumOf(files []*File) string {
	files = slices.Clone(files)
	slices.SortStableFunc(files, func(a, b *File) int { return cmp.Compare(a.Name, b.Name) })
	h := sha256.New()
	for _, f := range files {
		h.Write([]byte(f.Name))
		h.Write([]byte{0})
		h.Write(f.sum[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Rules gives all rules by id.
func (s *Set) Rules() []*Rule { return s.rules }

// Rule gives one rule, nil if there is none with the id.
func (s *Set) Rule(id string) *Rule { return s.byID[id] }

// IDs gives the ids of all rules, sorted.
func (s *Set) IDs() []string {
	ids := make([]string, 0, len(s.byID))
	for id := range s.byID {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// LogMatchers gives the log matchers of all items. An item's Matcher is its place in the list.
func (s *Set) LogMatchers() []match.Log { return s.logs }

// MatcherOf says whose a log matcher is.
func (s *Set) MatcherOf(id int32) Owner { return s.items[id] }

// Matchers compiles the log matchers.
func (s *Set) Matchers() (*match.Set, error) {
	m, err := match.Compile(s.logs)
	if err != nil {
		return nil, errors.Join(errors.New("BUG: a checked matcher does not compile"), err)
	}
	return m, nil
}

// Expressions gives the PromQL expressions of all rules, each once, sorted.
func (s *Set) Expressions() []string {
	var all []string
	for _, r := range s.rules {
		all = append(all, r.Expressions()...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// SHA256 identifies the rules by the names and contents of their files.
func (s *Set) SHA256() string { return s.sha }

// Len is the number of rules.
func (s *Set) Len() int { return len(s.rules) }

// Edges gives the cause graph.
func (s *Set) Edges() []rank.Edge {
	var all []rank.Edge
	for _, r := range s.rules {
		for _, c := range r.CausedBy {
			all = append(all, rank.Edge{
				Effect: r.ID, Cause: c.Condition, Changes: c.Changes, Reach: rank.Reach(c.Reach), Within: time.Duration(c.Within), Strength: c.Strength,
			})
		}
	}
	return all
}
