package change

import (
	"bufio"
	"context"
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/hindcast/hindcast/ingest/document"
	"github.com/hindcast/hindcast/ingest/event"
)

// The lines of dnf's and yum's logs that name a package:
//
//	2025-10-14T03:15:22+0000 SUBDEBUG Upgrade: openssl-1:3.0.7-28.el9_4.x86_64
//	Oct 14 03:15:22 Updated: openssl-libs-1:1.0.2k-26.el7_9.x86_64
var (
	dnfLine = regexp.MustCompile(`^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d{4})) ([A-Z]+) (.*)$`)
	yumLine = regexp.MustCompile(`^([A-Z][a-z]{2} [ 0-3]\d \d\d:\d\d:\d\d) (Installed|Updated|Erased|Dep-Installed|Obsoleted): (.+)$`)
	dnfDone = regexp.MustCompile(`^(Installed|Install|Upgrade|Upgraded|Downgrade|Downgraded|Reinstall|Reinstalled|Erase|Removed|Cleanup|Obsoleted): (\S+)$`)
	// nevra takes a package's name, version and architecture apart.
	nevra = regexp.MustCompile(`^(?:\d+:)?(.+)-(?:\d+:)?([^-]+-[^-]+)\.([^.-]+)$`)
)

// isRPM tells dnf.rpm.log and yum.log.
func isRPM(head []byte) bool {
	lines, done := headLines(head, 200), 0
	for _, l := range lines {
		if yumLine.MatchString(l) {
			done++
		} else if m := dnfLine.FindStringSubmatch(l); m == nil {
			return false
		} else if dnfDone.MatchString(m[3]) {
			done++
		}
	}
	return done > 0
}

// rpmActions are what is done by dnf's and yum's words. Those that are missing tell of the old package, which goes.
var rpmActions = map[string]string{
	"Installed": "install", "Install": "install", "Dep-Installed": "install", "Upgrade": "upgrade", "Updated": "upgrade",
	"Downgrade": "downgrade", "Reinstall": "reinstall", "Erase": "remove", "Erased": "remove", "Removed": "remove",
}

// rpm gives a change for each package that dnf or yum installed, upgraded or removed.
func (d *decoder) rpm(ctx context.Context, r *bufio.Reader, o event.Origin) error {
	noted := false
	return eachLine(ctx, r, o, func(n int64, line string) {
		at, word, what, ok := rpmLine(line)
		if yumLine.MatchString(line) && !noted {
			noted = true
			d.sink.Note("%s: yum writes local times without a year or a zone; they are taken for UTC, of the last twelve months", o.Path)
		}
		action := rpmActions[word]
		switch {
		case strings.TrimSpace(line) == "":
		case !ok:
			d.sink.Broken(n, errors.New("not a line of dnf's or yum's log"))
		case action == "":
			d.sink.Drop("what dnf says besides")
		default:
			c := pack{at: at, name: what, action: action, manager: "dnf"}
			if m := nevra.FindStringSubmatch(what); m != nil {
				c.name, c.version = m[1], m[2]
			}
			if action == "remove" {
				c.previous, c.version = c.version, ""
			}
			d.sink.Keep(n, c.event(line))
		}
	})
}

// rpmLine takes a line apart.
func rpmLine(line string) (at int64, word, what string, ok bool) {
	if m := yumLine.FindStringSubmatch(line); m != nil {
		at, ok = lastYear(m[1], time.Now())
		return at, m[2], m[3], ok
	}
	m := dnfLine.FindStringSubmatch(line)
	if m == nil {
		return 0, "", "", false
	}
	at, ok = document.ParseTime(m[1])
	if done := dnfDone.FindStringSubmatch(m[3]); done != nil {
		return at, done[1], done[2], ok
	}
	return at, "", "", ok
}

// lastYear reads a time without a year as the last such one before now.
func lastYear(s string, now time.Time) (int64, bool) {
	for y := now.Year(); y > now.Year()-8; y-- {
		t, err := time.Parse("2006 Jan _2 15:04:05", now.AddDate(y-now.Year(), 0, 0).Format("2006")+" "+s)
		if err == nil && !t.After(now.Add(24*time.Hour)) {
			return t.UnixNano(), true
		}
	}
	return 0, false
}
