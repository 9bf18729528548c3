package match

import (
	"bytes"
	"slices"

	"github.com/hindcast/hindcast/correlate/pattern"
	"github.com/hindcast/hindcast/ingest/event"
)

// Candidates gives the ids of the matchers that records of r's shape, its severity and the fingerprint of its message,
// can satisfy, ascending. It is right for records without a detail whose messages are not [Padded]; for others ask
// [Scanner.CandidatesFull] about each.
// The slice is valid until the next call.
//
// Where a part of the message that varies can hold anything, that is every matcher of the severity: [Scanner.Narrow]
// lets the caller look at each record instead, which costs less.
func (sc *Scanner) Candidates(r *event.Record) []int32 {
	ids, full := sc.Narrow(r)
	if !full && !Padded(r.Message) {
		return ids
	}
	out := sc.out[:0]
	for id := range sc.set.matchers {
		if sc.set.matchers[id].severe(r.Severity) {
			out = append(out, int32(id))
		}
	}
	sc.out = out
	return out
}

// Narrow is Candidates, but sets full and gives no ids if variable parts of the message can hold anything: then
// [Scanner.CandidatesFull] is to be asked about every record of the shape.
//
// The automaton runs over the shape in all its states at once: over constant text as usual, over a variable part into
// every state that some value of its class leads to. Literals that lie in, or reach into, a variable part are found so.
func (sc *Scanner) Narrow(r *event.Record) (ids []int32, full bool) {
	if len(r.Message) > 0 {
		sc.pieces = pattern.Parts(sc.pieces[:0], r.Message)
	} else {
		sc.pieces = sc.pieces[:0]
	}
	for _, p := range sc.pieces {
		if p.Class != pattern.Const && alphabets[p.Class].open {
			return nil, true
		}
	}
	sc.begin()
	states := append(sc.states[:0], 0)
	for _, p := range sc.pieces {
		if p.Class == pattern.Const {
			states = sc.over(states, p.Text)
		} else {
			states = sc.through(states, p.Class)
		}
	}
	sc.states = states
	return sc.finish(r.Severity, sc.set.loose[min(r.Severity, event.Critical)]), false
}

// Gates gives, right after [Scanner.Narrow], the literals of which one must stand in a record of the shape for any of the matchers
// to hold, and false if there are none such or too many to look for each.
func (sc *Scanner) Gates(ids []int32) ([]Gate, bool) {
	var gates []Gate
	for _, id := range ids {
		before := len(gates)
		for _, l := range sc.set.gates[id] {
			if sc.seen[l] == sc.round && !slices.Contains(gates, Gate(l)) {
				gates = append(gates, Gate(l))
			}
		}
		if len(gates) == before || len(gates) > mostGates {
			return nil, false
		}
	}
	return gates, true
}

// A Gate is a literal without which some matcher cannot hold.
type Gate int32

// mostGates is how many are looked for one by one; more are the sieve's.
const mostGates = 4

// Passes tells whether the message holds one of the literals.
func (sc *Scanner) Passes(gates []Gate, message []byte) bool {
	for _, g := range gates {
		if l := &sc.set.literals[g]; l.fold && containsFold(message, l.text) || !l.fold && bytes.Contains(message, []byte(l.text)) {
			return true
		}
	}
	return false
}

// Padded tells whether a message has white space around it, which does not belong to its shape.
func Padded(message []byte) bool {
	n := len(message)
	return n > 0 && (message[0] <= ' ' || message[n-1] <= ' ')
}

// over runs all states over constant text.
func (sc *Scanner) over(states []uint32, text []byte) []uint32 {
	a := sc.set.automaton
	for i := range text {
		if len(states) == 1 {
			// One state is left, as nearly always: the rest is the usual loop.
			states[0] = sc.run(states[0], text, i)
			return states
		}
		out := states[:0]
		sc.stamp++
		for _, row := range states {
			row = a.next[row+uint32(a.class[text[i]])]
			if row&hasOutput != 0 {
				sc.outputs(row, text, i)
				row &^= hasOutput
			}
			if sc.marks[row/uint32(a.classes)] != sc.stamp {
				sc.marks[row/uint32(a.classes)] = sc.stamp
				out = append(out, row)
			}
		}
		states = out
	}
	return states
}

// run is over for one state, from a place in the text on.
func (sc *Scanner) run(row uint32, text []byte, from int) uint32 {
	a := sc.set.automaton
	for i := from; i < len(text); i++ {
		row = a.next[row&^hasOutput+uint32(a.class[text[i]])]
		if row&hasOutput != 0 {
			sc.outputs(row, text, i)
		}
	}
	return row &^ hasOutput
}

// outputs marks the patterns that end at text[i], those that begin before the text whatever they are there.
func (sc *Scanner) outputs(row uint32, text []byte, i int) {
	a := sc.set.automaton
	for _, p := range a.output(row) {
		if n := int(a.lengths[p]); n <= i+1 {
			sc.hit(p, text[i+1-n:i+1])
		} else {
			sc.hit(p, nil)
		}
	}
}

// through follows all values of a class of variable parts.
func (sc *Scanner) through(states []uint32, class pattern.Class) []uint32 {
	in := append(sc.spare[:0], states...)
	out := states[:0]
	sc.spare = in
	sc.spread++
	for _, row := range in {
		e := sc.expand(row, class)
		for _, p := range e.patterns {
			sc.hit(p, nil)
		}
		for _, to := range e.states {
			if at := to / uint32(sc.set.automaton.classes); sc.reach[at] != sc.spread {
				sc.reach[at] = sc.spread
				out = append(out, to)
			}
		}
	}
	return out
}

// expansion is where the values of a class lead from one state: the states, that one included, and the patterns that end
// on the way.
type expansion struct {
	states   []uint32
	patterns []int32
}

type expandKey struct {
	row   uint32
	class pattern.Class
}

// expand gives an expansion, mostly from memory: nearly all variable parts begin in the root or one state away.
func (sc *Scanner) expand(row uint32, class pattern.Class) expansion {
	key := expandKey{row, class}
	recent := &sc.recent[(row*31+uint32(class))%uint32(len(sc.recent))]
	if recent.key == key {
		return recent.expansion
	}
	e, ok := sc.expansions[key]
	if !ok {
		e = sc.follow(row, class)
		if len(sc.expansions) >= cacheLimit {
			clear(sc.expansions)
		}
		sc.expansions[key] = e
	}
	recent.key, recent.expansion = key, e
	return e
}

// follow computes an expansion.
func (sc *Scanner) follow(row uint32, class pattern.Class) expansion {
	a := sc.set.automaton
	alphabet := &alphabets[class]
	e := expansion{states: []uint32{row}}
	known := map[uint32]bool{row: true}
	follow := func(from uint32, c byte) uint32 {
		to := a.step(from, c)
		if to&hasOutput != 0 {
			for _, p := range a.output(to) {
				if !slices.Contains(e.patterns, p) {
					e.patterns = append(e.patterns, p)
				}
			}
		}
		return to &^ hasOutput
	}
	reached := func(to uint32) {
		if !known[to] {
			known[to] = true
			e.states = append(e.states, to)
		}
	}
	for i := 0; i < len(e.states); i++ {
		for _, c := range []byte(alphabet.bytes) {
			reached(follow(e.states[i], c))
		}
		for _, word := range alphabet.words {
			s := e.states[i]
			for _, c := range []byte(word) {
				s = follow(s, c)
			}
			reached(s)
		}
	}
	return e
}
