package format

import "bytes"

// coloured tells whether any of the lines has escape sequences for a terminal.
func coloured(lines [][]byte) bool {
	for _, l := range lines {
		if bytes.Contains(l, []byte("\x1b[")) {
			return true
		}
	}
	return false
}

// appendPlain appends a line without the escape sequences that colour it on a terminal (ECMA-48's CSI, "ESC [ 31 m").
func appendPlain(dst, line []byte) []byte {
	for {
		i := bytes.Index(line, []byte("\x1b["))
		if i < 0 {
			return append(dst, line...)
		}
		dst = append(dst, line[:i]...)
		i += 2
		for i < len(line) && line[i] >= 0x20 && line[i] < 0x40 {
			i++
		}
		line = line[min(i+1, len(line)):]
	}
}
