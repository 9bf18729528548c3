package format

import (
	"bytes"

	"github.com/hindcast/hindcast/ingest/event"
)

// klogReader reads what Kubernetes' components and glog write: "E1014 03:15:22.123456    1 pod_workers.go:1298] message".
type klogReader struct{ clock clock }

func openKlog(s *settings, _ [][]byte) lineReader { return &klogReader{clock: s.clock} }

func (k *klogReader) clone(*scratch) lineReader { c := *k; return &c }

func (k *klogReader) setClock(f func(*clock)) { f(&k.clock) }

func (k *klogReader) read(b []byte, r *event.Record) verdict {
	if len(b) < 24 || digitRun(b[1:]) != 4 && digitRun(b[1:]) != 8 {
		return none
	}
	switch b[0] {
	case 'I':
		r.Severity = event.Info
	case 'W':
		r.Severity = event.Warn
	case 'E':
		r.Severity = event.Error
	case 'F':
		r.Severity = event.Critical
	default:
		return none
	}
	v := whole
	if b[5] == ' ' {
		t, n := k.clock.monthDayTime(b, 6, number(b[1:3]), number(b[3:5]))
		if n == 0 {
			return none
		}
		if n < 0 {
			v, n = bare, -n
		}
		r.Time = t
		return k.rest(b, n, r, v)
	}
	t, n := k.clock.read(b[1:]) // glog with the year
	if n <= 0 {
		return none
	}
	r.Time = t
	return k.rest(b, n+1, r, v)
}

// rest reads the thread, the place in the source and the message.
func (k *klogReader) rest(b []byte, p int, r *event.Record, v verdict) verdict {
	q := bytes.Index(b[p:min(len(b), p+longestWord)], []byte("] "))
	if q < 0 {
		if b[len(b)-1] != ']' {
			return none
		}
		q = len(b) - 1 - p
	}
	head := b[p : p+q]
	if i := bytes.LastIndexByte(head, ' '); i >= 0 {
		r.Logger = head[i+1:]
		if j := bytes.IndexByte(r.Logger, ':'); j > 0 {
			r.Logger = r.Logger[:j]
		}
	}
	r.Message = b[min(len(b), p+q+2):]
	return v
}
