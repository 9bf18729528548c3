package match

import (
	"bytes"
	"hash/maphash"
	"slices"

	"github.com/hindcast/hindcast/correlate/pattern"
	"github.com/hindcast/hindcast/ingest/event"
)

// Scanner asks a Set about records. It holds scratch space and caches: one a worker, not safe for concurrent use.
type Scanner struct {
	set *Set
	// round numbers the calls, to tell what in seen and met is of this one.
	round   uint32
	seen    []uint32 // by literal
	met     []groups // by matcher
	touched []int32
	out     []int32
	pieces  []pattern.Piece
	// states and spare are sets of the automaton's states; marks and reach tell which are already in.
	states, spare []uint32
	marks, reach  []uint64
	stamp, spread uint64
	// expansions are those met, recent the ones met last, by a part of their key.
	expansions map[expandKey]expansion
	recent     [1024]struct {
		key expandKey
		expansion
	}
	text    []byte
	values  [][]byte
	speaker []map[string]bool
	logger  []map[string]bool
	eval    evaluator
	// memos are the texts met last, by a part of their hash; alike is room for one without its digits.
	memos  [memoSize]memo
	alike  []byte
	seed   maphash.Seed
	errors map[int32]int64
}

// groups is the set of a matcher's groups that were seen in a round.
type groups struct {
	round uint32
	set   uint64
}

// Start makes a scanner.
func (s *Set) Start() *Scanner {
	return &Scanner{
		set:        s,
		seen:       make([]uint32, len(s.literals)),
		met:        make([]groups, len(s.matchers)),
		speaker:    make([]map[string]bool, len(s.matchers)),
		logger:     make([]map[string]bool, len(s.matchers)),
		errors:     map[int32]int64{},
		seed:       maphash.MakeSeed(),
		marks:      make([]uint64, len(s.automaton.outputs)),
		reach:      make([]uint64, len(s.automaton.outputs)),
		expansions: map[expandKey]expansion{},
	}
}

// CandidatesFull gives the ids of the matchers that this one record can satisfy, ascending. The slice is valid until the
// next call.
func (sc *Scanner) CandidatesFull(r *event.Record) []int32 {
	if !sc.MayHold(r) {
		return sc.Loose(r)
	}
	return sc.Scan(r)
}

// Scan is CandidatesFull for a record that is known to hold some literal.
func (sc *Scanner) Scan(r *event.Record) []int32 {
	sc.begin()
	sc.scan(r.Message)
	sc.scan(r.Detail)
	return sc.finish(r.Severity, sc.Loose(r))
}

// Loose gives the ids of the matchers that need no literal and fit the record's severity, ascending.
func (sc *Scanner) Loose(r *event.Record) []int32 {
	return sc.set.loose[min(r.Severity, event.Critical)]
}

// MayHold tells whether the record's text holds a literal without which some matcher cannot hold.
func (sc *Scanner) MayHold(r *event.Record) bool {
	return sc.set.sieve.holds(r.Message) || len(r.Detail) > 0 && sc.set.sieve.holds(r.Detail)
}

// Fitting gives those of the matchers that r's severity, status and component do not rule out. They fit or not for all
// records that have these in common.
func (sc *Scanner) Fitting(ids []int32, r *event.Record, component string) []int32 {
	var fit []int32
	for _, id := range ids {
		m := &sc.set.matchers[id]
		if m.severe(r.Severity) && (m.where == nil || m.where.fits(r)) && (m.speaker == nil || cached(&sc.speaker[id], m.speaker, component)) {
			fit = append(fit, id)
		}
	}
	return fit
}

func (sc *Scanner) begin() {
	sc.round++
	if sc.round == 0 { // after four billion calls, old marks would look new
		clear(sc.seen)
		clear(sc.met)
		sc.round = 1
	}
	sc.touched = sc.touched[:0]
}

// scan marks the literals in a text.
func (sc *Scanner) scan(text []byte) {
	a := sc.set.automaton
	row := uint32(0)
	for i, c := range text {
		row = a.next[row&^hasOutput+uint32(a.class[c])]
		if row&hasOutput == 0 {
			continue
		}
		for _, p := range a.output(row) {
			sc.hit(p, text[i+1-int(a.lengths[p]):i+1])
		}
	}
}

// hit marks the literals of a pattern that stand in the text as they are written. A nil text is one that is not known,
// where all may.
func (sc *Scanner) hit(pattern int32, text []byte) {
	for _, id := range sc.set.byPattern[pattern] {
		if sc.seen[id] == sc.round {
			continue
		}
		if l := &sc.set.literals[id]; text != nil && !l.fold && string(text) != l.text {
			continue
		}
		sc.seen[id] = sc.round
		for _, u := range sc.set.uses[id] {
			g := &sc.met[u.matcher]
			if g.round != sc.round {
				*g = groups{round: sc.round}
				sc.touched = append(sc.touched, u.matcher)
			}
			g.set |= u.group
		}
	}
}

