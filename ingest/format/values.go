package format

import (
	"bytes"
	"strconv"
	"time"

	"github.com/hindcast/hindcast/ingest/event"
)

// values collects the fields of one structured record by their role and makes a record of them.
type values struct {
	clock  clock
	levels levels
	s      *scratch
	rank   [roleCount]uint8 // 0 is not there, otherwise lower is surer
	value  [roleCount][]byte
	quoted [roleCount]bool
	// unit is the name of the field that gave the duration.
	unit   string
	fields int // where the record's fields begin in the scratch
}

func (v *values) reset() {
	v.rank = [roleCount]uint8{}
	v.fields = len(v.s.fields)
}

// put keeps a value if no surer one is there. The value of a quoted one still has its escapes.
func (v *values) put(n *node, value []byte, quoted bool) {
	if n.wanted != nil {
		w := value
		if quoted {
			w = v.plain(value)
		}
		v.s.fields = append(v.s.fields, event.Field{Key: n.wanted, Value: w})
	}
	if n.role == noRole || !quoted && string(value) == "null" || len(value) == 0 {
		return
	}
	if old := v.rank[n.role]; old != 0 && old <= n.rank {
		return
	}
	v.rank[n.role], v.value[n.role], v.quoted[n.role] = n.rank, value, quoted
	if n.role == durationRole {
		v.unit = n.name
		if n.nanos {
			v.unit = inNanos
		}
	}
}

// plain takes the escapes out of a quoted value.
func (v *values) plain(b []byte) []byte {
	i := bytes.IndexByte(b, '\\')
	if i < 0 {
		return b
	}
	n := len(v.s.bytes)
	v.s.bytes = unescape(append(v.s.bytes, b[:i]...), b[i:])
	return v.s.bytes[n:len(v.s.bytes):len(v.s.bytes)]
}

// get gives the value of a role, nil if there is none.
func (v *values) get(r role) []byte {
	if v.rank[r] == 0 {
		return nil
	}
	if v.quoted[r] {
		return v.plain(v.value[r])
	}
	return v.value[r]
}

// record fills in r. whole is the line, for records that have no message.
func (v *values) record(r *event.Record, line []byte) verdict {
	res := bare
	if v.rank[timeRole] != 0 {
		if t, ok := v.time(v.value[timeRole]); ok {
			r.Time, res = t, whole
			if v.rank[nanosRole] != 0 {
				r.Time += max(0, number(v.value[nanosRole]))
			}
		}
	}
	r.Service, r.Instance, r.Logger = v.get(serviceRole), v.get(instanceRole), v.get(loggerRole)
	v.speaker(r)
	v.severity(r)
	v.request(r)
	v.message(r, line)
	v.detail(r)
	if n := len(v.s.fields); n > v.fields {
		r.Fields = v.s.fields[v.fields:n:n]
	}
	if r.Severity == event.Unknown && r.Status != 0 {
		r.Severity = statusSeverity(r.Status)
	}
	return res
}

// speaker drops what is no speaker: Heroku's router says how long the service took, Kubernetes' components name the pod
// that they speak of with its namespace. Elasticsearch calls itself after its format.
func (v *values) speaker(r *event.Record) {
	if s := r.Service; string(s) == "ES_ECS" || len(s) > 2 && s[0]-'0' <= 9 && string(s[len(s)-2:]) == "ms" {
		r.Service = nil
	}
	if v.rank[levelRole] == 0 && bytes.IndexByte(r.Instance, '/') >= 0 {
		r.Instance = nil
	}
}

// time reads a stamp: text of any form, or a number whose size tells its unit.
func (v *values) time(b []byte) (int64, bool) {
	if t, n := v.clock.read(b); n > 0 {
		return t, true
	} else if n < 0 {
		return 0, false
	}
	n := digitRun(b)
	if n >= 9 && n <= 19 {
		t := number(b[:n])
		unit := int64(1)
		switch {
		case t < 1e11:
			unit = second
		case t < 1e14:
			unit = 1e6
		case t < 1e17:
			unit = 1e3
		}
		if t <= (1<<63-1)/unit {
			t *= unit
			if n+1 < len(b) && b[n] == '.' {
				f, w := fraction(b[n+1:])
				t += f / (second / unit)
				n += 1 + w
			}
			if n == len(b) {
				v.clock.zoned = true
				return t, t < lastStamp
			}
		}
	}
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil || f < 1e8 || f > 4e18 {
		return 0, false
	}
	for f < 1e17 {
		f *= 1000
	}
	if f >= float64(lastStamp) {
		return 0, false
	}
	v.clock.zoned = true
	return int64(f), true
}

// lastStamp is the time, the end of the year 2200, from which on a number is no stamp.
const lastStamp = 7289654400 * second

func (v *values) severity(r *event.Record) {
	if v.rank[priorityRole] != 0 {
		if p := number(v.value[priorityRole]); p >= 0 && p < 8 {
			r.Severity = syslogLevel(int(p))
			return
		}
	}
	if v.rank[levelRole] == 0 {
		return
	}
	w := v.value[levelRole]
	if len(w) == 1 && w[0] >= '0' && w[0] <= '7' { // GELF counts as syslog does
		r.Severity = syslogLevel(int(w[0] - '0'))
		return
	}
	r.Severity = v.levels.read(w)
	if r.Severity == event.Unknown && len(w) == 2 && w[0] == 'D' { // MongoDB's D1 to D5
		r.Severity = event.Debug
	}
}

