package format

import (
	"bytes"

	"github.com/hindcast/hindcast/ingest/event"
)

// mysqlSlow reads the slow query logs of MySQL, MariaDB and Percona. An entry begins with its time, or with its user where
// the second is that of the entry before, as MariaDB and old MySQL write it. How long the query took makes the message, so
// that entries can be told apart and counted by it; who asked and the statement follow.
type mysqlSlow struct {
	clock clock
	s     *scratch
	// begun is set from an entry's first line to the line with its durations; held is what stood between. user is the first
	// line of an entry that has no time: read again, it begins the entry again.
	begun      bool
	held, user []byte
}

const (
	slowTime  = "# Time: "
	slowUser  = "# User@Host: "
	slowTook  = "# Query_time: "
	slowStart = "slow query: "
)

func openMySQLSlow(s *settings, sample [][]byte) lineReader {
	for _, line := range sample {
		if bytes.HasPrefix(line, []byte(slowTime)) || bytes.HasPrefix(line, []byte(slowTook)) {
			return &mysqlSlow{clock: s.clock, s: &scratch{}}
		}
	}
	return nil
}

func (m *mysqlSlow) clone(s *scratch) lineReader { return &mysqlSlow{clock: m.clock, s: s} }

func (m *mysqlSlow) setClock(f func(*clock)) { f(&m.clock) }

func (m *mysqlSlow) read(b []byte, r *event.Record) verdict {
	switch {
	case bytes.HasPrefix(b, []byte(slowTime)):
		t, n := m.stamp(b[len(slowTime):])
		if n == 0 {
			return none
		}
		m.begun, m.held, m.user = true, m.held[:0], m.user[:0]
		r.Time, r.Severity = t, event.Warn
		return whole
	case bytes.HasPrefix(b, []byte(slowTook)):
		m.begun = false
		r.Message = m.keep([]byte(slowStart), b[len("# "):])
		return joins
	case bytes.HasPrefix(b, []byte(slowUser)) && (!m.begun || bytes.Equal(b, m.user)):
		m.begun, m.held, m.user = true, append(append(m.held[:0], b...), '\n'), append(m.user[:0], b...)
		r.Severity = event.Warn
		return bare
	case m.begun && b[0] == '#':
		m.held = append(append(m.held, b...), '\n')
		return skipped
	case len(m.held) > 0:
		held := bytes.TrimRight(m.held, "\n")
		m.held = m.held[:0]
		r.Message = m.keep(held, []byte{'\n'}, b)
		return joins
	}
	return none
}

// stamp reads a time as it is written now, or as it was: "130601  8:01:06".
func (m *mysqlSlow) stamp(b []byte) (t int64, n int) {
	if digitRun(b) != 6 || len(b) < 7 || b[6] != ' ' {
		return m.clock.read(b)
	}
	clock := bytes.TrimLeft(b[6:], " ")
	text := append([]byte("20"), b[:2]...)
	text = append(append(append(append(text, '-'), b[2:4]...), '-'), b[4:6]...)
	text = append(text, ' ')
	if digitRun(clock) == 1 {
		text = append(text, '0')
	}
	return m.clock.read(append(text, clock...))
}

// keep puts pieces together where they last as long as the records.
func (m *mysqlSlow) keep(pieces ...[]byte) []byte {
	n := len(m.s.bytes)
	for _, p := range pieces {
		m.s.bytes = append(m.s.bytes, p...)
	}
	return m.s.bytes[n:len(m.s.bytes):len(m.s.bytes)]
}
