package event

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
	case "trace", "t", "trc", "finest", "finer", "verbose", "v", "10":
		return Trace
	case "debug", "d", "dbg", "debu", "fine", "debug1", "debug2", "debug3", "debug4", "debug5", "config", "20":
		return Debug
	case "info", "i", "inf", "information", "informational", "log", "statement", "detail", "hint", "context", "30", "normal", "system":
		return Info
	case "notice", "n", "note":
		return Notice
	case "warn", "w", "warning", "wrn", "40":
		return Warn
	case "error", "e", "err", "eror", "severe", "failure", "50":
		return Error
	case "fatal", "f", "ftl", "critical", "crit", "c", "crt", "alert", "a", "emerg", "emergency", "panic", "p", "dpanic", "60":
		return Critical
	default:
		return Unknown
	}
}
