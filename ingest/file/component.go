package file

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/format"
)

// componentOf finds the speaker of a file's records that name none: what was said of the file, else what its name tells.
func componentOf(f found, ov Override, p *format.Profile) event.Component {
	if ov.Service != "" {
		return event.NewComponent(ov.Service, ov.Host)
	}
	service, instance := nameOf(f)
	if service == "" {
		service = p.Speaker()
	}
	if ov.Host != "" {
		instance = ov.Host
	}
	return event.NewComponent(service, instance)
}

// nameOf takes the service, and the pod if it is one, from a file's path.
func nameOf(f found) (service, instance string) {
	if f.shown == "-" {
		return "", ""
	}
	rel := f.shown
	if f.root != "" {
		if r, err := filepath.Rel(f.root, f.shown); err == nil {
			rel = r
		}
	}
	names := strings.Split(filepath.ToSlash(rel), "/")
	base := names[len(names)-1]
	stem := trimEndings(base)
	if pod, ok := strings.CutSuffix(base, ".log"); ok && strings.Count(pod, "_") == 2 { // /var/log/containers/POD_NAMESPACE_CONTAINER-ID.log
		part := strings.Split(pod, "_")
		if i := strings.LastIndexByte(part[2], '-'); i > 0 && len(part[2])-i > 32 {
			return part[2][:i], part[0]
		}
	}
	for i, n := range names { // /var/log/pods/NAMESPACE_POD_UID/CONTAINER/0.log
		if part := strings.Split(n, "_"); len(part) == 3 && len(part[2]) == 36 && i+1 < len(names)-1 {
			return names[i+1], part[1]
		}
	}
	own := trimWords(stem)
	if len(names) > 1 {
		if service, instance, ok := inFolder(own, names[len(names)-2]); ok {
			return service, instance
		}
	}
	if own != "" && !frameworks[strings.ToLower(own)] {
		return workload(own)
	}
	for i := len(names) - 2; i >= 0; i-- {
		if s := trimWords(trimEndings(names[i])); s != "" && !folders[s] {
			return workload(s)
		}
	}
	return workload(own)
}

// inFolder tells whether the folder says better than the file whose records these are: it is called after a pod, of which
// the file is one container; after a service, of which the file is one instance; or after the one database that the file's
// program runs.
func inFolder(own, folder string) (service, instance string, ok bool) {
	if pod := event.Workload(folder); pod != folder && !digitsOnly(folder[len(pod)+1:]) {
		return pod, folder, true
	}
	if rest, found := strings.CutPrefix(own, folder+"-"); found && len(rest) <= 8 && strings.ContainsAny(rest, "0123456789") {
		return event.Workload(folder), own, true
	}
	if !databases[strings.ToLower(own)] {
		return "", "", false
	}
	words := strings.FieldsFunc(strings.ToLower(folder), func(r rune) bool { return r == '-' || r == '_' })
	own = strings.ToLower(own)
	switch {
	case len(words) < 2 || !slices.ContainsFunc(words, func(w string) bool { return databaseWords[w] }):
		return "", "", false
	case slices.ContainsFunc(words[1:], digitsOnly) && !strings.HasPrefix(own, words[0]):
		return "", "", false // "db-1" is a host
	}
	service, instance = workload(folder)
	return service, instance, true
}

// databases are the programs that run databases, as their files are called.
var databases = map[string]bool{
	"postgres": true, "postgresql": true, "mysql": true, "mysqld": true, "mariadb": true, "mariadbd": true, "mongod": true, "mongodb": true, "redis": true,
	"redis-server": true, "valkey": true, "valkey-server": true,
}

// databaseWords are what names of databases are made of.
var databaseWords = map[string]bool{
	"db": true, "database": true, "pg": true, "postgres": true, "postgresql": true, "mysql": true, "mariadb": true, "mongo": true, "mongodb": true, "redis": true,
	"valkey": true, "cache": true, "store": true,
}

func workload(name string) (service, instance string) {
	if w := event.Workload(name); w != name {
		return w, name
	}
	return name, ""
}

// trimEndings cuts off what compression and rotation put behind a name.
func trimEndings(s string) string {
	for {
		i := strings.LastIndexByte(s, '.')
		if i <= 0 {
			return s
		}
		switch end := s[i+1:]; {
		case endings[strings.ToLower(end)], digitsOnly(end):
			s = s[:i]
		case len(end) > 8 && digitsOnly(end[:8]):
			s = s[:i]
		default:
			return s
		}
	}
}

var endings = map[string]bool{
	"log": true, "txt": true, "gz": true, "zst": true, "bz2": true, "json": true, "jsonl": true, "ndjson": true, "csv": true, "out": true, "err": true,
	"old": true, "logs": true, "current": true, "previous": true,
}

// folders are names that say where logs lie, not whose they are.
var folders = map[string]bool{"var": true, "tmp": true, "home": true, "opt": true, "srv": true, "pods": true, "containers": true, "evidence": true, "testdata": true}

// fillers are the words of a file's name that say what sort of log it is.
var fillers = map[string]bool{
	"access": true, "error": true, "errors": true, "err": true, "log": true, "logs": true, "stderr": true, "stdout": true, "current": true, "main": true,
	"out": true, "json": true, "output": true, "previous": true, "slow": true, "other": true, "vhosts": true, "latest": true, "default": true, "2k": true, "dmesg": true, "kern": true,
}

// frameworks are file names that tell what a service is made with, or that it is one: the folder they lie in, if it has a
// name of its own, says which.
var frameworks = map[string]bool{
	"app": true, "application": true, "production": true, "development": true, "server": true, "service": true, "console": true, "laravel": true,
	"sidekiq": true, "puma": true, "gunicorn": true, "php-fpm": true, "controller": true, "unicorn": true, "uwsgi": true, "catalina": true, "worker": true,
}

// trimWords drops dates, numbers and filler words: "postgresql-15-main" and "nginx_access" become "postgresql" and "nginx".
func trimWords(s string) string {
	pod := event.Workload(s)
	if pod != s && !digitsOnly(s[len(pod)+1:]) {
		return s
	}
	words := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '_' || r == '.' || r == ' ' })
	end := len(words)
	for end > 0 && dropped(words[end-1]) {
		end--
	}
	start := 0
	for start < end && dropped(words[start]) {
		start++
	}
	if start == end {
		return ""
	}
	if start == 0 && end == len(words) {
		return s
	}
	at := strings.Index(s, words[start])
	last := strings.LastIndex(s, words[end-1]) + len(words[end-1])
	return s[at:last]
}

func dropped(w string) bool {
	lower := strings.ToLower(w)
	return fillers[lower] || digitsOnly(w) || len(w) > 8 && digitsOnly(strings.NewReplacer("T", "", "Z", "", ":", "").Replace(w))
}

func digitsOnly(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
