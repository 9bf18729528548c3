package alertmanager

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/hindcast/hindcast/ingest/document"
)

// headSize is enough for a table's heading.
const headSize = 4096

const stamp = `(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [A-Z]+)`

// The heading and the rows of `amtool alert query` in its simple and extended forms. Values are printed as they are,
// quotes and line breaks included, so a row ends where the times and the state stand.
var (
	headings = regexp.MustCompile(`^(Alertname +Starts At +Summary|Labels +Annotations +Starts At +Ends At)\b.*State *\r?(\n|$)`)
	simple   = regexp.MustCompile(`^(\S+) +` + stamp + `  (.*?) +(active|suppressed|unprocessed) *$`)
	extended = regexp.MustCompile(`(?s)^(.*\S) +` + stamp + `  ` + stamp + `  (?:\S*) +(active|suppressed|unprocessed) *$`)
	between  = regexp.MustCompile(`" +([a-zA-Z_][a-zA-Z0-9_]*)="`)
)

// isTable tells whether head begins what amtool prints.
func isTable(head []byte) bool { return headings.Match(head) }

// table reads amtool's output.
func (g *gathering) table(ctx context.Context, r io.Reader) error {
	scan := bufio.NewScanner(r)
	scan.Buffer(nil, 1<<20)
	isSimple, from, row := false, int64(0), ""
	for line := int64(1); scan.Scan(); line++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		text := strings.TrimRight(scan.Text(), "\r")
		if line == 1 {
			isSimple = strings.HasPrefix(text, "Alertname")
			continue
		}
		if row == "" {
			if strings.TrimSpace(text) == "" {
				continue
			}
			from = line
		} else {
			row += "\n"
		}
		row += text
		a, ok := fromRow(row, isSimple)
		if !ok && !isSimple && line-from < 100 {
			continue
		}
		err := errors.New("not a row of amtool's output")
		if ok {
			a.line = from
			err = g.add(a)
		}
		if err != nil {
			g.sink.Broken(from, err)
		}
		row = ""
	}
	if row != "" {
		g.sink.Broken(from, errors.New("the row is cut short"))
	}
	if err := scan.Err(); err != nil {
		return fmt.Errorf("reading amtool's output: %w", err)
	}
	return nil
}

func fromRow(row string, isSimple bool) (a alert, ok bool) {
	re := extended
	if isSimple {
		re = simple
	}
	m := re.FindStringSubmatch(row)
	if m == nil {
		return a, false
	}
	ns, ok := document.ParseTime(m[2])
	a.StartsAt = when(ns)
	a.Status.State = m[4]
	if isSimple {
		a.Labels = map[string]document.Text{"alertname": document.Text(m[1])}
		a.Annotations = map[string]document.Text{"summary": document.Text(m[3])}
		return a, ok
	}
	labels, annotations, _ := strings.Cut(m[1], `"  `)
	a.Labels, a.Annotations = pairs(labels), pairs(strings.TrimSpace(annotations))
	return a, ok && len(a.Labels) > 0
}

// pairs reads name="value" name="value", whose values may hold quotes.
func pairs(s string) map[string]document.Text {
	out := map[string]document.Text{}
	name, rest, ok := strings.Cut(s, `="`)
	for ok {
		at := between.FindStringSubmatchIndex(rest)
		if at == nil {
			out[name] = document.Text(strings.TrimSuffix(rest, `"`))
			break
		}
		out[name] = document.Text(rest[:at[0]])
		name, rest = rest[at[2]:at[3]], rest[at[1]:]
	}
	return out
}
