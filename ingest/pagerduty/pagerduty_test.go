package pagerduty

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
	require.EqualValues(t, len(res.Events), res.Coverage.Kept)
	require.Equal(t, res.Coverage.Read, res.Coverage.Kept)
	return res
}

const answers = "../../fixtures/incidents/2025-07-22-disk-full/pagerduty/"

func TestLogEntries(t *testing.T) {
	count := map[string]int{}
	for _, e := range read(t, answers+"log_entries.json").Events {
		count[e.Name]++
		require.Equal(t, event.Action, e.Kind)
		require.NotEmpty(t, e.ID)
		require.NotEmpty(t, e.Actor)
		if e.Name == "note" {
			require.Contains(t, e.Text, "\n")
		}
	}
	for _, n := range []string{"triggered", "acknowledged", "assigned", "notified", "note", "priority", "resolved"} {
		require.Positive(t, count[n], n)
	}
}

func TestIncidents(t *testing.T) {
	for _, e := range read(t, answers+"incidents.json").Events {
		require.Equal(t, "incident", e.Name)
		require.Contains(t, e.Title, "PagerDuty: incident #")
	}
}

func TestForms(t *testing.T) {
	const incident = `{"id":"Q1","type":"incident","incident_number":7,"status":"resolved","title":"db down","created_at":"2025-01-02T03:04:05Z"}`
	const ack = `{"id":"R1","type":"acknowledge_log_entry","summary":"Acknowledged by Ana.","created_at":"2025-01-02T03:05:05Z",` +
		`"agent":{"summary":"Ana"},"incident":{"id":"Q1","incident_number":7,"summary":"[#7] db down"},"channel":{"details":"x"}}`
	for _, doc := range []string{"[" + incident + "," + ack + "]", incident + "\n" + ack + "\n", `{"incidents":[` + incident + `],"log_entries":[` + ack + `],"more":false}`} {
		require.True(t, Recognise([]byte(doc)), doc)
		res := documenttest.Run(t, Decode, strings.NewReader(doc), "pd.json")
		require.Len(t, res.Events, 2)
		require.Equal(t, "PagerDuty: incident #7 opened: db down", res.Events[0].Title)
		require.Equal(t, "PagerDuty: incident #7 acknowledged: db down", res.Events[1].Title)
		require.Equal(t, "Ana", res.Events[1].Actor)
		require.Equal(t, "Q1", res.Events[1].ID)
	}
}
