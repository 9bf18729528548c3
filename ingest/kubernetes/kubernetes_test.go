package kubernetes

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/document/documenttest"
)

func TestFixtures(t *testing.T) {
	paths, err := filepath.Glob("../../fixtures/incidents/*/k8s*.json")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		t.Run(filepath.Base(filepath.Dir(path)), func(t *testing.T) {
			doc, err := os.ReadFile(path)
			require.NoError(t, err)
			require.True(t, Recognise(doc[:min(len(doc), 256<<10)]))
			res := documenttest.Run(t, Decode, bytes.NewReader(doc), path)
			require.NoError(t, res.Err)
			require.NotEmpty(t, res.Events)
			require.Zero(t, res.Coverage.Unparsed)
			require.Empty(t, res.Coverage.Gaps)
		})
	}
}

func TestNotRecognised(t *testing.T) { documenttest.NotRecognised(t, Recognise) }

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"kind":"List","apiVersion":"v1","items":[{"kind":"Event","apiVersion":"v1","reason":"Killing","message":"x","involvedObject":{"kind":"Pod","name":"a"},"lastTimestamp":"2025-10-14T03:00:00Z"}]}`))
	documenttest.Fuzz(f, Recognise, Decode)
}
