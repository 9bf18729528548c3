package document

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/event"
)

// read gives the records of text in short form: "LINE LIST RAW", "LINE ENVELOPE RAW" or "LINE ERROR".
func read(t testing.TB, r io.Reader, lists ...string) (records []string, lost *LostError) {
	d := NewReader(r, lists...)
	for {
		rec, err := d.Next()
		if errors.Is(err, io.EOF) {
			return records, nil
		}
		if err != nil {
			require.ErrorAs(t, err, &lost)
			return records, lost
		}
		list := rec.List
		if rec.Envelope {
			list = "envelope"
		}
		switch {
		case rec.Err != nil:
			records = append(records, fmt.Sprintf("%d broken", rec.Line))
		case list != "":
			records = append(records, fmt.Sprintf("%d %s %s", rec.Line, list, rec.Raw))
		default:
			records = append(records, fmt.Sprintf("%d %s", rec.Line, rec.Raw))
		}
	}
}

func TestReader(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want []string
		lost string
	}{
		"nothing":         {in: " \n"},
		"one value":       {in: "\ufeff{\"a\": 1}\n", want: []string{`1 {"a": 1}`}},
		"array":           {in: "[\n{\"a\":1},\n {\"b\":[2]}\n]", want: []string{`2 {"a":1}`, `3 {"b":[2]}`}},
		"empty array":     {in: "[]"},
		"NDJSON":          {in: "{\"a\":1}\n\n{\"b\":2}\r\n", want: []string{`1 {"a":1}`, `3 {"b":2}`}},
		"behind another":  {in: `{"a":1}{"b":2}`, want: []string{`1 {"a":1}`, `1 {"b":2}`}},
		"text sequence":   {in: "\x1e{\"a\":1}\n\x1e{\"b\":2}\n", want: []string{`1 {"a":1}`, `2 {"b":2}`}},
		"list":            {in: "{\"k\":\"List\",\"items\":[\n{\"a\":1},\n{\"b\":2}],\"x\":0}", want: []string{`2 items {"a":1}`, `3 items {"b":2}`, `1 envelope {"k":"List","items":[],"x":0}`}},
		"deeper list":     {in: `{"s":"ok","data":{"t":"m","result":[{"a":1}]}}`, want: []string{`1 data.result {"a":1}`, `1 envelope {"s":"ok","data":{"t":"m","result":[]}}`}},
		"lists in array":  {in: `[{"items":[1,2]},{"items":[3]}]`, want: []string{"1 items 1", "1 items 2", `1 envelope {"items":[]}`, "1 items 3", `1 envelope {"items":[]}`}},
		"list of no list": {in: `{"items":{"a":1}}`, want: []string{`1 {"items":{"a":1}}`}},
		"brackets quoted": {in: `[{"a":"]}\"["}]`, want: []string{`1 {"a":"]}\"["}`}},
		"broken line":     {in: "{\"a\":1}\n{\"b\":\n{\"c\":3}\n", want: []string{`1 {"a":1}`, "2 broken", `3 {"c":3}`}},
		"cut line":        {in: "{\"a\":1}\n{\"b\":\"x\n{\"c\":3}\n", want: []string{`1 {"a":1}`, "2 broken", `3 {"c":3}`}},
		"cut last line":   {in: "{\"a\":1}\n{\"b\":\"x", want: []string{`1 {"a":1}`, "2 broken"}},
		"noise":           {in: "hello\n{\"a\":1}\n", want: []string{"1 broken", `2 {"a":1}`}},
		"broken element":  {in: "[{\"a\":1},\n{\"b\" 2, \"t\":\"],{\"},\n{\"c\":3}]", want: []string{`1 {"a":1}`, "2 broken", `3 {"c":3}`}},
		"cut array":       {in: "[{\"a\":1},\n{\"b\":", want: []string{`1 {"a":1}`}, lost: "the document is cut short or broken: the document ends in the middle of a value at line 2, byte 15"},
		"cut list":        {in: `{"items":[{"a":1},{"b`, want: []string{`1 items {"a":1}`}, lost: "cut short"},
		"cut before list": {in: `{"kind":"L","items`, want: []string{"1 broken"}},
		"cut behind list": {in: `{"items":[{"a":1}],`, want: []string{`1 items {"a":1}`}, lost: "cut short"},
		"broken in list":  {in: "{\"items\":[{\"a\":1},{b:1},{\"c\":3}]}", want: []string{`1 items {"a":1}`, "1 broken", `1 items {"c":3}`, `1 envelope {"items":[]}`}},
		"missing comma":   {in: `[{"a":1} {"b":2},{"c":3}]`, want: []string{`1 {"a":1}`, "1 broken", `1 {"c":3}`}},
		"list in element": {in: `[{"x":y:,"items":[1]},{"items":[2]}]`, want: []string{"1 broken", "1 items 2", `1 envelope {"items":[]}`}},
		"too deep":        {in: strings.Repeat("[", 300), lost: "cut short"},
	} {
		t.Run(name, func(t *testing.T) {
			got, lost := read(t, strings.NewReader(c.in), "items", "data.result")
			require.Equal(t, c.want, got)
			slow, slowLost := read(t, iotest.OneByteReader(strings.NewReader(c.in)), "items", "data.result")
			require.Equal(t, got, slow)
			require.Equal(t, lost, slowLost)
			if c.lost == "" {
				require.Nil(t, lost)
				return
			}
			require.NotNil(t, lost)
			require.ErrorContains(t, lost, c.lost)
		})
	}
}

