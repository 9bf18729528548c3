package format

import (
	"bytes"

	"github.com/hindcast/hindcast/ingest/event"
)

// flowReader reads AWS' VPC flow logs in their usual form:
//
//	version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status
type flowReader struct{ clock clock }

func openFlow(s *settings, _ [][]byte) lineReader { return &flowReader{clock: s.clock} }

func (f *flowReader) clone(*scratch) lineReader { c := *f; return &c }

func (f *flowReader) setClock(set func(*clock)) { set(&f.clock) }

// flowStart is the column of the time at which the first packet came.
const flowStart = 10

func (f *flowReader) read(b []byte, r *event.Record) verdict {
	if bytes.HasPrefix(b, []byte("version account-id ")) {
		return skipped
	}
	if len(b) < 60 || b[0] != '2' || b[1] != ' ' || digitRun(b[2:]) != 12 {
		return none
	}
	account, p := word(b, 2)
	p++
	said := p
	for range flowStart - 2 {
		_, p = word(b, p)
		p++
	}
	if p >= len(b) || len(account) != 12 {
		return none
	}
	t, n := f.clock.read(b[p:])
	if n <= 0 || digitRun(b[p:]) != n {
		return none
	}
	r.Time, r.Message, r.Severity = t, b[said:], event.Info
	if bytes.HasSuffix(b, []byte(" REJECT OK")) {
		r.Severity = event.Notice
	}
	return whole
}
