package rule

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const creFile = `
rules:
  - cre:
      id: CRE-2099-0001
      title: Broker cannot reach its quorum
      mitigation: |
        - Start the third node
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
	got, err := Import("rules/broker.yaml", []byte(creFile))
	require.NoError(t, err)
	require.Equal(t, []string{"cre-2099-0001", "cre-2099-0002"}, got.Taken)
	require.Len(t, got.Left, 2)
	require.Contains(t, got.Left[0], "negate is not taken")
	require.Contains(t, got.Left[1], "neither value nor regex")
	f, err := Parse("imported.yml", got.YAML)
	require.NoError(t, err, string(got.YAML))
	set, err := NewSet(f)
	require.NoError(t, err)
	first := set.Rule("cre-2099-0001").When[0]
	require.Len(t, first.Sequence, 2)
	require.Equal(t, int64(10e9), first.Within)
	require.Equal(t, int64(3), first.Sequence[1].AtLeast)
	require.Equal(t, int64(5e9), set.Rule("cre-2099-0002").When[0].Within)
	require.Equal(t, "imported-broker", f.Groups[0].Name)
}

const sigmaFile = `
title: Guessing of passwords
detection:
  selection_ssh:
    program: sshd
    message|contains: ['Failed password', 'Invalid user']
  selection_web:
    - status: 401
    - path|endswith: /login
  keywords: ['authentication failure']
  filter: ['health check']
  condition: (1 of selection_*) or keywords and not filter
---
title: By keywords
references: ['https://example.com/sigma']
detection:
  keywords: ['authentication failure', 'access denied']
  filter: ['health check']
  condition: keywords and not filter
---
title: By any selection
detection:
  selection_ssh:
    program: sshd
    msg|contains: ['Failed password', 'Invalid.user']
  selection_web:
    - status: 401
    - path|endswith: /login
  condition: 1 of selection_*
---
title: Counted
correlation: {type: event_count}
`

func TestImportSigma(t *testing.T) {
	got, err := Import("auth.yml", []byte(sigmaFile))
	require.NoError(t, err)
	require.Equal(t, []string{"sigma-by-keywords", "sigma-by-any-selection"}, got.Taken)
	require.Len(t, got.Left, 2)
	require.Contains(t, got.Left[0], "sigma-guessing-of-passwords")
	require.Contains(t, got.Left[1], "correlations of Sigma rules")
	f, err := Parse("imported.yml", got.YAML)
	require.NoError(t, err, string(got.YAML))
	set, err := NewSet(f)
	require.NoError(t, err)
	keywords := set.Rule("sigma-by-keywords").When[0].Log
	require.Equal(t, []string{"authentication failure", "access denied"}, keywords.Contains)
	require.Equal(t, []string{"health check"}, keywords.NotContains)
	require.True(t, keywords.IgnoreCase)
	any := set.Rule("sigma-by-any-selection").When
	require.Len(t, any, 3)
	require.Equal(t, `(?i)(?:.*Failed password.*|.*Invalid\.user.*)`, any[0].Log.Fields["msg"])
	require.Equal(t, `(?i)(?:401)`, any[1].Log.Fields["status"])
}

func TestImportErrors(t *testing.T) {
	for _, text := range []string{"", "a: b", "a: [", "rules: []"} {
		_, err := Import("x.yml", []byte(text))
		require.Error(t, err, text)
	}
}

func FuzzImport(f *testing.F) {
	f.Add([]byte(creFile))
	f.Add([]byte(sigmaFile))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := Import("x.yml", data)
		if err != nil || len(got.Taken) == 0 {
			return
		}
		_, err = Parse("imported.yml", got.YAML)
		require.NoError(t, err, string(got.YAML))
	})
}
