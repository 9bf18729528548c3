package pattern

// opposites are words that tell how a thing went. A pattern never joins two of
// them in one position: a postmortem lives from the difference.
var opposites = []string{
	"abort", "aborted", "accept", "accepted", "accepting", "access", "acquire", "acquired", "active", "add", "added", "alive", "allow",
	"allowed", "attach", "attached", "available", "back", "bad", "begin", "beginning", "bind", "block", "blocked", "broken", "canceled",
	"cancelled", "close", "closed", "closing", "commit", "committed", "complete", "completed", "connect", "connected", "connecting",
	"connection", "cordoned", "corrupt", "corrupted", "crash", "crashed", "create", "created", "critical", "dead", "debug", "decrease",
	"decreased", "degraded", "delete", "deleted", "demoted", "denied", "deny", "destroy", "destroyed", "detach", "detached", "died",
	"disable", "disabled", "disabling", "disconnect", "disconnected", "disconnecting", "done", "down", "drained", "dying", "elected",
	"emerg", "enable", "enabled", "enabling", "end", "ended", "enter", "entered", "entering", "err", "error", "evicted", "exceeded",
	"exhausted", "exit", "exited", "exiting", "expired", "fail", "failed", "failing", "fails", "failure", "false", "fatal", "finish",
	"finished", "found", "full", "good", "granted", "healthy", "high", "hit", "idle", "in", "inactive", "increase", "increased", "info",
	"insert", "inserted", "invalid", "join", "joined", "killed", "launched", "leave", "leaving", "left", "locked", "login", "logout",
	"lost", "low", "miss", "missing", "mount", "mounted", "new", "no", "none", "normal", "not", "notice", "null", "off", "offline", "ok",
	"on", "online", "open", "opened", "opening", "out", "passed", "paused", "pending", "promoted", "read", "ready", "rebooted",
	"rebooting", "receive", "received", "recovered", "recovering", "refused", "register", "registered", "reject", "rejected", "release",
	"released", "reloaded", "reloading", "remove", "removed", "request", "response", "restart", "restarted", "restarting", "restored",
	"resume", "resumed", "retrying", "rollback", "rolled", "run", "running", "saturated", "scheduled", "send", "sending", "sent",
	"shutdown", "start", "started", "starting", "startup", "stop", "stopped", "stopping", "succeed", "succeeded", "succeeds", "success",
	"successful", "successfully", "suspended", "terminated", "terminating", "throttled", "timeout", "trace", "true", "unable",
	"unavailable", "unblock", "unblocked", "undefined", "unhealthy", "unknown", "unlocked", "unmount", "unmounted", "unreachable",
	"unregister", "unregistered", "unsuccessful", "up", "update", "updated", "valid", "waiting", "warn", "warning", "write", "yes",
}

// outcomes holds the words of opposites.
var outcomes = makeSet(opposites)

func makeSet(words []string) map[string]bool {
	set := make(map[string]bool, len(words))
	for _, w := range words {
		set[w] = true
	}
	return set
}

// maxOutcome is the length of the longest of the words, and more.
const maxOutcome = 16

// isOutcome reports whether b is one of the words, in any case.
func isOutcome(b []byte) bool {
	if len(b) < 2 || len(b) > maxOutcome {
		return false
	}
	var lower [maxOutcome]byte
	for i, c := range b {
		if kind[c]&isUpper != 0 {
			c |= 0x20
		}
		lower[i] = c
	}
	return outcomes[string(lower[:len(b)])]
}
