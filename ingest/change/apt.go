package change

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/hindcast/hindcast/ingest/document"
	"github.com/hindcast/hindcast/ingest/event"
)

// isApt tells /var/log/apt/history.log, whose paragraphs are what apt did at one time:
//
//	Start-Date: 2025-10-14  06:25:01
//	Commandline: apt upgrade
//	Requested-By: deploy (1000)
//	Upgrade: openssl:amd64 (3.0.11-1, 3.0.13-1), libssl3:amd64 (3.0.11-1, 3.0.13-1)
//	End-Date: 2025-10-14  06:25:09
func isApt(head []byte) bool {
	lines := headLines(head, 1)
	return len(lines) == 1 && strings.HasPrefix(lines[0], "Start-Date: ")
}

// aptActions are the fields that list packages and what they say was done.
var aptActions = map[string]string{
	"Install": "install", "Reinstall": "reinstall", "Upgrade": "upgrade", "Downgrade": "downgrade", "Remove": "remove", "Purge": "purge",
}

// aptPackage is one of a list: its name and architecture, and in brackets one version, or the old and the new, and "automatic".
var aptPackage = regexp.MustCompile(`([^\s,:(]+)(?::\S+)? \(([^()]*)\)`)

// paragraph is what apt did at one time.
type paragraph struct {
	line   int64
	fields map[string]string
	order  []string
}

// apt gives a change for each package that apt installed, upgraded or removed.
func (d *decoder) apt(ctx context.Context, r *bufio.Reader, o event.Origin) error {
	d.sink.Note("%s: apt writes local times without a zone; they are taken for UTC", o.Path)
	var p *paragraph
	finish := func() {
		if p == nil {
			return
		}
		if events, err := p.events(); err != nil {
			d.sink.Broken(p.line, err)
		} else {
			d.sink.Keep(p.line, events...)
		}
		p = nil
	}
	err := eachLine(ctx, r, o, func(n int64, line string) {
		name, value, ok := strings.Cut(line, ": ")
		switch {
		case strings.TrimSpace(line) == "":
			finish()
		case !ok:
			d.sink.Broken(n, errors.New("not a field of apt's history"))
		default:
			if name == "Start-Date" {
				finish()
			}
			if p == nil {
				p = &paragraph{line: n, fields: map[string]string{}}
			}
			p.fields[name] = value
			p.order = append(p.order, name)
		}
	})
	finish()
	return err
}

func (p *paragraph) events() ([]event.Event, error) {
	at, ok := aptTime(p.fields["Start-Date"])
	if !ok {
		return nil, fmt.Errorf("%q is not a time", p.fields["Start-Date"])
	}
	end, _ := aptTime(p.fields["End-Date"])
	var list []event.Event
	for _, name := range p.order {
		action := aptActions[name]
		if action == "" {
			continue
		}
		for _, m := range aptPackage.FindAllStringSubmatch(p.fields[name], -1) {
			c := pack{
				at: at, end: end, name: m[1], action: action, manager: "apt", actor: p.fields["Requested-By"], command: p.fields["Commandline"],
				failure: p.fields["Error"],
			}
			old, now, two := strings.Cut(m[2], ", ")
			switch {
			case action == "remove" || action == "purge":
				c.previous = old
			case two && now != "automatic":
				c.previous, c.version = old, strings.TrimSuffix(now, ", automatic")
			default:
				c.version = old
			}
			list = append(list, c.event(name+": "+m[0]))
		}
	}
	return list, nil
}

// aptTime reads a time with two blanks between date and time.
func aptTime(s string) (int64, bool) {
	return document.ParseTime(strings.Join(strings.Fields(s), " "))
}
