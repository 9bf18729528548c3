package correlate

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/correlate/rank"
	"github.com/hindcast/hindcast/ingest/event"
)

func said(at int64, text string) entry {
	return entry{at: at, kind: event.Action, node: -1, event: &event.Event{Kind: event.Action, Name: "message", Text: text}}
}

func deployed(s *story, at int64, version, previous string) {
	e := &event.Event{
		Time: at, Kind: event.Change, Name: "deploy", Component: event.Component{Name: "till"}, Labels: map[string]string{"version": version, "previous_version": previous},
	}
	s.entries = append(s.entries, entry{
		at: at, kind: event.Change, component: "till", event: e, node: s.node(rank.Node{Role: rank.Change, Component: e.Component, Onset: at}),
	})
}

func TestUndoing(t *testing.T) {
	s := &story{}
	deployed(s, 10, "4.5.0", "4.4.2")
	s.entries = append(s.entries, said(5, "4.4.2 runs well"), said(20, "should we go back to 4.4.2?"), said(30, "rolling back to 4.4.2"), said(40, "same on 4.4.2"))
	s.fromUndoing()
	require.Len(t, s.nodes, 2)
	require.Equal(t, rank.Undoing, s.nodes[1].Name)
	require.Equal(t, "till", s.nodes[1].Component.Name)
	require.Equal(t, int64(30), s.nodes[1].Onset)
	require.Equal(t, 1, s.entries[3].node)
}

func TestNothingUndone(t *testing.T) {
	s := &story{}
	deployed(s, 10, "4.5.0", "4.4.2")
	s.entries = append(s.entries, said(20, "going to revert to 4.4.2"), said(30, "14.4.23 is another service"))
	s.fromUndoing()
	require.Len(t, s.nodes, 1)
}

func TestSameVersion(t *testing.T) {
	of := func(name, version string) *event.Event {
		return &event.Event{Name: name, Labels: map[string]string{"version": version}}
	}
	require.True(t, sameVersion(of("rollout", "v2.3.1"), of("deploy", "2.3.1")))
	require.True(t, sameVersion(of("rollout", ""), of("deploy", "2.3.1")))
	require.False(t, sameVersion(of("rollout", "2.3.0"), of("deploy", "2.3.1")))
}
