package slack

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/document/documenttest"
	"github.com/hindcast/hindcast/ingest/event"
)

func read(t *testing.T, path string) documenttest.Result {
	t.Helper()
	doc, err := os.ReadFile(path)
	require.NoError(t, err)
	require.True(t, Recognise(doc), "not recognised")
	res := documenttest.Run(t, Decode, strings.NewReader(string(doc)), path)
	require.NoError(t, res.Err)
	require.Empty(t, res.Coverage.Gaps)
	require.Zero(t, res.Coverage.Unparsed)
	return res
}

const export = "../../fixtures/incidents/2025-07-22-disk-full/slack/"

func TestChannel(t *testing.T) {
	res := read(t, export+"inc-disk-0722/2025-07-22.json")
	require.NotEmpty(t, res.Events)
	require.EqualValues(t, len(res.Events), res.Coverage.Kept)
	require.Positive(t, res.Coverage.Dropped["channel membership"])
	for _, e := range res.Events {
		require.Equal(t, event.Action, e.Kind)
		require.Equal(t, "message", e.Name)
		require.Equal(t, "inc-disk-0722", e.Labels["channel"])
		require.NotEmpty(t, e.Actor)
		require.NotEmpty(t, e.Title)
	}
}

func TestLists(t *testing.T) {
	users := read(t, export+"users.json")
	require.Empty(t, users.Events)
	require.Equal(t, map[string]int64{"slack user list": users.Coverage.Read}, users.Coverage.Dropped)
	channels := read(t, export+"channels.json")
	require.Empty(t, channels.Events)
	require.Equal(t, map[string]int64{"channel list": channels.Coverage.Read}, channels.Coverage.Dropped)
}

func TestMessage(t *testing.T) {
	doc := `[{"type":"message","subtype":"bot_message","bot_id":"B1","username":"Deploys","text":"a &gt; b\nmore","ts":"1728875760.123456",
"thread_ts":"1728875700.000001","pinned_to":["C1"]},
{"type":"message","subtype":"channel_leave","user":"U1","text":"left","ts":"1728875761.000000"}, {"type":"message","user":"U1","ts":"x"}]`
	require.True(t, Recognise([]byte(doc)))
	res := documenttest.Run(t, Decode, strings.NewReader(doc), "slack/inc-1/2024-10-14.json")
	require.Len(t, res.Events, 1)
	e := res.Events[0]
	require.EqualValues(t, 1728875760123456000, e.Time)
	require.Equal(t, "a > b", e.Title)
	require.Equal(t, "Deploys", e.Actor)
	require.True(t, e.Pinned)
	require.Equal(t, map[string]string{"channel": "inc-1", "bot": "Deploys", "subtype": "bot_message", "thread": "reply"}, e.Labels)
	require.EqualValues(t, 1, res.Coverage.Dropped["channel membership"])
	require.EqualValues(t, 1, res.Coverage.Unparsed)
}
