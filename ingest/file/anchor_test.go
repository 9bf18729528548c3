package file

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
)

const ring = "[ 4523.104566] java invoked oom-killer: gfp_mask=0x100cca, order=0\n[ 4523.104600] Out of memory: Killed process 4123 (java)\n"

// The stamps of a ring buffer are placed by what other evidence tells of the machine's start.
func TestBoot(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"syslog, stamped late at first": {"syslog": "2025-10-14T02:00:09.500+00:00 db-1 kernel: [    0.000000] Linux version 6.1.0\n" +
			"2025-10-14T03:15:20.000+00:00 db-1 kernel: [ 4520.000000] usb 1-1: new device\n2025-10-14T03:15:21.000+00:00 db-1 sshd[1]: bye\n"},
		"the last of two starts": {"syslog": "2025-10-13T02:00:00+00:00 db-1 kernel: [90000.000000] wlan0: gone\n" +
			"2025-10-14T02:00:10+00:00 db-1 kernel: [   10.000000] eth0: up\n"},
		"the journal": {"journal.json": `{"__REALTIME_TIMESTAMP":"1760411720000000","__MONOTONIC_TIMESTAMP":"4520000000","_HOSTNAME":"db-1","PRIORITY":"6","SYSLOG_IDENTIFIER":"sshd","MESSAGE":"bye"}` + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			files["dmesg"] = ring
			s := open(t, Options{Host: "db-1"}, write(t, files))
			got, cov := records(t, s, ingest.Query{})
			require.Zero(t, cov.Unparsed)
			require.Contains(t, strings.Join(got, "\n"), "dmesg:1 10-14T03:15:23.104")
			require.Contains(t, strings.Join(cov.Notes, "\n"), "the machine was started at 2025-10-14 02:00:00")
		})
	}
	t.Run("two machines", func(t *testing.T) {
		s := open(t, Options{}, write(t, map[string]string{"dmesg": ring, "syslog": "2025-10-14T02:00:10+00:00 db-1 kernel: [   10.000000] eth0: up\n2025-10-14T02:00:10+00:00 db-2 kernel: [   90.000000] eth0: up\n"}))
		_, cov := records(t, s, ingest.Query{})
		require.Equal(t, int64(2), cov.Unparsed)
		require.Contains(t, strings.Join(cov.Notes, "\n"), "say boot in hindcast.yml, or --boot")
	})
	t.Run("said", func(t *testing.T) {
		boot := time.Date(2025, 10, 14, 2, 0, 0, 0, time.UTC).UnixNano()
		s := open(t, Options{Files: []Override{{Path: "dmesg", Boot: boot}}}, write(t, map[string]string{"dmesg": ring}))
		got, _ := records(t, s, ingest.Query{})
		require.Contains(t, got[0], "dmesg:1 10-14T03:15:23.104")
	})
}

// Stamps of a time alone are of the day that the other files tell of.
func TestDay(t *testing.T) {
	s := open(t, Options{}, write(t, map[string]string{
		"app.log":   "23:59:58.104 [main] INFO  com.acme.Main - started\n00:00:03.104 [main] WARN  com.acme.Main - late\n",
		"other.log": "2025-10-13T23:50:00Z INFO a\n2025-10-14T00:20:00Z INFO b\n",
	}))
	got, cov := records(t, s, ingest.Query{})
	require.Contains(t, strings.Join(got, "\n"), "app.log:1 10-13T23:59:58.104")
	require.Contains(t, strings.Join(got, "\n"), "app.log:2 10-14T00:00:03.104")
	require.Contains(t, strings.Join(cov.Notes, "\n"), "stamps name no day: they were taken to be of the time of the other files")
}

// The names of a Slack export's people and channels are those of its lists.
func TestExport(t *testing.T) {
	s := open(t, Options{}, write(t, map[string]string{
		"slack/users.json":            `[{"id":"U1","name":"ann","profile":{"real_name":"Ann Ode"}}]`,
		"slack/channels.json":         `[{"id":"C1","name":"inc-1","is_archived":false}]`,
		"slack/inc-1/2025-10-14.json": `[{"type":"message","user":"U1","text":"<@U1> moves to <#C1>, says <@U2>","ts":"1760411760.000200"}]`,
	}))
	var got []string
	for b, err := range s.Events(t.Context(), event.Range{}) {
		require.NoError(t, err)
		for _, e := range b.Events {
			got = append(got, e.Actor+" in "+e.Labels["channel"]+": "+e.Title)
		}
	}
	require.Equal(t, []string{"Ann Ode in inc-1: @Ann Ode moves to #inc-1, says @U2"}, got)
}
