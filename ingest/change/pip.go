package change

import (
	"bufio"
	"context"
	"regexp"
	"strings"

	"github.com/hindcast/hindcast/ingest/document"
	"github.com/hindcast/hindcast/ingest/event"
)

// The lines of what "pip --log" writes that name packages.
var (
	pipLine      = regexp.MustCompile(`^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d,\d{3}) ?(.*)$`)
	pipFound     = regexp.MustCompile(`^\s*Found existing installation: (\S+) (\S+)$`)
	pipInstalled = regexp.MustCompile(`^Successfully installed (.+)$`)
	pipRemoved   = regexp.MustCompile(`^\s*Successfully uninstalled (\S+)-(\d[^\s-]*)$`)
	pipPackage   = regexp.MustCompile(`^(.+)-(\d[^-]*)$`)
)

// isPip tells pip's log: every line has its stamp, and some name what pip does.
func isPip(head []byte) bool {
	known := false
	for _, l := range headLines(head, 400) {
		m := pipLine.FindStringSubmatch(l)
		if m == nil {
			return false
		}
		known = known || strings.HasPrefix(m[2], "Successfully installed ") || strings.HasPrefix(m[2], "Collecting ") || pipFound.MatchString(m[2]) || pipRemoved.MatchString(m[2])
	}
	return known
}

// pip gives a change for each package that pip installed, upgraded or removed. The versions before are those that it found
// and took away.
func (d *decoder) pip(ctx context.Context, r *bufio.Reader, o event.Origin) error {
	d.sink.Note("%s: pip writes local times without a zone; they are taken for UTC", o.Path)
	before := map[string]pack{} // those taken away, until they are installed anew
	lines := map[string]int64{}
	var order []string
	err := eachLine(ctx, r, o, func(n int64, line string) {
		m := pipLine.FindStringSubmatch(line)
		if m == nil {
			d.sink.Drop("what pip says besides")
			return
		}
		at, _ := document.ParseTime(strings.Replace(m[1], ",", ".", 1))
		said := m[2]
		if gone := pipRemoved.FindStringSubmatch(said); gone != nil {
			key := pipKey(gone[1])
			before[key] = pack{at: at, name: gone[1], action: "remove", previous: gone[2], manager: "pip"}
			lines[key] = n
			order = append(order, key)
			return
		}
		done := pipInstalled.FindStringSubmatch(said)
		if done == nil {
			d.sink.Drop("what pip says besides")
			return
		}
		var events []event.Event
		for one := range strings.FieldsSeq(done[1]) {
			p := pipPackage.FindStringSubmatch(one)
			if p == nil {
				continue
			}
			c := pack{at: at, name: p[1], action: "install", version: p[2], manager: "pip"}
			if old, ok := before[pipKey(p[1])]; ok {
				c.action, c.previous = "upgrade", old.previous
				delete(before, pipKey(p[1]))
				d.sink.Drop("a version that pip replaced")
			}
			events = append(events, c.event(said))
		}
		d.sink.Keep(n, events...)
	})
	for _, key := range order {
		if c, ok := before[key]; ok {
			d.sink.Keep(lines[key], c.event("Successfully uninstalled "+c.name+"-"+c.previous))
			delete(before, key)
		}
	}
	return err
}

// pipKey makes the names that pip takes for the same one (PEP 503).
func pipKey(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "-", ".", "-").Replace(name))
}

// The lines of a difference between two lists that "pip freeze" wrote, as "diff -u" makes it.
var (
	diffNew    = regexp.MustCompile(`^\+\+\+ [^\t]+\t(.+)$`)
	frozenLine = regexp.MustCompile(`^([-+ ])([A-Za-z0-9][\w.-]*)(==| @ )(\S+)$`)
)

// isFreeze tells such a difference.
func isFreeze(head []byte) bool {
	lines := headLines(head, 200)
	if len(lines) < 4 || !strings.HasPrefix(lines[0], "--- ") || !diffNew.MatchString(lines[1]) || !strings.HasPrefix(lines[2], "@@ ") {
		return false
	}
	for _, l := range lines[3:] {
		if !strings.HasPrefix(l, "@@ ") && !frozenLine.MatchString(l) {
			return false
		}
	}
	return true
}

// freeze gives a change for each package whose version differs, at the time at which the new list was written: the change
// itself was between that and the time of the old list.
func (d *decoder) freeze(ctx context.Context, r *bufio.Reader, o event.Origin) error {
	var at int64
	before := map[string]string{}
	type change struct {
		pack
		line int64
	}
	var list []change
	err := eachLine(ctx, r, o, func(n int64, line string) {
		if m := diffNew.FindStringSubmatch(line); m != nil {
			at, _ = document.ParseTime(m[1])
			return
		}
		m := frozenLine.FindStringSubmatch(line)
		switch {
		case m == nil || m[1] == " ":
		case m[1] == "-":
			before[pipKey(m[2])] = m[4]
			list = append(list, change{pack{at: at, name: m[2], action: "remove", previous: m[4], manager: "pip"}, n})
		default:
			list = append(list, change{pack{at: at, name: m[2], action: "install", version: m[4], previous: before[pipKey(m[2])], manager: "pip"}, n})
		}
	})
	again := map[string]bool{}
	for _, c := range list {
		if c.action == "install" {
			again[pipKey(c.name)] = true
		}
	}
	for _, c := range list {
		switch {
		case c.action == "remove" && again[pipKey(c.name)]:
			d.sink.Drop("a version that was replaced")
			continue
		case c.previous != "" && c.version != "":
			c.action = "upgrade"
		}
		d.sink.Keep(c.line, c.event(c.name+" "+first(c.previous, "none")+" to "+first(c.version, "none")))
	}
	return err
}
