// Package document cuts JSON evidence into records, keeps account of them and gathers what they give into batches.
//
// The evidence that is kept whole (alerts, incidents, Kubernetes events, changes, chat) comes as one JSON value, as an
// array, as a list inside an object, as several values behind each other or as one value a line, and sometimes cut
// short. A [Reader] hides the difference: it hands out one record at a time, holds no more than one in memory, goes on
// behind a broken one where it can, and says what is lost where it cannot.
package document

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

const (
	// maxRecord bounds what one record may hold in memory; a Prometheus series of 11,000 points has 0.3 MiB.
	maxRecord = 64 << 20
	// maxDepth is deeper than any document that is decoded here and far from a stack's end.
	maxDepth = 128
	// readSize is how much is asked of the reader at a time.
	readSize = 64 << 10
)

// Record is one JSON value of a document.
type Record struct {
	// Raw is the value's text, valid until the next call.
	Raw []byte
	// Line is the 1-based line where the value begins; Offset the bytes before it.
	Line, Offset int64
	// List is the path of the list that the value stands in, empty for one that stands by itself or in an outermost array.
	List string
	// Envelope is set for the object around a list, which comes behind the list's elements and is empty where they were.
	Envelope bool
	// Err is set if the value is broken; Raw then holds nothing, and the next record can be read all the same.
	Err error
}

// LostError says that the rest of a document cannot be read: it is cut short or broken beyond repair.
type LostError struct {
	Line, Offset int64
	Reason       string
	// Err is the reader's own error, nil if the document itself is at fault.
	Err error
}

// Error gives the reason and the place.
func (e *LostError) Error() string {
	return fmt.Sprintf("%s at line %d, byte %d", e.Reason, e.Line, e.Offset)
}

// Unwrap gives the reader's error.
func (e *LostError) Unwrap() error { return e.Err }

// Reader cuts a stream of JSON values into records. It is for one goroutine.
type Reader struct {
	src    io.Reader
	srcErr error
	buf    []byte
	pos    int
	// line and offset are those of buf[pos]; rec is what was consumed of the record being cut, and rest what was
	// consumed of the object around it.
	line, offset         int64
	rec, rest            []byte
	recLine, recOffset   int64
	restLine, restOffset int64
	lists                []string
	frames               []frame
	listSeen             bool
	lost                 error
}

// frame is a container whose members are handed out one by one.
type frame struct {
	list bool
	path string
	// begun is set once a member was read: a comma must come before the next.
	begun bool
}

// NewReader cuts the values of r. Lists are the dotted paths inside an object whose elements are records of their own,
// such as "items" and "data.result".
func NewReader(r io.Reader, lists ...string) *Reader {
	return &Reader{src: r, lists: lists, line: 1}
}

// Next returns the next record, io.EOF behind the last one, or a [LostError].
func (d *Reader) Next() (Record, error) {
	for d.lost == nil {
		rec, ok, err := d.step()
		switch {
		case err == nil && ok:
			return rec, nil
		case err == nil:
		case errors.Is(err, io.EOF) && len(d.frames) == 0:
			d.lost = d.ending()
		default:
			if rec, ok := d.recover(err); ok {
				return rec, nil
			}
		}
	}
	return Record{}, d.lost
}

// step reads on to the next record or into or out of a container.
func (d *Reader) step() (Record, bool, error) {
	if len(d.frames) == 0 {
		return d.outermost()
	}
	f := &d.frames[len(d.frames)-1]
	if f.list {
		return d.element(f)
	}
	return d.member(f)
}

func (d *Reader) outermost() (Record, bool, error) {
	d.rec, d.listSeen = d.rec[:0], false
	c, err := d.peekValue()
	if err != nil {
		return Record{}, false, err
	}
	switch {
	case c == '[':
		d.take()
		d.frames = append(d.frames, frame{list: true})
	case c == '{' && len(d.lists) > 0:
		d.begin()
		d.take()
		d.frames = append(d.frames, frame{})
	case c == '{':
		return d.cut("")
	default:
		d.begin()
		return Record{}, false, d.unexpected(c, "an object or an array")
	}
	return Record{}, false, nil
}

func (d *Reader) element(f *frame) (Record, bool, error) {
	d.begin()
	c, err := d.peekValue()
	if err != nil {
		return Record{}, false, err
	}
	if c == ',' && f.begun {
		d.take()
		if c, err = d.peekValue(); err != nil {
			return Record{}, false, err
		}
	} else if c != ']' && f.begun {
		return Record{}, false, d.unexpected(c, "a comma or the end of the array")
	}
	if c == ']' {
		if f.path != "" {
			d.rec, d.rest = d.rest, d.rec
			d.recLine, d.recOffset = d.restLine, d.restOffset
		}
		d.take()
		d.frames = d.frames[:len(d.frames)-1]
		return Record{}, false, nil
	}
	f.begun = true
	if f.path == "" && c == '{' && len(d.lists) > 0 {
		d.begin()
		d.listSeen = false
		d.take()
		d.frames = append(d.frames, frame{})
		return Record{}, false, nil
	}
	return d.cut(f.path)
}

