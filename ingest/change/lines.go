package change

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/hindcast/hindcast/ingest/event"
)

// maxLine bounds a line of a package manager's log.
const maxLine = 1 << 20

// lineDecoder reads a document whose records are lines of text.
type lineDecoder func(d *decoder, ctx context.Context, r *bufio.Reader, o event.Origin) error

// textForms are the logs of package managers, by the form of their lines.
var textForms = []struct {
	is     func(head []byte) bool
	decode lineDecoder
}{
	{isPackages, (*decoder).packages},
	{isApt, (*decoder).apt},
	{isRPM, (*decoder).rpm},
	{isPip, (*decoder).pip},
	{isFreeze, (*decoder).freeze},
}

// textForm finds what reads the text that head begins, nil if nothing does.
func textForm(head []byte) lineDecoder {
	for _, f := range textForms {
		if f.is(head) {
			return f.decode
		}
	}
	return nil
}

// headLines gives up to n of the whole lines that head begins with, without those that are blank.
func headLines(head []byte, n int) []string {
	var list []string
	for len(list) < n {
		i := bytes.IndexByte(head, '\n')
		if i < 0 {
			break
		}
		if line := strings.TrimRight(string(head[:i]), "\r"); strings.TrimSpace(line) != "" {
			list = append(list, line)
		}
		head = head[i+1:]
	}
	return list
}

// eachLine calls fn with each line and its number.
func eachLine(ctx context.Context, r *bufio.Reader, o event.Origin, fn func(n int64, line string)) error {
	scan := bufio.NewScanner(r)
	scan.Buffer(nil, maxLine)
	for n := int64(1); scan.Scan(); n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		fn(n, strings.TrimRight(strings.TrimPrefix(scan.Text(), "\ufeff"), "\r"))
	}
	if err := scan.Err(); err != nil {
		return fmt.Errorf("reading %s: %w", o.Path, err)
	}
	return nil
}

// pack is what was done to one package.
type pack struct {
	at, end                          int64
	name, action, version, previous  string
	manager, actor, command, failure string
}

// event makes the change of it.
func (p pack) event(text string) event.Event {
	e := event.Event{
		Time: p.at, End: p.end, Kind: event.Change, Name: "package", State: "succeeded", Title: "package " + p.name + ": " + p.action, Text: text,
		Labels: map[string]string{"package": p.name, "action": p.action}, ID: p.name + "/" + p.version, Actor: first(p.actor, p.manager),
	}
	for name, v := range map[string]string{"previous_version": p.previous, "version": p.version, "command": p.command} {
		if v != "" {
			e.Labels[name] = v
		}
	}
	if p.version != "" {
		e.Title += " to " + p.version
	}
	if p.previous != "" {
		e.Title += " (was " + p.previous + ")"
	}
	if p.failure != "" {
		e.State = "failed"
		e.Title += ", which failed"
	}
	return e
}
