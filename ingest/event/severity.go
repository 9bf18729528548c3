package event

import "strings"

// Severity is how serious a record says it is, in the order of syslog's and OpenTelemetry's scales.
type Severity uint8

// The severities, least first. Unknown is a record that does not say.
const (
	Unknown Severity = iota
	Trace
	Debug
	Info
	Notice
	Warn
	Error
	Critical
)

var severityNames = [...]string{"unknown", "trace", "debug", "info", "notice", "warn", "error", "critical"}

// String gives the severity's name in lower case.
func (s Severity) String() string {
	if int(s) < len(severityNames) {
		return severityNames[s]
	}
	return "unknown"
}

// ParseSeverity reads the names that log formats use for their levels, whole or cut short, in any case:
// "WARN", "warning", "W", "err", "E", "FATAL", "panic", "emerg", "LOG", "30" (bunyan and pino count in tens).
// It returns Unknown for what it does not know.
func ParseSeverity(name []byte) Severity {
	var buf [12]byte
	if len(name) == 0 || len(name) > len(buf) {
		return Unknown
	}
	b := buf[:len(name)]
	for i, c := range name {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		b[i] = c
	}
	switch string(b) {
	case "trace", "t", "trc", "trce", "noise", "finest", "finer", "verbose", "v", "10":
		return Trace
	case "debug", "d", "dbg", "dbug", "debu", "fine", "debug1", "debug2", "debug3", "debug4", "debug5", "config", "20":
		return Debug
	case "info", "i", "inf", "information", "informational", "log", "statement", "detail", "hint", "context", "30", "normal", "system":
		return Info
	case "notice", "n", "note":
		return Notice
	case "warn", "w", "warning", "wrn", "deprecation", "40":
		return Warn
	case "error", "e", "err", "eror", "severe", "fail", "failure", "50":
		return Error
	case "fatal", "f", "ftl", "critical", "crit", "c", "crt", "alert", "a", "emerg", "emergency", "panic", "p", "dpanic", "60":
		return Critical
	default:
		return Unknown
	}
}

// ParseUrgency reads how alerts and incidents are graded: the names of [ParseSeverity], and "page", "P1", "SEV-2",
// "high", "major" and the like. It returns Unknown for what it does not know.
func ParseUrgency(name string) Severity {
	switch strings.ToLower(strings.NewReplacer("-", "", "_", "", " ", "").Replace(name)) {
	case "page", "urgent", "disaster", "p0", "p1", "sev0", "sev1", "s1":
		return Critical
	case "high", "major", "p2", "sev2", "s2":
		return Error
	case "medium", "moderate", "minor", "average", "p3", "sev3", "s3", "ticket":
		return Warn
	case "low", "none", "p4", "p5", "sev4", "sev5", "s4":
		return Info
	}
	return ParseSeverity([]byte(name))
}
