package correlate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hindcast/hindcast/correlate/rank"
	"github.com/hindcast/hindcast/correlate/rule"
	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/ingest/event"
)

// mostSuspects is how many a report lists: beyond the first few they are noise.
const mostSuspects = 5

func (s *story) suspectsOf() []timeline.Suspect {
	out := []timeline.Suspect{}
	for i, k := range s.suspects {
		if i == mostSuspects || i > 0 && k.Confidence < 0.08 {
			break
		}
		out = append(out, s.suspectOf(i, k))
	}
	return out
}

func (s *story) suspectOf(i int, k rank.Suspect) timeline.Suspect {
	n := &s.nodes[k.Node]
	v := timeline.Suspect{
		Rank: i + 1, Cause: n.Cause, Title: n.Title, Component: n.Component.Name, Onset: event.Time(n.Onset), OnsetError: float64(n.Error) / 1e9,
		Confidence: round(k.Confidence), Level: timeline.LevelOf(round(k.Confidence)), Chain: []string{}, Links: []timeline.Link{},
		Reasons: []timeline.Sentence{}, Against: []timeline.Sentence{}, NextChecks: []string{},
	}
	if k.Change >= 0 {
		c := &s.nodes[k.Change]
		id := c.ID
		v.Change = &id
		if k.Change != k.Node {
			v.Title = n.Title + ", after " + midSentence(c.Title)
		}
	}
	s.chain(&v, k)
	s.reasons(&v, k)
	if c := s.condition(k.Node); c != nil {
		v.NextChecks, v.Actions, v.References = nonNil(c.Rule.NextChecks), c.Rule.Actions, c.Rule.References
		v.Rule = c.Rule.Position()
	} else {
		for _, id := range s.pathNodes(k) {
			if c := s.condition(id); c != nil {
				v.NextChecks, v.Actions = nonNil(c.Rule.NextChecks), c.Rule.Actions
				break
			}
		}
	}
	return v
}

// midSentence gives a title without the capital of an article at its beginning.
func midSentence(title string) string {
	for _, article := range []string{"A ", "An ", "The "} {
		if rest, ok := strings.CutPrefix(title, article); ok {
			return strings.ToLower(article) + rest
		}
	}
	return title
}

