package format

import (
	"bytes"

	"github.com/hindcast/hindcast/ingest/event"
)

// MaxRecord is how long a record may be. What is longer is cut there, and the rest counted.
const MaxRecord = 1 << 20

// Reasons for what is dropped, as coverage names them.
const (
	restOfLine   = "rest of a line longer than 1 MiB"
	restOfRecord = "rest of a record longer than 1 MiB"
)

// Decoder reads the blocks of a file, or of a piece of it, into records. It belongs to one goroutine.
type Decoder struct {
	scratch  scratch
	chain    []lineReader
	wrap     wrapper
	loose    bool
	indented bool
	coloured bool
	within   event.Range
	first    int64 // the time of lines before any stamp, 0 if not known

	records []event.Record
	cov     event.Coverage

	line     int64 // lines read
	offset   int64 // of the block in the file
	offsets  bool  // records say offsets instead of lines
	last     int64 // the stamp met last
	have     bool
	skipLine bool    // the rest of the line is to be dropped
	skipMore bool    // what belongs to the record is to be dropped, since it is too long
	stream   int     // the container's stream that the line came on
	odd      []int64 // the lines of records that were not understood
	pieces   [2]piece
	cur      current
}

// piece is what has come of a line that a container runtime cut up.
type piece struct {
	text []byte
	time int64
	pos  int // where the first piece begins in the block
	line int64
	on   bool
	from mark
}

// current is the record that further lines may belong to.
type current struct {
	open   bool  // a record has begun
	from   *mark // what to go back to if it was put together of pieces, since others' records may stand between
	stream int
	kept   bool // it is the last of records
	pos    int  // where it begins in the block
	line   int64
	deep   bool // it has further lines already
	sev    event.Severity
	more   int // where its further lines begin in the block, -1 if they lie in the scratch

	// What the account says of it, and the stamp met before it, to take it back.
	fate     fate
	borrowed bool
	last     int64
	have     bool
}

// fate is what became of a record.
type fate uint8

const (
	keptFate fate = iota
	outsideFate
	unparsedFate
)

// Decoder makes a decoder.
func (p *Profile) Decoder() *Decoder {
	d := &Decoder{loose: p.loose, indented: p.indented, coloured: p.coloured, within: p.options.Range, first: p.First}
	for _, l := range p.chain {
		d.chain = append(d.chain, l.clone(&d.scratch))
	}
	if p.wrap != nil {
		d.wrap = p.wrap.clone()
	}
	return d
}

// SetLine tells the number of lines before the piece that is read.
func (d *Decoder) SetLine(n int64) { d.line = n }

// SetOffset tells the number of bytes before the piece that is read, and makes the records' Line say the byte that they begin at
// instead of the line: -1 for the first byte of the file, -2 for the second. That is for files too large to count lines in.
func (d *Decoder) SetOffset(n int64) { d.offset, d.offsets = n, true }

// Block reads records out of a block. It returns them, the account of them, and how many bytes it took: the rest is a record that may
// go on in the next block and must be at its beginning. last says that nothing follows. Records and their bytes are
// valid until the next call and as long as the block is. A block that is full and not last must hold at least [MaxRecord] bytes.
func (d *Decoder) Block(block []byte, last bool) (records []event.Record, cov event.Coverage, used int) {
	records, cov, used = d.block(block, last)
	d.offset += int64(used)
	return records, cov, used
}

func (d *Decoder) block(block []byte, last bool) ([]event.Record, event.Coverage, int) {
	d.records, d.cov, d.odd = d.records[:0], event.Coverage{}, d.odd[:0]
	d.scratch.bytes, d.scratch.fields = d.scratch.bytes[:0], d.scratch.fields[:0]
	d.cur = current{open: d.cur.open && d.skipMore, deep: d.skipMore}
	pos := 0
	for pos < len(block) {
		n := bytes.IndexByte(block[pos:], '\n')
		end := pos + n
		if n < 0 {
			end = len(block)
			if !last && end-pos <= MaxRecord {
				break
			}
		}
		if d.skipLine {
			d.skipLine = n < 0
			pos = min(end+1, len(block))
			continue
		}
		d.line++
		line := block[pos:end]
		if len(line) > 0 && line[len(line)-1] == '\r' {
			line = line[:len(line)-1]
		}
		if len(line) > MaxRecord || n < 0 && !last {
			line = line[:min(len(line), MaxRecord)]
			d.skipLine = n < 0
			d.cov.Read++
			d.cov.Drop(restOfLine, 1)
		}
		if len(line) > 0 {
			d.take(block, line, pos)
		}
		pos = min(end+1, len(block))
	}
	if last {
		d.flush()
		return d.records, d.cov, len(block)
	}
	return d.holdBack(pos, len(block))
}

