package match

import "encoding/binary"

// pairs finds short folded literals in any case. Each is entered under two neighbouring pairs of its bytes: wherever it
// stands, one of them begins at an even place, and only these are looked at.
type pairs struct {
	// bucket is the place in buckets, plus one, of the literals that hold a pair; 0 is none.
	bucket  [1 << 16]uint8
	buckets [][]paired
	used    int
}

// paired is a literal, and where in it the pair is.
type paired struct {
	text string
	at   int
}

const (
	pairSize = 2
	lower2   = 0x2020
	// mostBuckets is how many there can be; literals beyond share them.
	mostBuckets = 255
)

// add enters a folded literal of three bytes or more.
func (p *pairs) add(text string) {
	best, score := 0, -1
	for i := 0; i+pairSize < len(text); i++ {
		if s := rarity(text[i]) + 2*rarity(text[i+1]) + rarity(text[i+2]); s > score {
			best, score = i, s
		}
	}
	for at := best; at <= best+1; at++ {
		slot := &p.bucket[binary.LittleEndian.Uint16([]byte(text[at:]))|lower2]
		if *slot == 0 {
			if len(p.buckets) < mostBuckets {
				p.buckets = append(p.buckets, nil)
			}
			*slot = uint8(p.used%mostBuckets + 1)
			p.used++
		}
		p.buckets[*slot-1] = append(p.buckets[*slot-1], paired{text, at})
	}
}

// in tells whether the text holds one of the literals.
func (p *pairs) in(text []byte) bool {
	for i := 0; i+pairSize <= len(text); i += pairSize {
		if b := p.bucket[binary.LittleEndian.Uint16(text[i:])|lower2]; b != 0 && p.stands(b, text, i) {
			return true
		}
	}
	return false
}

// stands tells whether one of a bucket's literals stands where its pair is at text[i:].
func (p *pairs) stands(bucket uint8, text []byte, i int) bool {
	for _, l := range p.buckets[bucket-1] {
		from := i - l.at
		if from >= 0 && from+len(l.text) <= len(text) && equalFold(text[from:from+len(l.text)], l.text) {
			return true
		}
	}
	return false
}
