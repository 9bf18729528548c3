package format

import "slices"

// A Cursor walks through a JSON text once and copies nothing. Where the text is not JSON, or ends too early, it stops and Broken
// tells; what was found until then is not to be trusted.
type Cursor struct {
	text   []byte
	pos    int
	broken bool
}

// NewCursor puts a cursor before the first value of a text.
func NewCursor(text []byte) *Cursor { return &Cursor{text: text} }

// Broken tells whether the text is not JSON or not whole.
func (c *Cursor) Broken() bool { return c.broken }

// Object walks through the members of the object that comes next. Visit gets a member's name, as it is written between its
// quotes, and must take its value with Object, Array or Value. A value that is no object has no members.
func (c *Cursor) Object(visit func(name []byte)) {
	if c.peek() != '{' {
		c.Value()
		return
	}
	c.list('}', func() {
		if c.peek() != '"' {
			c.broken = true
			return
		}
		q := stringEnd(c.text, c.pos+1)
		if q < 0 {
			c.broken = true
			return
		}
		name := c.text[c.pos+1 : q]
		c.pos = q + 1
		if c.peek() != ':' {
			c.broken = true
			return
		}
		c.pos++
		visit(name)
	})
}

// Array walks through the elements of the array that comes next. Visit must take each with Object, Array or Value. A value that
// is no array has no elements.
func (c *Cursor) Array(visit func()) {
	if c.peek() != '[' {
		c.Value()
		return
	}
	c.list(']', visit)
}

// list walks through what stands between brackets and commas.
func (c *Cursor) list(end byte, visit func()) {
	c.pos++
	if c.peek() == end {
		c.pos++
		return
	}
	for !c.broken {
		visit()
		switch c.peek() {
		case ',':
			c.pos++
		case end:
			c.pos++
			return
		default:
			c.broken = true
		}
	}
}

// Value takes the value that comes next, as it is written, nil if there is none. Strings have their quotes and escapes.
func (c *Cursor) Value() []byte {
	ch := c.peek()
	start := c.pos
	var ok bool
	switch ch {
	case '"':
		q := stringEnd(c.text, c.pos+1)
		c.pos, ok = q+1, q >= 0
	case '{', '[':
		c.pos, ok = skipNested(c.text, c.pos)
	default:
		for c.pos < len(c.text) && !isJSONMark(c.text[c.pos]) {
			c.pos++
		}
		ok = c.pos > start
	}
	if !ok || c.broken {
		c.broken = true
		return nil
	}
	return c.text[start:c.pos]
}

// isJSONMark tells whether a number, true, false or null ends before ch.
func isJSONMark(ch byte) bool {
	return ch <= ' ' || ch == ',' || ch == '}' || ch == ']' || ch == '"' || ch == '{' || ch == '[' || ch == ':'
}

// peek skips white space and shows what follows, 0 at the end.
func (c *Cursor) peek() byte {
	if c.pos = blanks(c.text, c.pos); c.pos >= len(c.text) {
		return 0
	}
	return c.text[c.pos]
}

// Unquote gives the text that a JSON string means, which is copied only if it has escapes. What is no string comes back as it is.
func Unquote(value []byte) []byte {
	if len(value) < 2 || value[0] != '"' {
		return value
	}
	inner := value[1 : len(value)-1]
	if slices.Contains(inner, '\\') {
		return unescape(nil, inner)
	}
	return inner
}
