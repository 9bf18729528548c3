package format

import (
	"maps"

	"github.com/hindcast/hindcast/ingest/event"
)

// mark is the state at a place of the block, to go back to when the bytes from there are read again.
type mark struct {
	pos     int
	line    int64
	records int
	cov     event.Coverage
	last    int64
	have    bool
}

// mark notes the state at pos, or before the current record if there is one, since it may go on behind pos.
func (d *Decoder) mark(pos int) mark {
	if d.cur.open && d.cur.from != nil && d.cur.from.pos >= 0 {
		return *d.cur.from
	}
	m := mark{pos: pos, line: d.line - 1, records: len(d.records), cov: d.cov, last: d.last, have: d.have}
	m.cov.Dropped = maps.Clone(d.cov.Dropped)
	if d.cur.open && !d.skipMore && d.cur.pos >= 0 {
		m.pos, m.line, m.last, m.have = d.cur.pos, d.cur.line, d.cur.last, d.cur.have
		d.cur.uncount(&m.cov)
		if d.cur.kept {
			m.records--
		}
	}
	return m
}

// goBack takes back all that was read since a mark.
func (d *Decoder) goBack(m *mark) {
	d.records, d.cov, d.last, d.have = d.records[:m.records], m.cov, m.last, m.have
	d.forget(m.line)
}

// mostOdd is how many records of a block that were not understood are remembered.
const mostOdd = 16

// Odd gives the lines on which records begin that the last block had and that were not understood; the first few, if there
// are many.
func (d *Decoder) Odd() []int64 { return d.odd }

// leave takes the record out of the records that has just begun on a line.
func (d *Decoder) leave(f fate, line int64) {
	d.records = d.records[:len(d.records)-1]
	if d.cur.fate = f; f == outsideFate {
		d.cov.Outside++
		return
	}
	d.cov.Unparsed++
	if len(d.odd) < mostOdd {
		d.odd = append(d.odd, line)
	}
}