// holdBack takes the last record out again, since it may go on, and with it the pieces of lines that are not whole. What
// alone fills a block is too long to be held.
func (d *Decoder) holdBack(pos, size int) ([]event.Record, event.Coverage, int) {
	back, line, full := pos, d.line, size > MaxRecord
	var to *mark
	if d.cur.open && !d.skipMore {
		at, before := d.cur.pos, d.cur.line
		if to = d.cur.from; to != nil {
			at, before = to.pos, to.line
		}
		if at < 0 || at == 0 && full || d.skipLine {
			d.skipMore, to = true, nil
		} else {
			back, line = at, before
		}
	}
	for i := range d.pieces {
		if p := &d.pieces[i]; p.on && p.from.pos >= 0 && p.from.pos < back {
			if p.from.pos == 0 && full || d.skipLine {
				p.pos, p.from.pos = -1, -1
				continue
			}
			back, line, to = p.from.pos, p.from.line, &p.from
		}
	}
	switch {
	case back == pos:
		return d.records, d.cov, pos
	case to != nil:
		d.goBack(to)
	case d.cur.open && d.cur.pos >= back:
		d.undo()
	}
	for i := range d.pieces {
		if p := &d.pieces[i]; p.pos >= back {
			p.on = false
		}
	}
	d.line = line
	return d.records, d.cov, back
}

// undo takes the current record back.
func (d *Decoder) undo() {
	if d.cur.kept {
		d.records = d.records[:len(d.records)-1]
	}
	d.cur.uncount(&d.cov)
	d.last, d.have = d.cur.last, d.cur.have
	d.forget(d.cur.line)
}

// uncount takes the record out of an account.
func (c *current) uncount(cov *event.Coverage) {
	cov.Read--
	switch c.fate {
	case keptFate:
		cov.Kept--
	case outsideFate:
		cov.Outside--
	default:
		cov.Unparsed--
	}
	if c.borrowed {
		cov.Borrowed--
	}
}

// forget ends the current record and forgets what was not understood behind a line.
func (d *Decoder) forget(line int64) {
	for n := len(d.odd); n > 0 && d.odd[n-1] > line; n-- {
		d.odd = d.odd[:n-1]
	}
	d.cur.open = false
}

// take takes a line in, out of its container's wrapping if it has one.
func (d *Decoder) take(block, line []byte, pos int) {
	if d.wrap == nil {
		d.add(block, line, nil, pos, d.line, 0)
		return
	}
	w, ok := d.wrap.unwrap(line, &d.scratch)
	d.stream = w.stream
	if !ok {
		d.add(block, line, nil, pos, d.line, 0)
		return
	}
	p := &d.pieces[w.stream]
	if !p.on && !w.partial {
		d.add(nil, w.payload, w.service, pos, d.line, w.time)
		return
	}
	if !p.on {
		*p = piece{text: p.text[:0], time: w.time, pos: pos, line: d.line, on: true, from: d.mark(pos)}
	}
	if room := MaxRecord - len(p.text); len(w.payload) <= room {
		p.text = append(p.text, w.payload...)
	} else {
		p.text = append(p.text, w.payload[:room]...)
	}
	if !w.partial {
		d.join(p, w.service)
	}
}

// join takes in the line that pieces make.
func (d *Decoder) join(p *piece, service []byte) {
	n := len(d.scratch.bytes)
	d.scratch.bytes = append(d.scratch.bytes, p.text...)
	p.on = false
	d.add(nil, d.scratch.bytes[n:len(d.scratch.bytes):len(d.scratch.bytes)], service, p.pos, p.line, p.time)
	if d.cur.open && d.cur.pos == p.pos {
		d.cur.from = &p.from
	}
}

// flush takes in the pieces whose rest never came.
func (d *Decoder) flush() {
	for i := range d.pieces {
		if p := &d.pieces[i]; p.on {
			d.stream = i
			d.join(p, nil)
		}
	}
}

