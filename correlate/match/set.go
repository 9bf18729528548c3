package match

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/hindcast/hindcast/ingest/event"
)

// Set is compiled matchers. A matcher's id is its place in the list that [Compile] was given. A Set is constant and may
// be shared; each worker has its own [Scanner].
type Set struct {
	matchers  []matcher
	literals  []literal
	automaton *automaton
	sieve     *sieve
	// gates are the literals of each matcher of which one must be there, the longest such group; none for loose ones.
	gates [][]int32
	// byPattern are the literals of each of the automaton's patterns, and uses the groups that each literal belongs to.
	byPattern [][]int32
	uses      [][]use
	// loose are the matchers that need no literal, by the record's severity.
	loose [int(event.Critical) + 1][]int32
	// wanted are the fields that some matcher looks at.
	wanted []string
}

// literal is a string that a matcher needs, as it is written there.
type literal struct {
	text string
	fold bool
}

// use says that a literal satisfies a group of a matcher.
type use struct {
	matcher int32
	group   uint64
}

// matcher is one compiled Log.
type matcher struct {
	log             Log
	contains        []literal
	containsAll     []literal
	notContains     []literal
	expr            *expression
	fields          []fieldMatcher
	logger, speaker *expression
	where           *where
	captures        []string
	// target and slots say where the groups of expr go: slots[i] is the place in captures of group i, or -1.
	slots   []int
	targets []int
	// all is the set of groups of literals that must be seen.
	all uint64
}

type fieldMatcher struct {
	key            string
	expr           *expression
	slots, targets []int
}

// Records are sorted out ahead by as much as tells them apart; [Scanner.Match] tests the rest.
const (
	// maxGroups is how many groups of literals of a matcher are looked for, those with the longest ones.
	maxGroups = 4
	// maxLiteral is how much of a literal the automaton knows, in bytes.
	maxLiteral = 12
)

// chunk is how many matchers are compiled in one go.
const chunk = 32

// Compile compiles matchers. What is wrong with one is an [*Error]; errors of several are joined.
func Compile(logs []Log) (*Set, error) {
	s := &Set{matchers: make([]matcher, len(logs)), gates: make([][]int32, len(logs))}
	b := builder{set: s, patterns: map[string]int32{}, ids: map[literal]int32{}}
	errs, groups := make([]error, len(logs)), make([][][]literal, len(logs))
	var compiling sync.WaitGroup
	for from := 0; from < len(logs); from += chunk {
		compiling.Go(func() {
			for i := from; i < min(from+chunk, len(logs)); i++ {
				var m *matcher
				if m, errs[i] = compile(i, logs[i]); errs[i] == nil {
					s.matchers[i], groups[i] = *m, m.groups()
				}
			}
		})
	}
	compiling.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	for i := range s.matchers {
		b.add(int32(i), &s.matchers[i], groups[i])
	}
	b.finish()
	return s, nil
}

// Check tells what is wrong with a matcher, an [*Error], and else what it learnt of its regular expression, nil if it has none.
func Check(l Log) (*Learnt, error) {
	m, err := compile(0, l)
	if err != nil || m.expr == nil {
		return nil, err
	}
	return &m.expr.Learnt, nil
}

// Len is the number of matchers.
func (s *Set) Len() int { return len(s.matchers) }

// Captures gives the names of the groups that a matcher captures, without "target".
func (s *Set) Captures(id int) []string { return s.matchers[id].captures }

// Wanted gives the record fields that matchers look at, sorted.
func (s *Set) Wanted() []string { return s.wanted }

// Loose gives the matchers that no literal leads to: they are tried on every record of a fitting severity.
func (s *Set) Loose() []int32 {
	return s.loose[event.Unknown]
}

func compile(index int, l Log) (*matcher, error) {
	m := &matcher{log: l}
	for _, list := range []struct {
		name string
		from []string
		to   *[]literal
	}{{"contains", l.Contains, &m.contains}, {"contains_all", l.ContainsAll, &m.containsAll}, {"not_contains", l.NotContains, &m.notContains}} {
		for i, text := range list.from {
			if err := checkLiteral(text); err != nil {
				return nil, &Error{Index: index, Field: list.name, Pos: i, Err: err}
			}
			if l.IgnoreCase {
				text = foldString(text)
			}
			*list.to = append(*list.to, literal{text: text, fold: l.IgnoreCase})
		}
	}
	if err := m.compileExprs(index); err != nil {
		return nil, err
	}
	if l.Where != "" {
		w, err := compileWhere(l.Where, m.captures)
		if err != nil {
			return nil, &Error{Index: index, Field: "where", Err: err}
		}
		m.where = w
	}
	return m, nil
}

func checkLiteral(text string) error {
	switch {
	case text == "":
		return errors.New("an empty literal stands in every text")
	case slices.Contains([]byte(text), '\n'):
		return errors.New("a literal cannot hold a line break: write two in contains_all, or a regexp")
	default:
		return nil
	}
}

