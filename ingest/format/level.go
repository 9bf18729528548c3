package format

import (
	"encoding/binary"
	"slices"

	"github.com/hindcast/hindcast/ingest/event"
)

// levels reads level words and remembers those it met, which are few in any file.
type levels struct {
	seen [8]struct {
		word uint64
		sev  event.Severity
	}
}

// read gives the severity that a word names, Unknown if it names none.
func (l *levels) read(word []byte) event.Severity {
	if len(word) == 0 || len(word) > 12 {
		return event.Unknown
	}
	if len(word) > 8 {
		return event.ParseSeverity(word)
	}
	var key uint64
	if cap(word) >= 8 { // what is behind the word is masked out
		key = binary.LittleEndian.Uint64(word[:8]) & (^uint64(0) >> (64 - 8*len(word)))
	} else {
		for _, w := range slices.Backward(word) {
			key = key<<8 | uint64(w)
		}
	}
	s := &l.seen[(key^key>>8^uint64(len(word)))&7]
	if s.word != key {
		s.word, s.sev = key, event.ParseSeverity(word)
	}
	return s.sev
}

// word reads a whole level word at the beginning of b and returns its length, 0 if there is none. A single letter or a
// number is no word here: they mean a level only where a format says so.
func (l *levels) word(b []byte) (event.Severity, int) {
	n := 0
	for n < len(b) && n < 13 && (b[n]|0x20 >= 'a' && b[n]|0x20 <= 'z') {
		n++
	}
	if n < 3 || n > 12 || n < len(b) && isWord(b[n]) {
		return event.Unknown, 0
	}
	if s := l.read(b[:n]); s != event.Unknown {
		return s, n
	}
	return event.Unknown, 0
}

// firstWords is how many bytes of a message are searched for a level word: further in, it is the message that speaks of one.
const firstWords = 64

// find looks for a level in the first words of a message that has no level of its own: in capitals, in brackets,
// before a colon, or as level=error.
func (l *levels) find(b []byte) event.Severity {
	end := min(len(b), firstWords)
	for i, words := 0, 0; i < end && words < 6; {
		ch := b[i] | 0x20
		if ch < 'a' || ch > 'z' {
			i++
			continue
		}
		j := i + 1
		for j < len(b) && isWord(b[j]) {
			j++
		}
		words++
		if n := j - i; n >= 3 && n <= 9 && levelFirst[ch-'a'] && marked(b, i, j) {
			if s := l.read(b[i:j]); s != event.Unknown {
				return s
			}
		}
		i = j
	}
	return event.Unknown
}

// levelFirst are the letters that level words begin with, counted from a.
var levelFirst = [26]bool{
	0: true, 'c' - 'a': true, 'd' - 'a': true, 'e' - 'a': true, 'f' - 'a': true, 'i' - 'a': true, 'n' - 'a': true,
	'p' - 'a': true, 's' - 'a': true, 't' - 'a': true, 'v' - 'a': true, 'w' - 'a': true,
}

// marked tells whether the word b[i:j] stands as a level stands, and is not a word of a sentence.
func marked(b []byte, i, j int) bool {
	capital := true
	for _, ch := range b[i:j] {
		if ch >= 'a' && ch <= 'z' {
			capital = false
			break
		}
	}
	var before, after byte = ' ', ' '
	if i > 0 {
		before = b[i-1]
	}
	if j < len(b) {
		after = b[j]
	}
	switch {
	case before == '=' || before == '"' && i > 1 && b[i-2] == '=':
		return i > 5 && (string(b[i-6:i]) == "level=" || i > 6 && string(b[i-7:i]) == `level="`)
	case after == '=' || after == '.' && j+1 < len(b) && isWord(b[j+1]) || after == '/' || after == '-' || before == '.' || before == '/' || before == '-' || before == '$':
		return false
	case before == '[' || before == '<' || before == '(':
		return after == ']' || after == '>' || after == ')' || after == ':'
	case capital:
		return true
	case after == ':':
		return i == 0 || before == ' '
	}
	return false
}

// syslogLevel gives the severity of a syslog priority's lower three bits.
func syslogLevel(pri int) event.Severity {
	return [8]event.Severity{
		event.Critical, event.Critical, event.Critical, event.Error, event.Warn, event.Notice, event.Info, event.Debug,
	}[pri&7]
}
