// Package match finds which log matchers of the rules a record satisfies.
//
// Most records have a shape that was seen before, and for most shapes no matcher can ever hold. So the work is cut in
// two: [Scanner.Candidates] is asked once a shape and names the few matchers that records of that shape can satisfy;
// [Scanner.Match] decides on one record. Asking every matcher about every record gives the same answer, and a test
// says so.
package match

import (
	"github.com/hindcast/hindcast/ingest/event"
)

// Log is one log matcher as a rule states it. All parts that are given must hold.
type Log struct {
	// Contains holds if one of the literals stands in the message or the detail.
	Contains []string
	// ContainsAll holds if all of them do.
	ContainsAll []string
	// NotContains holds if none of them does.
	NotContains []string
	// IgnoreCase makes the literals match in any case (ASCII).
	IgnoreCase bool
	// Regexp is an RE2 expression on message and detail; its named groups are captured. The group "target" names the
	// component to blame.
	Regexp string
	// Fields are regexps on named fields, anchored at both ends.
	Fields map[string]string
	// Logger and Speaker are regexps on the record's logger and on its component, anchored at both ends.
	Logger, Speaker string
	// MinSeverity is the least severity. Records that do not say theirs pass.
	MinSeverity event.Severity
	// Where is an expression (expr-lang) on message, detail, severity, status, duration, service, instance, logger, fields and the captured groups.
	Where string
}

// Hit is what a matcher took out of a record. It is valid until the scanner's next call.
type Hit struct {
	// Target is the component that the record blames, as it is written; nil if the speaker itself is meant.
	Target []byte
	// Values are the captured groups in the order of [Set.Captures] for the matcher; an absent group is nil.
	Values [][]byte
}
