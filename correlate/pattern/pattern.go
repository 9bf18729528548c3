// Package pattern turns log messages into shapes, and shapes into patterns.
//
// # Shapes
//
// A message is cut into constant and variable pieces by fixed rules that look
// at nothing but the message: numbers, addresses, times, ids, paths and quoted
// values are variable, words are constant. The shape is the sequence of
// constants and classes. [Of] hashes it, [Template] writes it down, [Parts]
// lists its pieces. All three walk the same scanner, so two messages have
// equal fingerprints exactly if they have equal templates (but for the
// collisions that 64 bits allow).
//
// There is no state and nothing is learnt, so workers, runs and machines agree
// on a message's fingerprint without talking to each other.
//
// # Patterns
//
// Fixed rules cannot know that "alice" is a user's name. [Cluster] can: it sees
// all shapes of a window at once, with how often each was seen, and joins those
// that differ only where many values were seen. It depends on the set of
// shapes, never on their order.
package pattern

// A Fingerprint is the hash of a message's shape: 64 bits, stateless, the same
// on every worker and in every run.
type Fingerprint uint64

// maxShape is where the shape of a message ends: what follows is one variable
// piece. It bounds the work and the memory that one hostile message can ask for.
const maxShape = 4096

// A Piece is a part of a message: constant text, or text of a variable class.
type Piece struct {
	// Class is Const for constant text.
	Class Class
	// Text is the piece as it stands in the message. It may be empty for a
	// variable piece (the value of an empty pair of quotes).
	Text []byte
}

// Template returns the masked text of msg: constant text as it is, every
// variable piece as its class's placeholder, such as "<num>".
func Template(msg []byte) string {
	s := newScanner(msg)
	out := make([]byte, 0, len(s.msg))
	for {
		class, from, to := s.next()
		switch class {
		case End:
			return string(out)
		case Const:
			out = append(out, s.msg[from:to]...)
		default:
			out = append(out, class.placeholder()...)
		}
	}
}

// Parts appends the pieces of msg to dst and returns it. The texts of the
// pieces, joined, are msg without the white space around it; they share msg's
// memory. No two constant pieces follow each other.
func Parts(dst []Piece, msg []byte) []Piece {
	s := newScanner(msg)
	first := len(dst)
	constFrom := 0
	for {
		class, from, to := s.next()
		if class == End {
			return dst
		}
		if class != Const {
			dst = append(dst, Piece{Class: class, Text: s.msg[from:to]})
			continue
		}
		if last := len(dst) - 1; last >= first && dst[last].Class == Const {
			dst[last].Text = s.msg[constFrom:to]
			continue
		}
		constFrom = from
		dst = append(dst, Piece{Class: Const, Text: s.msg[from:to]})
	}
}
