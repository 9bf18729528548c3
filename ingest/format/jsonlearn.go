package format

import (
	"bytes"
	"strconv"

	"github.com/hindcast/hindcast/ingest/event"
)

// learn looks at the sample for messages that are records themselves, and for loggers that leave the level out where it is
// the usual one: Serilog's compact form, and Kubernetes' components, which write how detailed a remark is instead.
func (j *jsonReader) learn(s *settings, sample [][]byte) {
	var said []spoken
	for _, line := range sample {
		j.v.s.bytes, j.v.s.fields = j.v.s.bytes[:0], j.v.s.fields[:0]
		var r event.Record
		if v := j.read(line, &r); v != whole && v != bare || j.v.rank[levelRole] != 0 {
			continue
		}
		said = append(said, messageOf(&r))
		if bytes.Contains(line, []byte(`"@t":`)) || bytes.Contains(line, []byte(`"ts":`)) && bytes.Contains(line, []byte(`"v":`)) {
			j.silent = event.Info
		}
	}
	for name, sign := range map[string]string{"mongodb": `{"t":{"$date"`, "elasticsearch": `"ES_ECS"`, "postgresql": `"error_severity":`} {
		if len(sample) > 0 && bytes.Contains(sample[0], []byte(sign)) {
			j.speaker = name
		}
	}
	j.inner = new(inner)
	j.inner.open(s, said)
}

// unlevelled finds the level of a record that has no field for it, or only the journal's, where what services print has
// none of its own.
func (j *jsonReader) unlevelled(r *event.Record) {
	switch {
	case j.inner != nil && j.inner.read(r.Message, r), r.Severity != event.Unknown:
	case j.silent != event.Unknown && j.v.rank[errorRole]|j.v.rank[stackRole] != 0:
		r.Severity = event.Error
	case j.silent != event.Unknown:
		r.Severity = j.silent
	default:
		r.Severity = j.v.levels.find(r.Message)
	}
}

// lines joins the texts of an array, which some loggers write stacks as; what is no array of texts stays.
func (j *jsonReader) lines(raw []byte) []byte {
	at := len(j.v.s.bytes)
	for p := blanks(raw, 1); p < len(raw) && raw[p] == '"'; {
		q := stringEnd(raw, p+1)
		if q < 0 {
			break
		}
		if len(j.v.s.bytes) > at {
			j.v.s.bytes = append(j.v.s.bytes, '\n')
		}
		j.v.s.bytes = unescape(j.v.s.bytes, raw[p+1:q])
		p = blanks(raw, q+1)
		if p < len(raw) && raw[p] == ',' {
			p = blanks(raw, p+1)
		}
	}
	if b := j.v.s.bytes; len(b) > at {
		return b[at:len(b):len(b)]
	}
	return raw
}

func byteArray(dst, raw []byte) ([]byte, bool) {
	for part := range bytes.SplitSeq(raw[1:len(raw)-1], []byte(",")) {
		v, err := strconv.ParseUint(string(bytes.TrimSpace(part)), 10, 8)
		if err != nil {
			return dst, false
		}
		dst = append(dst, byte(v))
	}
	return dst, true
}
