// Package chat reads what people said in a channel from text: transcripts and notes with a time and a name before each message,
// as IRC clients, WhatsApp, Teams and Discord give them when they are saved or copied, and as people write them by hand.
package chat

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/hindcast/hindcast/ingest/document"
	"github.com/hindcast/hindcast/ingest/event"
)

// The forms of a message's line. A list's mark may stand before the time, brackets or stars around it and a dash behind it; or time,
// name and text are the cells of a Markdown table.
var (
	begin   = `^\s*(?:[-*•>]\s+)?[\[(]?\*{0,2}` + stampForm + `\*{0,2}[\])]?,?\s*(?:[-–—|]\s+)?\*{0,2}`
	nick    = regexp.MustCompile(begin + `<[@+%~& ]?([A-Za-z_][\w\\^{}|-]*)>\s+(.*)$`)
	colon   = regexp.MustCompile(begin + `(@?` + nameForm + `)\*{0,2}\s?:\*{0,2}\s+(.*)$`)
	cells   = regexp.MustCompile(`^\|\s*\*{0,2}` + stampForm + `\*{0,2}\s*\|\s*(@?` + nameForm + `)\s*\|\s*(.*?)\s*\|?\s*$`)
	heading = regexp.MustCompile(`^\[` + stampForm + `\]\s+(` + nameForm + `)\s*$`)
	trailed = regexp.MustCompile(`^(` + nameForm + `)\s+[—–-]\s+` + stampForm + `\s*$`)
	// notice is what a client says itself: who came and went, that messages are encrypted.
	notice = regexp.MustCompile(begin + `(?:-!-|\*\*\*|-->|<--|--)\s|^\d\d?[/.]\d\d?[/.]\d{2,4}, \d\d?:\d\d(?::\d\d)?(?:[\s\x{202f}]?[AaPp][Mm])? - [^:]*$`)
)

// markup is what Markdown has between messages: headings, rules, and the heads of tables.
var markup = regexp.MustCompile(`^(?:#{1,6} |\||(?:-{3,}|\*{3,})\s*$)`)

// nameForm is one to three words of letters.
const nameForm = `\p{L}[\p{L}\p{N}._'-]*(?: \p{L}[\p{L}\p{N}._'-]*){0,2}`

// levels stand in logs where names stand in chats.
var levels = regexp.MustCompile(`(?i)^(?:trace|debug|info|information|notice|warn|warning|error|err|fatal|critical|crit|alert|emerg|panic|severe|verbose|stdout|stderr|unknown)$`)

// automatic are the senders that are programs.
var automatic = regexp.MustCompile(`(?i)bot$|^(?:pagerduty|alertmanager|prometheus|grafana|datadog|opsgenie|sentry|jenkins|github|gitlab|argo ?cd|statuspage|nagios|zabbix)$`)

// message is one message that is being read.
type message struct {
	stamp
	who, text string
	line      int64
	// sure is set where no log has this form.
	sure bool
}

// parse reads a line that begins a message, and gives false for others. The text may follow on the next lines.
func parse(line string) (message, bool) {
	if m := nick.FindStringSubmatch(line); m != nil && !hasLevel(m[groups+1]) {
		return message{stamp: newStamp(m[1:]), who: m[groups+1], text: m[groups+2], sure: true}, true
	}
	if m := cells.FindStringSubmatch(line); m != nil && !hasLevel(m[groups+1]) {
		s := newStamp(m[1:])
		return message{stamp: s, who: strings.TrimPrefix(m[groups+1], "@"), text: m[groups+2], sure: !s.seconds}, true
	}
	if m := colon.FindStringSubmatch(line); m != nil && !hasLevel(m[groups+1]) {
		who := strings.TrimPrefix(m[groups+1], "@")
		s := newStamp(m[1:])
		return message{stamp: s, who: who, text: m[groups+2], sure: !s.seconds || who != m[groups+1] || phone.MatchString(line)}, true
	}
	if m := heading.FindStringSubmatch(line); m != nil && !hasLevel(m[groups+1]) {
		s := newStamp(m[1:])
		return message{stamp: s, who: m[groups+1], sure: !s.seconds}, true
	}
	if m := trailed.FindStringSubmatch(line); m != nil {
		s := newStamp(m[2:])
		return message{stamp: s, who: m[1], sure: !s.seconds}, true
	}
	return message{}, false
}

