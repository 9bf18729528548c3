package correlate

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/ingest/event"
)

// People's actions belong in the timeline, small talk does not. What a message is worth is guessed from where it was said, what
// it names and the verbs in it: a list of words is crude, but anyone can read it.

var (
	incidentChannel = regexp.MustCompile(`(?i)\b(inc|incident|sev|outage|war-?room|p[01]|major)`)
	opsChannel      = regexp.MustCompile(`(?i)(ops|sre|on-?call|alert|prod|infra|platform|support|status|deploy|release)`)
	acting          = regexp.MustCompile(`(?i)\b(re-?start|roll(ed|ing)?[ -]?(back|out)|rollback|rollout|revert|deploy|redeploy|scal(e|ed|ing)|promot|fail(ed|ing)?[ -]?over|purg|reload|renew|clean|delet|remov|evict|drain|cordon|rais|increas|bump|lower|fix|hotfix|patch|kill|disabl|enabl|warm|switch|point(ed|ing)|updat|install|reinstall|pip install|truncat|rotat|flush|terminat|reschedul|restor|mitigat|workaround|merg|ship|(put|puts|took|taking|take|switch\w*) .{1,40}\bback\b)`)
	finding         = regexp.MustCompile(`(?i)\b(root ?cause|cause|found|because|looks like|confirm|identif|notic|seeing|see |shows?|all .* (healthy|ready|running|fine|green)|running (fine|normally)|leak|expired|full|exhaust|oom|killed|evict|error|fail|timeouts?|timed out|down|dead|unreachable|unresponsive|stuck|missing|no module|cached?|stale|limit|hypothes|suspect|theory|pattern|reproduc|check)`)
	recovering      = regexp.MustCompile(`(?i)\b(recover|resolved|stable|stabil|back to normal|normal(iz|is)|baseline|healthy again|green|all clear|passed|monitoring|restored|serving|holding|done|complete|rescheduled|flat|dropping|coming down|improv|all good|caught up|drained|(is|are) (back|gone)|through again|works? again|no more)`)
	involving       = regexp.MustCompile(`(?i)\b(ack|on it|looking|join|here|taking|escalat|sev-?\d|incident commander|\bic\b|commander|page|call)`)
	complaining     = regexp.MustCompile(`(?i)\b(users?|customers?|tickets?|support|reports?|complain)`)
	// supposing is said of what is not done, or not yet: an offer, a question, a denial.
	supposing = regexp.MustCompile(`(?i)\b(if (you|we|i|it)\b|(should|shall|could|can) (we|i|you|someone)\b|i can\b|might|would|want me|nothing|did ?n[o']t|have ?n[o']t|not (yet|going)|going to|still (\d+|fail\w*|down|broken|err\w*|slow|the same|no)|same errors?|no change|no need|no restarts?|hangs?|rollout status|keeps? restarting|restarts (again|every|over))\b`)
	// explaining is said of how it came to be as it is, which is no step against it.
	explaining = regexp.MustCompile(`(?i)(\b(found (it|the (cause|culprit|reason))|yesterday|last night|this morning|earlier today)\b|\b(is|are|was|were|gets?|got|being) (killed|evicted|terminated|restarted)\b)`)
	// reporting is said of a step that is done, so that it may have helped before it was told.
	reporting = regexp.MustCompile(`(?i)\b(re-?started|rolled|reverted|deployed|scaled|promoted|failed over|purged|reloaded|renewed|cleaned|deleted|removed|drained|raised|increased|bumped|lowered|fixed|patched|killed|disabled|enabled|switched|updated|installed|rotated|flushed|restored|merged|put|took|stopped|started)\b`)
	smallTalk = regexp.MustCompile(`(?i)\b(lunch|coffee|birthday|standup|stand-up|weekend|holiday|vacation|happy|congrats|welcome|game|movie|pizza|party|retro\b|1:1|lol|haha|thanks|thank you|thx|good morning|morning all|parking|kitchen|printer|wifi|laptop|expense)`)
	figure    = regexp.MustCompile(`\d+(\.\d+)?\s?(%|ms|s\b|m\b|min|GB|MB|Gi|Mi|/\d+)|\d+/\d+|\d{3,}`)
)

