package rule

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/event"
)

const creFile = `
rules:
  - cre:
      id: CRE-2099-0001
      title: Broker cannot reach its quorum
      mitigation: |
        - Start the third node,
          and wait
        - Look at the disks
      references: ['https://example.com/quorum']
    rule:
      sequence:
        window: 10s
        event: {source: cre.log.broker}
        order:
          - regex: "node (.*) left"
          - value: "quorum lost"
            count: 3
        negate:
          - "maintenance"
  - cre: {id: CRE-2099-0002, title: One line}
    rule: {set: {window: 5s, event: {source: x}, match: [{value: "disk is on fire", count: 2}]}}
  - cre: {id: CRE-2099-0003, title: By query}
    rule: {set: {match: [{jq: ".a == 1"}]}}
`

func TestImportCRE(t *testing.T) {
	got, err := Import(Foreign{"rules/broker.yaml", []byte(creFile)})
	require.NoError(t, err)
	require.Equal(t, []string{"cre-2099-0001", "cre-2099-0002"}, got.Taken)
	require.Equal(t, []string{
		"rules/broker.yaml:20:11: cre-2099-0001: negate is taken as absent: what must not come is looked for after the match only, for 10s",
		"rules/broker.yaml:24:26: cre-2099-0003: a term that is neither value nor regex (it has jq) is not taken",
	}, places(got.Left))
	f, err := Parse("imported.yml", got.YAML)
	require.NoError(t, err, string(got.YAML))
	set, err := NewSet(f)
	require.NoError(t, err)
	absent := set.Rule("cre-2099-0001").When[0].Absent
	require.Equal(t, "maintenance", absent.Expect.Log.Regexp)
	first := absent.After
	require.Len(t, first.Sequence, 2)
	require.Equal(t, int64(10e9), first.Within)
	require.Equal(t, int64(3), first.Sequence[1].AtLeast)
	require.Equal(t, int64(5e9), set.Rule("cre-2099-0002").When[0].Within)
	require.Equal(t, []string{"Start the third node, and wait", "Look at the disks"}, set.Rule("cre-2099-0001").Actions)
	require.Equal(t, "imported-broker", f.Groups[0].Name)
}

func places(faults Faults) []string {
	var out []string
	for _, f := range faults {
		out = append(out, f.Place()+": "+f.What)
	}
	return out
}

const sigmaFile = `title: Guessing of passwords
detection:
  selection_ssh:
    program: sshd
    message|contains: ['Failed password', 'Invalid user']
  selection_web:
    - status: 401
    - path|endswith: /login
  keywords: ['authentication failure']
  filter: ['health check']
  filter_own:
    client|startswith: '10.'
    agent: probe
  condition: (1 of selection_* or keywords) and not (filter or filter_own)
---
title: By every word
references: ['https://example.com/sigma']
detection:
  keywords:
    '|all': ['authentication failure', 'root']
  all_of:
    cmd|contains|all: [' -enc', 'http']
  condition: keywords and all_of
---
title: Only what is not there
detection: {filter: ['health check'], condition: not filter}
---
title: Unknown name
detection:
  selection: {a: b}
  condition: selection and selektion
---
title: Addresses
detection:
  selection:
    ip|cidr: 10.0.0.0/8
  condition: selection
---
title: Counted
correlation: {type: event_count}
`

