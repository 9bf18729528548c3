package document

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
)

// unread puts back all that was consumed of the record being cut.
func (d *Reader) unread() {
	if d.pos >= len(d.rec) { // it still stands in the buffer
		d.pos -= len(d.rec)
	} else {
		d.buf = append(slices.Clone(d.rec), d.buf[d.pos:]...)
		d.pos = 0
	}
	d.line -= int64(bytes.Count(d.rec, []byte{'\n'}))
	d.offset -= int64(len(d.rec))
	d.rec = d.rec[:0]
}

// skipLines goes on to the next line that begins with a bracket.
func (d *Reader) skipLines() bool {
	for {
		c, err := d.drop()
		for err == nil && c != '\n' {
			c, err = d.drop()
		}
		if err == nil {
			c, err = d.peek()
		}
		if err != nil {
			return false
		}
		if c == '{' || c == '[' {
			return true
		}
	}
}

// skipElement goes on behind the array's element that begins here, trusting only quotes and brackets.
func (d *Reader) skipElement() bool {
	depth, quoted := 0, false
	for n := 0; ; n++ {
		c, err := d.peek()
		if err != nil {
			return false
		}
		switch {
		case quoted:
			if c == '\\' {
				_, _ = d.drop()
			}
			quoted = c != '"'
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			depth++
		case depth == 0 && (c == ']' || c == ',' && n > 0):
			return true
		case c == '}' || c == ']':
			if depth--; depth < 0 {
				return false
			}
		}
		if _, err := d.drop(); err != nil {
			return false
		}
	}
}

// value consumes one JSON value. Its grammar is checked as far as it tells where the value ends.
func (d *Reader) value(depth int) error {
	c, err := d.peekValue()
	if err != nil {
		return err
	}
	switch {
	case c == '"':
		return d.text()
	case c == '{' || c == '[':
		if depth >= maxDepth {
			return fmt.Errorf("values are nested more than %d deep", maxDepth)
		}
		return d.container(c == '{', depth)
	case c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z':
		return d.word()
	default:
		return d.unexpected(c, "a value")
	}
}

func (d *Reader) container(object bool, depth int) error {
	end, what := byte(']'), "a comma or the end of the array"
	if object {
		end, what = '}', "a comma or the end of the object"
	}
	d.take()
	for first := true; ; first = false {
		c, err := d.peekValue()
		if err != nil {
			return err
		}
		if c == end {
			d.take()
			return nil
		}
		if !first {
			if c != ',' {
				return d.unexpected(c, what)
			}
			d.take()
		}
		if object {
			if _, err := d.key(""); err != nil {
				return err
			}
		}
		if err := d.value(depth + 1); err != nil {
			return err
		}
	}
}

// text consumes a string with its quotes.
func (d *Reader) text() error {
	d.take()
	for {
		d.run(&textBytes)
		c, err := d.next()
		switch {
		case err != nil:
			return err
		case c == '"':
			return nil
		case c == '\\':
			if _, err := d.next(); err != nil {
				return err
			}
		case c < ' ':
			return fmt.Errorf("control character %q in a string", c)
		}
	}
}

// word consumes a number, true, false or null, and what looks like one.
func (d *Reader) word() error {
	for {
		d.run(&wordBytes)
		c, err := d.peek()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if !wordBytes[c] {
			return nil
		}
		if _, err := d.next(); err != nil {
			return err
		}
	}
}

func (d *Reader) unexpected(c byte, want string) error {
	return fmt.Errorf("%q where %s should be", c, want)
}

// peekValue consumes white space and shows what follows. A byte order mark and the record separators of
// JSON text sequences (RFC 7464) count as white space.
func (d *Reader) peekValue() (byte, error) {
	for {
		c, err := d.peek()
		if err != nil {
			return 0, err
		}
		if d.offset < 3 && bytes.IndexByte([]byte{0xef, 0xbb, 0xbf}, c) >= 0 {
			c = ' '
		}
		if c != ' ' && c != '\n' && c != '\t' && c != '\r' && c != 0x1e {
			return c, nil
		}
		if len(d.frames) == 0 && len(d.rec) == 0 {
			_, _ = d.drop()
			continue
		}
		if _, err := d.next(); err != nil {
			return 0, err
		}
	}
}

func (d *Reader) peek() (byte, error) {
	if d.pos == len(d.buf) {
		if err := d.fill(); err != nil {
			return 0, err
		}
	}
	return d.buf[d.pos], nil
}

// take consumes a byte that peek has shown.
func (d *Reader) take() {
	c := d.buf[d.pos]
	d.rec = append(d.rec, c)
	d.advance(c)
}

// next consumes a byte into the record.
func (d *Reader) next() (byte, error) {
	c, err := d.peek()
	if err != nil {
		return 0, err
	}
	if len(d.rec) >= maxRecord {
		return 0, fmt.Errorf("a value has more than %d MiB", maxRecord>>20)
	}
	d.take()
	return c, nil
}

// textBytes are the bytes that a string is made of besides escapes, and wordBytes those of numbers and words.
var textBytes, wordBytes = func() (text, word [256]bool) {
	for i := range 256 {
		c := byte(i)
		text[c] = c >= ' ' && c != '"' && c != '\\'
		word[c] = c == '-' || c == '+' || c == '.' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
	}
	return text, word
}()

// run consumes the bytes of one sort, none of which is a line end, as far as they lie in the buffer.
func (d *Reader) run(of *[256]bool) {
	i := d.pos
	for i < len(d.buf) && of[d.buf[i]] {
		i++
	}
	d.rec = append(d.rec, d.buf[d.pos:i]...)
	d.offset += int64(i - d.pos)
	d.pos = i
}

// drop consumes a byte and forgets it.
func (d *Reader) drop() (byte, error) {
	c, err := d.peek()
	if err != nil {
		return 0, err
	}
	d.advance(c)
	return c, nil
}

func (d *Reader) advance(c byte) {
	d.pos++
	d.offset++
	if c == '\n' {
		d.line++
	}
}

// fill reads the next block; the end and every error come back as io.EOF, and ending tells them apart.
func (d *Reader) fill() error {
	if cap(d.buf) < readSize {
		d.buf, d.pos = make([]byte, 0, readSize), 0
	}
	for d.srcErr == nil {
		n, err := d.src.Read(d.buf[:cap(d.buf)])
		d.buf, d.pos, d.srcErr = d.buf[:n], 0, err
		if n > 0 {
			return nil
		}
	}
	return io.EOF
}
