package correlate

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/ingest/event"
)

func TestActionRole(t *testing.T) {
	for text, want := range map[string]timeline.Role{
		"rolling back checkout":                   timeline.Mitigation,
		"restarted both pods":                     timeline.Mitigation,
		"I can roll back if you want":             timeline.Response,
		"should we restart it?":                   timeline.Response,
		"rolled nothing back yet":                 timeline.Response,
		"it restarts again and again":             timeline.Response,
		"kubectl rollout status hangs":            timeline.Response,
		"put the rule back by hand":               timeline.Mitigation,
		"found it: run 12 removed the rule":       timeline.Response,
		"pods are killed by the probe, again":     timeline.Response,
		"I am going to revert the ingress":        timeline.Response,
		"ingress is back on 4.11.2, still 504":    timeline.Response,
		"lag is gone":                             timeline.Recovery,
		"authorisations are coming through again": timeline.Recovery,
	} {
		require.Equal(t, want, actionRole(&event.Event{Kind: event.Action, Name: "message", Text: text}), text)
	}
}

func TestMemberOf(t *testing.T) {
	require.True(t, memberOf("orders-db-2", "orders-db"))
	require.False(t, memberOf("orders-db", "orders-db"))
	require.False(t, memberOf("orders-db-2", "orders"))
}
