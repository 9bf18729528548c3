package format

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/event"
)

// What a line is does not depend on the lines before it.
func FuzzGuesses(f *testing.F) {
	f.Add([]byte(`{"a":{"message":"x"},"level":"warn"}` + "\n" + `{"a":{"msg":"y","message": "z"}, "level" : "warn"}` + "\n" + `{"message":"w","a":1}`))
	f.Add([]byte("level=info msg=\"a b\" time=2025-10-14T03:15:22Z\nlevel = info msg=b\nmsg=\"b level=info\nlevelx=1 level=warn"))
	f.Fuzz(func(t *testing.T, text []byte) {
		rs, err := newRoles(Options{Wanted: event.Wanted{"a", "a.b"}})
		require.NoError(t, err)
		s := &settings{roles: rs}
		for _, open := range []func(*settings, [][]byte) lineReader{openJSON, openLogfmt} {
			used := open(s, nil)
			for line := range bytes.SplitSeq(text, []byte("\n")) {
				if len(line) == 0 {
					continue
				}
				var a, b event.Record
				v := open(s, nil).read(line, &a)
				require.Equal(t, v, used.read(line, &b))
				if v == whole || v == bare {
					require.Equal(t, a, b)
				}
			}
		}
	})
}
