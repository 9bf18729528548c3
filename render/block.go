package render

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// A draft is generated blocks in a text that belongs to a person. A block stands between two lines:
//
//	<!-- hindcast:begin NAME sha256=HASH -->
//	<!-- hindcast:end NAME -->
//
// The hash is that of the lines between, so that one can tell whether a person has changed them.
var (
	beginLine = regexp.MustCompile(`^<!-- hindcast:begin ([a-z]+) sha256=([0-9a-f]+) -->$`)
	endLine   = regexp.MustCompile(`^<!-- hindcast:end ([a-z]+) -->$`)
)

const (
	renewedBegin = "<!-- hindcast:renewed "
	renewedEnd   = "hindcast:renewed-end -->"
	// draftBlock holds the count of open places, which a person's edits change: it is made last.
	draftBlock = "draft"
)

// markBlock puts a generated text between its markers.
func markBlock(name, text string) string {
	text = strings.Trim(text, "\n") + "\n"
	return fmt.Sprintf("<!-- hindcast:begin %s sha256=%s -->\n%s<!-- hindcast:end %s -->", name, blockHash(text), text, name)
}

// blockHash is short: it is there to see edits, not to keep out forgers.
func blockHash(text string) string {
	sum := sha256.Sum256([]byte(strings.ReplaceAll(text, "\r\n", "\n"))) // an editor's line ends are no edit
	return hex.EncodeToString(sum[:6])
}

// A piece of a draft is a generated block, or the text of a person between two blocks (name is empty).
type piece struct {
	name, hash, text string
	// renewed is what an earlier update put below a block that a person had changed.
	renewed bool
}

func (p piece) touched() bool { return blockHash(p.text) != p.hash }

// pieces cuts a draft. A block that does not end, or a marker that a person has broken, is an error with its line.
func pieces(draft string) ([]piece, error) {
	var (
		all []piece
		cur piece
	)
	started := 0
	for i, line := range strings.SplitAfter(draft, "\n") {
		bare := strings.TrimRight(line, "\r\n")
		begin, end := beginLine.FindStringSubmatch(bare), endLine.FindStringSubmatch(bare)
		switch {
		case cur.renewed:
			if bare == renewedEnd {
				cur = piece{text: strings.TrimPrefix(line, bare)}
			}
		case begin != nil && cur.name != "":
			return nil, fmt.Errorf("line %d: block %q begins within block %q, which began in line %d", i+1, begin[1], cur.name, started)
		case begin != nil:
			all = append(all, cur)
			cur, started = piece{name: begin[1], hash: begin[2]}, i+1
		case end != nil && end[1] != cur.name:
			return nil, fmt.Errorf("line %d: block %q ends but did not begin", i+1, end[1])
		case end != nil:
			all = append(all, cur)
			cur = piece{text: strings.TrimPrefix(line, bare)}
		case cur.name == "" && strings.HasPrefix(bare, renewedBegin):
			cur.text = strings.TrimSuffix(strings.TrimSuffix(cur.text, "\n"), "\r") // the comment goes with the line end before it
			all = append(all, cur)
			cur, started = piece{renewed: true}, i+1
		default:
			cur.text += line
		}
	}
	if cur.name != "" || cur.renewed {
		return nil, fmt.Errorf("line %d: block %q does not end", started, cur.name)
	}
	return append(all, cur), nil
}

// Update renews the blocks of a person's draft from a fresh one. Blocks that the person has changed are kept, and what
// they would be now is put below as a comment; their names are returned. Blocks that the person has taken out stay out.
func Update(draft, fresh string) (updated string, kept []string, err error) {
	old, err := pieces(draft)
	if err != nil {
		return "", nil, err
	}
	made, err := pieces(fresh)
	if err != nil {
		return "", nil, fmt.Errorf("BUG: reading our own draft: %w", err)
	}
	now := map[string]piece{}
	for _, p := range made {
		now[p.name] = p
	}
	var b strings.Builder
	for _, p := range old {
		n, ok := now[p.name]
		switch {
		case p.name == "":
			b.WriteString(p.text)
		case p.touched() || !ok:
			fmt.Fprintf(&b, "<!-- hindcast:begin %s sha256=%s -->\n%s<!-- hindcast:end %s -->", p.name, p.hash, p.text, p.name)
			if ok && p.name != draftBlock && n.text != p.text {
				kept = append(kept, p.name)
				b.WriteString("\n" + renewedBegin + p.name + "\n" + uncommented(n.text) + renewedEnd)
			}
		default:
			b.WriteString(markBlock(p.name, n.text))
		}
	}
	return recounted(renewStamp(b.String(), fresh)), kept, nil
}

// uncommented takes out of a text what would end the comment that it is put into.
func uncommented(text string) string { return strings.ReplaceAll(text, "-->", "--&gt;") }

var generatedLine = regexp.MustCompile(`(?m)^generated: .*$`)

// renewStamp carries the time of making over into the head of a draft.
func renewStamp(draft, fresh string) string {
	stamp := generatedLine.FindString(fresh)
	if loc := generatedLine.FindStringIndex(draft); loc != nil && stamp != "" {
		return draft[:loc[0]] + stamp + draft[loc[1]:]
	}
	return draft
}

var openCount = regexp.MustCompile(`[0-9,]+ places? (?:is|are) open`)

// recounted puts the number of open places into the draft block, unless a person has changed it.
func recounted(draft string) string {
	all, err := pieces(draft)
	if err != nil {
		return draft
	}
	for _, p := range all {
		if p.name == draftBlock && !p.touched() {
			text := openCount.ReplaceAllString(p.text, openWords(len(Open(draft))))
			return strings.Replace(draft, markBlock(draftBlock, p.text), markBlock(draftBlock, text), 1)
		}
	}
	return draft
}

func openWords(n int) string {
	if n == 1 {
		return "1 place is open"
	}
	return strconv.Itoa(n) + " places are open"
}

// A Place is one that only a person can fill in.
type Place struct {
	Line int
	Text string
}

// Open lists the open places of a draft, one for every mark.
func Open(draft string) []Place {
	var (
		places []Place
		skip   bool
	)
	for i, line := range strings.Split(draft, "\n") {
		if m := beginLine.FindStringSubmatch(strings.TrimRight(line, "\r")); m != nil {
			skip = m[1] == draftBlock
		}
		if endLine.MatchString(strings.TrimRight(line, "\r")) {
			skip = false
		}
		if strings.HasPrefix(line, renewedBegin) {
			skip = true
		}
		if strings.TrimRight(line, "\r") == renewedEnd {
			skip = false
		}
		if skip {
			continue
		}
		for range strings.Count(line, pencil) {
			places = append(places, Place{Line: i + 1, Text: strings.TrimSpace(line)})
		}
	}
	return places
}
