package document

import (
	"cmp"
	"context"
	"iter"

	"github.com/hindcast/hindcast/ingest/event"
)

// Stream makes of a function that asks a server the stream of what lies within a range. Ask hands on batches with emit, and
// returns an error if the rest cannot be had; its context ends when nobody listens any more. What servers answer has no
// lines that could be found again: events are known by their ids.
func Stream(ctx context.Context, within event.Range, ask func(ctx context.Context, emit func(*event.Batch)) error) iter.Seq2[*event.Batch, error] {
	return func(yield func(*event.Batch, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		gone := false
		err := ask(ctx, func(b *event.Batch) {
			if gone || ctx.Err() != nil {
				return
			}
			unlined(b)
			KeepWithin(b, within)
			if !yield(b, nil) {
				gone = true
				cancel()
			}
		})
		if gone {
			return
		}
		if err := cmp.Or(ctx.Err(), err); err != nil {
			yield(nil, err)
		}
	}
}

func unlined(b *event.Batch) {
	for i := range b.Events {
		o := &b.Events[i].Origin
		o.Line, o.ID = 0, cmp.Or(o.ID, b.Events[i].ID)
	}
	for i := range b.Coverage.Gaps {
		b.Coverage.Gaps[i].Origin.Line = 0
	}
}

// KeepWithin takes the events out of a batch that lie outside the asked time. An event that lasts is kept if any of it lies inside.
func KeepWithin(b *event.Batch, within event.Range) {
	if within.IsZero() {
		return
	}
	kept := b.Events[:0]
	for _, e := range b.Events {
		if within.Contains(e.Time) || e.End != 0 && e.Time < within.From && e.End >= within.From {
			kept = append(kept, e)
		}
	}
	if n := int64(len(b.Events) - len(kept)); n > 0 && b.Coverage.Kept >= n {
		b.Coverage.Kept -= n
		b.Coverage.Outside += n
	}
	b.Events = kept
}
