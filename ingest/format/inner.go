package format

import "github.com/hindcast/hindcast/ingest/event"

// inner reads a message that is itself a record in one of the forms that tell themselves: JSON, logfmt or klog, as
// kubelet, containerd and many services write into the journal. The outer stamp and speaker stay.
type inner struct {
	json, logfmt, klog lineReader
}

func (in *inner) open(s *settings) {
	in.json, in.logfmt, in.klog = openJSON(s, nil), openLogfmt(s, nil), openKlog(s, nil)
}

func (in *inner) clone(s *scratch) inner {
	return inner{in.json.clone(s), in.logfmt.clone(s), in.klog.clone(s)}
}

// read fills in r and tells whether the message was of such a form.
func (in *inner) read(m []byte, r *event.Record) bool {
	if len(m) < 16 {
		return false
	}
	var l lineReader
	switch m[0] {
	case '{':
		l = in.json
	case 't', 'l':
		if h := string(m[:5]); h != "time=" && h != "ts=20" && h != "level" && h != "ts=17" {
			return false
		}
		l = in.logfmt
	case 'I', 'W', 'E', 'F':
		if digitRun(m[1:6]) != 4 {
			return false
		}
		l = in.klog
	default:
		return false
	}
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
}
