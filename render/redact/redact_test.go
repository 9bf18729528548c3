package redact

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/correlate/timeline"
)

// of masks one text as a piece of evidence.
func of(text string, o Options) (string, map[string]int64) {
	t := Timeline(&timeline.Timeline{Evidence: []timeline.Evidence{{ID: "E1", Text: text}}}, o)
	return t.Evidence[0].Text, t.Redactions
}

func TestMasks(t *testing.T) {
	pem := "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\nq83vEjRWeJ\n-----END RSA PRIVATE KEY-----"
	for _, c := range []struct{ text, secret, kind string }{
		{"connect postgres://app:hunter2@db:5432/orders failed", "hunter2", "password"},
		{"redis://:s3cr3t@cache:6379/0", "s3cr3t", "password"},
		{"amqp://guest:p%40ss@mq/", "p%40ss", "password"},
		{"dial root:hunter2@tcp(10.0.0.1:3306)/shop", "hunter2", "password"},
		{"password=hunter2 user=app", "hunter2", "password"},
		{`{"password":"hunter2 with space","user":"app"}`, "hunter2 with space", "password"},
		{`"{\"password\":\"hunter2\"}"`, "hunter2", "password"},
		{"DB_PASSWORD: hunter2", "hunter2", "password"},
		{"spring.datasource.password=hunter2", "hunter2", "password"},
		{"client_secret='abc def'", "abc def", "password"},
		{"GET /v1?api_key=abc123&x=1", "abc123", "password"},
		{"ALTER USER app PASSWORD 'hunter2'", "hunter2", "password"},
		{"CREATE USER a IDENTIFIED BY 'hunter2'", "hunter2", "password"},
		{"exec mysqldump --password hunter2 shop", "hunter2", "password"},
		{"+ curl -s -u admin:hunter2 http://es:9200", "hunter2", "password"},
		{"Authorization: Basic YWRtaW46aHVudGVyMg==", "YWRtaW46aHVudGVyMg==", "authorization"},
		{`"authorization":["Bearer abcdef0123456789"]`, "abcdef0123456789", "authorization"},
		{`Authorization: Digest username="bob", realm="x"`, "username=", "authorization"},
		{"sent bearer abcdef0123456789 to it", "abcdef0123456789", "bearer"},
		{"Cookie: sid=abc; theme=dark", "sid=abc; theme=dark", "cookie"},
		{"set-cookie: session=abcdefgh; Path=/; HttpOnly", "session=abcdefgh", "cookie"},
		{"GET /cart;jsessionid=ABCDEF0123", "ABCDEF0123", "session"},
		{"key AKIAIOSFODNN7EXAMPLE used", "AKIAIOSFODNN7EXAMPLE", "aws-key"},
		{"ghp_" + strings.Repeat("a1B2", 9), "ghp_", "github-token"},
		{"glpat-" + strings.Repeat("a1B2", 5), "glpat-", "gitlab-token"},
		{"xoxb-123456789012-abcdefABCDEF", "xoxb-123456789012-abcdefABCDEF", "slack-token"},
		{"https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX", "B00000000", "slack-token"},
		{"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U", "eyJhbGciOiJIUzI1NiJ9", "jwt"},
		{"key:\n" + pem + "\nend", "q83vEjRWeJ", "private-key"},
		{pem[:50], "MIIEowIBAAKC", "private-key"},
		{"sk_live_" + strings.Repeat("a1B2", 6), "sk_live_", "api-key"},
		{"reset_token=Zx81kQpL29", "Zx81kQpL29", "token"},
		{"order of jane.doe+shop@example.co.uk failed", "jane.doe", "email"},
		{"paid with 4111 1111 1111 1111 today", "4111 1111", "card"},
		{"card=5555555555554444", "5555555555554444", "card"},
		{"amex 3782-822463-10005", "3782", "card"},
	} {
		got, counts := of(c.text, Options{})
		require.NotContains(t, got, c.secret, c.text)
		require.Contains(t, got, "[redacted:"+c.kind+"#", c.text)
		require.Positive(t, counts[c.kind], c.text)
		again, more := of(got, Options{})
		require.Equal(t, got, again, "masking twice")
		require.Empty(t, more)
	}
}

func TestLeavesAlone(t *testing.T) {
	for _, text := range []string{
		"FATAL:  password authentication failed for user \"app\"",
		"password=**** user=app",
		"password=null token=false secret=<secret>",
		"PWD=/srv/app",
		"SyntaxError: Unexpected token: }",
		"unexpected token: identifier",
		"MountVolume.SetUp failed for volume \"v\" : secret \"db\" not found",
		"started getty@tty1.service",
		"git@github.com:org/repo.git",
		"bearer authentication is off",
		"at 1742305330123 and 1742305330123456789 ns",
		"trace 4111111111111112",
		"id 0.4111111111111111",
		"order 4000-0000",
		"image repo/app@sha256:0123456789abcdef",
		"http://es:9200/_search",
		"2026-03-18T13:52:10Z INFO deploy 8841",
	} {
		got, counts := of(text, Options{})
		require.Equal(t, text, got)
		require.Empty(t, counts)
	}
}

