// Package timeline is the result of a run: what happened, in order, what probably caused it, and what that rests on.
//
// Its JSON is the contract of the tool, [Schema]: every other format is rendered from it and `hindcast render` reads it
// back. Fields may be added, never renamed. Times are RFC 3339 in UTC.
package timeline

import "time"

// Schema names the form of the JSON.
const Schema = "hindcast.timeline/v1"

// Timeline is one report.
type Timeline struct {
	Schema    string    `json:"schema"`
	Title     string    `json:"title"`
	Generator Generator `json:"generator"`
	// Command is how the run was asked for, for people to repeat it.
	Command  string   `json:"command"`
	Window   Window   `json:"window"`
	Baseline Range    `json:"baseline"`
	Lookback Range    `json:"lookback"`
	KeyTimes KeyTimes `json:"key_times"`
	Verdict  Verdict  `json:"verdict"`
	// Summary is the short story in sentences, each with the evidence it rests on.
	Summary []Sentence `json:"summary"`
	// Suspects are ordered, the most likely first.
	Suspects []Suspect `json:"suspects"`
	// RuledOut are explanations that were looked at and do not fit.
	RuledOut   []RuledOut  `json:"ruled_out"`
	Components []Component `json:"components"`
	Entries    []Entry     `json:"timeline"`
	Evidence   []Evidence  `json:"evidence"`
	// Unexplained are entries that no suspect explains.
	Unexplained []string         `json:"unexplained"`
	Coverage    []Coverage       `json:"coverage"`
	Redactions  map[string]int64 `json:"redactions"`
	// Incomplete is set when the run was cut short.
	Incomplete bool `json:"incomplete,omitempty"`
}

// Generator says what made the report.
type Generator struct {
	Version     string `json:"version"`
	RulesSHA256 string `json:"rules_sha256"`
	Rules       int    `json:"rules"`
}

// Range is a span of time.
type Range struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Window is the span under investigation and where it was taken from.
type Window struct {
	Range
	Source string `json:"source"`
}

// KeyTimes are the times that a postmortem's head needs; nil where the evidence does not tell.
type KeyTimes struct {
	Trigger       *KeyTime `json:"trigger"`
	ImpactStarted *KeyTime `json:"impact_started"`
	Detected      *KeyTime `json:"detected"`
	Acknowledged  *KeyTime `json:"acknowledged"`
	Mitigated     *KeyTime `json:"mitigated"`
	Resolved      *KeyTime `json:"resolved"`
}

// KeyTime is one of them, with how it is known.
type KeyTime struct {
	Time         time.Time `json:"time"`
	ErrorSeconds float64   `json:"error_seconds"`
	Evidence     []string  `json:"evidence"`
	How          string    `json:"how"`
}

// Verdict is the outcome of a run.
type Verdict string

// The verdicts.
const (
	Found          Verdict = "found"
	Inconclusive   Verdict = "inconclusive"
	NothingUnusual Verdict = "nothing-unusual"
)

// Level is a confidence in words.
type Level string

// The levels.
const (
	High   Level = "high"
	Medium Level = "medium"
	Low    Level = "low"
)

// LevelOf gives the words for a confidence: high from 0.75, medium from 0.5.
func LevelOf(confidence float64) Level {
	switch {
	case confidence >= 0.75:
		return High
	case confidence >= 0.5:
		return Medium
	default:
		return Low
	}
}

// Sentence is a statement with the ids of its evidence. A sentence without evidence is a bug.
type Sentence struct {
	Text     string   `json:"text"`
	Evidence []string `json:"evidence"`
}

// Suspect is a hypothesis of root cause.
type Suspect struct {
	Rank int `json:"rank"`
	// Cause is a condition's id, or "change" or "anomaly".
	Cause     string `json:"cause"`
	Title     string `json:"title"`
	Component string `json:"component"`
	// Change is the id of the change that is suspected, or that triggered the condition; nil if none is.
	Change     *string   `json:"change"`
	Onset      time.Time `json:"onset"`
	OnsetError float64   `json:"onset_error_seconds"`
	Confidence float64   `json:"confidence"`
	Level      Level     `json:"level"`
	// Chain holds entry ids, cause first, and Links what joins each to the one before.
	Chain      []string   `json:"chain"`
	Links      []Link     `json:"links"`
	Reasons    []Sentence `json:"reasons"`
	Against    []Sentence `json:"against"`
	NextChecks []string   `json:"next_checks"`
	Actions    []string   `json:"actions,omitempty"`
	References []string   `json:"references,omitempty"`
	// Rule is where the condition is written, file:line, empty for changes and anomalies.
	Rule string `json:"rule,omitempty"`
}

