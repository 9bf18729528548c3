package change

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/hindcast/hindcast/ingest/document"
	"github.com/hindcast/hindcast/ingest/event"
)

// maxCommit bounds the text that is kept of a commit, whose log may hold its whole patch.
const maxCommit = 16 << 10

// isGit tells git's log by its first line and the author behind it.
func isGit(head []byte) bool {
	line, rest, _ := bytes.Cut(bytes.TrimPrefix(head, []byte("\ufeff")), []byte("\n"))
	_, ok := commitOf(string(line))
	return ok && bytes.Contains(rest[:min(len(rest), 512)], []byte("Author:"))
}

// commitOf reads "commit HASH", which may have names behind it.
func commitOf(line string) (string, bool) {
	rest, ok := strings.CutPrefix(line, "commit ")
	if !ok || len(rest) < 40 || !isHex(rest[:40]) {
		return "", false
	}
	tail := strings.TrimSpace(rest[40:])
	if tail != "" && tail[0] != '(' {
		return "", false
	}
	return rest[:40], true
}

// commit is one entry of git's log while it is read.
type commit struct {
	hash, author, date, commitDate string
	line                           int64
	message                        []string
	text                           strings.Builder
	files                          []string
	body                           bool
}

func decodeGit(ctx context.Context, r *bufio.Reader, o event.Origin, s *document.Sink) error {
	repository := repositoryOf(o.Path)
	var c *commit
	finish := func() {
		if c == nil {
			return
		}
		if e, err := c.event(repository); err != nil {
			s.Broken(c.line, err)
		} else {
			s.Keep(c.line, e)
		}
	}
	for line := int64(1); ; line++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		text, err := readLine(r)
		if line == 1 {
			text = strings.TrimPrefix(text, "\ufeff")
		}
		if hash, ok := commitOf(text); ok {
			finish()
			c = &commit{hash: hash, line: line}
		} else if c != nil {
			c.add(text)
		}
		if err != nil {
			finish()
			if errors.Is(err, io.EOF) {
				return nil
			}
			return fmt.Errorf("reading %s at line %d: %w", o.Path, line, err)
		}
	}
}

// readLine gives the next line without its end, and of one that is too long its beginning.
func readLine(r *bufio.Reader) (string, error) {
	var kept []byte
	for {
		part, err := r.ReadSlice('\n')
		if len(kept) < maxCommit {
			kept = append(kept, part[:min(len(part), maxCommit-len(kept))]...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return strings.TrimRight(string(kept), "\r\n"), err
		}
	}
}

func (c *commit) add(line string) {
	if !c.body {
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch name {
		case "Author":
			c.author = value
		case "Date", "AuthorDate":
			c.date = value
		case "CommitDate":
			c.commitDate = value
		case "":
			c.body = true
		}
		return
	}
	if message, ok := strings.CutPrefix(line, "    "); ok && len(c.files) == 0 {
		c.message = append(c.message, message)
	} else if f := fileOf(line); f != "" {
		c.files = append(c.files, f)
	}
	if c.text.Len()+len(line) < maxCommit {
		c.text.WriteString(strings.TrimPrefix(line, "    ") + "\n")
	}
}

// fileOf reads a changed file's path in a line of --stat, --numstat or --name-status.
func fileOf(line string) string {
	if rest, ok := strings.CutPrefix(line, " "); ok {
		if name, _, ok := strings.Cut(rest, " | "); ok {
			return strings.TrimSpace(name)
		}
		return ""
	}
	if parts := strings.Split(line, "\t"); len(parts) > 1 && len(parts[0]) < 8 {
		return parts[len(parts)-1]
	}
	return ""
}

func (c *commit) event(repository string) (event.Event, error) {
	at, ok := parseTime(first(c.commitDate, c.date))
	if !ok {
		return event.Event{}, errors.New("a commit whose date is missing or written in an unknown way")
	}
	subject := ""
	for _, m := range c.message {
		if subject = strings.TrimSpace(m); subject != "" {
			break
		}
	}
	author, _, _ := strings.Cut(c.author, " <")
	e := event.Event{
		Time: at, Kind: event.Change, Name: "commit", Component: event.Component{Name: c.component(subject)}, Actor: author, ID: c.hash,
		Title: "commit " + c.hash[:7] + ": " + subject, Text: strings.TrimSpace(c.text.String()), Labels: map[string]string{"revision": c.hash},
	}
	if scope := scopeOf(subject); scope != "" && scope != e.Component.Name {
		e.Labels["scope"] = scope
	}
	if repository != "" {
		e.Labels["repository"] = repository
		e.Title += " (" + repository + ")"
	}
	return e, nil
}

// Folders that hold components, and names that are none.
var (
	holders = words("charts services apps packages helm k8s kubernetes clusters modules roles deploy deployments manifests components")
	parts   = words("src internal test tests docs doc lib pkg cmd scripts .github vendor api build tools ...")
	types   = words("docs doc fix feat feature chore ci test tests build refactor perf style revert wip merge release hotfix bump")
)

func words(s string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		m[w] = true
	}
	return m
}

// component gives what all changed files belong to by their first folder, or what the subject names before a colon.
func (c *commit) component(subject string) string {
	name := ""
	for i, f := range c.files {
		n := folder(f)
		if i > 0 && n != name {
			name = ""
			break
		}
		name = n
	}
	if name != "" {
		return name
	}
	return scopeOf(subject)
}

// scopeOf is what a subject names before its colon: "api" in "api: ..." and "fix(api): ...".
func scopeOf(subject string) string {
	scope, _, ok := strings.Cut(subject, ": ")
	if !ok {
		return ""
	}
	if kind, inner, ok := strings.Cut(strings.TrimSuffix(scope, "!"), "("); ok {
		if inner, ok = strings.CutSuffix(inner, ")"); !ok || !types[strings.ToLower(kind)] {
			return ""
		}
		scope = inner
	}
	if strings.ContainsAny(scope, " \t,/\"'") || types[strings.ToLower(scope)] || parts[scope] {
		return ""
	}
	return scope
}

func folder(file string) string {
	names := strings.Split(file, "/")
	if len(names) > 2 && holders[names[0]] {
		names = names[1:]
	}
	if len(names) < 2 || parts[names[0]] || holders[names[0]] {
		return ""
	}
	return names[0]
}
