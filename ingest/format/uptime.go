package format

import "bytes"

// Uptime finds what a line tells of the time since the machine's start beside its own stamp: the kernel's stamp in syslog,
// or the monotonic one of a record of the journal. It returns nanoseconds, and false if the line tells nothing.
func Uptime(line []byte) (int64, bool) {
	if i := bytes.Index(line, []byte("kernel: [")); i >= 0 {
		up, n := uptime(line[i+len("kernel: "):])
		return up, n > 0
	}
	for _, name := range [...]string{`"_SOURCE_MONOTONIC_TIMESTAMP":"`, `"__MONOTONIC_TIMESTAMP":"`} {
		if i := bytes.Index(line, []byte(name)); i >= 0 {
			digits := line[i+len(name):]
			if n := digitRun(digits); n > 0 && n < 16 {
				return number(digits[:n]) * 1e3, true
			}
		}
	}
	return 0, false
}

// NeedsBoot tells whether the stamps count from a start of the machine that is not known.
func (p *Profile) NeedsBoot() bool {
	for _, l := range p.chain {
		if k, ok := l.(*kernelReader); ok && k.clock.boot == 0 && !p.Stamped {
			return true
		}
	}
	return false
}
