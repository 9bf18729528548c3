package file

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
)

// wide16 writes a text as Windows does.
func wide16(text string, big bool) string {
	var b []byte
	for _, u := range utf16.Encode([]rune("\ufeff" + text)) {
		if big {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return string(b)
}

// bz is what bzip2 makes of hardText.
const bz = "QlpoOTFBWSZTWbPFUHkAABzfrIAwQGd+EBOh0Ao+/50AEACBBAgAQAAgAIoJSmKYNIaMTIAaGmhp+pNBqmI0AAAGgAABBcsNfUnR8G6VvA+W2wUlURsKjMl6XlhGRDCYrNrAgMpIDBgGIEwQFBRe2GxQGbSC2yNB5zWKhA5OlIJ7ul+Mn2lGJxxwenab3OLgeiY7jqGqOFGIpGk7gcNRSKuFXufplbR+yyYZSWH8XckU4UJCzxVB5A=="

// hardText is two records of three lines, with letters that take more than one byte.
const hardText = "2025-10-14 03:15:22,104 ERROR [main] com.acme.Billing - Größe überschritten\n\tat com.acme.Pool.take(Pool.java:12)\n2025-10-14 03:15:23,104 INFO  [main] com.acme.Billing - charged 💶\n"

// However a text is encoded, its records are the same.
func TestEncodings(t *testing.T) {
	want := []string{
		`a.log:1 10-14T03:15:22.104 error a/ "Größe überschritten" + "\tat com.acme.Pool.take(Pool.java:12)"`,
		`a.log:3 10-14T03:15:23.104 info a/ "charged 💶"`,
	}
	packed, err := base64.StdEncoding.DecodeString(bz)
	require.NoError(t, err)
	for name, content := range map[string]string{
		"plain": hardText, "byte order mark": "\ufeff" + hardText, "CRLF": strings.ReplaceAll(hardText, "\n", "\r\n"), "no newline at the end": strings.TrimSuffix(hardText, "\n"),
		"UTF-16 little": wide16(hardText, false), "UTF-16 big": wide16(hardText, true), "UTF-16 with CRLF": wide16(strings.ReplaceAll(hardText, "\n", "\r\n"), false),
		"gzip": gz(t, hardText), "zstd": zst(t, hardText), "gzip of gzip members": gz(t, hardText[:50]) + gz(t, hardText[50:]), "bzip2": string(packed),
		"gzip of UTF-16": gz(t, wide16(hardText, false)), "gzip with a byte order mark": gz(t, "\ufeff"+hardText),
	} {
		t.Run(name, func(t *testing.T) {
			got, cov := records(t, open(t, Options{}, write(t, map[string]string{"a.log": content})), ingest.Query{})
			require.Equal(t, want, got)
			require.Empty(t, cov.Gaps)
		})
	}
}

// rows writes lines with the stamps that a clock shows.
func rows(stamps ...string) string {
	var b strings.Builder
	for i, s := range stamps {
		fmt.Fprintf(&b, "%s INFO [main] com.acme.Billing - charge %d\n", s, i)
	}
	return b.String()
}

// Hard input gives what is in it, and a word on the rest.
func TestHard(t *testing.T) {
	hour := func(h, n int) string {
		var list []string
		for m := range n {
			list = append(list, fmt.Sprintf("2025-10-14 %02d:%02d:22,104", h, m))
		}
		return rows(list...)
	}
	zoned := strings.ReplaceAll(hour(3, 50), ",104", ".104Z")
	search := `{"hits":{"hits":[{"_source":{"@timestamp":"2025-10-14T03:15:22Z","message":"pool exhausted"}},{"_source":{"@timestamp":"2025-10-14T03:15:23Z","message":"charged"}}]}}`
	for name, c := range map[string]struct {
		files    map[string]string
		kept     int
		unparsed int64
		notes    []string
		gaps     []string
	}{
		"NUL bytes that a crash left":    {map[string]string{"a.log": hour(3, 40) + strings.Repeat("\x00", 64) + "\n" + hour(4, 10)}, 50, 0, nil, nil},
		"NUL bytes before a record":      {map[string]string{"a.log": hour(3, 40) + strings.Repeat("\x00", 64) + hour(4, 10)}, 50, 0, nil, nil},
		"a clock set back an hour":       {map[string]string{"a.log": hour(3, 50) + hour(2, 50)}, 100, 0, []string{"a.log:51: time goes back by 1h49m0s: a clock was set"}, nil},
		"a clock that leaps ahead":       {map[string]string{"a.log": hour(3, 10) + hour(5, 10) + hour(3, 20)}, 40, 0, []string{"a.log:21: time goes back by 2h9m0s"}, nil},
		"mixed formats":                  {map[string]string{"a.log": zoned + `{"time":"2025-10-14T03:50:00Z","level":"error","msg":"boom"}` + "\n" + `10.0.0.7 - - [14/Oct/2025:03:51:22 +0000] "GET /cart HTTP/1.1" 503 12 "-" "curl/8.5"` + "\n"}, 52, 0, nil, nil},
		"local stamps, two hours off":    {map[string]string{"a.log": hour(5, 50), "b.log": zoned}, 100, 0, []string{"a.log: stamps without a zone lie +02:00 away from all others and were moved by -02:00"}, nil},
		"an empty folder":                {nil, 0, 0, []string{"no files to read"}, nil},
		"an empty file":                  {map[string]string{"a.log": ""}, 0, 0, []string{"a.log: empty"}, nil},
		"nothing but blanks":             {map[string]string{"a.log": "\n\n  \n"}, 0, 0, nil, []string{"no time stamps found"}},
		"no stamps":                      {map[string]string{"a.log": "hello\nworld\n"}, 0, 2, nil, []string{"no time stamps found"}},
		"a picture":                      {map[string]string{"a.png": "\x89PNG\r\n\x1a\n" + strings.Repeat("\x00\x01", 300)}, 0, 0, nil, []string{"not a log: binary"}},
		"a cut zstd":                     {map[string]string{"a.log.zst": zst(t, strings.Repeat(zoned, 40))[:200]}, 0, 0, nil, []string{"zstd stream ends too early"}},
		"a damaged gzip":                 {map[string]string{"a.log.gz": damage(gz(t, strings.Repeat(zoned, 400)))}, -1, -1, nil, []string{"the rest of the file is missing"}},
		"gzip, then rubbish":             {map[string]string{"a.log.gz": gz(t, zoned) + "rubbish"}, 50, 0, nil, []string{"the rest of the file is missing"}},
		"one line without an end, 3 MiB": {map[string]string{"a.log": zoned + "2025-10-14T03:55:00Z INFO [main] com.acme.B - " + strings.Repeat("x", 3<<20)}, 51, 0, nil, nil},
		"a first line of 1 MiB":          {map[string]string{"a.log": "2025-10-14T03:00:00Z INFO [main] com.acme.B - " + strings.Repeat("x", 1<<20) + "\n" + zoned}, 51, 0, nil, nil},
		"rubbish of 1 MiB, then lines":   {map[string]string{"a.log.gz": gz(t, strings.Repeat("x", 1<<20)+"\n"+zoned)}, 51, 0, nil, nil},
		"an export":                      {map[string]string{"es.json": search}, 2, 0, nil, nil},
		"a packed export":                {map[string]string{"es.json.gz": gz(t, search)}, 2, 0, nil, nil},
		"a cut packed export":            {map[string]string{"es.json.gz": gz(t, search[:strings.Index(search, "]}}")-9])}, 1, 0, nil, []string{"export stream ends too early"}},
		"days that never were":           {map[string]string{"a.log": zoned + rows("2025-02-31 25:61:61.000Z") + zoned}, 101, 0, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, cov := records(t, open(t, Options{}, write(t, c.files)), ingest.Query{})
			require.NoError(t, cov.Check())
			if c.kept >= 0 {
				require.Len(t, got, c.kept)
				require.Equal(t, c.unparsed, cov.Unparsed)
			} else {
				require.NotEmpty(t, got)
			}
			require.Len(t, cov.Gaps, len(c.gaps))
			for i, want := range c.gaps {
				require.Contains(t, cov.Gaps[i].Reason, want)
			}
			for _, want := range c.notes {
				require.Contains(t, strings.Join(cov.Notes, "\n"), want)
			}
		})
	}
}

func damage(s string) string {
	b := []byte(s)
	for i := range 20 {
		b[len(b)/2+i] ^= 0x5a
	}
	return string(b)
}

// That time goes back is told in the same words into however many parts a file is split, even where it does so between two.
func TestOrderSplitIndependent(t *testing.T) {
	text := large()
	half := strings.Index(text[len(text)/2:], "\n2025") + len(text)/2 + 1
	s := open(t, Options{}, write(t, map[string]string{"a.log": text[half:] + text[:half]}))
	_, one := records(t, s, ingest.Query{Parts: 1})
	require.Contains(t, strings.Join(one.Notes, "\n"), ": time goes back by 10h0m0s")
	for parts := 2; parts < 5; parts++ {
		_, many := records(t, s, ingest.Query{Parts: parts})
		require.Equal(t, one, many)
	}
}

// Of a stretch the first step is told, over the borders of parts too.
func TestOrder(t *testing.T) {
	hour := int64(time.Hour)
	rec := func(line, h int64) event.Record { return event.Record{Time: h * hour, Line: line} }
	o := &order{left: 3}
	var a, b, c stretch
	a.watch([]event.Record{rec(1, 100), rec(2, 105), {Time: hour, Borrowed: true}})
	c.watch([]event.Record{rec(5, 103), rec(6, 101)})
	o.add(2, c)
	require.Empty(t, o.done("x"))
	o.add(0, a)
	require.Empty(t, o.done("x"))
	o.add(1, b)
	require.Contains(t, o.done("x"), "x:5: time goes back by 2h0m0s (and 1 times more)")
}
