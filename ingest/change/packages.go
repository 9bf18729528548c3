package change

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/hindcast/hindcast/ingest/document"
	"github.com/hindcast/hindcast/ingest/event"
)

// The lines of /var/log/dpkg.log, whose times are local and taken for UTC: what is done to a package, and the states it
// passes through meanwhile, which are left out.
var (
	dpkgLine  = regexp.MustCompile(`^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (startup|status|configure|trigproc|conffile|install|upgrade|remove|purge|disappear) (.*)$`)
	dpkgDoing = regexp.MustCompile(`^(\S+?)(?::\S+)? (\S+) (\S+)$`)
)

// isPackages tells whether head begins dpkg's log: every whole line among the first is one of its.
func isPackages(head []byte) bool {
	end := bytes.LastIndexByte(head, '\n')
	if end < 0 {
		return false
	}
	n, done := 0, 0
	for line := range bytes.SplitSeq(head[:end], []byte{'\n'}) {
		m := dpkgLine.FindSubmatch(bytes.TrimRight(line, "\r"))
		if m == nil {
			return false
		}
		if string(m[2]) == "status" || dpkgDoing.Match(m[3]) {
			done++
		}
		if n++; n == 50 {
			break
		}
	}
	return done > 0 && done*2 >= n
}

// packages gives a change for each package that dpkg installed, upgraded or removed.
func (d *decoder) packages(ctx context.Context, r *bufio.Reader, o event.Origin) error {
	d.sink.Note("%s: dpkg writes local times without a zone; they are taken for UTC", o.Path)
	return eachLine(ctx, r, o, func(line int64, text string) {
		m := dpkgLine.FindStringSubmatch(text)
		switch {
		case text == "":
		case m == nil:
			d.sink.Broken(line, errors.New("not a line of dpkg's log"))
		case m[2] != "install" && m[2] != "upgrade" && m[2] != "remove" && m[2] != "purge":
			d.sink.Drop("state of a package while dpkg works")
		default:
			e, err := packageChange(m[1], m[2], m[3], text)
			if err != nil {
				d.sink.Broken(line, err)
				return
			}
			d.sink.Keep(line, e)
		}
	})
}

func packageChange(stamp, action, rest, text string) (event.Event, error) {
	at, ok := document.ParseTime(stamp)
	m := dpkgDoing.FindStringSubmatch(rest)
	if !ok || m == nil {
		return event.Event{}, fmt.Errorf("%s is not a package and two versions", rest)
	}
	p := pack{at: at, name: m[1], action: action, manager: "dpkg", previous: known(m[2]), version: known(m[3])}
	return p.event(text), nil
}

// known drops dpkg's word for no version.
func known(version string) string {
	if version == "<none>" {
		return ""
	}
	return version
}
