// Package slack reads the chat of a Slack export: a folder for each channel, in it a file for each day.
package slack

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/hindcast/hindcast/ingest/document"
	"github.com/hindcast/hindcast/ingest/event"
)

// lists is where messages stand in an answer of conversations.history.
var lists = []string{"messages"}

// Recognise tells whether head begins a day of a channel, or an export's list of users or channels.
func Recognise(head []byte) bool {
	if isZip(head) {
		return true
	}
	if !bytes.Contains(head, []byte(`"ts"`)) && !bytes.Contains(head, []byte(`"is_archived"`)) && !bytes.Contains(head, []byte(`"real_name"`)) {
		return false
	}
	shape := document.Shape(head)
	for _, at := range []string{"", "messages[]."} {
		if shape[at+"type"] != "message" || !isStamp(shape[at+"ts"]) {
			continue
		}
		for _, k := range []string{"user", "bot_id", "subtype", "client_msg_id"} {
			if shape[at+k] != "" {
				return true
			}
		}
	}
	_, profile := shape["profile.real_name"]
	_, archived := shape["is_archived"]
	return shape["id"] != "" && shape["name"] != "" && (profile || archived)
}

// isStamp tells a message's time, seconds with six decimals, which is its key as well.
func isStamp(s string) bool {
	_, frac, _ := strings.Cut(s, ".")
	_, ok := document.ParseTime(s)
	return ok && len(frac) == 6
}

// Decode reads a day of a channel, which is named by the folder that the file is in, the file of a whole channel, which
// is named by the file, or a whole export in its archive. Lists of users and channels are counted and left out.
func Decode(ctx context.Context, r io.Reader, o event.Origin, emit func(*event.Batch)) error {
	return (&Names{}).Decode(ctx, r, o, emit)
}

// Decode is [Decode] with the names of an export at hand.
func (n *Names) Decode(ctx context.Context, r io.Reader, o event.Origin, emit func(*event.Batch)) error {
	buffered := bufio.NewReader(r)
	if head, _ := buffered.Peek(len(zipMark)); string(head) == zipMark {
		return decodeZip(ctx, buffered, o, emit)
	}
	s := document.NewSink(o, emit)
	defer s.Flush()
	channel := channelOf(o.Path)
	return document.Each(ctx, buffered, s, lists, func(rec document.Record) error {
		if rec.Envelope {
			return nil
		}
		return n.record(s, rec, channel)
	})
}

// day is the name of a file that holds one day.
var day = regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)

// channelOf takes the channel's name from a file's path.
func channelOf(file string) string {
	file = filepath.ToSlash(file)
	name := strings.TrimSuffix(path.Base(file), ".json")
	if !day.MatchString(name) {
		if name == "-" || name == "." || name == "/" || name == "messages" {
			return ""
		}
		return name
	}
	channel := path.Base(path.Dir(file))
	if channel == "." || channel == "/" {
		return ""
	}
	return channel
}

type message struct {
	Type     string         `json:"type"`
	Subtype  string         `json:"subtype"`
	TS       document.Text  `json:"ts"`
	ThreadTS document.Text  `json:"thread_ts"`
	Text     string         `json:"text"`
	User     string         `json:"user"`
	Username string         `json:"username"`
	BotID    string         `json:"bot_id"`
	Profile  person         `json:"user_profile"`
	Bot      named          `json:"bot_profile"`
	PinnedTo []any          `json:"pinned_to"`
	Attached []attached     `json:"attachments"`
	Blocks   []block        `json:"blocks"`
	Files    []attachedFile `json:"files"`

	// These are what a list of users or channels has instead.
	ID         string          `json:"id"`
	Name       string          `json:"name"`
	IsArchived *bool           `json:"is_archived"`
	Card       json.RawMessage `json:"profile"`
}

type person struct {
	RealName    string `json:"real_name"`
	DisplayName string `json:"display_name"`
}

type attachedFile struct {
	Title string `json:"title"`
	Name  string `json:"name"`
}

type named struct {
	Name string `json:"name"`
}

func (n *Names) record(s *document.Sink, rec document.Record, channel string) error {
	var m message
	if err := json.Unmarshal(rec.Raw, &m); err != nil {
		return err
	}
	if m.TS == "" && m.ID != "" {
		switch {
		case m.Card != nil:
			s.Drop("slack user list")
			return nil
		case m.Name != "" && m.IsArchived != nil:
			s.Drop("channel list")
			return nil
		}
	}
	at, ok := document.ParseTime(string(m.TS))
	if m.Type != "message" || !ok {
		return errors.New("not a message with a time")
	}
	switch m.Subtype {
	case "channel_join", "channel_leave", "group_join", "group_leave":
		s.Drop("channel membership")
		return nil
	case "tombstone", "message_deleted":
		s.Drop("deleted message")
		return nil
	}
	n.person(m.User, first(m.Profile.RealName, m.Profile.DisplayName)) // for the mentions that follow
	body := m.body()
	text := n.plain(body)
	labels := m.labels(channel)
	if named := n.mentioned(body); len(named) > 0 {
		labels["mentions"] = strings.Join(named, "\n")
	}
	s.Keep(rec.Line, event.Event{
		Time: at, Kind: event.Action, Name: "message", Title: title(text), Text: text,
		Labels: labels, Actor: m.actor(n), ID: string(m.TS), Pinned: len(m.PinnedTo) > 0,
	})
	return nil
}

func (m *message) isBot() bool { return m.BotID != "" || m.Subtype == "bot_message" }

func (m *message) bot() string { return first(m.Username, m.Bot.Name, m.BotID, "bot") }

func (m *message) actor(n *Names) string {
	if name := first(m.Profile.RealName, n.actor(m.User)); name != "" {
		return name
	}
	if m.isBot() {
		return m.bot()
	}
	return m.Username
}

func (m *message) labels(channel string) map[string]string {
	labels := map[string]string{}
	if channel != "" {
		labels["channel"] = channel
	}
	if m.isBot() {
		labels["bot"] = m.bot()
	}
	if m.Subtype != "" {
		labels["subtype"] = m.Subtype
	}
	if m.ThreadTS != "" && m.ThreadTS != m.TS {
		labels["thread"] = "reply"
	}
	return labels
}

// unescape undoes what Slack escapes in texts.
var unescape = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// title is the first line that says something.
func title(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(line)
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
