package format

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/hindcast/hindcast/ingest/event"
)

// Profile is how a file is read: its format, or formats, and what was learnt from its beginning.
type Profile struct {
	// Format is the name of the format, "cri: json" for one within another, "plain" for lines of no form.
	Format string
	// Why says what speaks for the format, for a person.
	Why string
	// Confidence is the share of the sample's records that the format reads.
	Confidence float64
	// Stamped tells whether the sample has any stamps; without one, records cannot be placed in time.
	Stamped bool
	// Local tells whether stamps leave their zone open.
	Local bool
	// First and Last are the smallest and the largest stamp of the sample.
	First, Last int64
	// Sample is the first record found, for a person.
	Sample string
	// Notes are remarks for a person.
	Notes []string

	options Options
	wrap    wrapper
	chain   []lineReader
	loose   bool
	// indented is set where records begin with blanks.
	indented bool
	// coloured is set where lines have escape sequences for a terminal.
	coloured bool
	speaker  string
}

// OptionError is an error in what a person said of a file.
type OptionError struct{ err error }

// Error says what is wrong.
func (e *OptionError) Error() string { return e.err.Error() }

// Unwrap gives the error beneath.
func (e *OptionError) Unwrap() error { return e.err }

// sampleLines is how many lines a format is judged by.
const sampleLines = 400

// Recognise finds out how a file is read from its beginning, which may end in mid-line. It returns an error if the
// options are wrong or the bytes are no text.
func Recognise(head []byte, o Options) (*Profile, error) {
	if reason := notText(head); reason != "" {
		return nil, fmt.Errorf("not a log: %s", reason)
	}
	rs, err := newRoles(o)
	if err != nil {
		return nil, &OptionError{err}
	}
	s := &settings{Options: o, roles: rs, formats: All, clock: clock{
		loc: o.Location, shift: o.Shift, reference: o.Reference, now: o.Now, boot: o.Boot,
	}}
	if o.Location == time.UTC {
		s.clock.loc = nil
	}
	if s.clock.now == 0 {
		s.clock.now = time.Now().UnixNano()
	}
	lines := sample(head)
	p := &Profile{options: o}
	s.clock.dayFirst = dayFirst(lines)
	forced, outer, err := named(o.Format)
	if err != nil {
		return nil, &OptionError{err}
	}
	lines = p.findWrapper(lines, s, outer)
	if p.coloured = coloured(lines); p.coloured {
		bare := lines[:0:0]
		for _, l := range lines {
			if l = appendPlain(nil, l); len(l) > 0 {
				bare = append(bare, l)
			}
		}
		lines = bare
	}
	p.choose(lines, s, forced)
	p.tell(lines)
	return p, nil
}

// sample takes whole lines from all over the head.
func sample(head []byte) [][]byte {
	var all [][]byte
	for len(head) > 0 {
		i := bytes.IndexByte(head, '\n')
		if i < 0 {
			if len(all) == 0 {
				all = append(all, head)
			}
			break
		}
		if line := bytes.TrimLeft(bytes.TrimRight(head[:i], "\r"), "\x00"); len(bytes.TrimSpace(line)) > 0 {
			all = append(all, line)
		}
		head = head[i+1:]
	}
	if len(all) <= sampleLines {
		return all
	}
	// The first half is taken as it comes, since multi-line records show only so; the rest is spread.
	lines := all[: sampleLines/2 : sampleLines/2]
	rest := all[sampleLines/2:]
	for i := range sampleLines / 2 {
		lines = append(lines, rest[i*len(rest)/(sampleLines/2)])
	}
	return lines
}