func TestEqualStaysEqual(t *testing.T) {
	got, _ := of("a@example.com b@example.com a@example.com", Options{Salt: []byte("pepper")})
	marks := mark.FindAllString(got, -1)
	require.Len(t, marks, 3)
	require.Equal(t, marks[0], marks[2])
	require.NotEqual(t, marks[0], marks[1])
	other, _ := of("a@example.com", Options{Salt: []byte("salt")})
	require.NotEqual(t, marks[0], other)
	short, _ := of("a@example.com", Options{})
	require.Regexp(t, `^\[redacted:email#[0-9a-f]{2}\]$`, short, "without a secret salt the hash must prove nothing")
}

func TestModes(t *testing.T) {
	const text = "login failed for user bob from 10.1.2.3 and 2001:db8:0:0:0:0:0:1 password=hunter2"
	off, counts := of(text, Options{Mode: Off})
	require.Equal(t, text, off)
	require.Empty(t, counts)
	on, _ := of(text, Options{Mode: On})
	require.Contains(t, on, "bob from 10.1.2.3")
	strict, _ := of(text, Options{Mode: Strict})
	for _, secret := range []string{"bob", "10.1.2.3", "2001:db8", "hunter2"} {
		require.NotContains(t, strict, secret)
	}
}

func TestOwnRules(t *testing.T) {
	r, err := NewRule("order-id", `ord_(?P<secret>[0-9a-f]{8})`)
	require.NoError(t, err)
	got, counts := of("order ord_0123abcd lost", Options{Rules: []Rule{r}})
	require.Regexp(t, `^order ord_\[redacted:order-id#..\] lost$`, got)
	require.Equal(t, map[string]int64{"order-id": 1}, counts)
	for expr, want := range map[string]string{`(`: "missing closing", `x*`: "matches the empty text"} {
		_, err := NewRule("a", expr)
		require.ErrorContains(t, err, want)
	}
	_, err = NewRule("A]b", "x")
	require.ErrorContains(t, err, "small letters")
}

func TestPeople(t *testing.T) {
	in := &timeline.Timeline{
		Entries: []timeline.Entry{
			{ID: "T1", Kind: "action", Title: "<@U012AB3CD> can you look? cc @maria.k @here", Evidence: []string{"E1"}},
			{ID: "T2", Kind: "log", Title: "@Transactional on @maria.k", Evidence: []string{"E2"}},
		},
		Evidence: []timeline.Evidence{{ID: "E1", Text: `{"user":"maria.k","text":"hi"}`}, {ID: "E2", Text: `{"user":"svc"}`}},
	}
	out := Timeline(in, Options{})
	require.Regexp(t, `^<@\[redacted:person#..\]> can you look\? cc @\[redacted:person#..\] @here$`, out.Entries[0].Title)
	require.NotContains(t, out.Evidence[0].Text, "maria")
	require.Equal(t, in.Entries[1].Title, out.Entries[1].Title)
	require.Equal(t, in.Evidence[1].Text, out.Evidence[1].Text)
	named := Timeline(in, Options{People: true})
	require.Equal(t, in.Entries[0].Title, named.Entries[0].Title)
}

// TestEveryText fills every text of a timeline with a secret and looks for it in the JSON.
func TestEveryText(t *testing.T) {
	const s = "x password=hunter2 y"
	say := []timeline.Sentence{{Text: s}}
	key := &timeline.KeyTime{How: s, Time: time.Unix(0, 0)}
	in := &timeline.Timeline{
		Title: s, Command: s, Summary: say,
		KeyTimes: timeline.KeyTimes{Trigger: key, ImpactStarted: key, Detected: key, Acknowledged: key, Mitigated: key, Resolved: key},
		Suspects: []timeline.Suspect{{Title: s, Reasons: say, Against: say, NextChecks: []string{s}, Actions: []string{s}, Links: []timeline.Link{{Why: s, Against: s}}}},
		RuledOut: []timeline.RuledOut{{Title: s, Reason: s}},
		Entries:  []timeline.Entry{{Title: s}},
		Evidence: []timeline.Evidence{{Origin: s, Text: s, Query: s, Link: s, Pattern: s}},
		Coverage: []timeline.Coverage{{Gaps: []timeline.Gap{{Origin: s, Reason: s}}, Notes: []string{s}}},
	}
	before, err := json.Marshal(in)
	require.NoError(t, err)
	out, err := json.Marshal(Timeline(in, Options{}))
	require.NoError(t, err)
	require.NotContains(t, string(out), "hunter2")
	n := len(regexp.MustCompile("hunter2").FindAllString(string(before), -1))
	require.Contains(t, string(out), `"redactions":{"password":`+string(mustJSON(t, n))+`}`)
	after, err := json.Marshal(in)
	require.NoError(t, err)
	require.Equal(t, string(before), string(after), "the timeline given must not change")
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return b
}

func FuzzMask(f *testing.F) {
	for _, s := range []string{"password=a", "postgres://a:b@c", "[redacted:email#3f]", "token=[redacted:token#", "4111111111111111", "<@U123>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once, _ := of(s, Options{Mode: Strict})
		twice, counts := of(once, Options{Mode: Strict})
		require.Equal(t, once, twice)
		require.Empty(t, counts)
	})
}
