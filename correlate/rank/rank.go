// Package rank finds which suspects explain best what was observed.
//
// It is abduction on a graph. Nodes are what was recognised: conditions, changes, alerts and anomalies. An edge says that one can have
// brought about the other, with a probability: because the rules say so, because one component calls the other, because
// a change went before. A suspect is as good as the share of the symptoms that it reaches along edges that respect time,
// weighed by what kind of thing it is, and as bad as others explain itself.
package rank

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hindcast/hindcast/ingest/event"
)

// Role is what a node may be in an explanation.
type Role string

// The roles. Rules give the first six; alerts and anomalies are what no rule speaks of.
const (
	Root    Role = "root"
	Mid     Role = "mid"
	Symptom Role = "symptom"
	Change  Role = "change"
	LeadUp  Role = "lead-up"
	Gap     Role = "gap"
	Alert   Role = "alert"
	Anomaly Role = "anomaly"
)

// Node is something recognised.
type Node struct {
	// Cause is a condition's id, "change" or "anomaly".
	Cause     string
	Role      Role
	Component event.Component
	// Hosts are where it happened, if that is known of the node itself.
	Hosts             []string
	Onset, Error, End int64
	// Early is how much before Onset it may have begun unseen, in nanoseconds.
	Early    int64
	Strength float64
	// Weight is how much it asks to be explained; 0 for changes.
	Weight float64
	Title  string
	// Name and ID are a change's sort and key.
	Name, ID string
	// Slow is set for what builds up over hours or days: trends and leaks. A change that began it lies at its onset.
	Slow bool
	// Resource is set for an anomaly in a component's own resources, which its callees cannot explain.
	Resource bool
	// Explains are patterns of titles that this condition accounts for.
	Explains []*regexp.Regexp
	// Text is what Explains and names of components are looked for in, besides Title.
	Text string
}

// Reach says where a cause lies, seen from its effect.
type Reach string

// The reaches.
const (
	Same   Reach = "same"
	Callee Reach = "callee"
	Caller Reach = "caller"
	Host   Reach = "host"
	Any    Reach = "any"
)

// Edge is what the rules know: Cause can bring about Effect.
type Edge struct {
	Effect string
	// Cause is a condition's id, or empty for a change of one of the sorts in Changes (none given: any sort).
	Cause    string
	Changes  []string
	Reach    Reach
	Within   time.Duration
	Strength float64
}

// Input is what is ranked.
type Input struct {
	Nodes    []Node
	Edges    []Edge
	Topology *event.Topology
}

// Suspect is an explanation.
type Suspect struct {
	// Node is the index of the cause, Change that of the change which triggered it, -1 if none is known.
	Node, Change int
	// Trigger is the probability that Change brought Node about, from 0 to 1; 0 if only its undoing tells so.
	Trigger    float64
	Score      float64
	Confidence float64
	// Coverage is the share of what asks to be explained that this does.
	Coverage float64
	// Explained holds for each node the probability that this brought it about, with the node before it on the way.
	Explained []Path
	// Rival is the strongest probability that an earlier node explains the suspect itself.
	Rival float64
	// Cure is the later change that undid Change and mended things, Vain the one that undid it while trouble went on; -1 if none.
	Cure, Vain int
}

// Path is how a suspect reaches a node.
type Path struct {
	P   float64
	Via int
	Why string
}

// slack is how much later than its effect a cause may seem to begin: buckets, scrapes and rule durations blur both.
const slack = int64(90 * time.Second)

// changeSlack is the same for changes, whose times are records of their own and not read off anything.
const changeSlack = int64(30 * time.Second)

// Rank orders the suspects, the best first.
func Rank(in Input) []Suspect {
	g := build(in)
	var all []Suspect
	total := 0.0
	for i := range in.Nodes {
		total += in.Nodes[i].Weight
	}
	if total == 0 {
		return nil
	}
	for i := range in.Nodes {
		if prior(&in.Nodes[i]) == 0 {
			continue
		}
		s := g.suspect(i, total)
		if s.Score > 0.01 {
			all = append(all, s)
		}
	}
	slices.SortStableFunc(all, func(a, b Suspect) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(in.Nodes[a.Node].Onset, in.Nodes[b.Node].Onset), strings.Compare(in.Nodes[a.Node].Title, in.Nodes[b.Node].Title))
	})
	all = fold(in, g, all)
	weighCures(in.Nodes, all)
	confide(in, all)
	return all
}

// prior is how readily a node of a role is believed to be where an explanation ends.
func prior(n *Node) float64 {
	switch n.Role {
	case Root:
		return 1
	case Mid:
		return 0.72
	case Change:
		if n.Name == "rollback" {
			return 0.4 // it is more often what helps
		}
		return 0.7
	case Anomaly:
		return 0.45
	case LeadUp:
		return 0.4
	default:
		return 0
	}
}

// sureness is how much the strength of its evidence lets a suspect count.
func sureness(strength float64) float64 { return 0.35 + 0.65*strength }

func (g *graph) suspect(i int, total float64) Suspect {
	n := &g.in.Nodes[i]
	s := Suspect{Node: i, Change: -1, Cure: -1, Vain: -1, Explained: g.reach(i)}
	covered := 0.0
	for j := range s.Explained {
		w := g.in.Nodes[j].Weight
		if j == i {
			// A cause accounts for itself, but that alone is no explanation of anything.
			w *= 0.3
		}
		covered += w * s.Explained[j].P
	}
	s.Coverage = covered / total
	for _, e := range g.into[i] {
		o := &g.in.Nodes[e.from]
		// A warning before the onset is no other cause, nor is the same state of a thing that goes by two names.
		if prior(o) == 0 || o.Role == LeadUp || o.Cause == n.Cause && o.Role != Change && o.Role != Anomaly {
			continue
		}
		p := e.p * o.Strength
		if o.Role == Anomaly {
			p /= 2
		}
		s.Rival = max(s.Rival, p)
	}
	rootness := 1 - s.Rival
	switch n.Role {
	case Root:
		rootness = 1 - 0.3*s.Rival
	case Change:
		rootness = 1
	}
	s.Score = prior(n) * sureness(n.Strength) * math.Sqrt(s.Coverage) * rootness
	return s
}
