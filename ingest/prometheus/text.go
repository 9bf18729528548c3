package prometheus

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/hindcast/hindcast/ingest/document"
	"github.com/hindcast/hindcast/ingest/event"
)

const (
	// maxLine bounds a line of the text formats; longer ones are counted as broken.
	maxLine = 1 << 20
	// probeLines is how many lines must look right for a text to be taken for metrics.
	probeLines = 20
	// noStamp is why a sample is left out that does not say when it was taken.
	noStamp = "sample without a time stamp"
)

// isText tells whether head begins the exposition format or OpenMetrics: comments of theirs with samples behind, or
// samples alone that all have labels and a time stamp.
func isText(head []byte) bool {
	complete := bytes.LastIndexByte(head, '\n')
	if complete < 0 {
		return false
	}
	samples, broken, described := 0, 0, false
	for line := range strings.Lines(string(head[:complete+1])) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case line == "":
		case isComment(line):
			described = true
		case strings.HasPrefix(line, "# HELP ") || strings.HasPrefix(line, "# UNIT ") || line == "# EOF":
		default:
			smp, err := parseSample(line)
			switch {
			case !described && (err != nil || len(smp.labels) == 0 || smp.time == 0):
				return false
			case err != nil:
				broken++
			default:
				samples++
			}
		}
		if samples == probeLines {
			break
		}
	}
	return samples > broken
}

// isComment tells whether a line is "# TYPE NAME KIND" with a kind that there is.
func isComment(line string) bool {
	f := strings.Fields(line)
	if len(f) != 4 || f[0] != "#" || f[1] != "TYPE" {
		return false
	}
	switch f[3] {
	case "counter", "gauge", "histogram", "gaugehistogram", "summary", "untyped", "unknown", "info", "stateset":
		return true
	}
	return false
}

// text reads the exposition format and OpenMetrics line by line, so that a broken line costs no other.
func (g *gathering) text(ctx context.Context, r *bufio.Reader) error {
	for line := int64(1); ; line++ {
		if line%1024 == 1 && ctx.Err() != nil {
			return ctx.Err()
		}
		text, long, err := readLine(r)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("reading %s at line %d: %w", g.sink.At(0, "").Path, line, err)
		}
		switch {
		case long:
			g.sink.Broken(line, fmt.Errorf("the line has more than %d KiB", maxLine>>10))
		case text == "" || text[0] == '#':
		default:
			g.sample(line, text)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
	}
}

func (g *gathering) sample(line int64, text string) {
	smp, err := parseSample(text)
	switch {
	case err != nil:
		g.sink.Broken(line, err)
	case smp.time == 0:
		g.sink.Drop(noStamp)
	case isPending(smp.name, smp.labels):
		g.wait(smp.time)
	default:
		g.sink.Keep(line)
		g.add(line, smp.name, smp.labels, []int64{smp.time}, []float64{smp.value})
	}
}

// readLine gives the next line without its end. Of one that is too long it gives nothing and says so.
func readLine(r *bufio.Reader) (text string, long bool, err error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if len(line)+len(part) > maxLine {
			long = true
		} else {
			line = append(line, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if long {
			line = nil
		}
		return string(bytes.TrimSpace(line)), long, err
	}
}

// sample is one line of text.
type sample struct {
	name   string
	labels []event.Label
	value  float64
	time   int64
}

// parseSample reads NAME{LABELS} VALUE [TIME] [# EXEMPLAR]. The name may be quoted, among the labels.
func parseSample(line string) (sample, error) {
	var s sample
	end := strings.IndexAny(line, "{ \t")
	if end < 0 {
		return s, errors.New("a sample without a value")
	}
	s.name = line[:end]
	if s.name != "" && !isName(s.name) {
		return s, fmt.Errorf("%q is not the name of a metric", s.name)
	}
	rest := strings.TrimLeft(line[end:], " \t")
	if strings.HasPrefix(rest, "{") {
		var err error
		if rest, err = s.parseLabels(rest[1:]); err != nil {
			return s, err
		}
	}
	if s.name == "" {
		return s, errors.New("a sample without a name")
	}
	if i := strings.Index(rest, " # {"); i >= 0 {
		rest = rest[:i]
	}
	fields := strings.Fields(rest)
	if len(fields) == 0 || len(fields) > 2 {
		return s, errors.New("a sample is a name, a value and a time")
	}
	var err error
	if s.value, err = strconv.ParseFloat(fields[0], 64); err != nil && !errors.Is(err, strconv.ErrRange) {
		return s, fmt.Errorf("the value %q is not a number", fields[0])
	}
	if len(fields) == 2 {
		if s.time, err = textTime(fields[1]); err != nil {
			return s, err
		}
	}
	return s, nil
}

// ParseSeries reads NAME{LABELS}, or {LABELS} alone as Grafana calls the results of expressions. The labels are sorted by name.
func ParseSeries(text string) (name string, labels []event.Label, ok bool) {
	unnamed := strings.HasPrefix(text, "{")
	if unnamed {
		text = "unnamed" + text
	}
	s, err := parseSample(text + " 0")
	if err != nil {
		return "", nil, false
	}
	if unnamed {
		s.name = ""
	}
	sortLabels(s.labels)
	return s.name, s.labels, true
}

// textTime reads OpenMetrics' seconds, with decimals or an exponent, and the exposition format's milliseconds.
func textTime(text string) (int64, error) {
	if ns, ok := document.ParseTime(text); ok && !strings.ContainsAny(text, "-:T") {
		return ns, nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || v < 1e8 || v > 9e9 {
		return 0, fmt.Errorf("the time %q is not in Unix seconds or milliseconds", text)
	}
	return int64(math.Round(v*1000)) * 1e6, nil
}

// parseLabels reads from behind the opening brace and gives what follows the closing one.
func (s *sample) parseLabels(text string) (string, error) {
	for {
		text = strings.TrimLeft(text, " \t,")
		if strings.HasPrefix(text, "}") {
			sortLabels(s.labels)
			return text[1:], nil
		}
		name := ""
		if strings.HasPrefix(text, `"`) {
			var err error
			if name, text, err = quoted(text); err != nil {
				return "", err
			}
			if next := strings.TrimLeft(text, " \t"); strings.HasPrefix(next, ",") || strings.HasPrefix(next, "}") {
				s.name, text = name, next
				continue
			}
		}
		before, after, ok := strings.Cut(text, "=")
		if name == "" {
			name = strings.TrimSpace(before)
		}
		after = strings.TrimLeft(after, " \t")
		if !ok || name == "" || !strings.HasPrefix(after, `"`) {
			return "", errors.New(`labels are not written NAME="VALUE"`)
		}
		value, rest, err := quoted(after)
		if err != nil {
			return "", err
		}
		if text = rest; name == "__name__" { // as promtool tsdb dump writes it
			s.name = value
		} else {
			s.labels = append(s.labels, event.Label{Name: name, Value: value})
		}
	}
}

// quoted reads a string in quotes with the escapes \\, \" and \n, and gives what follows it.
func quoted(text string) (value, rest string, err error) {
	plain := true
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			plain = false
			i++
		case '"':
			value = text[1:i]
			if !plain {
				value = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n").Replace(value)
			}
			return value, text[i+1:], nil
		}
	}
	return "", "", errors.New("a quote is not closed")
}

func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '_' && c != ':' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