// add takes in a program's line. block is nil if the line does not lie in it.
func (d *Decoder) add(block, line, service []byte, pos int, number, time int64) {
	r := d.record()
	v := more
	if d.coloured && bytes.IndexByte(line, 0x1b) >= 0 {
		line, block = d.plain(line), nil
	}
	if len(line) > 0 && line[0] == 0 { // a crash leaves NUL bytes before what is written next
		line, block = bytes.TrimLeft(line, "\x00"), nil
	}
	if len(line) > 0 {
		v, _ = d.chainRead(line, r)
	}
	switch v {
	case more, joins:
		d.records = d.records[:len(d.records)-1]
		text := line
		if v == joins {
			text, block = r.Message, nil
		}
		if d.cur.open && d.cur.stream == d.stream || d.skipMore {
			d.extend(block, text, pos)
			return
		}
		if len(bytes.TrimSpace(line)) == 0 {
			return
		}
		d.records = append(d.records, event.Record{Message: line}) // nothing it could belong to
		r = &d.records[len(d.records)-1]
		v = bare
	case skipped:
		d.records = d.records[:len(d.records)-1]
		return
	}
	if time != 0 { // the runtime's stamp is the surer one, and there is one even for what is damaged
		if v == broken {
			r.Message = line
		}
		r.Time, v = time, whole
	}
	if len(line) > 0 && line[0] != '{' {
		r.Raw = line
	}
	d.begin(r, v, service, pos, number)
}

// plain takes the colours off a line.
func (d *Decoder) plain(line []byte) []byte {
	n := len(d.scratch.bytes)
	d.scratch.bytes = appendPlain(d.scratch.bytes, line)
	return d.scratch.bytes[n:len(d.scratch.bytes):len(d.scratch.bytes)]
}

// record makes room for a record.
func (d *Decoder) record() *event.Record {
	n := len(d.records)
	if n == cap(d.records) {
		d.records = append(d.records, event.Record{})
	} else {
		d.records = d.records[:n+1]
		d.records[n] = event.Record{}
	}
	return &d.records[n]
}

// begin accounts for a record that begins.
func (d *Decoder) begin(r *event.Record, v verdict, service []byte, pos int, number int64) {
	d.cur = current{open: true, stream: d.stream, pos: pos, line: number - 1, more: -1, sev: r.Severity, last: d.last, have: d.have}
	d.skipMore = false
	d.cov.Read++
	switch {
	case v == broken:
		d.leave(unparsedFate, number)
		return
	case v == whole:
		d.last, d.have = r.Time, true
	case d.have:
		r.Time, r.Borrowed = d.last, true
	case d.first != 0:
		r.Time, r.Borrowed = d.first, true
	default:
		d.leave(unparsedFate, number)
		return
	}
	if !d.within.Contains(r.Time) {
		d.leave(outsideFate, number)
		return
	}
	d.cov.Kept++
	if r.Borrowed {
		d.cov.Borrowed++
		d.cur.borrowed = true
	}
	r.Line = number
	if d.offsets {
		r.Line = -(d.offset + int64(max(0, pos)) + 1)
	}
	if r.Service == nil {
		r.Service = service
	}
	d.cur.kept = true
}

// extend adds a line to the current record.
func (d *Decoder) extend(block, text []byte, pos int) {
	if d.skipMore {
		if d.cur.open {
			d.cur.open = false
			d.cov.Read++
			d.cov.Drop(restOfRecord, 1)
		}
		return
	}
	d.cur.deep = d.cur.deep || len(text) > 0
	if !d.cur.kept || len(text) == 0 {
		return
	}
	r := &d.records[len(d.records)-1]
	if len(r.Message) == 0 { // programs that put the head on a line of its own
		d.message(r, text)
		return
	}
	switch {
	case len(r.Detail) == 0 && block != nil:
		r.Detail, d.cur.more = text, pos
	case block != nil && d.cur.more >= 0 && block[pos+len(text)-1] != '\r':
		r.Detail = block[d.cur.more : pos+len(text)]
	default:
		r.Detail, d.cur.more = d.scratch.join(r.Detail, text), -1
	}
}

// message makes a line the message of a record whose head has none; java.util.logging begins it with the level.
func (d *Decoder) message(r *event.Record, text []byte) {
	var lv levels
	if s, n := lv.word(text); n > 0 && n+1 < len(text) && text[n] == ':' {
		r.Severity, text = s, bytes.TrimLeft(text[n+1:], " ")
		d.cur.sev = s
	}
	r.Message = bytes.TrimLeft(text, " \t")
}

// chainRead reads a line in the first format that knows it.
func (d *Decoder) chainRead(line []byte, r *event.Record) (verdict, lineReader) {
	if !d.indented && (line[0] == ' ' || line[0] == '\t') {
		return more, nil
	}
	for i, l := range d.chain {
		if i > 0 {
			*r = event.Record{}
		}
		switch v := l.read(line, r); v {
		case none:
		default:
			return v, l
		}
	}
	*r = event.Record{}
	switch {
	case d.loose && (d.cur.open || d.skipMore), continues(line) && (d.cur.deep || d.cur.sev >= event.Warn || !exceptionLine(line)):
		return more, nil
	}
	r.Message = line
	var lv levels
	r.Severity = lv.find(line)
	return bare, nil
}
