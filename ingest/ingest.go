// Package ingest opens the places that evidence is pulled from, runs their parts and accounts for every record.
//
// A [Source] gives its few whole events first, since the window may have to be taken from an alert, and then splits
// what lies in the window into parts that are read side by side. Each worker of [Run] has an [Observer] of its own;
// no channel carries single records.
package ingest

import (
	"context"
	"iter"

	"github.com/hindcast/hindcast/ingest/event"
)

// Source is a place evidence is pulled from.
type Source interface {
	// Name is unique in a run.
	Name() string
	// Events yields what is kept whole and can be had without knowing the window: alerts, changes, Kubernetes events,
	// people's actions, and series that lie in files. The range says how far it is worth looking; the zero range is all.
	// Batches are the source's until the next one. An error is yielded once, last, with a nil batch.
	Events(ctx context.Context, within event.Range) iter.Seq2[*event.Batch, error]
	// Parts splits records and series of a range into pieces that may be read side by side, in any order.
	// The union of the parts is the same whatever their number.
	Parts(ctx context.Context, q Query) ([]Part, error)
}

// Part is a piece of a source, read by one worker, once.
type Part interface {
	// Name says what it is, for progress and errors.
	Name() string
	// Size estimates what is to be read, in bytes, 0 if not known.
	Size() int64
	// Read yields batches. A batch is the part's until the next one. A record that cannot be read is counted in the batch's
	// Coverage, not an error; an error means that the rest of the part is lost, is yielded once, last, with a nil batch.
	Read(ctx context.Context) iter.Seq2[*event.Batch, error]
}

// Query is what is asked of a source.
type Query struct {
	// Range is the time that records may have; those outside are counted and left.
	Range event.Range
	// Window is what the range was made of, for sources that look closer at some of it; zero if it is all the same.
	Window event.Window
	// Wanted are the fields that decoders fill in, beyond the usual.
	Wanted event.Wanted
	// Parts is how many parts are worth having, usually a small multiple of the number of workers.
	Parts int
	// Alerts are the alerts known so far, for sources that choose by them what to pull.
	Alerts []event.Event
}

// Extent is implemented by sources that can tell cheaply which time they cover.
type Extent interface {
	// Extent returns the span from the first to the last record, and false if it cannot be told.
	Extent(ctx context.Context) (event.Range, bool)
}

// Observer takes in what a worker reads.
type Observer interface {
	// Observe may keep nothing of the batch that it does not copy, except Events and Series, which become its own.
	Observe(b *event.Batch)
}