// notText says why bytes are not text, or "".
func notText(head []byte) string {
	head = head[:min(len(head), 64<<10)]
	if len(head) == 0 {
		return ""
	}
	odd, nul := 0, 0
	for _, ch := range head {
		if ch < ' ' && ch != '\n' && ch != '\r' && ch != '\t' && ch != 0x1b && ch != '\f' && ch != '\v' || ch == 0x7f {
			odd++
			if ch == 0 {
				nul++
			}
		}
	}
	switch {
	case nul*50 > len(head):
		return fmt.Sprintf("binary, %d of the first %d bytes are NUL", nul, len(head))
	case odd*10 > len(head):
		return fmt.Sprintf("binary, %d of the first %d bytes are control characters", odd, len(head))
	}
	return ""
}

// named finds what --format names: nothing, a format, one within a container's, or a layout.
func named(name string) (f *Format, outer string, err error) {
	if a, b, ok := strings.Cut(name, ":"); ok && a != "layout" {
		outer, name = strings.TrimSpace(a), strings.TrimSpace(b)
	}
	switch {
	case name == "" || name == "auto":
		return nil, outer, nil
	case name == "cri" || name == "docker" || name == "compose":
		return nil, name, nil
	case strings.HasPrefix(name, "layout:"):
		l, err := parseLayout(strings.TrimSpace(strings.TrimPrefix(name, "layout:")))
		if err != nil {
			return nil, "", err
		}
		return &Format{Name: "layout", open: func(s *settings, _ [][]byte) lineReader {
			return &layouts{clock: s.clock, list: []layout{l}}
		}}, outer, nil
	}
	var known []string
	for i := range All {
		if All[i].Name == name {
			return &All[i], outer, nil
		}
		known = append(known, All[i].Name)
	}
	return nil, "", fmt.Errorf("unknown format %q (one of auto, cri, docker, compose, %s, or a layout)", name, strings.Join(known, ", "))
}

// findWrapper finds out whether a container runtime wrote the file and returns the programs' own lines.
func (p *Profile) findWrapper(lines [][]byte, s *settings, name string) [][]byte {
	for _, w := range []struct {
		name string
		wrapper
	}{{"cri", &cri{s.clock}}, {"docker", &docker{s.clock}}, {"compose", compose{}}} {
		if name != "" && name != w.name {
			continue
		}
		var inner [][]byte
		var sc scratch
		hits, services := 0, map[string]bool{}
		var first, latest int64
		for _, line := range lines {
			if u, ok := w.unwrap(line, &sc); ok {
				hits++
				first, latest = note(first, latest, u.time)
				services[string(u.service)] = true
				if len(u.payload) > 0 {
					inner = append(inner, u.payload)
				}
			}
		}
		least := len(lines) / 2
		if w.name == "compose" { // its form is the weakest: names must come again
			least = max(len(lines)*9/10, len(services)*2-1)
		}
		if hits > least || name != "" {
			p.wrap, p.Format = w.wrapper, w.name+": "
			p.First, p.Last = first, latest
			return inner
		}
	}
	return lines
}

// note widens a span by a time.
func note(first, last, t int64) (int64, int64) {
	if ClockUnset(t) {
		return first, last
	}
	if first == 0 || t < first {
		first = t
	}
	return first, max(last, t)
}

