// Package match finds which log matchers of the rules a record satisfies.
//
// Most records have a shape that was seen before, and for most shapes no matcher can ever hold. So the work is cut in
// two: [Scanner.Candidates] is asked once a shape and names the few matchers that records of that shape can satisfy;
// [Scanner.Match] decides on one record. Asking every matcher about every record gives the same answer, and a test
// says so.
//
// # Literals
//
// What a matcher needs to find in the text is reduced to groups of literals, of each of which one must be there: the
// literals it names, and those that its regular expression cannot do without. One automaton holds the beginnings of all
// literals of all matchers, folded to lower case. Before it runs, a sieve that looks at a few bytes of a text sorts out the
// records that hold none of them.
package match

import (
	"fmt"

	"github.com/hindcast/hindcast/ingest/event"
)

// Log is one log matcher as a rule states it. All parts that are given must hold.
type Log struct {
	// Contains holds if one of the literals stands in the message or the detail.
	Contains []string `json:",omitzero"`
	// ContainsAll holds if all of them do.
	ContainsAll []string `json:",omitzero"`
	// NotContains holds if none of them does.
	NotContains []string `json:",omitzero"`
	// IgnoreCase makes the literals match in any case (ASCII).
	IgnoreCase bool `json:",omitzero"`
	// Regexp is an RE2 expression on the message, or on message, line break and detail where there is a detail; its named
	// groups are captured. The group "target" names the component to blame (see [IsTarget]).
	Regexp string `json:",omitzero"`
	// Learnt is what [Check] found out about Regexp, nil if it was not asked: then [Compile] finds it out again.
	Learnt *Learnt `json:",omitzero"`
	// Fields are regexps on named fields, anchored at both ends. A field that is not there counts as empty. Their named
	// groups are captured too.
	Fields map[string]string `json:",omitzero"`
	// Logger and Speaker are regexps on the record's logger and on its component, anchored at both ends.
	Logger, Speaker string `json:",omitzero"`
	// MinSeverity is the least severity. Records that do not say theirs pass.
	MinSeverity event.Severity `json:",omitzero"`
	// Where is an expression (expr-lang) on message, detail, severity, status, duration, service, instance, logger, fields and the captured groups.
	Where string `json:",omitzero"`
}

// Learnt is what a regular expression tells of itself.
type Learnt struct {
	// Names are those of its groups, by number; the first is the whole, and has none.
	Names []string
	// Needs are groups of folded literals of each of which a text that matches holds one.
	Needs [][]string `json:",omitzero"`
	// DigitsAlike is set if it treats all digits alike.
	DigitsAlike bool `json:",omitzero"`
}

// Hit is what a matcher took out of a record. It is valid until the scanner's next call.
type Hit struct {
	// Target is the component that the record blames, as it is written; nil if the speaker itself is meant.
	Target []byte
	// Values are the captured groups in the order of [Set.Captures] for the matcher; an absent group is nil.
	Values [][]byte
}

// Error is a matcher that cannot be compiled.
type Error struct {
	// Index is the matcher's place in the list given to [Compile].
	Index int
	// Field is the part of [Log] at fault, as rules spell it: "contains", "regexp", "fields", "where"...
	Field string
	// Key is the field's name for "fields", Pos the place in the list for lists of literals.
	Key string
	Pos int
	Err error
}

// Error says which matcher and what is wrong with it.
func (e *Error) Error() string { return fmt.Sprintf("log matcher %d: %s: %v", e.Index, e.Field, e.Err) }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }
