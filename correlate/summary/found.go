package summary

// found finds shapes by the hash of fingerprint and component: those that are counted by themselves, and for those beyond the
// limit what they fold into. It is a memory only: what it does not know, the map of shapes does. A hash of 64 bits stands for
// what it is of, as the fingerprint does for its text.
type found struct {
	slots []foundSlot
	n     int
}

type foundSlot struct {
	hash  uint64
	shape *shape
}

// leastFound keeps the table of most systems in the first cache; mostFound bounds it where messages never come again.
const (
	leastFound = 1 << 9
	mostFound  = 1 << 19
)

// get gives a shape, nil if it is not known.
func (f *found) get(hash uint64) *shape {
	if len(f.slots) == 0 {
		return nil
	}
	for i := hash & uint64(len(f.slots)-1); ; i = (i + 1) & uint64(len(f.slots)-1) {
		if slot := &f.slots[i]; slot.hash == hash || slot.shape == nil {
			return slot.shape
		}
	}
}

// put remembers a shape that is not known.
func (f *found) put(hash uint64, sh *shape) {
	if 2*f.n >= len(f.slots) {
		f.grow()
	}
	f.n++
	i := hash & uint64(len(f.slots)-1)
	for f.slots[i].shape != nil {
		i = (i + 1) & uint64(len(f.slots)-1)
	}
	f.slots[i] = foundSlot{hash, sh}
}

// grow makes room: twice as much, or all of it where there is enough.
func (f *found) grow() {
	old := f.slots
	f.n = 0
	if len(old) >= mostFound {
		clear(old)
		return
	}
	f.slots = make([]foundSlot, max(leastFound, 2*len(old)))
	for _, slot := range old {
		if slot.shape != nil {
			f.put(slot.hash, slot.shape)
		}
	}
}

// forget empties the table.
func (f *found) forget() { *f = found{} }
