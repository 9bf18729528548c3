package slack

import (
	"encoding/json"
	"io"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// Names are those of an export's people and channels by their keys, which is all that messages hold. The zero value
// knows nobody.
type Names struct{ people, channels map[string]string }

// HoldsNames tells by its name whether a file of an export lists people or channels.
func HoldsNames(file string) bool {
	switch path.Base(filepath.ToSlash(file)) {
	case "users.json", "channels.json", "groups.json":
		return true
	}
	return false
}

// Read takes in a list of users or channels (users.json, channels.json, groups.json). Anything else adds nothing.
func (n *Names) Read(r io.Reader) {
	var list []struct {
		ID         string  `json:"id"`
		Name       string  `json:"name"`
		RealName   string  `json:"real_name"`
		IsArchived *bool   `json:"is_archived"`
		Profile    *person `json:"profile"`
	}
	if json.NewDecoder(io.LimitReader(r, maxDay)).Decode(&list) != nil {
		return
	}
	for _, e := range list {
		switch {
		case e.ID == "":
		case e.Profile != nil || e.RealName != "":
			name := e.Name
			if e.Profile != nil {
				name = first(e.Profile.RealName, e.RealName, e.Profile.DisplayName, e.Name)
			}
			n.person(e.ID, first(name, e.RealName))
		case e.IsArchived != nil:
			if n.channels == nil {
				n.channels = map[string]string{}
			}
			n.channels[e.ID] = e.Name
		}
	}
}

func (n *Names) person(id, name string) {
	if id == "" || name == "" {
		return
	}
	if n.people == nil {
		n.people = map[string]string{}
	}
	n.people[id] = name
}

// actor gives the name of who has a key, else the key.
func (n *Names) actor(id string) string { return first(n.people[id], id) }

// markup is what Slack writes between angle brackets: a mention, a link, a date; a bar parts what is meant from what is shown.
var markup = regexp.MustCompile(`<(?:([@#!])([^<>|]+)|((?:[a-z][a-z0-9+.-]*://|mailto:|tel:)[^<>|]+))(?:\|([^<>]*))?>`)

// plain writes a text as people see it: names for keys, and no markup. Of those whose name is not known the key stays.
func (n *Names) plain(text string) string {
	if !strings.ContainsRune(text, '<') {
		return unescape.Replace(text)
	}
	text = markup.ReplaceAllStringFunc(text, func(s string) string {
		m := markup.FindStringSubmatch(s)
		what, shown := m[2], m[4]
		switch m[1] {
		case "@":
			return "@" + first(n.people[what], shown, what)
		case "#":
			return "#" + first(n.channels[what], shown, what)
		case "!":
			return special(what, shown)
		}
		what = strings.TrimPrefix(strings.TrimPrefix(m[3], "mailto:"), "tel:")
		if shown == "" || shown == what || strings.HasSuffix(what, "://"+shown) {
			return what
		}
		return shown + " (" + what + ")"
	})
	return unescape.Replace(text)
}

// special writes what concerns all or a group, and dates.
func special(what, shown string) string {
	name, _, _ := strings.Cut(what, "^")
	switch {
	case shown != "" && name == "subteam":
		return "@" + strings.TrimPrefix(shown, "@")
	case shown != "":
		return shown
	case name == "subteam":
		return "@" + strings.TrimPrefix(what, "subteam^")
	}
	return "@" + name
}

// mentioned lists the people whom a text names, as plain writes them, so that reports can leave them out.
func (n *Names) mentioned(text string) []string {
	var list []string
	for _, m := range markup.FindAllStringSubmatch(text, -1) {
		if name := first(n.people[m[2]], m[4]); m[1] == "@" && name != "" {
			list = append(list, name)
		}
	}
	return list
}
