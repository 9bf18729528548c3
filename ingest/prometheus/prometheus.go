// Package prometheus reads series: the JSON of Prometheus' query API, and the exposition and OpenMetrics text formats
// with time stamps, as `promtool tsdb dump-openmetrics` writes them. The series that Prometheus keeps of its own alerts
// become alerts.
//
// Samples are taken as they are: counters stay counters. Samples are put in order, of two with the same time the later
// one stands, and values that are no finite number are left out, so stale markers and NaN leave holes.
package prometheus

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/hindcast/hindcast/ingest/document"
	"github.com/hindcast/hindcast/ingest/event"
)

// lists are where series stand in answers of the query API.
var lists = []string{"data.result", "result"}

// Recognise tells whether head begins series in one of the forms that Decode reads.
func Recognise(head []byte) bool {
	if !isJSON(head) {
		return isText(head)
	}
	if !bytes.Contains(head, []byte(`"resultType"`)) && !bytes.Contains(head, []byte(`"metric"`)) {
		return false
	}
	shape := document.Shape(head)
	switch shape["data.resultType"] + shape["resultType"] {
	case "matrix", "vector", "scalar", "string":
		return true
	}
	for _, at := range []string{"", "data.result[].", "result[]."} {
		_, metric := shape[at+"metric"]
		_, values := shape[at+"values[]"]
		_, value := shape[at+"value[]"]
		_, histograms := shape[at+"histograms[]"]
		if metric && (values || value || histograms) {
			return true
		}
	}
	return false
}

// isJSON tells JSON from the text formats, which may begin with a brace too: {__name__="up"} and {"http.requests"}.
func isJSON(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	if len(head) == 0 || head[0] != '{' {
		return len(head) > 0 && head[0] == '['
	}
	head = bytes.TrimLeft(head[1:], " \t\r\n")
	if len(head) == 0 || head[0] != '"' {
		return len(head) == 0 || head[0] == '}'
	}
	end := bytes.IndexByte(head[1:], '"')
	if end < 0 {
		return true
	}
	rest := bytes.TrimLeft(head[end+2:], " \t\r\n")
	return len(rest) == 0 || rest[0] == ':'
}

// Decode reads series. The pieces of a series that stand in several answers are joined.
func Decode(ctx context.Context, r io.Reader, o event.Origin, emit func(*event.Batch)) error {
	buffered := bufio.NewReaderSize(r, 64<<10)
	head, err := buffered.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading %s: %w", o.Path, err)
	}
	s := document.NewSink(o, emit)
	defer s.Flush()
	g := newGathering(s)
	if isJSON(head) {
		err = document.Each(ctx, buffered, s, lists, g.record)
	} else {
		err = g.text(ctx, buffered)
	}
	g.finish(event.Range{})
	return err
}
