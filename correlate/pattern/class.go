package pattern

// A Class says what kind of text a piece of a message is.
type Class uint8

// The classes. Everything but Const is variable: it counts by its class, not
// by its text.
const (
	// End is returned by the scanner after the last piece; no piece has it.
	End Class = iota
	// Const is text that belongs to the shape.
	Const
	// Number is a decimal number, a version, or a range of numbers.
	Number
	// Hex is a hexadecimal number or hash.
	Hex
	// UUID is a universally unique identifier.
	UUID
	// IP is an IPv4 or IPv6 address.
	IP
	// Host is the full name of a host.
	Host
	// MAC is a hardware address.
	MAC
	// Time is a date, a time of day, or both.
	Time
	// Duration is a number with a unit of time.
	Duration
	// Size is a number with a unit of bytes, bits or hertz.
	Size
	// Email is an e-mail address.
	Email
	// URL is a text with a scheme, "://" and what follows.
	URL
	// Path is a Unix or Windows file path.
	Path
	// ID is a mix of letters and digits that is no name.
	ID
	// String is the value between quotes.
	String
	// Space is white space other than one blank.
	Space
	// Color is a terminal escape sequence.
	Color
	// Lines is a run of indented lines: the frames of a stack trace, the rest
	// of a block.
	Lines
	// More is what follows a message's first 4 KiB.
	More
	// Any is a position where clustering found many values. The scanner gives
	// it only for a message that holds the text "<*>".
	Any
)

// placeholders is indexed by Class. Space's is two blanks, which constant text
// never holds.
var placeholders = [...]string{
	Number: "<num>", Hex: "<hex>", UUID: "<uuid>", IP: "<ip>", Host: "<host>", MAC: "<mac>",
	Time: "<time>", Duration: "<dur>", Size: "<size>", Email: "<email>",
	URL: "<url>", Path: "<path>", ID: "<id>", String: "<str>", Space: "  ",
	Color: "<color>", Lines: "<lines>", More: "<more>", Any: "<*>",
}

func (c Class) placeholder() string { return placeholders[c] }

// String returns the class's name as it stands in templates, without brackets.
func (c Class) String() string {
	switch c {
	case End:
		return "end"
	case Const:
		return "const"
	case Space:
		return "space"
	}
	if int(c) >= len(placeholders) {
		return "unknown"
	}
	p := placeholders[c]
	return p[1 : len(p)-1]
}

// placeholderAt returns the class whose placeholder stands at the start of b.
// Such text in a message counts as masked already, so that a template reads
// one way only.
func placeholderAt(b []byte) (Class, int) {
	for c := Number; c <= Any; c++ {
		p := placeholders[c]
		if c != Space && len(b) >= len(p) && string(b[:len(p)]) == p {
			return c, len(p)
		}
	}
	return Const, 0
}
