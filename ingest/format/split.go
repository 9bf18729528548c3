package format

import (
	"bytes"
	"slices"

	"github.com/hindcast/hindcast/ingest/event"
)

// With gives a profile that asks for other fields and another range. The file's format stays.
func (p *Profile) With(within event.Range, wanted event.Wanted) *Profile {
	q := *p
	q.options.Range = within
	if slices.Equal(wanted, p.options.Wanted) {
		return &q
	}
	q.options.Wanted = wanted
	rs, err := newRoles(q.options)
	if err != nil {
		panic("BUG: a mapping that was accepted is refused: " + err.Error())
	}
	q.chain = make([]lineReader, len(p.chain))
	for i, l := range p.chain {
		q.chain[i] = l.clone(nil)
		if w, ok := q.chain[i].(interface{ setRoles(rs *roles) }); ok {
			w.setRoles(rs)
		}
	}
	return &q
}

// Shift gives a profile that adds to the stamps that name no zone.
func (p *Profile) Shift(by int64) *Profile {
	q := *p
	q.chain = make([]lineReader, len(p.chain))
	for i, l := range p.chain {
		q.chain[i] = l.clone(nil)
		q.chain[i].setClock(func(c *clock) { c.shift += by })
	}
	if p.wrap != nil {
		q.wrap = p.wrap.clone()
		q.wrap.setClock(func(c *clock) { c.shift += by })
	}
	if q.Local {
		q.First, q.Last = q.First+by, q.Last+by
	}
	return &q
}

// Start finds the first place in a piece of the file at which it may be split: the beginning of a line that begins a
// record with a stamp. Unless the piece is the beginning of the file, its first line is taken for the end of one. It
// returns the offset and the record's time, and -1 if there is no such place.
func (d *Decoder) Start(b []byte, beginning bool) (off int, time int64) {
	pos := 0
	if !beginning {
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			return -1, 0
		}
		pos = i + 1
	}
	var seen, cut [2]bool // by stream of a container: a line was whole, a line is not yet whole
	seen[0], seen[1] = beginning, beginning
	for pos < len(b) {
		i := bytes.IndexByte(b[pos:], '\n')
		if i < 0 {
			return -1, 0
		}
		line := bytes.TrimSuffix(b[pos:pos+i], []byte("\r"))
		at := pos
		pos += i + 1
		d.scratch.bytes, d.scratch.fields = d.scratch.bytes[:0], d.scratch.fields[:0]
		if d.wrap == nil {
			if t, ok := d.begins(line); ok && t != 0 {
				return at, t
			}
			continue
		}
		w, ok := d.wrap.unwrap(line, &d.scratch)
		if !ok {
			continue
		}
		if seen[w.stream] && !cut[0] && !cut[1] {
			if t, ok := d.begins(w.payload); ok && (w.time != 0 || t != 0) {
				if w.time != 0 {
					t = w.time
				}
				return at, t
			}
		}
		seen[w.stream], cut[w.stream] = true, w.partial
	}
	return -1, 0
}

// begins tells whether a line begins a record, whatever is before it, and gives its stamp, 0 if it has none.
func (d *Decoder) begins(line []byte) (time int64, ok bool) {
	if d.coloured && bytes.IndexByte(line, 0x1b) >= 0 {
		line = d.plain(line)
	}
	line = bytes.TrimLeft(line, "\x00")
	if len(line) == 0 {
		return 0, false
	}
	d.cur = current{open: true, deep: true}
	var r event.Record
	v, _ := d.chainRead(line, &r)
	d.cur = current{}
	return r.Time, v == whole || v == bare && !d.loose
}
