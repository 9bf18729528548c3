package format

import "bytes"

// A wrapper takes the line that a program wrote out of the line that a container runtime made of it.
type wrapper interface {
	// unwrap returns the program's line, and false if the line is not the runtime's. Bytes it must copy go to s.
	unwrap(line []byte, s *scratch) (wrapped, bool)
	clone() wrapper
	setClock(f func(*clock))
}

// wrapped is a line, or a piece of one, as a container wrote it.
type wrapped struct {
	payload []byte
	time    int64 // 0 if the wrapper has no stamp
	// service and instance name the container where the wrapper does.
	service []byte
	// stream tells standard output from standard error; the pieces of a line come on the same.
	stream int
	// partial is set if the line goes on in the stream's next piece.
	partial bool
}

// cri reads what containerd and CRI-O write: "2025-10-14T03:15:22.104566789Z stderr F message", with P for a piece.
type cri struct{ clock clock }

func (c *cri) clone() wrapper          { d := *c; return &d }
func (c *cri) setClock(f func(*clock)) { f(&c.clock) }

func (c *cri) unwrap(b []byte, _ *scratch) (w wrapped, ok bool) {
	if len(b) < 30 || b[10] != 'T' {
		return w, false
	}
	t, n := c.clock.read(b)
	if n <= 0 || len(b) < n+10 || b[n] != ' ' || string(b[n+1:n+4]) != "std" {
		return w, false
	}
	switch string(b[n+4 : n+8]) {
	case "out ":
	case "err ":
		w.stream = 1
	default:
		return w, false
	}
	tag := b[n+8]
	if tag != 'F' && tag != 'P' || b[n+9] != ' ' && b[n+9] != ':' {
		return w, false
	}
	n += 9
	if b[n] == ':' { // more tags
		i := bytes.IndexByte(b[n:], ' ')
		if i < 0 {
			return w, false
		}
		n += i
	}
	w.time, w.partial, w.payload = t, tag == 'P', b[n+1:]
	return w, true
}

// docker reads Docker's json-file: {"log":"message\n","stream":"stderr","time":"2025-10-14T03:15:22.104566789Z"}. A line
// that does not end in a newline goes on.
type docker struct{ clock clock }

func (d *docker) clone() wrapper          { c := *d; return &c }
func (d *docker) setClock(f func(*clock)) { f(&d.clock) }

var dockerLog = []byte(`{"log":"`)

func (d *docker) unwrap(b []byte, s *scratch) (w wrapped, ok bool) {
	if !bytes.HasPrefix(b, dockerLog) {
		return w, false
	}
	q := stringEnd(b, len(dockerLog))
	if q < 0 {
		return w, false
	}
	text, rest := b[len(dockerLog):q], b[q+1:]
	if _, after, ok := bytes.Cut(rest, []byte(`"time":"`)); ok {
		t, n := d.clock.read(after)
		if n <= 0 {
			return w, false
		}
		w.time = t
	}
	if bytes.Contains(rest, []byte(`"stream":"stderr"`)) {
		w.stream = 1
	}
	w.partial = true
	if bytes.HasSuffix(text, []byte(`\n`)) {
		text, w.partial = text[:len(text)-2], false
		text = bytes.TrimSuffix(text, []byte(`\r`))
	}
	if bytes.IndexByte(text, '\\') >= 0 {
		n := len(s.bytes)
		s.bytes = unescape(s.bytes, text)
		text = s.bytes[n:len(s.bytes):len(s.bytes)]
	}
	w.payload = text
	return w, w.time != 0
}

// compose reads what "docker compose logs" and "kubectl logs --prefix" print: "api-1  | message", "[pod/api-7d9f8b6c5-x2x7q/api] message".
type compose struct{}

func (compose) clone() wrapper        { return compose{} }
func (compose) setClock(func(*clock)) {}

func (compose) unwrap(b []byte, _ *scratch) (w wrapped, ok bool) {
	if bytes.HasPrefix(b, []byte("[pod/")) {
		i := bytes.IndexByte(b, ']')
		if i < 0 || i > longestWord || i+2 > len(b) || b[i+1] != ' ' {
			return w, false
		}
		w.service, w.payload = b[5:i], b[i+2:]
		if j := bytes.IndexByte(w.service, '/'); j > 0 {
			w.service = w.service[:j]
		}
		return w, true
	}
	n := 0
	for n < len(b) && n < longestWord && (isWord(b[n]) || b[n] == '-' || b[n] == '.') {
		n++
	}
	p := n
	for p < len(b) && b[p] == ' ' {
		p++
	}
	if n == 0 || p == n || p >= len(b) || b[p] != '|' {
		return w, false
	}
	w.service, w.payload = b[:n], b[p+1:]
	if len(w.payload) > 0 && w.payload[0] == ' ' {
		w.payload = w.payload[1:]
	}
	return w, true
}