// member reads one key of an object and its value, or the object's end.
func (d *Reader) member(f *frame) (Record, bool, error) {
	c, err := d.peekValue()
	if err != nil {
		return Record{}, false, err
	}
	if c == ',' && f.begun {
		d.take()
		if c, err = d.peekValue(); err != nil {
			return Record{}, false, err
		}
	} else if c == '"' && f.begun {
		return Record{}, false, d.unexpected(c, "a comma or the end of the object")
	}
	if c == '}' {
		d.take()
		d.frames = d.frames[:len(d.frames)-1]
		if f.path != "" {
			return Record{}, false, nil
		}
		return Record{Raw: d.rec, Line: d.recLine, Offset: d.recOffset, Envelope: d.listSeen}, true, nil
	}
	f.begun = true
	path, err := d.key(f.path)
	if err != nil {
		return Record{}, false, err
	}
	c, err = d.peekValue()
	switch {
	case err != nil:
	case c == '[' && slices.Contains(d.lists, path):
		d.take()
		d.listSeen = true
		d.rec, d.rest = d.rest[:0], d.rec
		d.restLine, d.restOffset = d.recLine, d.recOffset
		d.frames = append(d.frames, frame{list: true, path: path})
	case c == '{' && d.leads(path):
		d.take()
		d.frames = append(d.frames, frame{path: path})
	default:
		err = d.value(len(d.frames))
	}
	return Record{}, false, err
}

// key reads a member's name and the colon, and gives the member's path.
func (d *Reader) key(parent string) (string, error) {
	c, err := d.peekValue()
	if err != nil {
		return "", err
	}
	if c != '"' {
		return "", d.unexpected(c, "a key")
	}
	from := len(d.rec)
	if err := d.text(); err != nil {
		return "", err
	}
	path := string(d.rec[from+1 : len(d.rec)-1])
	if parent != "" {
		path = parent + "." + path
	}
	if c, err = d.peekValue(); err != nil {
		return "", err
	}
	if c != ':' {
		return "", d.unexpected(c, "a colon")
	}
	d.take()
	return path, nil
}

func (d *Reader) leads(path string) bool {
	return slices.ContainsFunc(d.lists, func(l string) bool { return strings.HasPrefix(l, path+".") })
}

// cut reads one value whole.
func (d *Reader) cut(list string) (Record, bool, error) {
	d.begin()
	if err := d.value(len(d.frames)); err != nil {
		return Record{}, false, err
	}
	return Record{Raw: d.rec, Line: d.recLine, Offset: d.recOffset, List: list}, true, nil
}

func (d *Reader) begin() {
	d.rec, d.recLine, d.recOffset = d.rec[:0], d.line, d.offset
}

// recover finds a way on behind a broken value: the next line that begins one, or the end of the array's element.
func (d *Reader) recover(cause error) (Record, bool) {
	reason := cause.Error()
	if errors.Is(cause, io.EOF) {
		reason = "the document ends in the middle of a value"
	}
	broken := Record{Line: d.recLine, Offset: d.recOffset, Err: fmt.Errorf("%s (line %d)", reason, d.line)}
	top := len(d.frames) - 1
	inList := top >= 0 && d.frames[top].list
	inArray := slices.ContainsFunc(d.frames, func(f frame) bool { return f.list })
	switch {
	case !errors.Is(cause, io.EOF) && (inList || inArray && !d.listSeen):
		for !d.frames[top].list {
			top--
		}
		d.frames = d.frames[:top+1]
		d.unread()
		if d.skipElement() {
			return broken, true
		}
	case !inArray && !d.listSeen:
		d.frames = d.frames[:0]
		d.unread()
		if !d.skipLines() {
			d.lost = d.ending()
		}
		return broken, true
	}
	if d.lost = d.ending(); errors.Is(d.lost, io.EOF) {
		d.lost = &LostError{Line: d.line, Offset: d.offset, Reason: "the document is cut short or broken: " + reason}
	}
	return Record{}, false
}

// ending gives io.EOF, or the reader's own error as a loss.
func (d *Reader) ending() error {
	if d.srcErr == nil || errors.Is(d.srcErr, io.EOF) {
		return io.EOF
	}
	return &LostError{Line: d.line, Offset: d.offset, Reason: d.srcErr.Error(), Err: d.srcErr}
}
