package format

import (
	"bytes"

	"github.com/hindcast/hindcast/ingest/event"
)

// zapReader reads zap's console encoding, whose parts are parted by tabs: the stamp, the level, perhaps a logger's name,
// the caller, the message and a JSON object of fields.
type zapReader struct {
	clock  clock
	levels levels
}

func openZapConsole(s *settings, _ [][]byte) lineReader { return &zapReader{clock: s.clock} }

func (z *zapReader) clone(*scratch) lineReader { c := *z; return &c }

func (z *zapReader) setClock(f func(*clock)) { f(&z.clock) }

func (z *zapReader) read(b []byte, r *event.Record) verdict {
	t, n := z.clock.read(b)
	v := whole
	switch {
	case n == 0:
		return none
	case n < 0:
		n, v = -n, bare
	}
	if n >= len(b) || b[n] != '\t' {
		return none
	}
	level, rest, ok := bytes.Cut(b[n+1:], []byte{'\t'})
	if !ok {
		return none
	}
	if r.Severity = z.levels.read(level); r.Severity == event.Unknown {
		return none
	}
	for range 2 {
		part, more, ok := bytes.Cut(rest, []byte{'\t'})
		if !ok || bytes.IndexByte(part, ' ') >= 0 {
			break
		}
		if i := bytes.Index(part, []byte(".go:")); i > 0 {
			if r.Logger == nil {
				r.Logger = part
			}
			rest = more
			break
		}
		if len(more) == 0 || more[0] == '{' { // the message itself
			break
		}
		r.Logger, rest = part, more
	}
	r.Time, r.Message = t, rest
	return v
}