// finish gives the matchers all of whose groups were seen, and the loose ones.
func (sc *Scanner) finish(severity event.Severity, loose []int32) []int32 {
	out := append(sc.out[:0], loose...)
	for _, id := range sc.touched {
		m := &sc.set.matchers[id]
		if sc.met[id].set == m.all && m.severe(severity) {
			out = append(out, id)
		}
	}
	if len(out) > len(loose) {
		slices.Sort(out)
	}
	sc.out = out
	return out
}

// Match tells whether a record satisfies a matcher. The component is the speaker's name.
func (sc *Scanner) Match(id int32, r *event.Record, component string) (Hit, bool) {
	m := &sc.set.matchers[id]
	if !m.severe(r.Severity) || m.where != nil && !m.where.possible(r) ||
		m.speaker != nil && !cached(&sc.speaker[id], m.speaker, component) ||
		m.logger != nil && !cachedBytes(&sc.logger[id], m.logger, r.Logger) ||
		!m.literalsHold(r) {
		return Hit{}, false
	}
	hit := Hit{Values: sc.room(len(m.captures))}
	for i := range m.fields {
		f := &m.fields[i]
		value := field(r, f.key)
		if f.plain() {
			if !f.expr.compiled().Match(value) {
				return Hit{}, false
			}
			continue
		}
		loc := f.expr.compiled().FindSubmatchIndex(value)
		if loc == nil {
			return Hit{}, false
		}
		hit.take(loc, f.slots, f.targets, value)
	}
	if m.expr != nil {
		text := sc.join(r)
		loc := sc.find(id, m, text)
		if loc == nil {
			return Hit{}, false
		}
		hit.take(loc, m.slots, m.targets, text)
	}
	if m.where != nil && !m.where.enough {
		ok, err := sc.eval.holds(m.where, r, component, hit.Values)
		if err != nil {
			sc.errors[id]++
		}
		if !ok {
			return Hit{}, false
		}
	}
	return hit, true
}

// Errors gives how often a matcher's expression could not be evaluated, which counts as not matching.
func (sc *Scanner) Errors() map[int32]int64 { return sc.errors }

func (sc *Scanner) room(n int) [][]byte {
	if n == 0 {
		return nil
	}
	if cap(sc.values) < n {
		sc.values = make([][]byte, n)
	}
	values := sc.values[:n]
	clear(values)
	return values
}

// join gives message and detail as one text.
func (sc *Scanner) join(r *event.Record) []byte {
	if len(r.Detail) == 0 {
		return r.Message
	}
	sc.text = append(sc.text[:0], r.Message...)
	sc.text = append(sc.text, '\n')
	sc.text = append(sc.text, r.Detail...)
	return sc.text
}

// plain tells whether nothing is captured from the field.
func (f *fieldMatcher) plain() bool {
	return len(f.targets) == 0 && !slices.ContainsFunc(f.slots, func(s int) bool { return s >= 0 })
}

// take fills in what an expression captured from a text.
func (hit *Hit) take(loc, slots, targets []int, text []byte) {
	for i, slot := range slots {
		if slot >= 0 && loc[2*i] >= 0 {
			hit.Values[slot] = text[loc[2*i]:loc[2*i+1]]
		}
	}
	for _, i := range targets {
		if loc[2*i] >= 0 && loc[2*i] < loc[2*i+1] && !helps(text[loc[2*i]:loc[2*i+1]]) {
			hit.Target = text[loc[2*i]:loc[2*i+1]]
			break
		}
	}
}

// helps tells the host of a page that explains a message, to which many messages link: it is never the one to blame.
func helps(target []byte) bool {
	for _, host := range [...]string{"aka.ms", "go.microsoft.com", "curl.se", "curl.haxx.se"} {
		if string(target) == host {
			return true
		}
	}
	for _, start := range [...]string{"docs.", "learn.", "help.", "developer.", "developers."} {
		if bytes.HasPrefix(target, []byte(start)) {
			return true
		}
	}
	return false
}

func field(r *event.Record, key string) []byte {
	for i := range r.Fields {
		if string(r.Fields[i].Key) == key {
			return r.Fields[i].Value
		}
	}
	return nil
}

// literalsHold tests the literals that the matcher names.
func (m *matcher) literalsHold(r *event.Record) bool {
	if len(m.contains) > 0 && !slices.ContainsFunc(m.contains, func(l literal) bool { return l.in(r) }) {
		return false
	}
	for _, l := range m.containsAll {
		if !l.in(r) {
			return false
		}
	}
	for _, l := range m.notContains {
		if l.in(r) {
			return false
		}
	}
	return true
}

func (l literal) in(r *event.Record) bool {
	if !l.fold {
		return bytes.Contains(r.Message, []byte(l.text)) || len(r.Detail) > 0 && bytes.Contains(r.Detail, []byte(l.text))
	}
	return containsFold(r.Message, l.text) || containsFold(r.Detail, l.text)
}