// Link joins two entries of a chain.
type Link struct {
	From       string  `json:"from"`
	To         string  `json:"to"`
	Confidence float64 `json:"confidence"`
	Why        string  `json:"why"`
	Against    string  `json:"against,omitempty"`
}

// RuledOut is an explanation that the evidence speaks against.
type RuledOut struct {
	Title    string   `json:"title"`
	Reason   string   `json:"reason"`
	Evidence []string `json:"evidence"`
}

// Component is one line of the ranking of components by suspicion.
type Component struct {
	Name         string     `json:"name"`
	Score        float64    `json:"score"`
	FirstAnomaly *time.Time `json:"first_anomaly"`
}

// Role is what an entry is in the story.
type Role string

// The roles.
const (
	Trigger    Role = "trigger"
	Cause      Role = "cause"
	Symptom    Role = "symptom"
	Detection  Role = "detection"
	Response   Role = "response"
	Mitigation Role = "mitigation"
	Recovery   Role = "recovery"
	Context    Role = "context"
	GapRole    Role = "gap"
)

// Entry is one row of the timeline.
type Entry struct {
	ID           string     `json:"id"`
	Time         time.Time  `json:"time"`
	ErrorSeconds float64    `json:"error_seconds"`
	End          *time.Time `json:"end"`
	// Kind is one of the kinds of package event: log, metric, alert, change, kubernetes, action, gap.
	Kind      string `json:"kind"`
	Role      Role   `json:"role"`
	Component string `json:"component"`
	Source    string `json:"source"`
	Title     string `json:"title"`
	Count     int64  `json:"count"`
	// Confidence is about the role; the time's error is ErrorSeconds.
	Confidence float64 `json:"confidence"`
	// Starred entries make the short story.
	Starred  bool     `json:"starred"`
	Evidence []string `json:"evidence"`
}

// Evidence is what an entry rests on.
type Evidence struct {
	ID     string `json:"id"`
	Source string `json:"source"`
	// Origin is FILE:LINE or INDEX#ID of the first record.
	Origin string `json:"origin"`
	// Text is the raw line or lines, secrets masked.
	Text string `json:"text"`
	// Message is Text without the headers of its lines, in which names say nothing; empty if there are none.
	Message string `json:"-"`
	Count   int64  `json:"count"`
	// Query finds the evidence again.
	Query string `json:"query"`
	Link  string `json:"link"`
	// Pattern is the template of the lines, for log evidence.
	Pattern string `json:"pattern,omitempty"`
	// Rule is the condition that took this as evidence, and where it is written.
	Rule string `json:"rule,omitempty"`
	// Points are a few samples of a series, oldest first, for charts.
	Points []Point `json:"points,omitempty"`
	Unit   string  `json:"unit,omitempty"`
}

// Point is one sample.
type Point struct {
	Time  time.Time `json:"t"`
	Value float64   `json:"v"`
}

// Coverage accounts for one source.
type Coverage struct {
	Source   string           `json:"source"`
	Read     int64            `json:"read"`
	Kept     int64            `json:"kept"`
	Outside  int64            `json:"outside"`
	Unparsed int64            `json:"unparsed"`
	Borrowed int64            `json:"borrowed"`
	Dropped  map[string]int64 `json:"dropped"`
	Gaps     []Gap            `json:"gaps"`
	Notes    []string         `json:"notes"`
}

// Gap is evidence that is missing.
type Gap struct {
	From   *time.Time `json:"from"`
	To     *time.Time `json:"to"`
	Origin string     `json:"origin"`
	Reason string     `json:"reason"`
	// Failed is set if the source is broken there, and not merely known to lack something.
	Failed bool `json:"failed"`
}
