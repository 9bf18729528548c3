package ingesttest

import (
	"context"
	"iter"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
)

// ranges: a range holds its beginning and not its end, and ranges that touch give together what the whole range gives.
func (s *Subject) ranges(t *testing.T) {
	whole := readParts(t, s.Open(t), s.query(2))
	from, to := middle(whole)
	if from == to {
		t.Skip("all records and samples have the same time")
	}
	within := func(r event.Range) *reading {
		q := s.query(2)
		q.Range = r
		got := readParts(t, s.Open(t), q)
		for _, at := range got.times() {
			require.True(t, r.Contains(at), "%s lies outside of %s to %s", event.Time(at), event.Time(r.From), event.Time(r.To))
		}
		return got
	}
	first, last := whole.span()
	got := within(event.Range{From: from, To: to})
	if s.Resampled {
		return
	}
	same(t, whole.between(from, to), got.timed(), "in the range")
	all := within(event.Range{From: first, To: from}).timed()
	all = append(all, got.timed()...)
	all = append(all, within(event.Range{From: to, To: last + 1}).timed()...)
	slices.Sort(all)
	same(t, whole.timed(), all, "in ranges that touch")
}

// middle gives two times that records or samples have, about a third and two thirds into them.
func middle(r *reading) (from, to int64) {
	times := r.times()
	if len(times) == 0 {
		return 0, 0
	}
	return times[len(times)/3], times[2*len(times)/3]
}

// batches: a batch is valid until its own part is asked for the next one, whatever other parts do meanwhile, and the
// events and series in it beyond that.
func (s *Subject) batches(t *testing.T) {
	src := s.Open(t)
	type reader struct {
		next func() (*event.Batch, error, bool)
		held *event.Batch
		copy []string
	}
	var readers []*reader
	for _, p := range parts(t, src, s.query(3)) {
		next, stop := iter.Pull2(p.Read(t.Context()))
		defer stop()
		readers = append(readers, &reader{next: next})
	}
	whole := &reading{}
	var kept []event.Batch
	var then []string
	for live := len(readers); live > 0; {
		live = 0
		for _, r := range readers {
			if r.held != nil {
				same(t, r.copy, lines(r.held), "in a batch held while another part was read")
			}
			b, err, ok := r.next()
			if r.held = b; !ok {
				continue
			}
			require.NoError(t, err)
			live++
			r.copy = lines(b)
			whole.add(b)
			own := event.Batch{Events: b.Events, Series: b.Series}
			kept = append(kept, own)
			then = append(then, lines(&own)...)
		}
	}
	var now []string
	for i := range kept {
		now = append(now, lines(&kept[i])...)
	}
	same(t, then, now, "in events and series after their batch")
	same(t, readParts(t, s.Open(t), s.query(3)).all(), whole.all(), "read side by side")
}

// cancel: a reader that is cancelled in the middle ends after one batch more at most, and with an error unless everything
// had been read. One that was cancelled before gives nothing without an error.
func (s *Subject) cancel(t *testing.T) {
	src := s.Open(t)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.True(t, gather(ended, t, src, s.query(1)).failed(), "cancelled before it began, and nothing says so")

	list := parts(t, src, s.query(2))
	whole := make([]int, len(list))
	for i, p := range parts(t, src, s.query(2)) {
		for b, err := range p.Read(t.Context()) {
			require.NoError(t, err)
			whole[i] += len(lines(b))
		}
	}
	for i, p := range list {
		ctx, cancel := context.WithCancel(t.Context())
		got, batches, failed := 0, 0, error(nil)
		for b, err := range p.Read(ctx) {
			cancel()
			if failed = err; err != nil {
				break
			}
			batches++
			got += len(lines(b))
		}
		cancel()
		require.LessOrEqual(t, batches, 2, "goes on after it was cancelled")
		if got < whole[i] {
			require.ErrorIs(t, failed, context.Canceled, "%s: %d of %d, and nothing says that it was cut short", p.Name(), got, whole[i])
		}
	}
}

// gather reads everything as a run does, whatever fails.
func gather(ctx context.Context, t *testing.T, src ingest.Source, q ingest.Query) *reading {
	t.Helper()
	got := &reading{}
	take(t, got, src.Events(ctx, q.Range))
	list, err := src.Parts(ctx, q)
	if err != nil {
		got.errs = append(got.errs, err)
		return got
	}
	for _, p := range list {
		take(t, got, p.Read(ctx))
	}
	return got
}

// take reads one stream: an error comes last, once, and without a batch.
func take(t *testing.T, got *reading, stream iter.Seq2[*event.Batch, error]) {
	t.Helper()
	over := false
	for b, err := range stream {
		require.False(t, over, "something follows the error")
		if err != nil {
			require.Nil(t, b, "an error with a batch")
			got.errs = append(got.errs, err)
			over = true
			continue
		}
		require.NotNil(t, b)
		got.add(b)
	}
}

// read reads everything and fails the test if the source fails.
func read(t *testing.T, src ingest.Source, q ingest.Query) *reading {
	t.Helper()
	got := gather(t.Context(), t, src, q)
	require.Empty(t, got.errs)
	return got
}

// readParts reads the parts alone.
func readParts(t *testing.T, src ingest.Source, q ingest.Query) *reading {
	t.Helper()
	got := &reading{}
	for _, p := range parts(t, src, q) {
		take(t, got, p.Read(t.Context()))
	}
	require.Empty(t, got.errs)
	return got
}
