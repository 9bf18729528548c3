package match

// automaton is a dense Aho-Corasick automaton over text folded to lower case. Bytes that no literal holds share one
// class, which keeps the table small.
type automaton struct {
	class   [256]uint8
	classes int
	// next holds a row of classes entries a state. An entry is the row's offset of the next state, with the bit hasOutput
	// set if literals end there.
	next []uint32
	// outputs are the patterns that end in a state, by state number, longest first.
	outputs [][]int32
	// lengths are the patterns' lengths.
	lengths []int32
}

const hasOutput = 1 << 31

// fold turns an ASCII capital into its small letter.
func fold(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func foldString(s string) string {
	b := []byte(s)
	for i, c := range b {
		b[i] = fold(c)
	}
	return string(b)
}

// newAutomaton builds the automaton of folded patterns, none of which is empty.
func newAutomaton(patterns []string) *automaton {
	a := &automaton{classes: 1}
	for _, p := range patterns {
		a.lengths = append(a.lengths, int32(len(p)))
		for i := range len(p) {
			if a.class[p[i]] == 0 {
				a.class[p[i]] = uint8(a.classes)
				a.classes++
			}
		}
	}
	for c := byte('A'); c <= 'Z'; c++ {
		a.class[c] = a.class[fold(c)]
	}
	children := a.insert(patterns)
	a.link(children)
	return a
}

// insert builds the trie: the rows of next, where 0 stands for no child.
func (a *automaton) insert(patterns []string) int {
	states, most := 1, 1
	for _, p := range patterns {
		most += len(p)
	}
	most = most*2/3 + 1 // many begin alike
	a.next = make([]uint32, a.classes, a.classes*most)
	a.outputs = append(make([][]int32, 0, most), nil)
	for id, p := range patterns {
		s := 0
		for i := range len(p) {
			at := s*a.classes + int(a.class[p[i]])
			if a.next[at] == 0 {
				a.next[at] = uint32(states)
				a.next = append(a.next, make([]uint32, a.classes)...)
				a.outputs = append(a.outputs, nil)
				states++
			}
			s = int(a.next[at])
		}
		a.outputs[s] = append(a.outputs[s], int32(id))
	}
	return states
}

// link fills in the failure transitions breadth first and turns state numbers into row offsets.
func (a *automaton) link(states int) {
	fail := make([]int, states)
	queue := make([]int, 0, states)
	for c := range a.classes {
		if t := int(a.next[c]); t != 0 {
			queue = append(queue, t)
		}
	}
	for i := 0; i < len(queue); i++ {
		s := queue[i]
		a.outputs[s] = append(a.outputs[s], a.outputs[fail[s]]...)
		for c := range a.classes {
			at := s*a.classes + c
			f := int(a.next[fail[s]*a.classes+c])
			if t := int(a.next[at]); t != 0 {
				fail[t] = f
				queue = append(queue, t)
			} else {
				a.next[at] = uint32(f)
			}
		}
	}
	for i, t := range a.next {
		a.next[i] = t * uint32(a.classes)
		if len(a.outputs[t]) > 0 {
			a.next[i] |= hasOutput
		}
	}
}

// output gives the patterns that end in the state with this row offset.
func (a *automaton) output(row uint32) []int32 { return a.outputs[(row&^hasOutput)/uint32(a.classes)] }

// step follows one byte.
func (a *automaton) step(row uint32, c byte) uint32 {
	return a.next[row&^hasOutput+uint32(a.class[c])]
}
