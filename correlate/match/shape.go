package match

import (
	"github.com/hindcast/hindcast/ingest/event"
)

// Candidates gives the ids of the matchers that records of r's shape, its severity and the fingerprint of its message,
// can satisfy, ascending. If full is set the ids are not all: parts of the message that vary can hold anything, and
// [Scanner.CandidatesFull] must be asked about every record. The same goes for records with a detail, whatever their
// shape. The slice is valid until the next call.
func (sc *Scanner) Candidates(r *event.Record) (ids []int32, full bool) {
	return sc.CandidatesFull(r), true
}
