package ingest

import (
	"context"
	"time"
)

// Checker is implemented by sources on servers, which can say what a query would ask of them without pulling it.
type Checker interface {
	// Check asks the server the little that is needed for the report. An error means that nothing can be pulled as things
	// are, and says what to do about it.
	Check(ctx context.Context, q Query) (Report, error)
}

// Report is what a source on a server says of itself and of a query.
type Report struct {
	// Server is the server's URL without credentials, Product its name and version: "Elasticsearch 8.19.7".
	Server, Product string
	// Clock is by how much the server's clock is ahead of this machine's. It is known to ± ClockError only, 0 if it is not
	// known at all.
	Clock, ClockError time.Duration
	// Records is how many records, samples or events lie in the asked time, -1 if that cannot be told cheaply.
	Records int64
	// Bytes estimates how much would be transferred, 0 if not known.
	Bytes int64
	// Asked are the requests that would be sent, each in one line for a person, in the order in which they matter.
	Asked []string
	// Notes are remarks for a person: an index that would be left out, a query that finds nothing.
	Notes []string
}