func TestImportSigma(t *testing.T) {
	got, err := Import(Foreign{"auth.yml", []byte(sigmaFile)}, Foreign{"old/auth.yaml", []byte("title: Third\ndetection: {k: [x y z], condition: k}\n")})
	require.NoError(t, err)
	require.Equal(t, []string{"sigma-guessing-of-passwords", "sigma-by-every-word", "sigma-third"}, got.Taken)
	require.Equal(t, []string{
		"auth.yml:26:12: sigma-only-what-is-not-there: a rule that only says what must not be there is not taken",
		`auth.yml:31:14: sigma-unknown-name: the condition names "selektion", which is not in the detection`,
		`auth.yml:36:5: sigma-addresses: the modifier "cidr" is not taken`,
		"auth.yml:40:14: Counted: correlations of Sigma rules are not taken: write at_least and within beside the imported item",
	}, places(got.Left))
	f, err := Parse("imported.yml", got.YAML)
	require.NoError(t, err, string(got.YAML))
	require.Equal(t, "imported-auth-2", f.Groups[1].Name)
	set, err := NewSet(f)
	require.NoError(t, err)
	guessing := set.Rule("sigma-guessing-of-passwords").When
	require.Len(t, guessing, 4)
	require.Equal(t, `(?is)(?:.*Failed password.*|.*Invalid user.*)`, guessing[0].Log.Fields["message"])
	require.Equal(t, `(?is)(?:401)`, guessing[1].Log.Fields["status"])
	require.Equal(t, []string{"authentication failure"}, guessing[3].Log.Contains)
	require.Equal(t, []string{"health check"}, guessing[3].Log.NotContains)
	every := set.Rule("sigma-by-every-word").When[0].Log
	require.Equal(t, []string{"authentication failure", "root"}, every.ContainsAll)
	require.Equal(t, `(?is).* -enc.*`, every.Fields["cmd"])
}

// TestImportedMatches: what was imported finds what the Sigma rule would.
func TestImportedMatches(t *testing.T) {
	got, err := Import(Foreign{"auth.yml", []byte(sigmaFile)})
	require.NoError(t, err)
	f, err := Parse("imported.yml", got.YAML)
	require.NoError(t, err)
	set, err := NewSet(f)
	require.NoError(t, err)
	matchers, err := set.Matchers()
	require.NoError(t, err)
	field := func(pairs ...string) (out []event.Field) {
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, event.Field{Key: []byte(pairs[i]), Value: []byte(pairs[i+1])})
		}
		return out
	}
	for name, c := range map[string]struct {
		record event.Record
		want   bool
	}{
		"selection":               {event.Record{Message: []byte("x"), Fields: field("program", "SSHD", "message", "Failed password for root")}, true},
		"one field of it only":    {event.Record{Message: []byte("x"), Fields: field("program", "sshd")}, false},
		"second of a list":        {event.Record{Message: []byte("x"), Fields: field("path", "/admin/login", "client", "192.0.2.7")}, true},
		"filter of words":         {event.Record{Message: []byte("Health check: authentication failure")}, false},
		"filter of fields":        {event.Record{Message: []byte("x"), Fields: field("path", "/login", "client", "10.1.2.3", "agent", "probe")}, false},
		"half a filter of fields": {event.Record{Message: []byte("x"), Fields: field("path", "/login", "client", "10.1.2.3")}, true},
		"keywords":                {event.Record{Message: []byte("Authentication Failure for bob")}, true},
	} {
		s := matchers.Start()
		got := false
		for _, id := range s.CandidatesFull(&c.record) {
			_, ok := s.Match(id, &c.record, "")
			got = got || ok && set.MatcherOf(id).Rule.ID == "sigma-guessing-of-passwords"
		}
		require.Equal(t, c.want, got, name)
	}
}

func TestImportErrors(t *testing.T) {
	for text, want := range map[string]string{"": "no rules in it", "a: b": "neither a CRE", "a: [": "not YAML", "rules: []": "no rules in it", "rules: [{cre: {title: x}}]": "without cre.id"} {
		got, err := Import(Foreign{"x.yml", []byte(text)})
		require.ErrorIs(t, err, ErrNothingTaken, text)
		require.Contains(t, got.Left.Error(), want, text)
	}
}

func FuzzImport(f *testing.F) {
	f.Add([]byte(creFile))
	f.Add([]byte(sigmaFile))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := Import(Foreign{"x.yml", data})
		if err != nil {
			return
		}
		_, err = Parse("imported.yml", got.YAML)
		require.NoError(t, err, string(got.YAML))
	})
}