func (m *matcher) compileExprs(index int) error {
	var err error
	if m.log.Regexp != "" {
		if m.log.Learnt != nil {
			m.expr = &expression{source: m.log.Regexp, Learnt: *m.log.Learnt}
		} else if m.expr, err = parseExpression(m.log.Regexp); err != nil {
			return &Error{Index: index, Field: "regexp", Err: err}
		}
		m.slots, m.targets = m.capture(m.expr)
	}
	for _, key := range slices.Sorted(maps.Keys(m.log.Fields)) {
		f := fieldMatcher{key: key}
		if f.expr, err = anchored(m.log.Fields[key]); err != nil {
			return &Error{Index: index, Field: "fields", Key: key, Err: err}
		}
		f.slots, f.targets = m.capture(f.expr)
		m.fields = append(m.fields, f)
	}
	if m.log.Logger != "" {
		if m.logger, err = anchored(m.log.Logger); err != nil {
			return &Error{Index: index, Field: "logger", Err: err}
		}
	}
	if m.log.Speaker != "" {
		if m.speaker, err = anchored(m.log.Speaker); err != nil {
			return &Error{Index: index, Field: "speaker", Err: err}
		}
	}
	return nil
}

// IsTarget tells whether a group of this name captures the component to blame: "target", or "target2" and so on for
// expressions with alternatives, of which the first that took part counts.
func IsTarget(group string) bool {
	rest, ok := strings.CutPrefix(group, "target")
	return ok && (rest == "" || len(rest) == 1 && rest[0] >= '2' && rest[0] <= '9')
}

// capture gives the groups of an expression their places among the matcher's captures.
func (m *matcher) capture(e *expression) (slots, targets []int) {
	slots = make([]int, len(e.Names))
	for i, name := range e.Names {
		slots[i] = -1
		switch {
		case name == "":
		case IsTarget(name):
			targets = append(targets, i)
		default:
			// A field may be captured under the name of a group in the text: the last that took part gives the value.
			at := slices.Index(m.captures, name)
			if at < 0 {
				at = len(m.captures)
				m.captures = append(m.captures, name)
			}
			slots[i] = at
		}
	}
	return slots, targets
}

// builder gathers the literals of all matchers.
type builder struct {
	set      *Set
	patterns map[string]int32
	ids      map[literal]int32
	gates    []literal
}

// groups gives the groups of literals of each of which one must stand in a record, those with the longest ones first.
func (m *matcher) groups() [][]literal {
	var groups [][]literal
	if len(m.contains) > 0 {
		groups = append(groups, m.contains)
	}
	for _, l := range m.containsAll {
		groups = append(groups, []literal{l})
	}
	if m.where != nil {
		for _, text := range m.where.needs {
			groups = append(groups, []literal{{text: text}})
		}
	}
	if m.expr != nil {
		for _, g := range m.expr.Needs {
			var group []literal
			for _, text := range g {
				group = append(group, literal{text: text, fold: true})
			}
			groups = append(groups, group)
		}
	}
	slices.SortStableFunc(groups, func(a, b []literal) int { return leastLength(b) - leastLength(a) })
	return groups
}

// add enters a matcher by its groups of literals.
func (b *builder) add(id int32, m *matcher, groups [][]literal) {
	s := b.set
	if m.where != nil {
		s.wanted = append(s.wanted, m.where.fields...)
	}
	for _, f := range m.fields {
		s.wanted = append(s.wanted, f.key)
	}
	if len(groups) == 0 {
		b.addLoose(id, m)
		return
	}
	b.gates = append(b.gates, groups[0]...)
	for i, g := range groups[:min(len(groups), maxGroups)] {
		m.all |= 1 << i
		for _, l := range g {
			l.text = l.text[:min(len(l.text), maxLiteral)]
			l.fold = l.fold && strings.ContainsFunc(l.text, unicode.IsLetter)
			lit := b.literal(l)
			s.uses[lit] = append(s.uses[lit], use{matcher: id, group: 1 << i})
			if i == 0 {
				s.gates[id] = append(s.gates[id], lit)
			}
		}
	}
}

func leastLength(g []literal) int {
	n := len(g[0].text)
	for _, l := range g {
		n = min(n, len(l.text))
	}
	return n
}

func (b *builder) addLoose(id int32, m *matcher) {
	for sev := range b.set.loose {
		if m.severe(event.Severity(sev)) {
			b.set.loose[sev] = append(b.set.loose[sev], id)
		}
	}
}

func (b *builder) literal(l literal) int32 {
	if id, ok := b.ids[l]; ok {
		return id
	}
	s := b.set
	id := int32(len(s.literals))
	b.ids[l] = id
	s.literals = append(s.literals, l)
	s.uses = append(s.uses, nil)
	folded := foldString(l.text)
	p, ok := b.patterns[folded]
	if !ok {
		p = int32(len(s.byPattern))
		b.patterns[folded] = p
		s.byPattern = append(s.byPattern, nil)
	}
	s.byPattern[p] = append(s.byPattern[p], id)
	return id
}

func (b *builder) finish() {
	s := b.set
	patterns := make([]string, len(b.patterns))
	for text, p := range b.patterns {
		patterns[p] = text
	}
	var sieving sync.WaitGroup
	sieving.Go(func() { s.sieve = newSieve(b.gates) })
	s.automaton = newAutomaton(patterns)
	sieving.Wait()
	slices.Sort(s.wanted)
	s.wanted = slices.Compact(s.wanted)
}

// severe tells whether a record's severity is enough.
func (m *matcher) severe(s event.Severity) bool {
	return s >= m.log.MinSeverity || s == event.Unknown
}

// String describes the set for a log line.
func (s *Set) String() string {
	return fmt.Sprintf("%d matchers, %d literals", len(s.matchers), len(s.literals))
}