func TestReaderReportsReadErrors(t *testing.T) {
	cause := errors.New("connection reset")
	for _, in := range []string{`[{"a":1},{"b":`, `{"a":1}`, "", `{"items":[{"a":1},`} {
		_, lost := read(t, io.MultiReader(strings.NewReader(in), iotest.ErrReader(cause)), "items")
		require.ErrorIs(t, lost, cause, in)
	}
}

func TestEachAddsUp(t *testing.T) {
	var got event.Coverage
	var events []event.Event
	s := NewSink(event.Origin{Source: "files", Path: "a.json"}, func(b *event.Batch) {
		got.Add(b.Coverage)
		events = append(events, b.Events...)
	})
	in := "[" + strings.Repeat("{\"a\":1},\n", 1500) + "{\"drop\":1},\n{\"bad\":1},\n{\"a\":"
	err := Each(context.Background(), strings.NewReader(in), s, nil, func(rec Record) error {
		switch {
		case bytes.Contains(rec.Raw, []byte("bad")):
			return errors.New("bad")
		case bytes.Contains(rec.Raw, []byte("drop")):
			s.Drop("uninteresting")
		default:
			s.Keep(rec.Line, event.Event{Kind: event.Change})
		}
		return nil
	})
	require.NoError(t, err)
	s.Flush()
	require.NoError(t, got.Check())
	require.Equal(t, int64(1502), got.Read)
	require.Equal(t, int64(1500), got.Kept)
	require.Equal(t, int64(1), got.Unparsed)
	require.Len(t, events, 1500)
	require.Equal(t, event.Origin{Source: "files", Path: "a.json", Line: 700}, events[699].Origin)
	require.Len(t, got.Gaps, 2)
	require.Equal(t, event.Hole{Origin: event.Origin{Source: "files", Path: "a.json", Line: 1502}, Reason: "record not understood: bad"}, got.Gaps[0])
	require.True(t, got.Gaps[1].Failed)
}

func TestSinkNamesAFewBrokenRecords(t *testing.T) {
	var got event.Coverage
	s := NewSink(event.Origin{Path: "a.json"}, func(b *event.Batch) { got.Add(b.Coverage) })
	require.NoError(t, Each(context.Background(), strings.NewReader(strings.Repeat("{\"a\n", 500)), s, nil, func(Record) error { return nil }))
	s.Flush()
	require.NoError(t, got.Check())
	require.Equal(t, int64(500), got.Unparsed)
	require.Len(t, got.Gaps, maxGaps)
	require.Equal(t, []string{"a.json: 480 more records were not understood"}, got.Notes)
}

func TestEachStopsWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	s := NewSink(event.Origin{}, func(*event.Batch) {})
	n := 0
	err := Each(ctx, strings.NewReader("{}\n{}\n{}\n"), s, nil, func(Record) error { n++; cancel(); return nil })
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 1, n)
}

func TestShape(t *testing.T) {
	for in, want := range map[string]map[string]string{
		`{"status":"success","data":{"result":[{"metric":{"a":"b"}`: {"status": "success", "data": "", "data.result": "", "data.result[]": "", "data.result[].metric": "", "data.result[].metric.a": "b"},
		`[{"a":1},{"b":true},{"a":2}]`:                              {"a": "1", "b": "true"},
		"{\"a\":null}\n{\"a\":\"x\"}\n":                             {"a": "x"},
		`plain text`:                                                {},
		``:                                                          {},
		strings.Repeat(`{"a":`, 5000):                               {"a": "", "a.a": "", "a.a.a": "", "a.a.a.a": "", "a.a.a.a.a": "", "a.a.a.a.a.a": ""},
	} {
		require.Equal(t, want, Shape([]byte(in)), in)
	}
}

func TestParseTime(t *testing.T) {
	const want = 1760411700
	for in, ns := range map[string]int64{
		"2025-10-14T03:15:00Z":                   0,
		"2025-10-14T05:15:00+02:00":              0,
		"2025-10-14T05:15:00.000+0200":           0,
		"2025-10-14 03:15:00":                    0,
		"2025-10-14 03:15":                       0,
		"2025-10-14T03:15:00.123456789Z":         123456789,
		"2025-10-14 03:15:00.5 +0000 UTC":        500_000_000,
		"Tue Oct 14 03:15:00 2025 +0000":         0,
		"Tue Oct 14 03:15:00 2025":               0,
		"Tue, 14 Oct 2025 03:15:00 +0000":        0,
		"Tue, 14 Oct 2025 03:15:00 GMT":          0,
		"2025-10-14 03:15:00.000000000 UTC":      0,
		"1760411700":                             0,
		"1760411700.000200":                      200_000,
		"1760411700123":                          123_000_000,
		"1760411700123456":                       123_456_000,
		"1760411700123456789":                    123_456_789,
		" 2025-10-14T03:15:00Z\n":                0,
		"2025-10-14 05:15:00.000000 +0200 +0200": 0,
	} {
		got, ok := ParseTime(in)
		require.True(t, ok, in)
		require.Equal(t, want*1_000_000_000+ns, got, in)
	}
	for _, in := range []string{"", "x", "0001-01-01T00:00:00Z", "12", "20251014", "1.2.3", "9999999999999999999", "2025-13-01"} {
		_, ok := ParseTime(in)
		require.False(t, ok, in)
	}
}

func FuzzReader(f *testing.F) {
	for _, s := range []string{`[{"a":1},{"b":`, "{\"items\":[1,{\"x\":[]}],\"k\":{}}", "{\"a\":1}\n{\"b\n{\"c\":3}", `{"data":{"result":[{}]}}`, "[[[", `"\`, "{]}[{}]"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		got, lost := read(t, bytes.NewReader(in), "items", "data.result")
		slow, slowLost := read(t, iotest.OneByteReader(bytes.NewReader(in)), "items", "data.result")
		require.Equal(t, got, slow)
		require.Equal(t, lost == nil, slowLost == nil)
		Shape(in)
		if first := bytes.TrimLeft(in, " \t\r\n"); json.Valid(in) && (first[0] == '{' || first[0] == '[') {
			require.Nil(t, lost)
			for _, r := range got {
				require.NotContains(t, r, " broken")
			}
		}
	})
}
