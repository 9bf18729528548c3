// Package ingesttest holds every source to the promises that [ingest.Source] and [ingest.Part] make, so that sources can
// be exchanged and the summary need not know where its records come from.
package ingesttest

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
)

// Subject is the source under test, opened on evidence that the test has laid out.
type Subject struct {
	// Open opens the source. It is called several times; what the sources give must be the same. It sees to their closing.
	Open func(t *testing.T) ingest.Source
	// Query is what is asked. Its range must hold the evidence; the zero range is all of time.
	Query ingest.Query
	// Least is how many records, events and samples the evidence holds at least, so that nothing passes by being empty.
	Least int
	// Find fetches what stands at an origin from the evidence itself, past the source. The message of a record must be part of it.
	// Nil leaves that out, for sources whose origins lead to a query and not to a record.
	Find func(t *testing.T, o event.Origin) string
	// Broken opens the source on evidence of which a part cannot be had, by what is the matter with it: a server that
	// refuses, an answer that breaks off, a file that is cut.
	Broken map[string]func(t *testing.T) ingest.Source
	// Hangs opens the source on a server that never answers, nil for sources that have no server.
	Hangs func(t *testing.T) ingest.Source
	// Resampled is set for sources whose samples are taken by the server at times that depend on the range.
	Resampled bool
}

// Run holds the subject to the promises, each in a test of its own.
func Run(t *testing.T, s Subject) {
	t.Run("names", s.names)
	t.Run("parts", s.split)
	t.Run("twice", s.twice)
	t.Run("account", s.account)
	t.Run("range", s.ranges)
	t.Run("batches", s.batches)
	t.Run("origins", s.origins)
	t.Run("break", s.leave)
	t.Run("cancel", s.cancel)
	for name, open := range s.Broken {
		t.Run("broken/"+name, func(t *testing.T) { s.broken(t, open(t)) })
	}
	if s.Hangs != nil {
		t.Run("hangs", s.hangs)
	}
}

// query is the subject's query with another number of parts.
func (s *Subject) query(parts int) ingest.Query {
	q := s.Query
	q.Parts = parts
	return q
}

// parts splits a source, which must not fail.
func parts(t *testing.T, src ingest.Source, q ingest.Query) []ingest.Part {
	t.Helper()
	list, err := src.Parts(t.Context(), q)
	require.NoError(t, err)
	return list
}

// names: a source has one name, and its parts, which are named in progress and errors, can be told apart.
func (s *Subject) names(t *testing.T) {
	src := s.Open(t)
	require.NotEmpty(t, src.Name())
	require.Equal(t, src.Name(), s.Open(t).Name())
	seen := map[string]bool{}
	for _, p := range parts(t, src, s.query(7)) {
		require.NotEmpty(t, p.Name())
		require.False(t, seen[p.Name()], "two parts are called %s", p.Name())
		require.GreaterOrEqual(t, p.Size(), int64(0))
		seen[p.Name()] = true
	}
}

// split: the union of the parts and their account are the same whatever their number.
func (s *Subject) split(t *testing.T) {
	one := read(t, s.Open(t), s.query(1))
	require.GreaterOrEqual(t, len(one.all()), s.Least, "the evidence is smaller than it is said to be")
	for _, n := range []int{2, 7} {
		many := read(t, s.Open(t), s.query(n))
		same(t, one.all(), many.all(), fmt.Sprintf("in %d parts", n))
		require.Equal(t, one.counts(), many.counts(), "in %d parts", n)
	}
}

// twice: reading a source again gives the same, and so does a second one.
func (s *Subject) twice(t *testing.T) {
	src := s.Open(t)
	first := read(t, src, s.query(2))
	again := read(t, src, s.query(2))
	same(t, first.all(), again.all(), "the second time")
	require.Equal(t, first.counts(), again.counts())
	other := read(t, s.Open(t), s.query(2))
	same(t, first.all(), other.all(), "from another opening")
}

