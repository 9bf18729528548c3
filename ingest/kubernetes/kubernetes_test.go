package kubernetes

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/document/documenttest"
)

func TestGolden(t *testing.T) { documenttest.Golden(t, Recognise, Decode) }

func TestNotRecognised(t *testing.T) { documenttest.NotRecognised(t, Recognise) }

func TestRecogniseLists(t *testing.T) {
	for _, head := range []string{
		`{"apiVersion":"v1","items":[],"kind":"EventList"}`,
		`{"kind":"EventList","apiVersion":"v1","metadata":{},"items":[{"metadata":{"na`,
		`[{"apiVersion":"v1","kind":"Event","metadata":{"name":"a"}}]`,
	} {
		require.True(t, Recognise([]byte(head)), head)
	}
	for _, head := range []string{
		`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}`,
		`{"apiVersion":"v1","kind":"Secret"}`,
	} {
		require.False(t, Recognise([]byte(head)), head)
	}
}

func FuzzDecode(f *testing.F) { documenttest.Fuzz(f, Recognise, Decode) }
