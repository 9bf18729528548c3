// Package event holds the nouns that every stage reads: what was seen, when, on what and where it stands.
//
// There are three kinds of evidence. A [Record] is one log record: there are millions, so its bytes point into a
// block that a reader owns, and it lives only until the next batch. An [Event] is something rare and worth keeping
// whole: an alert's change, a deploy, a Kubernetes event, a person's action. A [Series] is the samples of one metric.
// All three travel in a [Batch], together with the account of what was read.
//
// Times are Unix nanoseconds in UTC everywhere.
package event

import (
	"strconv"
	"time"
)

// Kind says what sort of evidence an event is.
type Kind string

// The kinds of evidence, as the timeline prints them.
const (
	Log        Kind = "log"
	Metric     Kind = "metric"
	Alert      Kind = "alert"
	Change     Kind = "change"
	Kubernetes Kind = "kubernetes"
	Action     Kind = "action"
	Gap        Kind = "gap"
)

// Autoscaler is the Actor of scalings that an autoscaler asked for: they answer load, and are no decision of people.
const Autoscaler = "horizontal-pod-autoscaler"

// Event is one thing that happened at one time and is kept whole.
type Event struct {
	// Time is when it happened; End is when it was over, 0 if it has no end or the end is not known.
	Time, End int64
	// TimeError is the uncertainty of Time, ± nanoseconds.
	TimeError int64
	Kind      Kind
	// Name is what the thing is called where it comes from: the alert's name, the Kubernetes reason ("OOMKilling"),
	// the sort of change ("deploy", "config", "rollback", "scale", "commit"), the sort of action ("message", "triggered", "acknowledged",
	// "escalated", "resolved", "note").
	Name string
	// State is "firing" or "resolved" for alerts, "succeeded" or "failed" for changes where that is known.
	State     string
	Component Component
	Severity  Severity
	// Title is one line for a person; Text is the whole body, as it was written.
	Title, Text string
	// Labels holds what else the record carries: alert labels, "version", "previous_version", "repository", "channel", "exit_code".
	Labels map[string]string
	// Actor is who did it, as the source names them; reports print roles unless told otherwise.
	Actor string
	// ID is the source's own key: deploy id, commit hash, alert fingerprint, incident number.
	ID string
	// Pinned is set where a person marked it as important.
	Pinned bool
	// Count is how often it happened, for sources that fold repeats; 0 means once.
	Count  int64
	Origin Origin
}

// Origin is the place an event stands, precise enough to find it again.
type Origin struct {
	// Source is the name of the source ("files", "prod-logs").
	Source string
	// Path is the file, index or query.
	Path string
	// Line is the 1-based line in Path where the event begins, 0 if it has none. Below 0 it is -(byte offset + 1).
	Line int64
	// ID is the document's id, if it has one.
	ID string
}

// String gives the origin as PATH:LINE, PATH@BYTE for files too large to count lines in, or PATH#ID.
func (o Origin) String() string {
	switch {
	case o.Line > 0:
		return o.Path + ":" + strconv.FormatInt(o.Line, 10)
	case o.Line < 0:
		return o.Path + "@" + strconv.FormatInt(-o.Line-1, 10)
	case o.ID != "":
		return o.Path + "#" + o.ID
	default:
		return o.Path
	}
}

// Range is a half-open span of time, [From, To), in Unix nanoseconds. The zero Range is all of time.
type Range struct{ From, To int64 }

// Contains tells whether t lies in the range.
func (r Range) Contains(t int64) bool {
	return r == Range{} || t >= r.From && t < r.To
}

// IsZero tells whether the range is all of time.
func (r Range) IsZero() bool { return r == Range{} }

// Duration is the length of the range.
func (r Range) Duration() time.Duration { return time.Duration(r.To - r.From) }

// Window is the span under investigation and what it is compared with.
type Window struct {
	// Range is the incident.
	Range
	// Source says where the range was taken from, for a person: "from --from and --to".
	Source string
	// Baseline is the quiet time before the window.
	Baseline Range
	// Lookback reaches further back, for changes, trends and renewals.
	Lookback Range
}

// All is the span from the beginning of the lookback to the end of the window.
func (w Window) All() Range {
	return Range{From: min(w.Lookback.From, w.Baseline.From, w.From), To: w.To}
}

// Time turns Unix nanoseconds into a time.Time in UTC.
func Time(ns int64) time.Time { return time.Unix(0, ns).UTC() }