func nonNil(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// condition returns the condition that a node stands for, nil if it stands for something else. Conditions are the first nodes.
func (s *story) condition(node int) *rule.Condition {
	if node < len(s.conditions) {
		return &s.conditions[node]
	}
	return nil
}

// pathNodes is the way from the cause to the symptom that matters most, along which the chain is told.
func (s *story) pathNodes(k rank.Suspect) []int {
	best, bestWorth := -1, 0.0
	for j := range k.Explained {
		n := &s.nodes[j]
		if j == k.Node {
			continue
		}
		worth := n.Weight * k.Explained[j].P
		if n.Role == rank.Alert || n.Role == rank.Symptom {
			worth *= 1.5
		}
		// A longer way tells more.
		for via := k.Explained[j].Via; via >= 0; via = k.Explained[via].Via {
			worth *= 1.08
		}
		if worth > bestWorth {
			best, bestWorth = j, worth
		}
	}
	var path []int
	for j := best; j >= 0; j = k.Explained[j].Via {
		path = append(path, j)
		if j == k.Node {
			break
		}
	}
	slices.Reverse(path)
	if len(path) == 0 {
		path = []int{k.Node}
	}
	return path
}

func (s *story) chain(v *timeline.Suspect, k rank.Suspect) {
	path := s.pathNodes(k)
	if k.Change >= 0 && k.Change != k.Node {
		path = append([]int{k.Change}, path...)
	}
	last := -1
	for _, node := range path {
		i := s.entryOf(node)
		if i < 0 {
			continue
		}
		id := s.entries[i].id
		v.Chain = append(v.Chain, id)
		if last >= 0 {
			why, p := "", 0.0
			switch {
			case node == k.Node && k.Change >= 0:
				why, p = "the change that went before", k.Confidence
				if k.Trigger > 0 {
					p = min(p, k.Trigger)
				}
			default:
				x := k.Explained[node]
				why = x.Why
				p = x.P
				if x.Via >= 0 && k.Explained[x.Via].P > 0 {
					p = x.P / k.Explained[x.Via].P
				}
			}
			v.Links = append(v.Links, timeline.Link{From: s.entries[last].id, To: id, Confidence: round(min(p, 1)), Why: why + s.lagWords(last, i)})
		}
		last = i
	}
}

func (s *story) lagWords(from, to int) string {
	d := s.entries[to].at - s.entries[from].at
	if d <= 0 {
		return ", at the same time"
	}
	return ", " + seconds(d) + " later"
}

func (s *story) entryOf(node int) int {
	return slices.IndexFunc(s.entries, func(e entry) bool { return e.node == node })
}

// reasons says in words what speaks for a suspect and what against it.
func (s *story) reasons(v *timeline.Suspect, k rank.Suspect) {
	n := &s.nodes[k.Node]
	if i := s.entryOf(k.Node); i >= 0 {
		v.Reasons = append(v.Reasons, timeline.Sentence{Text: "It was seen: " + n.Title + ".", Evidence: nonNil(s.entries[i].refs)})
	}
	if k.Change >= 0 && k.Change != k.Node {
		if i := s.entryOf(k.Change); i >= 0 {
			lag := n.Onset - s.nodes[k.Change].Onset
			v.Reasons = append(v.Reasons, timeline.Sentence{
				Text: fmt.Sprintf("%s went %s before.", capital(s.nodes[k.Change].Title), seconds(max(lag, 0))), Evidence: nonNil(s.entries[i].refs),
			})
		}
	}
	if k.Cure >= 0 {
		v.Reasons = append(v.Reasons, timeline.Sentence{
			Text: "The trouble ended after this, which changed the same again: " + s.nodes[k.Cure].Title + ".", Evidence: s.refs([]int{k.Cure}),
		})
	}
	if k.Vain >= 0 {
		v.Against = append(v.Against, timeline.Sentence{
			Text: "The trouble went on after this, which changed the same again: " + s.nodes[k.Vain].Title + ".", Evidence: s.refs([]int{k.Vain}),
		})
	}
	var explains, leaves []int
	for j := range s.nodes {
		if j == k.Node || s.nodes[j].Weight < 0.3 {
			continue
		}
		if k.Explained[j].P >= 0.2 {
			explains = append(explains, j)
		} else if k.Explained[j].P < 0.1 {
			leaves = append(leaves, j)
		}
	}
	if len(explains) > 0 {
		v.Reasons = append(v.Reasons, timeline.Sentence{Text: "It explains: " + s.list(explains) + ".", Evidence: s.refs(explains)})
	}
	if len(leaves) > 0 {
		v.Against = append(v.Against, timeline.Sentence{Text: "It does not explain: " + s.list(leaves) + ".", Evidence: s.refs(leaves)})
	}
	if k.Rival >= 0.3 && n.Role != rank.Change {
		v.Against = append(v.Against, timeline.Sentence{Text: "Something earlier may itself have brought it about (" + strconv.FormatFloat(round(k.Rival), 'f', -1, 64) + ").", Evidence: s.refs([]int{k.Node})})
	}
}

// list names the first few of some nodes.
func (s *story) list(nodes []int) string {
	const most = 4
	var parts []string
	for _, j := range nodes[:min(len(nodes), most)] {
		parts = append(parts, s.nodes[j].Title)
	}
	text := strings.Join(parts, "; ")
	if len(nodes) > most {
		text += fmt.Sprintf(" and %d more", len(nodes)-most)
	}
	return text
}

func (s *story) refs(nodes []int) []string {
	refs := []string{}
	for _, j := range nodes {
		if i := s.entryOf(j); i >= 0 && len(s.entries[i].refs) > 0 && len(refs) < 8 {
			refs = append(refs, s.entries[i].refs[0])
		}
	}
	return refs
}

// ruledOut names the changes before the impact that explain little, and the further suspects that something else explains:
// what a reader would otherwise ask about.
func (s *story) ruledOut() []timeline.RuledOut {
	out := []timeline.RuledOut{}
	if len(s.suspects) == 0 {
		return out
	}
	named := map[int]bool{}
	for i, k := range s.suspects {
		if i < mostSuspects {
			named[k.Node], named[k.Change] = true, true
		}
	}
	best := s.suspects[0]
	for j := range s.nodes {
		n := &s.nodes[j]
		if named[j] || len(out) == 8 {
			continue
		}
		i := s.entryOf(j)
		if i < 0 {
			continue
		}
		switch {
		case n.Role == rank.Change && n.Name != "commit" && n.Name != rank.Undoing && n.Onset >= s.window.Baseline.From && n.Onset < s.window.From+s.window.Duration().Nanoseconds()/2:
			reason := "no symptom can be traced to it"
			if n.Onset > s.nodes[best.Node].Onset && best.Explained[j].P == 0 {
				reason = "the trouble began before it"
			}
			out = append(out, timeline.RuledOut{Title: n.Title, Reason: reason, Evidence: nonNil(s.entries[i].refs)})
		case (n.Role == rank.Root || n.Role == rank.Mid) && best.Explained[j].P >= 0.3:
			out = append(out, timeline.RuledOut{Title: n.Title, Reason: "it is a consequence of the first suspect", Evidence: nonNil(s.entries[i].refs)})
		}
	}
	return out
}