// relevance guesses how much a chat message matters to the incident, 0 to about 6. Components and alerts are the names
// that the story is about.
func relevance(e *event.Event, w event.Window, names []string) float64 {
	text := e.Text
	if text == "" {
		text = e.Title
	}
	channel := e.Labels["channel"]
	r := 0.0
	inc := incidentChannel.MatchString(channel)
	switch {
	case inc:
		r += 2.5
	case opsChannel.MatchString(channel), slices.ContainsFunc(names, func(n string) bool {
		return len(n) > 2 && strings.Contains(strings.ToLower(channel), strings.ToLower(n))
	}):
		r += 0.8
	}
	hits := 0
	low := strings.ToLower(text)
	for _, n := range names {
		if len(n) > 2 && strings.Contains(low, strings.ToLower(n)) {
			hits++
		}
	}
	r += min(float64(hits)*0.6, 1.2)
	for _, c := range []struct {
		re *regexp.Regexp
		w  float64
	}{{acting, 1}, {finding, 0.8}, {recovering, 0.8}, {involving, 0.5}, {complaining, 0.4}, {figure, 0.6}} {
		if c.re.MatchString(text) {
			r += c.w
		}
	}
	if smallTalk.MatchString(text) {
		r -= 1.5
	}
	if words := len(strings.Fields(text)); words < 3 {
		r -= 1
	}
	if strings.HasSuffix(strings.TrimSpace(text), "?") {
		r -= 0.6
	}
	if e.Pinned {
		r += 2
	}
	if bot(e) {
		r -= 1.5 // what bots say stands in the evidence at first hand
	}
	if e.Labels["thread"] == "reply" {
		r -= 0.2
	}
	switch {
	case !inc && (e.Time < w.From || hits == 0 && r < 2):
		r -= 1.5
	case e.Time < w.From-int64(15*60e9):
		r -= 1
	}
	return r
}

func bot(e *event.Event) bool {
	return e.Labels["bot"] != "" || e.Labels["subtype"] == "bot_message" || strings.HasSuffix(strings.ToLower(e.Actor), "bot")
}

// actionRole reads the role of a person's action from its sort and words.
func actionRole(e *event.Event) timeline.Role {
	switch strings.ToLower(e.Name) {
	case "triggered", "trigger":
		return timeline.Detection
	case "acknowledged", "acknowledge", "escalated", "escalate", "assigned", "assign", "notified", "notify", "responder", "snoozed", "priority":
		return timeline.Response
	case "resolved", "resolve":
		return timeline.Recovery
	}
	text := e.Text
	if text == "" {
		text = e.Title
	}
	switch {
	case supposing.MatchString(text) || explaining.MatchString(text) || strings.HasSuffix(strings.TrimSpace(text), "?"):
		return timeline.Response
	case recovering.MatchString(text):
		return timeline.Recovery
	case acting.MatchString(text):
		return timeline.Mitigation
	default:
		return timeline.Response
	}
}

// actionTitle is a message or a pager's entry in one line, without the name of who it was.
func actionTitle(e *event.Event) string {
	text := e.Title
	if e.Name == "message" || e.Name == "note" {
		text = e.Text
		if text == "" {
			text = e.Title
		}
	}
	text = strings.Join(strings.Fields(text), " ")
	text = nameless(text, e)
	const most = 220
	if len(text) > most {
		cut := most
		for cut > 0 && text[cut]&0xC0 == 0x80 {
			cut--
		}
		text = text[:cut] + "…"
	}
	if c := e.Labels["channel"]; c != "" {
		return "#" + strings.TrimPrefix(c, "#") + ": “" + text + "”"
	}
	return text
}

// nameless takes the names of who acted and of whom a message mentions out of a text.
func nameless(text string, e *event.Event) string {
	for name := range strings.SplitSeq(e.Labels["mentions"], "\n") {
		if name != "" {
			text = replaceWord(text, "@"+name, "@responder")
		}
	}
	return anonymous(text, e.Actor)
}

// anonymous takes an actor's name out of a text: reports speak of roles.
func anonymous(text, actor string) string {
	actor = strings.TrimSpace(actor)
	if len(actor) < 2 {
		return text
	}
	replaced := replaceWord(text, actor, "the responder")
	if first, _, ok := strings.Cut(actor, " "); ok && len(first) > 2 {
		replaced = replaceWord(replaced, first, "the responder")
	}
	return replaced
}

func replaceWord(text, word, with string) string {
	var b strings.Builder
	for {
		i := strings.Index(text, word)
		if i < 0 {
			b.WriteString(text)
			return b.String()
		}
		end := i + len(word)
		whole := (i == 0 || !letter(text[i-1])) && (end == len(text) || !letter(text[end]))
		b.WriteString(text[:i])
		if whole {
			b.WriteString(with)
		} else {
			b.WriteString(word)
		}
		text = text[end:]
	}
}

func letter(c byte) bool { return c >= 0x80 || unicode.IsLetter(rune(c)) || unicode.IsDigit(rune(c)) }
