package ingesttest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hindcast/hindcast/ingest/event"
)

// reading is a copy of what a source gave: a line of text for each record, event and sample, and the account.
type reading struct {
	events   []string
	stamped  []stamped // records and samples
	coverage event.Coverage
	errs     []error
}

type stamped struct {
	time int64
	text string
}

func (r *reading) add(b *event.Batch) {
	for i := range b.Records {
		r.stamped = append(r.stamped, stamped{b.Records[i].Time, record(b, &b.Records[i])})
	}
	for i := range b.Series {
		for k, t := range b.Series[i].Times {
			r.stamped = append(r.stamped, stamped{t, sample(&b.Series[i], k)})
		}
	}
	for i := range b.Events {
		r.events = append(r.events, whole(&b.Events[i]))
	}
	r.coverage.Add(b.Coverage)
}

// all is everything, in an order that does not depend on that of the parts.
func (r *reading) all() []string {
	return slices.Sorted(slices.Values(append(r.timed(), r.events...)))
}

// timed is the records and samples.
func (r *reading) timed() []string {
	return r.pick(func(int64) bool { return true })
}

// between is the records and samples of a range.
func (r *reading) between(from, to int64) []string {
	return r.pick(func(t int64) bool { return t >= from && t < to })
}

func (r *reading) pick(keep func(t int64) bool) []string {
	list := []string{}
	for _, s := range r.stamped {
		if keep(s.time) {
			list = append(list, s.text)
		}
	}
	slices.Sort(list)
	return list
}

// times are those of records and samples, in order.
func (r *reading) times() []int64 {
	var list []int64
	for _, s := range r.stamped {
		list = append(list, s.time)
	}
	slices.Sort(list)
	return list
}

// span gives the first and the last time.
func (r *reading) span() (first, last int64) {
	times := r.times()
	return times[0], times[len(times)-1]
}

// counts is the account without what may depend on how the evidence was fetched: bytes and remarks.
func (r *reading) counts() string {
	c := r.coverage
	gaps := map[string]bool{}
	for _, g := range c.Gaps {
		gaps[g.Reason] = true
	}
	return fmt.Sprintf("read %d kept %d outside %d unparsed %d borrowed %d dropped %v gaps %q",
		c.Read, c.Kept, c.Outside, c.Unparsed, c.Borrowed, c.Dropped, slices.Sorted(maps.Keys(gaps)))
}

// failed tells whether something says that evidence is missing.
func (r *reading) failed() bool {
	return len(r.errs) > 0 || slices.ContainsFunc(r.coverage.Gaps, func(g event.Hole) bool { return g.Failed })
}

// same fails the test where two sorted lists differ, showing only the first that one of them lacks.
func same(t *testing.T, want, got []string, where string) {
	t.Helper()
	for i := range max(len(want), len(got)) {
		switch {
		case i >= len(got) || i < len(want) && want[i] < got[i]:
			t.Fatalf("%s: %d of %d, without %s", where, len(got), len(want), want[i])
		case i >= len(want) || want[i] > got[i]:
			t.Fatalf("%s: %d of %d, with an additional %s", where, len(got), len(want), got[i])
		}
	}
}

// lines writes all that a batch holds.
func lines(b *event.Batch) []string {
	r := &reading{}
	r.add(b)
	return append(r.timed(), r.events...)
}

func record(b *event.Batch, r *event.Record) string {
	var s strings.Builder
	fmt.Fprintf(&s, "%s %d %s %s:%d#%s %q/%q %q %s %d %d %v %q %q",
		event.Time(r.Time).Format("2006-01-02T15:04:05.000000000"), r.Time, b.Origin.Source, b.Origin.Path, r.Line, r.ID,
		name(r.Service, b.Component.Name), name(r.Instance, b.Component.Instance), r.Logger, r.Severity, r.Status, r.Duration, r.Borrowed, r.Message, r.Detail)
	for _, f := range r.Fields {
		fmt.Fprintf(&s, " %s=%q", f.Key, f.Value)
	}
	return s.String()
}

func name(own []byte, batch string) string {
	if own == nil {
		return batch
	}
	return string(own)
}

func sample(s *event.Series, i int) string {
	return fmt.Sprintf("%d %s %s %s %v", s.Times[i], s.String(), s.Expr, s.Origin.Source, s.Values[i])
}

func whole(e *event.Event) string {
	var s strings.Builder
	fmt.Fprintf(&s, "%d %d %d %s %s %s %v %s %q %q %s %s %v %d %s %s", e.Time, e.End, e.TimeError, e.Kind, e.Name, e.State, e.Component, e.Severity,
		e.Title, e.Text, e.Actor, e.ID, e.Pinned, e.Count, e.Origin.Source, e.Origin)
	for _, k := range slices.Sorted(maps.Keys(e.Labels)) {
		fmt.Fprintf(&s, " %s=%q", k, e.Labels[k])
	}
	return s.String()
}
