package format

import "github.com/hindcast/hindcast/ingest/event"

// gitlabReader reads GitLab's job logs: the stamp, the stream's number and kind, and "+" where a line goes on.
//
//	2025-10-14T03:15:22.104566Z 01E make: *** [Makefile:3: deploy] Error 1
type gitlabReader struct {
	clock  clock
	levels levels
}

func openGitLab(s *settings, _ [][]byte) lineReader { return &gitlabReader{clock: s.clock} }

func (g *gitlabReader) clone(*scratch) lineReader { c := *g; return &c }

func (g *gitlabReader) setClock(f func(*clock)) { f(&g.clock) }

func (g *gitlabReader) read(b []byte, r *event.Record) verdict {
	if len(b) < 32 || b[10] != 'T' {
		return none
	}
	t, n := g.clock.read(b)
	if n < 27 || len(b) < n+5 || b[n] != ' ' || b[n+3] != 'O' && b[n+3] != 'E' || !hexDigit(b[n+1]) || !hexDigit(b[n+2]) {
		return none
	}
	m := b[n+5:]
	switch b[n+4] {
	case '+':
		r.Message = m
		return joins
	case ' ':
	default:
		return none
	}
	r.Time, r.Message, r.Severity = t, m, g.levels.find(m)
	return whole
}

func hexDigit(ch byte) bool { return ch-'0' <= 9 || ch|0x20 >= 'a' && ch|0x20 <= 'f' }
