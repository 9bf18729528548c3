package format

import (
	"bytes"

	"github.com/hindcast/hindcast/ingest/event"
)

// inner reads a message that is itself a record: in one of the forms that tell themselves (JSON, logfmt, klog), as
// kubelet, containerd and many services write into the journal, in that of a program known by its name, or in the one that
// the sample showed of a program. The outer stamp and speaker stay.
type inner struct {
	json, logfmt, klog lineReader
	// programs are the readers of those that are known by their names.
	programs map[string][]lineReader
}

// knownPrograms are those whose lines are read inside others' whether the sample has any or not.
var knownPrograms = []struct {
	names []string
	open  []opener
}{
	{[]string{"haproxy"}, []opener{openHAProxy}},
	{[]string{"postgres", "postgresql"}, []opener{openPostgresSyslog}},
	{[]string{"nginx", "apache2", "httpd"}, []opener{openAccess, always(nginxLayouts...), openApache}},
	{[]string{"mysqld", "mariadbd"}, []opener{always(mysqlLayouts...)}},
	{[]string{"redis-server", "redis-sentinel"}, []opener{openRedis}},
}

// always opens layouts whatever the sample holds.
func always(texts ...string) opener {
	return func(s *settings, _ [][]byte) lineReader {
		l := &layouts{clock: s.clock}
		for _, t := range texts {
			l.list = append(l.list, mustLayout(t))
		}
		return l
	}
}

// spoken is a message of the sample and who said it.
type spoken struct{ service, message string }

// mostPrograms is how many programs of one sample are learnt.
const mostPrograms = 32

func (in *inner) open(s *settings, said []spoken) {
	within := *s
	within.within = true
	in.json, in.logfmt, in.klog = openJSON(&within, nil), openLogfmt(&within, nil), openKlog(&within, nil)
	in.programs = map[string][]lineReader{}
	for _, k := range knownPrograms {
		for _, name := range k.names {
			for _, open := range k.open {
				in.programs[name] = append(in.programs[name], open(&within, nil))
			}
		}
	}
	messages := map[string][][]byte{}
	var names []string
	for _, m := range said {
		if _, ok := messages[m.service]; !ok {
			names = append(names, m.service)
		}
		messages[m.service] = append(messages[m.service], []byte(m.message))
	}
	for _, name := range names[:min(len(names), mostPrograms)] {
		if in.programs[name] == nil {
			if l := headed(&within, messages[name]); l != nil {
				in.programs[name] = []lineReader{l}
			}
		}
	}
}

// headed finds how a program writes its messages if most of them have a head with a stamp of their own.
func headed(s *settings, messages [][]byte) lineReader {
	stamped := 0
	for _, m := range messages {
		c := s.clock
		if len(m) > 0 && m[0] == '[' {
			m = m[1:]
		}
		if _, n := c.read(m); n > 0 && digitRun(m) != n {
			stamped++
		}
	}
	if stamped == 0 || stamped*2 < len(messages) {
		return nil
	}
	_, l, _, _ := best(s, messages)
	return l
}

func (in *inner) clone(s *scratch) *inner {
	c := &inner{json: in.json.clone(s), logfmt: in.logfmt.clone(s), klog: in.klog.clone(s), programs: map[string][]lineReader{}}
	for name, readers := range in.programs {
		for _, l := range readers {
			c.programs[name] = append(c.programs[name], l.clone(s))
		}
	}
	return c
}

// read fills in r and tells whether the message was of such a form.
func (in *inner) read(m []byte, r *event.Record) bool {
	if len(m) < 12 {
		return false
	}
	var l lineReader
	switch m[0] {
	case '{':
		l = in.json
	case 'a', 't', 'l':
		if logfmtHead(m) {
			l = in.logfmt
		}
	case 'I', 'W', 'E', 'F':
		if digitRun(m[1:6]) == 4 {
			l = in.klog
		}
	}
	if l != nil && fill(l, m, r) {
		return true
	}
	for _, l := range in.programs[string(r.Service)] {
		if fill(l, m, r) {
			return true
		}
	}
	return false
}

func logfmtHead(m []byte) bool {
	for _, h := range [...]string{"time=", "ts=20", "ts=17", "level=", "at=info ", "at=error ", "at=warn"} {
		if len(m) >= len(h) && string(m[:len(h)]) == h {
			return true
		}
	}
	return false
}

// fill reads a message in one format into r, which keeps its stamp and its speaker.
func fill(l lineReader, m []byte, r *event.Record) bool {
	var x event.Record
	if v := l.read(m, &x); v != whole && v != bare {
		return false
	}
	r.Message, r.Detail, r.Logger, r.Fields, r.Status, r.Duration = x.Message, x.Detail, x.Logger, x.Fields, x.Status, x.Duration
	if x.Severity != event.Unknown {
		r.Severity = x.Severity
	}
	if r.Service == nil {
		r.Service = x.Service
	}
	if r.Instance == nil {
		r.Instance = x.Instance
	}
	return true
}

func (in *inner) setRoles(rs *roles) {
	for _, l := range []lineReader{in.json, in.logfmt} {
		l.(interface{ setRoles(rs *roles) }).setRoles(rs)
	}
	for _, readers := range in.programs {
		for _, l := range readers {
			if w, ok := l.(interface{ setRoles(rs *roles) }); ok {
				w.setRoles(rs)
			}
		}
	}
}

// messageOf copies what a record of the sample says.
func messageOf(r *event.Record) spoken {
	return spoken{string(r.Service), string(bytes.TrimLeft(r.Message, " "))}
}
