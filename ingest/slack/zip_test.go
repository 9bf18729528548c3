package slack

import (
	"archive/zip"
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/document/documenttest"
)

func archive(t *testing.T, files ...[2]string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		m, err := w.Create(f[0])
		require.NoError(t, err)
		_, err = m.Write([]byte(f[1]))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

func TestZip(t *testing.T) {
	doc := archive(t,
		[2]string{"channels.json", `[{"id":"C1","name":"inc-1","is_archived":false}]`},
		[2]string{"users.json", `[{"id":"U1","name":"ann","profile":{"real_name":"Ann Ode"}}]`},
		[2]string{"inc-1/2025-10-14.json", `[{"type":"message","user":"U1","text":"down","ts":"1760411760.000200"},{"type":"message","user":"U9","text":"hm","ts":"1760411761.000200"}`},
		[2]string{"inc-2/2025-10-14.json", `[{"type":"message","user":"U1","text":"up","ts":"1760411990.000200"}]`},
	)
	require.True(t, Recognise(doc))
	res := documenttest.Run(t, Decode, bytes.NewReader(doc), "export.zip")
	require.NoError(t, res.Err)
	require.Len(t, res.Events, 3)
	require.Equal(t, "Ann Ode", res.Events[0].Actor)
	require.Equal(t, "inc-1", res.Events[0].Labels["channel"])
	require.Equal(t, "U9", res.Events[1].Actor)
	require.Equal(t, "export.zip/inc-2/2025-10-14.json:1", res.Events[2].Origin.String())
	require.Len(t, res.Coverage.Gaps, 1, "the first day is cut short")

	cut := documenttest.Run(t, Decode, bytes.NewReader(doc[:len(doc)-40]), "export.zip")
	require.ErrorContains(t, cut.Err, "opening the archive export.zip")
	require.False(t, Recognise(archive(t, [2]string{"word/document.xml", "<x/>"})))
}
