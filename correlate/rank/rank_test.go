package rank

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/event"
)

// at is a time, so many minutes and seconds after noon.
func at(minutes, seconds int) int64 {
	return time.Date(2026, 3, 1, 12, minutes, seconds, 0, time.UTC).UnixNano()
}

func component(name string) event.Component { return event.Component{Name: name} }

// trouble is a shop whose edge fails from 12:10 to 12:30, and its alert.
func trouble() []Node {
	return []Node{
		{Cause: "http-5xx-ratio", Role: Symptom, Component: component("edge"), Onset: at(10, 0), End: at(30, 0), Strength: 0.9, Weight: 1, Title: "edge answers with server errors"},
		{Cause: "latency-high", Role: Symptom, Component: component("shop"), Onset: at(10, 5), End: at(30, 10), Strength: 0.9, Weight: 1, Title: "shop is slow"},
		{Cause: "alert", Role: Alert, Component: component("shop"), Onset: at(11, 0), Strength: 0.9, Weight: 1, Title: "alert HighLatency fires"},
	}
}

func change(name, component string, minute, second int) Node {
	return Node{
		Cause: "change", Role: Change, Component: event.Component{Name: component}, Onset: at(minute, second), Strength: 0.9,
		Title: name + " of " + component, Name: name, ID: name + component,
	}
}

func calls() *event.Topology {
	t := &event.Topology{}
	t.AddCall("edge", "shop")
	t.AddCall("shop", "prices")
	return t
}

func first(t *testing.T, nodes []Node, edges ...Edge) Suspect {
	t.Helper()
	all := Rank(Input{Nodes: nodes, Edges: edges, Topology: calls()})
	require.NotEmpty(t, all)
	return all[0]
}

func TestNothingToExplainGivesNoSuspect(t *testing.T) {
	require.Empty(t, Rank(Input{Nodes: []Node{change("deploy", "shop", 9, 0)}, Topology: calls()}))
}

func TestUndoingTellsTheGuiltyChange(t *testing.T) {
	nodes := append(trouble(),
		change("deploy", "shop", 9, 50), change("deploy", "prices", 9, 55),
		change("rollback", "shop", 20, 0), change("rollback", "prices", 29, 40))
	s := first(t, nodes)
	require.Equal(t, "prices", nodes[s.Node].Component.Name, "its rollback ended the trouble, that of the nearer one did not")
	require.Equal(t, 6, s.Cure)
	all := Rank(Input{Nodes: nodes, Topology: calls()})
	for _, k := range all {
		if k.Change == 3 {
			require.Equal(t, 5, k.Vain)
		}
	}
}

func TestAChangeAndTheConditionReadFromItAreOneSuspect(t *testing.T) {
	nodes := append(trouble(), change("config", "shop", 9, 50),
		Node{Cause: "config-change", Role: Change, Component: component("shop"), Onset: at(9, 50), Strength: 0.95, Title: "The configuration of shop was changed"})
	all := Rank(Input{Nodes: nodes, Topology: calls()})
	require.Equal(t, 3, all[0].Change, "the change itself has a key and a description")
	for _, s := range all {
		require.NotEqual(t, 4, s.Node)
	}
}

func TestAComponentsOwnNameDoesNotNameAShorterOne(t *testing.T) {
	worker := Node{Component: component("desk-worker"), Title: "desk-worker uses a secret that has expired"}
	deploy := Node{Component: component("desk"), Title: "deploy of desk 611"}
	require.False(t, mentions(&worker, &deploy))
	worker.Title = "desk-worker gets no answer from desk"
	require.True(t, mentions(&worker, &deploy))
}

func TestWithoutAnEndNothingIsUndone(t *testing.T) {
	nodes := append(trouble(), change("deploy", "shop", 9, 50), change("deploy", "shop", 20, 0))
	for i := range nodes {
		nodes[i].End = 0
	}
	s := first(t, nodes)
	require.Equal(t, []int{-1, -1}, []int{s.Cure, s.Vain})
}

