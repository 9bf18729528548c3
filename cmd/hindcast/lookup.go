package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/ingest/bundle"
	"github.com/hindcast/hindcast/ingest/file"
)

// lookSize is how much of a file is looked at behind the place where evidence is said to stand: more than a record holds.
const lookSize = 64 << 10

// lookUp looks for the text of log evidence where the report says that it stands, past everything that reads and derives.
// It gives what is not there.
func (a *app) lookUp(ctx context.Context, t *timeline.Timeline) ([]string, error) {
	var missing []string
	for i := range a.bundle.Manifest().Sources {
		s := &a.bundle.Manifest().Sources[i]
		var logs []*timeline.Evidence
		for j := range t.Evidence {
			if v := &t.Evidence[j]; v.Source == s.Name && v.Pattern != "" && v.Text != "" {
				logs = append(logs, v)
			}
		}
		find := a.inAnswers
		if s.Kind == "files" {
			find = a.inFiles
		}
		texts, err := find(ctx, s, logs)
		if err != nil {
			return nil, err
		}
		for _, v := range logs {
			switch text, ok := texts[v.ID]; {
			case !ok:
				missing = append(missing, fmt.Sprintf("evidence[%s].origin: the bundle has no place %s", v.ID, v.Origin))
			case !holds(text, v.Text):
				missing = append(missing, fmt.Sprintf("evidence[%s].text: it does not stand at %s", v.ID, v.Origin))
			}
		}
	}
	return missing, nil
}

var (
	atLine = regexp.MustCompile(`^(.*):(\d+)$`)
	atByte = regexp.MustCompile(`^(.*)@(\d+)$`)
)

// inFiles reads what stands at the origins of evidence in files.
func (a *app) inFiles(ctx context.Context, s *bundle.Source, logs []*timeline.Evidence) (map[string]string, error) {
	texts := map[string]string{}
	for _, f := range s.Files {
		lines, offsets := map[int64][]string{}, map[int64][]string{}
		for _, v := range logs {
			if m := atLine.FindStringSubmatch(v.Origin); m != nil && isCalled(f.Path, m[1]) {
				n, _ := strconv.ParseInt(m[2], 10, 64)
				lines[n] = append(lines[n], v.ID)
			} else if m := atByte.FindStringSubmatch(v.Origin); m != nil && isCalled(f.Path, m[1]) {
				n, _ := strconv.ParseInt(m[2], 10, 64)
				offsets[n] = append(offsets[n], v.ID)
			}
		}
		if len(lines)+len(offsets) == 0 || f.Member == "" {
			continue
		}
		path, err := a.bundle.Unpack(ctx, f.Member, unpackedName)
		if err != nil {
			return nil, err
		}
		if err := readAt(ctx, path, lines, offsets, texts); err != nil {
			return nil, fmt.Errorf("looking into %s: %w", f.Path, err)
		}
	}
	return texts, nil
}

// isCalled tells whether a report's name for a file, in which something may be masked, is that file's.
func isCalled(path, name string) bool {
	if path == name {
		return true
	}
	parts := maskedPart.Split(name, -1)
	if len(parts) == 1 {
		return false
	}
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	re, err := regexp.Compile("^" + strings.Join(parts, ".+") + "$")
	return err == nil && re.MatchString(path)
}

// readAt reads a file once and keeps what stands at some lines and bytes. A packed file that breaks off is read as far as
// it goes.
func readAt(ctx context.Context, path string, lines, offsets map[int64][]string, texts map[string]string) error {
	r, err := file.Plain(path)
	if err != nil {
		return err
	}
	defer r.Close()
	in := bufio.NewReaderSize(r, 2*lookSize)
	at := int64(0)
	for n := int64(1); ; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		ids := slices.Concat(lines[n], offsets[at])
		if len(ids) > 0 {
			text, err := in.Peek(lookSize)
			if err != nil && !errors.Is(err, io.EOF) && len(text) == 0 {
				return nil
			}
			for _, id := range ids {
				texts[id] = string(text)
			}
		}
		line, err := in.ReadSlice('\n')
		at += int64(len(line))
		for errors.Is(err, bufio.ErrBufferFull) {
			line, err = in.ReadSlice('\n')
			at += int64(len(line))
		}
		if err != nil {
			return nil
		}
	}
}

// inAnswers finds the answers that hold the documents of evidence from servers.
func (a *app) inAnswers(ctx context.Context, s *bundle.Source, logs []*timeline.Evidence) (map[string]string, error) {
	texts := map[string]string{}
	for _, m := range a.bundle.Manifest().Members {
		if m.Exchange == nil || m.Exchange.Source != s.Name || len(texts) == len(logs) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		body, err := a.bundle.Read(m.Name)
		if err != nil {
			return nil, err
		}
		for _, v := range logs {
			_, id, ok := strings.Cut(v.Origin, "#")
			if at := bytes.Index(body, []byte(id)); ok && at >= 0 && texts[v.ID] == "" {
				texts[v.ID] = string(body[max(0, at-lookSize):min(len(body), at+lookSize)])
			}
		}
	}
	return texts, nil
}

var (
	maskedPart = regexp.MustCompile(`\[redacted:[^\]]*\]`)
	word       = regexp.MustCompile(`[\pL\pN]+`)
)

// holds tells whether the first line of a text stands in evidence, up to what was masked: as it is, as JSON writes it, or
// word by word, since formats of many fields are told as a sentence ("GET /cart" 502).
func holds(evidence, text string) bool {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	parts := maskedPart.Split(line, -1)
	return inOrderIn(evidence, parts, func(s string) string { return s }) || inOrderIn(evidence, parts, asJSON) || wordsIn(evidence, parts)
}

func inOrderIn(evidence string, parts []string, write func(string) string) bool {
	for _, p := range parts {
		_, after, ok := strings.Cut(evidence, write(p))
		if !ok {
			return false
		}
		evidence = after
	}
	return true
}

func wordsIn(evidence string, parts []string) bool {
	evidence, _, _ = strings.Cut(evidence, "\n")
	words := map[string]bool{}
	for _, w := range word.FindAllString(evidence, -1) {
		words[w] = true
	}
	for _, p := range parts {
		for _, w := range word.FindAllString(p, -1) {
			if !words[w] {
				return false
			}
		}
	}
	return true
}

func asJSON(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a text can always be written
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(b.String()), `"`), `"`)
}
