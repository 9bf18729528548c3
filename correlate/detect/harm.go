package detect

import (
	"strings"

	"github.com/hindcast/hindcast/ingest/event"
)

// harmful are stems of words that a message about trouble holds, whatever severity its logger gave it. Programs print
// much of what matters at level info, or with no level at all.
var harmful = []string{
	"error", "fail", "fatal", "panic", "exception", "traceback", "timeout", "timed out", "refused", "denied", "unreachable",
	"unavailable", "exhausted", "exceeded", "killed", "oom", "out of memory", "no space", "corrupt", "expired", "rejected", "aborted",
	"crash", "segfault", "not responding", "unhealthy", "evict", "lost", "dropped", "deadlock", "too many", "cannot", "can't", "could not", "couldn't",
	"unable", "invalid", "missing", "no module", "not found", "reset by peer", "broken pipe", "overload", "stuck", "starvation", "rate limit", "throttl", "backoff", "back-off", "sdown", "odown", "disconnected", "unexpected", "terminated", "giving up", "retry", "retries",
}

// Harmful tells whether a message is about trouble, by its severity or its words.
func Harmful(s event.Severity, template string) bool {
	if s >= event.Error {
		return true
	}
	if s == event.Debug || s == event.Trace {
		return false
	}
	t := strings.ToLower(template)
	for _, w := range harmful {
		if i := strings.Index(t, w); i >= 0 && !negated(t, i, w) {
			return true
		}
	}
	return false
}

// negated tells whether the word at i is said not to be there or means no harm: "0 errors", "no error", "errors=0",
// "terminated with success".
func negated(t string, i int, w string) bool {
	before := strings.TrimRight(t[:i], " ")
	if strings.HasSuffix(before, "no") || strings.HasSuffix(before, "without") || strings.HasSuffix(before, " 0") {
		return true
	}
	after := strings.TrimLeft(t[i+len(w):], "seding_cout:= ")
	return strings.HasPrefix(after, "0 ") || after == "0" || w == "terminated" && (strings.Contains(after, "success") || strings.Contains(after, "normally"))
}
