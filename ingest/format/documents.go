package format

import (
	"slices"
	"strings"
	"time"

	"github.com/hindcast/hindcast/ingest/event"
)

// Documents makes records of JSON objects that a server hands over one by one, in the way that lines of JSON are read.
// It belongs to one goroutine; [Documents.Clone] makes others.
type Documents struct {
	scratch scratch
	json    *jsonReader
}

// NewDocuments makes a reader of documents. Of the options Fields, Location and Wanted hold. The sample, which may be
// empty, decides what fields mean on which loggers do not agree.
func NewDocuments(o Options, sample [][]byte) (*Documents, error) {
	rs, err := newRoles(o)
	if err != nil {
		return nil, err
	}
	s := &settings{Options: o, roles: rs, clock: clock{loc: o.Location}}
	if o.Location == time.UTC {
		s.clock.loc = nil
	}
	j, _ := openJSON(s, sample).(*jsonReader)
	return (&Documents{json: j}).Clone(), nil
}

// Clone makes a reader that reads in the same way.
func (d *Documents) Clone() *Documents {
	c := &Documents{}
	c.json, _ = d.json.clone(&c.scratch).(*jsonReader)
	return c
}

// Reset forgets the bytes that records read so far refer to.
func (d *Documents) Reset() {
	d.scratch.bytes, d.scratch.fields = d.scratch.bytes[:0], d.scratch.fields[:0]
}

// Read fills in an empty record from a document, and tells whether that has a time and whether it could be read at all. The
// record's bytes are valid until [Documents.Reset], and as long as the document is.
func (d *Documents) Read(document []byte, r *event.Record) (stamped, ok bool) {
	p := blanks(document, 0)
	if p >= len(document) || document[p] != '{' {
		return false, false
	}
	j := d.json
	j.v.reset()
	if p, ok = j.object(document, p, &j.roles.root, 0); !ok || blanks(document, p) != len(document) {
		return false, false
	}
	return j.v.record(r, document) == whole, true
}

// Time reads a stamp, as a JSON value, in the forms that documents have it.
func (d *Documents) Time(value []byte) (int64, bool) {
	return d.json.v.time(Unquote(value))
}

// DocumentFields lists the names of the fields that [Documents] looks at, with dots for nested ones. A nested field may also
// stand in a document under its whole name.
func DocumentFields(o Options) []string {
	var names []string
	for _, u := range usualFields {
		names = append(names, strings.Fields(u.names)...)
	}
	for _, field := range o.Fields {
		names = append(names, field)
	}
	names = append(names, o.Wanted...)
	names = append(names, "name", "hostname", "pid")
	slices.Sort(names)
	return slices.Compact(names)
}