// account: every record that was read is accounted for, in every batch. Healthy evidence has no failures.
func (s *Subject) account(t *testing.T) {
	src := s.Open(t)
	check := func(b *event.Batch) {
		require.NoError(t, b.Coverage.Check())
		if len(b.Events)+len(b.Series) == 0 {
			require.Len(t, b.Records, int(b.Coverage.Kept))
		}
		for _, g := range b.Coverage.Gaps {
			require.NotEmpty(t, g.Reason)
			require.False(t, g.Failed, g.Reason)
		}
	}
	for b, err := range src.Events(t.Context(), s.Query.Range) {
		require.NoError(t, err)
		check(b)
	}
	for _, p := range parts(t, src, s.query(3)) {
		for b, err := range p.Read(t.Context()) {
			require.NoError(t, err)
			check(b)
		}
	}
}

// origins: every record and event says which source it is of and where in it it stands, and it is found there again.
func (s *Subject) origins(t *testing.T) {
	src := s.Open(t)
	places := map[event.Origin]bool{}
	tried := 0
	for _, p := range parts(t, src, s.query(2)) {
		for b, err := range p.Read(t.Context()) {
			require.NoError(t, err)
			for i := range b.Records {
				r := &b.Records[i]
				o := event.Origin{Source: b.Origin.Source, Path: b.Origin.Path, Line: r.Line, ID: string(r.ID)}
				require.Equal(t, src.Name(), o.Source)
				require.NotEmpty(t, o.Path)
				require.True(t, o.Line != 0 || o.ID != "", "%s: neither line nor id", o)
				require.False(t, places[o], "two records at %s", o)
				places[o] = true
				if s.Find != nil && tried < 50 {
					tried++
					require.Contains(t, s.Find(t, o), string(r.Message), "at %s", o)
				}
			}
			s.wholeOrigins(t, src, b)
		}
	}
	for b, err := range src.Events(t.Context(), s.Query.Range) {
		require.NoError(t, err)
		s.wholeOrigins(t, src, b)
	}
}

func (s *Subject) wholeOrigins(t *testing.T, src ingest.Source, b *event.Batch) {
	for i := range b.Events {
		require.Equal(t, src.Name(), b.Events[i].Origin.Source)
		require.NotEmpty(t, b.Events[i].Origin.Path, b.Events[i].Title)
	}
	for i := range b.Series {
		require.Equal(t, src.Name(), b.Series[i].Origin.Source)
		require.NotEmpty(t, b.Series[i].Origin.Path, b.Series[i].String())
	}
}

// leave: whoever has seen enough may stop.
func (s *Subject) leave(t *testing.T) {
	src := s.Open(t)
	for _, err := range src.Events(t.Context(), s.Query.Range) {
		require.NoError(t, err)
		break
	}
	for _, p := range parts(t, src, s.query(3)) {
		for _, err := range p.Read(t.Context()) {
			require.NoError(t, err)
			break
		}
	}
	whole := read(t, s.Open(t), s.query(1))
	require.GreaterOrEqual(t, len(whole.all()), s.Least)
}

// broken: what is lost is said, as an error or a gap that counts as a failure, and what is given is nothing else than
// the healthy source gives.
func (s *Subject) broken(t *testing.T, src ingest.Source) {
	got := gather(t.Context(), t, src, s.query(3))
	require.True(t, got.failed(), "nothing says that something is missing: %+v", got.coverage)
	require.NoError(t, got.coverage.Check())
	left := map[string]int{}
	for _, line := range read(t, s.Open(t), s.query(3)).all() {
		left[line]++
	}
	for _, line := range got.all() {
		left[line]--
		require.GreaterOrEqual(t, left[line], 0, "not there, or once too often: %s", line)
	}
}

// hangs: a reader that is cancelled does not wait for a server, and learns that it has not got everything.
func (s *Subject) hangs(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	src := s.Hangs(t)
	go cancel()
	got := gather(ctx, t, src, s.query(2))
	require.True(t, got.failed())
}
