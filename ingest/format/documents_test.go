package format

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/event"
)

func TestDocuments(t *testing.T) {
	for name, c := range map[string]struct {
		document, want string
		stamped        bool
	}{
		"ECS":                    {`{"@timestamp":"2025-10-14T03:15:22.104Z","log":{"level":"ERROR"},"message":"a\nb"}`, `03:15:22.104 error  "a" + "b"`, true},
		"durations are short":    {`{"@timestamp":"2025-10-14T03:15:22Z","message":"m","http":{"response":{"status_code":200}},"event":{"duration":48000}}`, `03:15:22 info  "m" 200 48µs`, true},
		"durations are long":     {`{"@timestamp":"2025-10-14T03:15:22Z","message":"m","http.response.status_code":504,"event.duration":30500000000}`, `03:15:22 error  "m" 504 30.5s`, true},
		"durations of others":    {`{"@timestamp":"2025-10-14T03:15:22Z","message":"m","status":200,"duration":250}`, `03:15:22 info  "m" 200 250ms`, true},
		"over several lines":     {"{\n \"@timestamp\": \"2025-10-14T03:15:22Z\",\n \"message\": \"m\"\n}", `03:15:22 unknown  "m"`, true},
		"no time":                {`{"message":"m"}`, `00:00:00 unknown  "m"`, false},
		"a service name to sort": {`{"@timestamp":"2025-10-14T03:15:22Z","name":"orders","hostname":"a","pid":1,"msg":"m"}`, `03:15:22 unknown  "m"`, true},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := NewDocuments(Options{}, [][]byte{[]byte(c.document)})
			require.NoError(t, err)
			var r event.Record
			stamped, ok := d.Clone().Read([]byte(c.document), &r)
			require.True(t, ok)
			require.Equal(t, c.stamped, stamped)
			require.Equal(t, c.want, brief(&r))
		})
	}
	d, err := NewDocuments(Options{Wanted: event.Wanted{"order.id"}}, nil)
	require.NoError(t, err)
	for _, broken := range []string{"", "null", "[]", `{"a":1`, `{"a" 1}`} {
		var r event.Record
		_, ok := d.Read([]byte(broken), &r)
		require.False(t, ok, broken)
	}
	var r event.Record
	d.Reset()
	_, ok := d.Read([]byte(`{"@timestamp":1760411722104,"order":{"id":7}}`), &r)
	require.True(t, ok)
	require.Equal(t, "order.id=7", string(r.Fields[0].Key)+"="+string(r.Fields[0].Value))
	_, err = NewDocuments(Options{Fields: map[string]string{"colour": "red"}}, nil)
	require.ErrorContains(t, err, `unknown role "colour"`)
	require.Subset(t, DocumentFields(Options{Wanted: event.Wanted{"order.id"}, Fields: map[string]string{"time": "at"}}),
		[]string{"@timestamp", "message", "service.name", "order.id", "at"})
}

// walk writes a JSON text down as a cursor sees it.
func walk(c *Cursor, b *strings.Builder, depth int) {
	switch {
	case depth < 3 && c.peek() == '{':
		b.WriteByte('{')
		c.Object(func(name []byte) {
			b.Write(name)
			b.WriteByte('=')
			walk(c, b, depth+1)
			b.WriteByte(' ')
		})
		b.WriteByte('}')
	case depth < 3 && c.peek() == '[':
		b.WriteByte('[')
		c.Array(func() {
			walk(c, b, depth+1)
			b.WriteByte(' ')
		})
		b.WriteByte(']')
	default:
		b.Write(c.Value())
	}
}

func TestCursor(t *testing.T) {
	for in, want := range map[string]string{
		`{"a":1,"b":[true,"x\"y",null],"c":{"d":{"e":{"f":[1]}}}}`: `{a=1 b=[true "x\"y" null ] c={d={e={"f":[1]} } } }`,
		" { \"a\" :\t[ ] , \"b\" : { } } ":                         `{a=[] b={} }`, //nolint:gocritic // blanks are what it is about
		`"x"`:                                                      `"x"`, `-1.5e3`: `-1.5e3`, `[]`: `[]`,
	} {
		var b strings.Builder
		c := NewCursor([]byte(in))
		walk(c, &b, 0)
		require.False(t, c.Broken(), in)
		require.Equal(t, want, b.String())
	}
	for _, broken := range []string{``, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a" 1}`, `{a:1}`, `[1`, `[1,`, `["x`, `{"a":[1}`} {
		var b strings.Builder
		c := NewCursor([]byte(broken))
		walk(c, &b, 0)
		require.True(t, c.Broken(), broken)
	}
	c := NewCursor([]byte(`[1]`))
	c.Object(func([]byte) { t.Fatal("an array has no members") })
	require.False(t, c.Broken())
	require.Equal(t, `a"b`, string(Unquote([]byte(`"a\"b"`))))
	require.Equal(t, `12`, string(Unquote([]byte(`12`))))
}

func FuzzCursor(f *testing.F) {
	for _, s := range []string{`{"a":1,"b":[true,"x\"y",null],"c":{"d":{}}}`, `[[[[1]]]]`, `{"a":`, "\"\\", "{,}", `[1 2]`} {
		f.Add([]byte(s))
	}
	d, err := NewDocuments(Options{}, nil)
	require.NoError(f, err)
	f.Fuzz(func(_ *testing.T, in []byte) {
		var b strings.Builder
		c := NewCursor(in)
		walk(c, &b, 0)
		Unquote(in)
		var r event.Record
		d.Reset()
		d.Read(in, &r)
		d.Time(in)
	})
}
