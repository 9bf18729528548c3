package export

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.*")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, path := range files {
		if strings.HasSuffix(path, ".golden") {
			continue
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			require.True(t, Recognise(b))
			got, err := io.ReadAll(NewReader(bytes.NewReader(b)))
			require.NoError(t, err)
			if *update {
				require.NoError(t, os.WriteFile(path+".golden", got, 0o644))
			}
			want, err := os.ReadFile(path + ".golden")
			require.NoError(t, err)
			require.Equal(t, string(want), string(got))
			_, err = io.ReadAll(NewReader(bytes.NewReader(b[:len(b)/2])))
			if b[0] == '[' || !bytes.Contains(b, []byte("}\n{")) && bytes.Contains(b, []byte("[{")) {
				require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			}
		})
	}
}

func TestNotRecognised(t *testing.T) {
	for _, head := range []string{
		"", "plain", `{"@timestamp":"2025-10-14T03:15:22Z","message":"m"}`, `{"line":12,"message":"m","timestamp":1}`,
		`{"status":"success","data":{"resultType":"matrix","result":[]}}`, `{"events":[{"timestamp":1,"name":"x"}]}`,
	} {
		require.False(t, Recognise([]byte(head)), head)
	}
}

func FuzzReader(f *testing.F) {
	for _, s := range []string{`{"hits":{"hits":[{"_source":{"a":1}},{]}}`, `{"line":"x","labels":{},"timestamp":"1"}`, `{"data":{"result":[{"stream":{},"values":[["1"],["1","x"]]}]}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		whole, err := io.ReadAll(NewReader(bytes.NewReader(in)))
		pieces, again := io.ReadAll(NewReader(iotest.OneByteReader(bytes.NewReader(in))))
		require.Equal(t, string(whole), string(pieces), "however it comes, the records are the same")
		require.Equal(t, err == nil, again == nil)
		if !json.Valid(in) || !Recognise(in) {
			return
		}
		for line := range bytes.Lines(whole) {
			line = bytes.TrimSpace(line)
			require.True(t, len(line) == 0 || json.Valid(line), "%q is no record, though nothing is wrong with the export", line)
		}
	})
}
