package format

import (
	"bytes"

	"github.com/hindcast/hindcast/ingest/event"
)

// kernelReader reads the kernel's ring buffer as dmesg prints it, "[12345.678901] message". The stamps count from the
// start of the machine: when that was must be said, unless the kernel wrote how it set its clock. "dmesg -T" has done the
// sum already: "[Tue Oct 14 03:15:22 2025] message".
type kernelReader struct {
	clock  clock
	levels levels
}

func openKernel(s *settings, sample [][]byte) lineReader {
	k := &kernelReader{clock: s.clock}
	for _, line := range sample {
		if k.clock.boot != 0 {
			break
		}
		_, after, found := bytes.Cut(line, []byte("setting system clock to "))
		up, _, _, ok := k.head(line)
		if !found || !ok {
			continue
		}
		if t, n := k.clock.read(after); n > 0 {
			k.clock.boot = t - up
		}
	}
	return k
}

func (k *kernelReader) clone(*scratch) lineReader { c := *k; return &c }

func (k *kernelReader) setClock(f func(*clock)) { f(&k.clock) }

// head reads "<6>[    0.000000] " or dmesg -x's "kern  :info  : [    0.000000] " and returns the time since the start.
func (k *kernelReader) head(b []byte) (up int64, sev event.Severity, p int, ok bool) {
	switch {
	case len(b) > 4 && b[0] == '<':
		n := digitRun(b[1:])
		if n == 0 || n > 3 || b[n+1] != '>' {
			return 0, 0, 0, false
		}
		sev, p = syslogLevel(int(number(b[1:n+1]))), n+2
	case len(b) > 20 && b[0] >= 'a' && b[0] <= 'z':
		i := bytes.IndexByte(b[:20], ':')
		j := bytes.Index(b[:20], []byte(": ["))
		if i < 0 || j <= i {
			return 0, 0, 0, false
		}
		sev, p = k.levels.read(bytes.TrimSpace(b[i+1:j])), j+2
	}
	if p+4 >= len(b) || b[p] != '[' {
		return 0, 0, 0, false
	}
	up, n := uptime(b[p:])
	return up, sev, p + n, n > 0
}

func (k *kernelReader) read(b []byte, r *event.Record) verdict {
	up, sev, p, ok := k.head(b)
	if !ok {
		return k.dated(b, r)
	}
	r.Severity, r.Message = sev, bytes.TrimLeft(b[p:], " ")
	if k.clock.boot == 0 {
		return bare
	}
	k.clock.zoned = true
	r.Time = k.clock.boot + up
	return whole
}

// dated reads a line of "dmesg -T". PHP's own server writes the same stamps before an address or its own name.
func (k *kernelReader) dated(b []byte, r *event.Record) verdict {
	if len(b) < 30 || b[0] != '[' || !weekday(b[1:]) {
		return none
	}
	t, n := k.clock.read(b[1:])
	if n <= 0 || n+3 >= len(b) || b[n+1] != ']' || b[n+2] != ' ' {
		return none
	}
	m := b[n+3:]
	if m[0] == '[' || bytes.HasPrefix(m, []byte("PHP ")) {
		return none
	}
	if w, _ := word(m, 0); digitRun(w) > 0 && bytes.IndexByte(w, ':') > 0 && bytes.Count(w, []byte{'.'}) == 3 {
		return none
	}
	r.Time, r.Message = t, m
	return whole
}