// choose finds the formats that read the lines.
func (p *Profile) choose(lines [][]byte, s *settings, forced *Format) {
	indented := 0
	for _, l := range lines {
		if l[0] == ' ' || l[0] == '\t' {
			indented++
		}
	}
	p.indented = indented*2 > len(lines)
	var heads [][]byte
	for _, l := range lines {
		if p.indented || !continues(l) {
			heads = append(heads, l)
		}
	}
	total := len(heads)
	var names []string
	take := func(f *Format, l lineReader, hits int) {
		p.chain = append(p.chain, l)
		names = append(names, f.Name)
		if len(names) == 1 {
			p.loose, p.speaker = f.loose, f.program
			if j, ok := l.(*jsonReader); ok {
				p.speaker = j.speaker
			}
			p.Confidence = float64(hits) / float64(max(1, total))
			p.Why = fmt.Sprintf("it reads %d of %d lines of the sample", hits, total)
		}
		var left [][]byte
		for _, h := range heads {
			var r event.Record
			if l.read(h, &r) == none {
				left = append(left, h)
			}
		}
		heads = left
	}
	if forced != nil {
		if l := forced.open(s, heads); l != nil {
			take(forced, l, count(l, heads))
		}
		p.Why = "it was asked for; " + p.Why
	} else {
		// The first format is that of most lines; further ones must read a real share of those that are left.
		for len(p.chain) < 3 && len(heads) > 0 {
			f, l, hits, second := best(s, heads)
			if f != nil && len(p.chain) > 0 && f.Name == "unstamped" { // further lines of records
				break
			}
			if f == nil || hits*20 < total || len(p.chain) > 0 && hits < 2 && total > 10 {
				break
			}
			take(f, l, hits)
			if len(names) == 1 && second != "" {
				p.Why += ", the next best is " + second
			}
		}
	}
	if len(names) == 0 {
		names = []string{"plain"}
		p.Confidence = 0
	}
	if last := names[len(names)-1]; last != "text" && forced == nil {
		p.chain = append(p.chain, openText(s, lines))
	}
	p.Format += names[0]
	if len(names) > 1 {
		p.Notes = append(p.Notes, "mixed formats: "+strings.Join(names, ", "))
	}
}

// best finds the format that reads most of the lines, and names the one that comes next.
func best(s *settings, lines [][]byte) (format *Format, reader lineReader, most int, second string) {
	var top, next float64
	for i := range s.formats {
		f := &s.formats[i]
		l := f.open(s, lines)
		if l == nil {
			continue
		}
		hits := count(l, lines)
		weight := f.weight
		if weight == 0 {
			weight = 1
		}
		switch score := float64(hits) * weight; {
		case score > top:
			if format != nil {
				next, second = top, format.Name
			}
			format, reader, top, most = f, l, score, hits
		case score > next:
			next, second = score, f.Name
		}
	}
	return format, reader, most, second
}

func count(l lineReader, lines [][]byte) int {
	hits := 0
	for _, line := range lines {
		var r event.Record
		if v := l.read(line, &r); v != none && v != broken {
			hits++
		}
	}
	return hits
}

// dayFirst finds out whether dates such as 03/04/2025 begin with the day.
func dayFirst(lines [][]byte) bool {
	for _, b := range lines {
		for i := 0; i+10 < len(b) && i < stampReach; i++ {
			if (i == 0 || !isWord(b[i-1])) && digitRun(b[i:]) == 2 && b[i+2] == '/' && digitRun(b[i+3:]) == 2 && b[i+5] == '/' && digitRun(b[i+6:]) == 4 {
				if number(b[i:i+2]) > 12 {
					return true
				}
				break
			}
		}
	}
	return false
}

// tell reads the sample as the file will be read and notes what it shows.
func (p *Profile) tell(lines [][]byte) {
	d := p.Decoder()
	zoned, stamped := 0, 0
	var first, latest int64
	for _, line := range lines {
		var r event.Record
		v, l := d.chainRead(line, &r)
		if p.Sample == "" && v != none && v != skipped {
			p.Sample = string(line[:min(len(line), 300)])
		}
		if v != whole {
			continue
		}
		stamped++
		first, latest = note(first, latest, r.Time)
		l.setClock(func(c *clock) {
			if c.zoned {
				zoned++
			}
		})
	}
	if p.wrapperStamps() {
		p.Stamped = true
	} else {
		p.First, p.Last, p.Stamped = first, latest, stamped > 0
		p.Local = stamped > 0 && zoned*2 < stamped
	}
	if p.Sample == "" && len(lines) > 0 {
		p.Sample = string(lines[0][:min(len(lines[0]), 300)])
	}
}

// wrapperStamps tells whether a container runtime stamped the lines.
func (p *Profile) wrapperStamps() bool {
	_, weak := p.wrap.(compose)
	return p.wrap != nil && !weak
}

// Speaker names the program that a file's format belongs to, "" if many programs write it.
func (p *Profile) Speaker() string { return p.speaker }
