package change

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/document/documenttest"
	"github.com/hindcast/hindcast/ingest/event"
)

func TestPackages(t *testing.T) {
	const log = `2025-10-14 06:25:01 startup archives unpack
2025-10-14 06:25:03 upgrade openssl:amd64 3.0.11-1~deb12u1 3.0.11-1~deb12u2
2025-10-14 06:25:03 status half-configured openssl:amd64 3.0.11-1~deb12u1
2025-10-14 06:25:05 status installed openssl:amd64 3.0.11-1~deb12u2
2025-10-14 06:25:06 install jq:amd64 <none> 1.6-2.1
2025-10-14 06:25:07 remove nano:amd64 7.2-1 <none>
2025-10-14 06:25:07 remove nano
`
	require.True(t, Recognise([]byte(log)))
	res := documenttest.Run(t, Decode, strings.NewReader(log), "dpkg.log")
	require.NoError(t, res.Err)
	var titles []string
	for _, e := range res.Events {
		require.Equal(t, event.Change, e.Kind)
		titles = append(titles, event.Time(e.Time).Format("15:04:05 ")+e.Title)
	}
	require.Equal(t, []string{
		"06:25:03 package openssl: upgrade to 3.0.11-1~deb12u2 (was 3.0.11-1~deb12u1)",
		"06:25:06 package jq: install to 1.6-2.1",
		"06:25:07 package nano: remove (was 7.2-1)",
	}, titles)
	require.Equal(t, int64(1), res.Coverage.Unparsed)
	require.Len(t, res.Coverage.Notes, 1)
	require.False(t, Recognise([]byte("2025-10-14 06:25:01 startup of the server is complete\n2025-10-14 06:25:03 status ok now\n2025-10-14 06:25:03 INFO x\n")))
}
