package redact

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// secretKeys are the endings of names whose values are secret.
const secretKeys = `(?:password|passwd|passphrase|pwd|secret|api[_-]?key|apikey|access[_-]?key|secret[_-]?key|private[_-]?key|` +
	`auth[_-]?token|access[_-]?token|refresh[_-]?token|id[_-]?token|client[_-]?secret|credentials?)`

// value is what stands behind a name: quoted, or up to the next space or sign that ends a value in logs, JSON, URLs and YAML.
const value = `(?:\\?"(?P<secret>(?:[^"\\\n]|\\[^"\n])+)\\?"|'(?P<secret>[^'\n]+)'|(?P<secret>[^\s"'\\,;&)}\]]+))`

// shipped are the rules that are always there. Order matters: what is wider comes first, so that a key in PEM form is one
// find and not many. The formats of tokens are those that their makers document.
var shipped = []Rule{
	{Name: "private-key", Regexp: regexp.MustCompile(`-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|$)`)},
	{Name: "jwt", Regexp: regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*`)},
	{Name: "aws-key", Regexp: regexp.MustCompile(`\b(?:AKIA|ASIA)[A-Z0-9]{16}\b`)},
	{Name: "github-token", Regexp: regexp.MustCompile(`\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{22,})`)},
	{Name: "gitlab-token", Regexp: regexp.MustCompile(`\bgl(?:pat|rt|dt|cbt)-[A-Za-z0-9_-]{20,}`)},
	{Name: "slack-token", Regexp: regexp.MustCompile(`\b(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,}`)},
	{Name: "slack-token", Regexp: regexp.MustCompile(`hooks\.slack\.com/(?:services|workflows)/(?P<secret>[A-Za-z0-9_/]{20,})`)},
	{Name: "api-key", Regexp: regexp.MustCompile(`\b(?:AIza[0-9A-Za-z_-]{35}|[rs]k_(?:live|test)_[0-9A-Za-z]{16,}|sk-[A-Za-z0-9_-]{32,}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|npm_[A-Za-z0-9]{36}|hvs\.[A-Za-z0-9_-]{20,})`)},
	{Name: "authorization", Regexp: regexp.MustCompile(`(?i)\b(?:proxy-)?authorization\\?["']?\s*[:=]\s*\[?\\?["']?(?:(?:basic|bearer|token|apikey|negotiate)\s+(?P<secret>[^\s"'\\,;\]]+)|(?:digest|aws4-hmac-sha256)\s+(?P<secret>[^"'\r\n\\]+)|(?P<secret>[^\s"'\\,;\]]+))`)},
	{Name: "bearer", Regexp: regexp.MustCompile(`(?i)\bbearer\s+(?P<secret>[A-Za-z0-9._~+/=-]{8,})`), ok: looksRandom},
	{Name: "cookie", Regexp: regexp.MustCompile(`(?i)\b(?:set-)?cookie\\?["']?\s*[:=]\s*\[?\\?["']?(?P<secret>[^\s"'\\=;,]+=[^\s"'\\;,]*(?:;\s*[^\s"'\\=;,]+(?:=[^\s"'\\;,]*)?)*)`)},
	{Name: "session", Regexp: regexp.MustCompile(`(?i)\b(?:jsessionid|phpsessid|sessionid|session_id|session_token|connect\.sid|asp\.net_sessionid)\\?["']?[=:]\s*\\?["']?(?P<secret>[A-Za-z0-9%._~+/=-]{6,})`)},
	{Name: "password", Regexp: regexp.MustCompile(`\b[a-zA-Z][a-zA-Z0-9+.-]*://[^\s:/@"'<>]*:(?P<secret>[^\s/"'<>]+)@`)},
	{Name: "password", Regexp: regexp.MustCompile(`[\w.-]+:(?P<secret>[^\s:@/"'<>()]+)@(?:tcp|unix)\(`)},
	{Name: "password", Regexp: regexp.MustCompile(`(?i)\b(?:identified\s+by|password)\s+'(?P<secret>[^'\n]+)'`)},
	{Name: "password", Regexp: regexp.MustCompile(`(?i)(?:^|\s)--?(?:password|passwd|passphrase|secret|token|api-key)\s+(?P<secret>[^\s"'-][^\s"']*)`)},
	{Name: "password", Regexp: regexp.MustCompile(`\bcurl\b[^\n|;]*?\s(?:-u|--user)[\s=]+["']?[^\s:"']+:(?P<secret>[^\s"']+)`)},
	{Name: "password", Regexp: regexp.MustCompile(`(?i)` + secretKeys + `\\?["']?\s*(?:=>|:=|[:=])\s*` + value), ok: isValue},
	{Name: "token", Regexp: regexp.MustCompile(`(?i)token\\?["']?\s*(?:=>|:=|[:=])\s*` + value), ok: looksRandom},
	{Name: "email", Regexp: regexp.MustCompile(`\b[A-Za-z0-9][A-Za-z0-9._%+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}\b`), ok: isEmail},
	{Name: "card", Regexp: regexp.MustCompile(`\b(?:\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{1,7}|3[47]\d{2}[ -]\d{6}[ -]\d{5}|\d{13,19})\b`), ok: isCard},
}

// strict are the rules of strict mode, for reports that leave the house.
var strict = []Rule{
	{Name: "ip", Regexp: regexp.MustCompile(`\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b`)},
	{Name: "ip", Regexp: regexp.MustCompile(`(?i)\b(?:[0-9a-f]{1,4}:){4,7}(?::?[0-9a-f]{1,4}){1,3}\b|(?:[0-9a-f]{1,4}:){1,6}:(?:[0-9a-f]{1,4}:){0,5}[0-9a-f]{1,4}\b`)},
	{Name: "user", Regexp: regexp.MustCompile(`(?i)\b(?:user(?:_?name)?|login|account|customer(?:_?id)?)\\?["']?\s*[:=]\s*` + value)},
	{Name: "user", Regexp: regexp.MustCompile(`(?i)\bfor (?:invalid )?user "?(?P<secret>[^\s"]+)`)},
}

// people are the rules for what people wrote: mentions, and the names that records of chats and pagers carry.
var people = []Rule{
	{Name: "person", Regexp: regexp.MustCompile(`<@(?P<secret>[UW][A-Z0-9]+)(?:\|[^>]*)?>`)},
	{Name: "person", Regexp: regexp.MustCompile(`(?:^|[\s(,])@(?P<secret>[A-Za-z][A-Za-z0-9._-]+)`), ok: isHandle},
	{Name: "person", Regexp: regexp.MustCompile(`"(?:user|user_name|username|real_name|display_name|first_name|last_name|actor|agent_name|assignee)"\s*:\s*"(?P<secret>[^"\n]+)"`)},
}

// isValue leaves alone what stands behind the name of a secret without being one.
func isValue(text string, start, end int) bool {
	v := text[start:end]
	switch strings.ToLower(v) {
	case "null", "nil", "none", "true", "false", "undefined", "required", "redacted", "hidden", "empty", "missing", "invalid", "-", "yes", "no":
		return false
	}
	if strings.Trim(v, "*x<>[]()•. ") == "" || strings.HasPrefix(v, "<secret>") || strings.HasPrefix(v, "${") || strings.HasPrefix(v, "$(") {
		return false
	}
	return !strings.HasPrefix(v, "/") // PWD=/srv, and files that hold a secret
}

// looksRandom tells a token from a word: it has digits, or both cases within, and some length.
func looksRandom(text string, start, end int) bool {
	v := text[start:end]
	if len(v) < 8 || !isValue(text, start, end) {
		return false
	}
	return strings.ContainsAny(v, "0123456789") || len(v) >= 20 && strings.ToLower(v) != v
}

// unitSuffixes end the names of systemd's template units, which look like addresses.
var unitSuffixes = []string{".service", ".socket", ".timer", ".mount", ".target", ".slice", ".scope", ".device", ".path", ".swap"}

func isEmail(text string, start, end int) bool {
	v := text[start:end]
	return !strings.HasPrefix(v, "git@") && !slices.ContainsFunc(unitSuffixes, func(s string) bool { return strings.HasSuffix(v, s) })
}

func isHandle(text string, start, end int) bool {
	switch strings.ToLower(text[start:end]) {
	case "here", "channel", "everyone", "timestamp", "version":
		return false
	default:
		return true
	}
}

// isCard checks what the networks publish of their numbers: how they begin, how long they are, and the check digit.
func isCard(text string, start, end int) bool {
	if start > 0 && strings.ContainsRune(".-_/#", rune(text[start-1])) {
		return false
	}
	digits := strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text[start:end])
	n := len(digits)
	two, four := digits[:2], digits[:4]
	switch {
	case digits[0] == '4' && (n == 13 || n == 16 || n == 19):
	case two >= "51" && two <= "55" && n == 16, four >= "2221" && four <= "2720" && n == 16:
	case (two == "34" || two == "37") && n == 15:
	case (two == "36" || two == "38") && n == 14:
	case (four == "6011" || two == "65" || two == "35") && n == 16:
	default:
		return false
	}
	return luhn(digits)
}

func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			d *= 2
			if d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