// request fills in what an access record has.
func (v *values) request(r *event.Record) {
	if v.rank[statusRole] != 0 {
		if s := v.value[statusRole]; len(s) == 3 {
			if n := number(s); n >= 100 && n <= 599 {
				r.Status = int16(n)
			}
		}
	}
	if v.rank[durationRole] != 0 {
		r.Duration = duration(v.value[durationRole], v.unit)
	}
}

// inNanos stands for the name of a field that has nanoseconds.
const inNanos = "ns"

// duration reads how long something took. A name that ends in ms, or one of Elastic's and Traefik's, says the unit; otherwise
// text says its own, a number with a fraction is seconds, and a whole one milliseconds.
func duration(b []byte, name string) int64 {
	if len(b) == 0 || len(b) > 32 {
		return 0
	}
	n := digitRun(b)
	if n == 0 || n > 18 {
		return 0
	}
	t, frac := number(b[:n]), int64(0)
	dot := n < len(b) && b[n] == '.'
	if dot {
		f, w := fraction(b[n+1:])
		frac, n = f, n+1+w
	}
	if n < len(b) {
		d, err := time.ParseDuration(string(b))
		if err != nil {
			return 0
		}
		return int64(d)
	}
	unit := int64(1e6)
	switch {
	case name == inNanos, name == "duration" && !dot && t > 1e6:
		unit = 1
	case len(name) > 2 && (name[len(name)-2:] == "ms" || name[len(name)-2:] == "Ms") || len(name) > 6 && name[len(name)-6:] == "Millis" || name == "responseTime":
	case dot:
		unit = second
	}
	if t > (1<<62)/unit {
		return 0
	}
	return t*unit + frac/(second/unit)
}

// message finds what was said: the message field, else the error, else the request, else the line as it is.
func (v *values) message(r *event.Record, line []byte) {
	m := v.get(messageRole)
	for len(m) > 0 && (m[0] == ' ' || m[0] == '\t' || m[0] == '\r' || m[0] == '\n') {
		m = m[1:]
	}
	if len(m) == 0 && v.rank[pathRole] != 0 && (v.rank[methodRole] != 0 || r.Status != 0) {
		n := len(v.s.bytes)
		b := append(v.s.bytes, '"')
		if v.rank[methodRole] != 0 {
			b = append(append(b, v.value[methodRole]...), ' ')
		}
		b = append(append(b, v.value[pathRole]...), '"')
		if r.Status != 0 {
			b = strconv.AppendInt(append(b, ' '), int64(r.Status), 10)
		}
		v.s.bytes = b
		m = b[n:len(b):len(b)]
	}
	if len(m) == 0 && v.rank[errorRole] != 0 {
		m = v.get(errorRole)
		v.rank[errorRole] = 0
	}
	if len(m) == 0 {
		m = line
	}
	r.Message = m
	if i := bytes.IndexByte(m, '\n'); i >= 0 {
		r.Message, r.Detail = bytes.TrimRight(m[:i], "\r"), bytes.TrimRight(m[i+1:], "\r\n")
	}
}

// detail puts the error before the stack, unless the stack says it already.
func (v *values) detail(r *event.Record) {
	if v.rank[errorRole]|v.rank[stackRole]|v.rank[errorTypeRole] == 0 {
		v.further(r)
		return
	}
	stack, text, kind := v.get(stackRole), v.get(errorRole), v.get(errorTypeRole)
	if len(kind) > 0 && !bytes.HasPrefix(stack, kind) && !bytes.HasPrefix(text, kind) {
		n := len(v.s.bytes)
		v.s.bytes = append(v.s.bytes, kind...)
		if len(text) > 0 {
			v.s.bytes = append(append(v.s.bytes, ": "...), text...)
		}
		text = v.s.bytes[n:len(v.s.bytes):len(v.s.bytes)]
	}
	if len(text) > 0 && len(stack) >= len(text) && bytes.Contains(stack[:min(len(stack), len(text)+200)], text) {
		text = nil
	}
	r.Detail = v.s.join(r.Detail, bytes.TrimRight(text, "\r\n"))
	r.Detail = v.s.join(r.Detail, bytes.TrimRight(stack, "\r\n"))
	v.further(r)
}

// further adds what PostgreSQL's structured logs say besides the message.
func (v *values) further(r *event.Record) {
	if v.rank[detailRole]|v.rank[hintRole]|v.rank[contextRole]|v.rank[statementRole] == 0 {
		return
	}
	for i, name := range [...]string{"DETAIL:  ", "HINT:  ", "CONTEXT:  ", "STATEMENT:  "} {
		text := v.get(detailRole + role(i))
		if len(text) == 0 {
			continue
		}
		n := len(v.s.bytes)
		v.s.bytes = append(append(v.s.bytes, name...), text...)
		line := v.s.bytes[n:len(v.s.bytes):len(v.s.bytes)]
		r.Detail = v.s.join(r.Detail, line)
	}
}

// statusSeverity is how serious a status of HTTP is.
func statusSeverity(status int16) event.Severity {
	switch {
	case status >= 500:
		return event.Error
	case status >= 400:
		return event.Notice
	}
	return event.Info
}
