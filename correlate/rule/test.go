package rule

import (
	"bytes"
	"cmp"
	"context"
	"encoding/xml"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/hindcast/hindcast/correlate/query"
	"github.com/hindcast/hindcast/correlate/summary"
	"github.com/hindcast/hindcast/ingest/event"
)

// testStart is 0m in a test, 2025-01-01T00:00:00Z.
var testStart = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano()

// TestOptions says how to run unit tests of rules.
type TestOptions struct {
	// Suspects explains facts by a set of rules and gives the causes suspected, the most likely first. It may use the
	// summary up. Without it tests that ask for suspects are failed, since nothing could tell them.
	Suspects func(ctx context.Context, set *Set, f Facts) ([]string, error)
	// Shipped are the rule files that tests name as library:NAME, nil for none.
	Shipped fs.FS
}

// ShippedPrefix begins the names in rule_files of files that ship with the program.
const ShippedPrefix = "library:"

// Result is the outcome of one unit test.
type Result struct {
	File, Name string
	Position
	// Failures are the differences, empty if the test passed.
	Failures []string
}

// OK tells whether the test passed.
func (r *Result) OK() bool { return len(r.Failures) == 0 }

// Test runs the unit tests in the named files. A file that cannot be read is an error, as [Faults] where it is mistaken.
func Test(ctx context.Context, fsys fs.FS, names []string, o TestOptions) ([]Result, error) {
	var results []Result
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return results, fmt.Errorf("reading tests: %w", err)
		}
		found, err := testOne(ctx, name, data, func(name string) ([]byte, error) { return fs.ReadFile(fsys, name) }, o)
		results = append(results, found...)
		if err != nil {
			return results, err
		}
	}
	return results, nil
}

// testOne runs the tests of one file, whose own rule files read gives.
func testOne(ctx context.Context, name string, data []byte, read func(string) ([]byte, error), o TestOptions) ([]Result, error) {
	f, err := parseTests(name, data)
	if err != nil {
		return nil, err
	}
	set, err := f.set(read, o.Shipped)
	if err != nil {
		return nil, err
	}
	var results []Result
	for _, u := range f.tests {
		failures, err := u.run(ctx, set, name, o)
		if err != nil {
			return results, fmt.Errorf("%s:%d: test %q: %w", name, u.at.Line, u.name, err)
		}
		results = append(results, Result{File: name, Name: u.name, Position: u.at, Failures: failures})
	}
	return results, nil
}

// set loads the rules of a test file. Causes may be conditions of other files.
func (f *testFile) set(read func(string) ([]byte, error), shipped fs.FS) (*Set, error) {
	var files []*File
	for _, r := range f.rules {
		name := path.Join(path.Dir(f.name), r.string)
		from := read
		if own, ok := strings.CutPrefix(r.string, ShippedPrefix); ok && shipped != nil {
			name, from = own, func(name string) ([]byte, error) { return fs.ReadFile(shipped, name) }
		}
		data, err := from(name)
		if err != nil {
			return nil, fmt.Errorf("%s:%d:%d: rule_files: %w", f.name, r.at.Line, r.at.Column, err)
		}
		parsed, err := Parse(name, data)
		if err != nil {
			return nil, err
		}
		files = append(files, parsed)
	}
	return newSet(files, false)
}

// run makes a summary of the test's input and compares what is recognised in it.
func (u *unit) run(ctx context.Context, set *Set, file string, o TestOptions) ([]string, error) {
	matchers, err := set.Matchers()
	if err != nil {
		return nil, err
	}
	w := u.frame()
	sum := summary.New(summary.Options{Window: w, Matchers: matchers})
	sum.Observe(u.batch(file))
	facts := Facts{Window: w, Summary: sum, Engine: query.New(sum.Series()), Topology: &u.topology}
	found, err := set.Evaluate(ctx, facts)
	if err != nil {
		return nil, err
	}
	failures := u.compare(set, found)
	if !u.asksFor {
		return failures, nil
	}
	if o.Suspects == nil {
		return append(failures, "the test asks for suspects, which cannot be told here"), nil
	}
	suspects, err := o.Suspects(ctx, set, facts)
	if err != nil {
		return nil, err
	}
	if !slices.Equal(suspects[:min(len(suspects), len(u.suspects))], u.suspects) || len(u.suspects) == 0 && len(suspects) > 0 {
		failures = append(failures, fmt.Sprintf("suspects are [%s], not [%s] first", strings.Join(suspects, ", "), strings.Join(u.suspects, ", ")))
	}
	return failures, nil
}