func TestWhatWasUndoneInVainIsLessLikely(t *testing.T) {
	nodes := append(trouble(), change("deploy", "shop", 9, 50))
	before := first(t, nodes)
	require.Equal(t, -1, before.Vain)
	nodes = append(nodes, change(Undoing, "shop", 15, 0))
	after := first(t, nodes)
	require.Equal(t, 4, after.Vain)
	require.Less(t, after.Confidence, before.Confidence)
}

func TestWhatBeganWithTroubleMendsNothing(t *testing.T) {
	nodes := append(trouble(), change("deploy", "shop", 9, 50), change("deploy", "prices", 10, 10))
	c := newCures(nodes)
	require.Equal(t, -1, c.healer, "a change at the beginning of trouble is not what ended it")
}

func TestARuleOutweighsCoincidence(t *testing.T) {
	nodes := append(trouble(),
		Node{Cause: "disk-full", Role: Root, Component: component("prices"), Onset: at(9, 40), End: at(30, 0), Strength: 0.9, Weight: 0.6, Title: "the disk of prices is full"},
		change("deploy", "shop", 9, 50))
	s := first(t, nodes,
		Edge{Effect: "http-5xx-ratio", Cause: "disk-full", Reach: Callee, Strength: 0.8}, Edge{Effect: "latency-high", Cause: "disk-full", Reach: Callee, Strength: 0.8})
	require.Equal(t, "disk-full", nodes[s.Node].Cause)
}

func TestASymptomIsNeverASuspect(t *testing.T) {
	for _, s := range Rank(Input{Nodes: append(trouble(), change("deploy", "shop", 9, 50)), Topology: calls()}) {
		require.NotContains(t, []Role{Symptom, Alert}, append(trouble(), change("deploy", "shop", 9, 50))[s.Node].Role)
	}
}

func TestWhatComesAfterCausesNothing(t *testing.T) {
	nodes := append(trouble(), change("deploy", "shop", 12, 0))
	g := build(Input{Nodes: nodes, Topology: calls()})
	require.Empty(t, g.out[3])
	nodes[3].Onset = at(10, 20) // within what two clocks and a scrape blur
	g = build(Input{Nodes: nodes, Topology: calls()})
	require.NotEmpty(t, g.out[3])
}

func TestWhatShowsLateMayBeTheCause(t *testing.T) {
	nodes := append(trouble(), Node{Cause: "cpu", Role: Mid, Component: component("shop"), Onset: at(12, 0), Strength: 0.9, Weight: 0.7, Title: "no processor is left"})
	edges := []Edge{{Effect: "latency-high", Cause: "cpu", Reach: Same, Strength: 0.9}}
	p, _ := build(Input{Nodes: nodes, Edges: edges, Topology: calls()}).between(3, 1)
	require.Zero(t, p)
	nodes[3].Early = int64(2 * time.Minute) // it was measured over two minutes
	p, _ = build(Input{Nodes: nodes, Edges: edges, Topology: calls()}).between(3, 1)
	require.InDelta(t, 0.9, p, 1e-9)
}

func TestARuleKnowsTheDirection(t *testing.T) {
	nodes := []Node{
		{Cause: "hung", Role: Mid, Component: component("shop"), Onset: at(10, 0), Strength: 0.9, Weight: 0.7, Title: "shop hangs"},
		{Cause: "down", Role: Mid, Component: component("shop"), Onset: at(10, 0), Strength: 0.9, Weight: 0.7, Title: "shop is down"},
	}
	g := build(Input{Nodes: nodes, Edges: []Edge{{Effect: "down", Cause: "hung", Reach: Same, Strength: 0.9}}, Topology: calls()})
	require.InDelta(t, 0.9, g.out[0][0].p, 1e-9)
	require.Less(t, g.out[1][0].p, 0.1)
}
