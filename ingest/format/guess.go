package format

// guesses remember the keys of the record before by their place in it: nearly all records of a file have the same keys
// in the same order, and comparing a key with the one expected is quicker than finding its end and looking it up. What is
// found does not depend on them.
type guesses struct {
	list []guess
	next int
}

// guess is a key as it is written, with all that belongs to it up to the value, and the field it names in an object.
type guess struct {
	object, field *node
	text          []byte
}

// mostGuesses and longestGuess bound what is remembered of a record.
const (
	mostGuesses  = 64
	longestGuess = 64
)

// reset begins a record.
func (g *guesses) reset() { g.next = 0 }

// find tells whether the expected key stands at b[p:] in an object, and gives its field and what is behind it.
func (g *guesses) find(b []byte, p int, object *node) (field *node, end int, ok bool) {
	i := g.next
	g.next++
	if i >= len(g.list) {
		return nil, p, false
	}
	e := &g.list[i]
	end = p + len(e.text)
	if e.object != object || end > len(b) || string(b[p:end]) != string(e.text) || len(e.text) == 0 {
		return nil, p, false
	}
	return e.field, end, true
}

// learn takes the key that was found instead of the one that [guesses.find] was asked for last.
func (g *guesses) learn(object, field *node, text []byte) {
	i := g.next - 1
	if i >= mostGuesses || len(text) > longestGuess {
		return
	}
	for len(g.list) <= i {
		g.list = append(g.list, guess{})
	}
	e := &g.list[i]
	e.object, e.field, e.text = object, field, append(e.text[:0], text...)
}