// frame is the test's window. Where it gives none, it begins at 0m and ends when all input is over.
func (u *unit) frame() event.Window {
	from, to := testStart+u.window.From, testStart+u.window.To
	if u.window.To == 0 {
		to = testStart + int64(10*time.Minute)
		for _, l := range u.logs {
			to = max(to, testStart+l.at+(l.repeat-1)*l.every+int64(time.Minute))
		}
		for _, e := range u.events {
			to = max(to, e.Time+int64(time.Minute), e.End+int64(time.Minute))
		}
		for _, s := range u.series {
			if n := len(s.Times); n > 0 {
				to = max(to, s.Times[n-1]+1)
			}
		}
	}
	return event.Window{
		Range: event.Range{From: from, To: to}, Source: "a test",
		Baseline: event.Range{From: from - u.baseline, To: from},
		Lookback: event.Range{From: from - max(u.baseline, int64(72*time.Hour)), To: from},
	}
}

func (u *unit) batch(file string) *event.Batch {
	b := &event.Batch{Origin: event.Origin{Source: "test", Path: file}, Series: u.series, Events: u.events}
	for _, l := range u.logs {
		r := l.record
		r.Line = l.line
		if l.service != "" {
			r.Service = []byte(l.service)
		}
		if l.instance != "" {
			r.Instance = []byte(l.instance)
		}
		for k := range l.repeat {
			r.Time = testStart + l.at + k*l.every
			b.Records = append(b.Records, r)
		}
	}
	return b
}

// splitRecord makes message and detail as decoders do: the first line, and what follows it.
func splitRecord(message []byte, detail string) (first, rest []byte) {
	first, rest, _ = bytes.Cut(bytes.TrimRight(message, "\n"), []byte("\n"))
	switch {
	case detail == "":
		return first, rest
	case len(rest) == 0:
		return first, []byte(detail)
	default:
		return first, append(append(slices.Clone(rest), '\n'), detail...)
	}
}

// compare gives the differences between what was expected and what was found: exactly the expected conditions, no more.
func (u *unit) compare(set *Set, found []Condition) []string {
	var failures []string
	used := make([]bool, len(found))
	for k := range u.expect {
		x := &u.expect[k]
		if set.Rule(x.condition.string) == nil {
			failures = append(failures, fmt.Sprintf("expected condition %q is not in the rule files", x.condition.string))
			continue
		}
		i := slices.IndexFunc(found, func(c Condition) bool {
			return c.ID == x.condition.string && (x.component == "" || c.Component == x.component)
		})
		if i < 0 || used[i] {
			failures = append(failures, fmt.Sprintf("%s on %s was not recognised", x.condition.string, cmp.Or(x.component, "anything")))
			continue
		}
		used[i] = true
		failures = append(failures, x.differs(&found[i])...)
	}
	for i := range found {
		if !used[i] {
			failures = append(failures, fmt.Sprintf("%s on %s at %s was recognised but not expected: %s", found[i].ID, found[i].Component, sinceStart(found[i].Onset), found[i].Title))
		}
	}
	return failures
}

func (x *expectation) differs(c *Condition) []string {
	var failures []string
	if off := c.Onset - testStart - x.at; x.hasTime && max(off, -off) > x.tolerance+c.OnsetError {
		failures = append(failures, fmt.Sprintf("%s on %s began at %s, not at %s", c.ID, c.Component, sinceStart(c.Onset), time.Duration(x.at)))
	}
	if x.count > 0 && c.Count != x.count {
		failures = append(failures, fmt.Sprintf("%s on %s was seen %d times, not %d", c.ID, c.Component, c.Count, x.count))
	}
	if x.title != "" && c.Title != x.title {
		failures = append(failures, fmt.Sprintf("%s has the title %q, not %q", c.ID, c.Title, x.title))
	}
	for _, name := range slices.Sorted(maps.Keys(x.values)) {
		if got, want := c.Values[name], x.values[name]; got != want {
			failures = append(failures, fmt.Sprintf("%s captured %s=%q, not %q", c.ID, name, got, want))
		}
	}
	return failures
}

func sinceStart(ns int64) string { return time.Duration(ns - testStart).String() }

// JUnit writes results as a JUnit XML report.
func JUnit(results []Result) ([]byte, error) {
	type failure struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
	type testcase struct {
		Name      string   `xml:"name,attr"`
		Classname string   `xml:"classname,attr"`
		Failure   *failure `xml:"failure,omitempty"`
	}
	type suite struct {
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Cases    []testcase `xml:"testcase"`
	}
	report := struct {
		XMLName  xml.Name `xml:"testsuites"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Suites   []suite  `xml:"testsuite"`
	}{Tests: len(results)}
	for _, r := range results {
		if n := len(report.Suites); n == 0 || report.Suites[n-1].Name != r.File {
			report.Suites = append(report.Suites, suite{Name: r.File})
		}
		s := &report.Suites[len(report.Suites)-1]
		c := testcase{Name: r.Name, Classname: r.File}
		if !r.OK() {
			c.Failure = &failure{Message: r.Failures[0], Text: strings.Join(r.Failures, "\n")}
			s.Failures++
			report.Failures++
		}
		s.Tests++
		s.Cases = append(s.Cases, c)
	}
	out, err := xml.MarshalIndent(report, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing JUnit: %w", err)
	}
	return append([]byte(xml.Header), append(out, '\n')...), nil
}
