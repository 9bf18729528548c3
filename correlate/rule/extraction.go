package rule

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/hindcast/hindcast/correlate/query"
	"github.com/hindcast/hindcast/correlate/summary"
	"github.com/hindcast/hindcast/ingest/event"
)

// Wanted is a condition that a test made of an incident must recognise. Onset is in Unix nanoseconds.
type Wanted struct {
	ID, Component string
	Onset         int64
}

// Extraction is a confirmed incident that a test is to be made of.
type Extraction struct {
	// Example gives the name, the rule files, the evidence, the window and the topology. What it expects is found.
	Example Example
	// Own are the rule files of the example that do not ship, by name.
	Own map[string][]byte
	// Wanted are the conditions that make up the verdict, Suspect the cause that is to come first, empty for any.
	Wanted  []Wanted
	Suspect string
	// Options are those of the test. Without Suspects the test does not ask for any.
	Options TestOptions
	// Budget is how often the verdict is asked at the most, see [Reduce].
	Budget int
}

// ErrNotRecognised means that the evidence does not show what the incident was confirmed to be.
var ErrNotRecognised = errors.New("the rules recognise nothing of the incident in this evidence")

// Extract makes the smallest test that it finds in which all wanted conditions are still recognised, and the suspect still
// comes first if it does so in all of the evidence. The example that comes back is what was written. A wanted condition
// that the evidence does not show is left out of the verdict; it is an error if that leaves none.
func Extract(ctx context.Context, x Extraction) (Example, []byte, error) {
	e := x.Example
	f := &testFile{}
	for _, name := range e.RuleFiles {
		f.rules = append(f.rules, text{string: name})
	}
	set, err := f.set(x.read, x.Options.Shipped)
	if err != nil {
		return e, nil, err
	}
	matchers, err := set.Matchers()
	if err != nil {
		return e, nil, err
	}
	v := verdict{set: set, example: e, options: x.Options, facts: func(ev Evidence) Facts {
		sum := summary.New(summary.Options{Window: e.Window, Matchers: matchers})
		sum.Observe(&event.Batch{Origin: event.Origin{Source: "test", Path: "test"}, Records: ev.Records, Events: ev.Events, Series: ev.Series})
		return Facts{Window: e.Window, Summary: sum, Engine: query.New(sum.Series()), Topology: &e.Topology}
	}}
	found, err := v.conditions(ctx, e.Evidence)
	if err != nil {
		return e, nil, err
	}
	if v.wanted = shown(x.Wanted, found); len(v.wanted) == 0 {
		return e, nil, ErrNotRecognised
	}
	if x.Suspect != "" && x.Options.Suspects != nil {
		v.suspect = x.Suspect
		holds, err := v.suspected(ctx, e.Evidence)
		if err != nil {
			return e, nil, err
		}
		if !holds {
			v.suspect = "" // it rests on anomalies, which a test of rules does not hold
		}
	}
	if e.Evidence, err = Reduce(ctx, e.Evidence, x.Budget, func(ev Evidence) (bool, error) { return v.holds(ctx, ev) }); err != nil {
		return e, nil, err
	}
	if e.Expect, err = v.conditions(ctx, e.Evidence); err != nil {
		return e, nil, err
	}
	if v.suspect != "" {
		e.Suspects = []string{v.suspect}
	}
	text, err := WriteTest(e)
	if err != nil {
		return e, nil, err
	}
	return e, text, nil
}

// read gives a rule file of the example.
func (x *Extraction) read(name string) ([]byte, error) {
	data, ok := x.Own[name]
	if !ok {
		return nil, fmt.Errorf("reading %s: %w", name, fs.ErrNotExist)
	}
	return data, nil
}

// Verify runs a test that was written, and fails with the first difference.
func (x *Extraction) Verify(ctx context.Context, text []byte) error {
	results, err := testOne(ctx, "extracted_test.yml", text, x.read, x.Options)
	if err != nil {
		return err
	}
	for _, r := range results {
		if !r.OK() {
			return fmt.Errorf("the test that was written does not pass: %s", r.Failures[0])
		}
	}
	return nil
}

// verdict says whether evidence still shows an incident.
type verdict struct {
	set     *Set
	example Example
	options TestOptions
	facts   func(Evidence) Facts
	wanted  []Wanted
	suspect string
}

func (v *verdict) conditions(ctx context.Context, e Evidence) ([]Condition, error) {
	return v.set.Evaluate(ctx, v.facts(e))
}

func (v *verdict) suspected(ctx context.Context, e Evidence) (bool, error) {
	causes, err := v.options.Suspects(ctx, v.set, v.facts(e))
	return err == nil && len(causes) > 0 && causes[0] == v.suspect, err
}

func (v *verdict) holds(ctx context.Context, e Evidence) (bool, error) {
	found, err := v.conditions(ctx, e)
	if err != nil {
		return false, err
	}
	for _, w := range v.wanted {
		if !slices.ContainsFunc(found, func(c Condition) bool {
			return c.ID == w.ID && c.Component == w.Component && distance(c.Onset, w.Onset) <= usualTolerance
		}) {
			return false, nil
		}
	}
	if v.suspect == "" {
		return true, nil
	}
	return v.suspected(ctx, e)
}

// shown are the wanted conditions as a test sees them: without what a run knows of places a component may be called by
// its address, so of each id the condition on the component that is named counts, otherwise the one nearest in time.
func shown(wanted []Wanted, found []Condition) []Wanted {
	var out []Wanted
	for _, w := range wanted {
		var best *Condition
		for i := range found {
			c := &found[i]
			if c.ID != w.ID {
				continue
			}
			if best == nil || c.Component == w.Component && best.Component != w.Component ||
				(c.Component == w.Component) == (best.Component == w.Component) && cmp.Less(distance(c.Onset, w.Onset), distance(best.Onset, w.Onset)) {
				best = c
			}
		}
		if best != nil {
			one := Wanted{best.ID, best.Component, best.Onset}
			if !slices.Contains(out, one) {
				out = append(out, one)
			}
		}
	}
	return out
}

func distance(a, b int64) int64 { return max(a-b, b-a) }