// phone is how a telephone writes the time of a message with its seconds, as no log does.
var phone = regexp.MustCompile(`^\[\d\d?[/.]\d\d?[/.]\d{2,4}, \d`)

// hasLevel tells whether a log's level stands where a name should.
func hasLevel(name string) bool {
	return slices.ContainsFunc(strings.Fields(name), levels.MatchString)
}

const (
	headSize = 64 << 10
	// looked is how many lines of a head are judged.
	looked = 200
	// maxLine bounds a line, maxText a message.
	maxLine = 1 << 20
	maxText = 8 << 10
)

// Recognise tells whether head begins a transcript: a message stands near its beginning, at least every third line begins one,
// their day is known, and no log looks like it.
func Recognise(head []byte) bool {
	messages, others, sure, dated := 0, 0, 0, false
	for raw := range bytes.Lines(head) {
		line := clean(string(raw))
		if strings.TrimSpace(line) == "" || notice.MatchString(line) {
			continue
		}
		if messages+others == looked || messages == 0 && others == 8 {
			break
		}
		m, ok := parse(line)
		if !ok {
			_, isDay := dayIn(line)
			dated = dated || isDay
			others++
			continue
		}
		messages++
		dated = dated || m.date != ""
		if m.sure {
			sure++
		}
	}
	return messages > 0 && dated && sure == messages && others <= 2*messages+2
}

func clean(line string) string {
	return strings.TrimRight(strings.TrimPrefix(line, "\ufeff"), "\r\n")
}

// Decode reads a transcript. Its channel is named by the file.
func Decode(ctx context.Context, r io.Reader, o event.Origin, emit func(*event.Batch)) error {
	s := document.NewSink(o, emit)
	defer s.Flush()
	buffered := bufio.NewReaderSize(r, headSize)
	head, err := buffered.Peek(headSize)
	if err != nil && err != io.EOF {
		return fmt.Errorf("reading %s: %w", o.Path, err)
	}
	t := transcript{sink: s, channel: channelOf(o.Path), clock: clock{monthFirst: monthFirst(head)}}
	scan := bufio.NewScanner(buffered)
	scan.Buffer(nil, maxLine)
	for n := int64(1); scan.Scan(); n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		t.line(n, clean(scan.Text()))
	}
	t.end()
	if t.zoneless {
		s.Note("%s: times without a zone were taken for UTC", o.Path)
	}
	if err := scan.Err(); err != nil {
		return fmt.Errorf("reading %s: %w", o.Path, err)
	}
	return nil
}

// transcript gathers messages from lines.
type transcript struct {
	sink     *document.Sink
	channel  string
	clock    clock
	open     *message
	zoneless bool
}

func (t *transcript) line(n int64, line string) {
	if notice.MatchString(line) {
		t.end()
		t.sink.Drop("what the client says itself")
		return
	}
	if m, ok := parse(line); ok {
		t.end()
		m.line = n
		t.open = &m
		return
	}
	if day, ok := dayIn(line); ok {
		t.end()
		t.clock.day = day
		return
	}
	switch {
	case markup.MatchString(line):
		t.end()
		t.sink.Drop("headings of a transcript")
	case t.open != nil:
		if len(t.open.text) < maxText {
			t.open.text += "\n" + line
		}
	case strings.TrimSpace(line) != "":
		t.sink.Drop("text before the first message")
	}
}

// end hands on the message that was being read.
func (t *transcript) end() {
	m := t.open
	t.open = nil
	if m == nil {
		return
	}
	text := strings.TrimSpace(m.text)
	if text == "" {
		t.sink.Drop("empty message")
		return
	}
	at, err := t.clock.read(m.stamp)
	if err != nil {
		t.sink.Broken(m.line, err)
		return
	}
	t.zoneless = t.zoneless || m.zone == ""
	labels := map[string]string{}
	if t.channel != "" {
		labels["channel"] = t.channel
	}
	if automatic.MatchString(m.who) {
		labels["bot"] = m.who
	}
	first, _, _ := strings.Cut(text, "\n")
	t.sink.Keep(m.line, event.Event{
		Time: at, Kind: event.Action, Name: "message", Title: strings.TrimSpace(first), Text: text, Labels: labels, Actor: m.who,
	})
}

// channelOf takes the channel's name from a file's path.
func channelOf(file string) string {
	name := path.Base(filepath.ToSlash(file))
	name, _, _ = strings.Cut(name, ".")
	if name == "-" || name == "" || name == "/" {
		return ""
	}
	return name
}
