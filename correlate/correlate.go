// Package correlate turns evidence into an explained timeline.
//
// There are two halves. Summarising is fast and order-free: each worker feeds a [summary.Summary] of its own.
// Explaining is careful and small: [Engine.Explain] merges the summaries and runs the stages one after the other.
package correlate

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/hindcast/hindcast/correlate/detect"
	"github.com/hindcast/hindcast/correlate/match"
	"github.com/hindcast/hindcast/correlate/query"
	"github.com/hindcast/hindcast/correlate/rank"
	"github.com/hindcast/hindcast/correlate/rule"
	"github.com/hindcast/hindcast/correlate/rule/library"
	"github.com/hindcast/hindcast/correlate/summary"
	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/ingest/event"
)

// Options says what to look for and where.
type Options struct {
	// Rules are the conditions to recognise; nil means the library that ships.
	Rules *rule.Set
	// Window is the incident, its baseline and how far to look back.
	Window event.Window
	// Topology is what is known of who calls whom; more is learnt from the evidence.
	Topology event.Topology
	// Version and Command go into the report as they are.
	Version, Command string
	// MaxShapes bounds the distinct log shapes of a worker, see [summary.Options].
	MaxShapes int
	// MostStarred is how many entries the short story has at the most; 0 means 40.
	MostStarred int
}

// Engine is a compiled set of rules with a window. It is safe for concurrent use.
type Engine struct {
	o        Options
	matchers *match.Set
}

// New compiles the rules.
func New(o Options) (*Engine, error) {
	if o.Rules == nil {
		set, err := Library()
		if err != nil {
			return nil, err
		}
		o.Rules = set
	}
	if o.MostStarred == 0 {
		o.MostStarred = 40
	}
	m, err := match.Compile(o.Rules.LogMatchers())
	if err != nil {
		return nil, fmt.Errorf("compiling log matchers: %w", err)
	}
	return &Engine{o: o, matchers: m}, nil
}

// Library loads the rules that ship with the program.
func Library() (*rule.Set, error) {
	return LibraryWithout(nil)
}

// LibraryWith loads the rules that ship and further files, which patterns on the disk name.
func LibraryWith(patterns ...string) (*rule.Set, error) { return LibraryWithout(nil, patterns...) }

// LibraryWithout is LibraryWith without some files, as their names say ("redis.yml").
func LibraryWithout(names []string, patterns ...string) (*rule.Set, error) {
	files, err := rule.ReadPrepared(library.Prepared, library.FS, library.Globs...)
	if err != nil {
		return nil, fmt.Errorf("loading the rules that ship: %w", err)
	}
	for _, p := range patterns {
		more, err := rule.ReadFiles(os.DirFS(filepath.Dir(p)), filepath.Base(p))
		if err != nil {
			return nil, err
		}
		files = append(files, more...)
	}
	return rule.NewSetWithout(names, files...)
}

// Wanted are the fields of records that the rules look at, for sources to fill in.
func (e *Engine) Wanted() event.Wanted { return e.matchers.Wanted() }

// Observer makes an empty Summary for one worker.
func (e *Engine) Observer() *summary.Summary {
	return summary.New(summary.Options{Window: e.o.Window, Matchers: e.matchers, MaxShapes: e.o.MaxShapes})
}

// Explain merges what the workers saw and explains it. The summaries must not be used afterwards.
func (e *Engine) Explain(ctx context.Context, parts []*summary.Summary, coverage []event.Coverage) (*timeline.Timeline, error) {
	sum := e.Observer()
	for _, p := range parts {
		sum.Merge(p)
	}
	in := detect.Prepare(sum, e.o.Window)
	// Neither detectors nor rules change what they look at, so they look at it side by side.
	var (
		observations []detect.Observation
		detecting    sync.WaitGroup
		failed       error
	)
	detecting.Go(func() { observations, failed = detect.Run(ctx, in) })
	places := locate(e.o.Topology, in, sum)
	problems := event.Coverage{Source: "rules"}
	conditions, err := e.o.Rules.Evaluate(ctx, rule.Facts{
		Window: e.o.Window, Summary: sum, Engine: query.New(in.Series), Topology: &places.Topology, Resolve: places.resolve,
		Problem: func(r *rule.Rule, err error) {
			problems.Gaps = append(problems.Gaps, event.Hole{Origin: event.Origin{Source: "rules", Path: r.Position()}, Reason: err.Error()})
		},
	})
	detecting.Wait()
	if failed != nil {
		return nil, failed
	}
	if err != nil {
		return nil, fmt.Errorf("evaluating rules: %w", err)
	}
	conditions = places.joinSame(conditions)
	s := &story{window: e.o.Window, places: places, observations: observations, conditions: conditions, in: in, most: e.o.MostStarred}
	s.nodesAndEntries()
	s.suspects = rank.Rank(rank.Input{Nodes: s.nodes, Edges: edges(e.o.Rules), Topology: &places.Topology})
	if len(problems.Gaps) > 0 {
		coverage = append(slices.Clone(coverage), problems)
	}
	t := s.tell(coverage)
	t.Generator = timeline.Generator{Version: e.o.Version, RulesSHA256: e.o.Rules.SHA256(), Rules: e.o.Rules.Len()}
	t.Command = e.o.Command
	return t, nil
}

func rangeOf(r event.Range) timeline.Range {
	return timeline.Range{From: event.Time(r.From), To: event.Time(r.To)}
}

// seconds turns a duration in nanoseconds into words for a person.
func seconds(ns int64) string { return time.Duration(ns).Round(time.Second).String() }

// edges turns the rules' edges into the ranking's.
func edges(set *rule.Set) []rank.Edge {
	var out []rank.Edge
	for _, k := range set.Edges() {
		out = append(out, rank.Edge{
			Effect: k.Effect, Cause: k.Cause, Changes: k.Changes, Reach: k.Reach, Within: k.Within, Strength: k.Strength,
		})
	}
	return out
}
