package change

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/document/documenttest"
	"github.com/hindcast/hindcast/ingest/event"
)

// The logs of package managers give a change a package.
func TestPackages(t *testing.T) {
	for name, c := range map[string]struct {
		log      string
		want     []string
		unparsed int64
		notes    int
	}{
		"dpkg.log": {`2025-10-14 06:25:01 startup archives unpack
2025-10-14 06:25:03 upgrade openssl:amd64 3.0.11-1~deb12u1 3.0.11-1~deb12u2
2025-10-14 06:25:03 status half-configured openssl:amd64 3.0.11-1~deb12u1
2025-10-14 06:25:05 status installed openssl:amd64 3.0.11-1~deb12u2
2025-10-14 06:25:06 install jq:amd64 <none> 1.6-2.1
2025-10-14 06:25:07 remove nano:amd64 7.2-1 <none>
2025-10-14 06:25:07 remove nano
`, []string{
			"06:25:03 dpkg package openssl: upgrade to 3.0.11-1~deb12u2 (was 3.0.11-1~deb12u1)",
			"06:25:06 dpkg package jq: install to 1.6-2.1",
			"06:25:07 dpkg package nano: remove (was 7.2-1)",
		}, 1, 1},
		"history.log": {`
Start-Date: 2025-10-14  06:25:01
Commandline: apt-get install jq
Requested-By: deploy (1000)
Install: libjq1:amd64 (1.6-2.1, automatic), jq:amd64 (1.6-2.1)
Upgrade: openssl:amd64 (3.0.11-1~deb12u1, 3.0.11-1~deb12u2)
End-Date: 2025-10-14  06:25:09

Start-Date: 2025-10-14  07:00:00
Commandline: /usr/bin/unattended-upgrade
Remove: nano:amd64 (7.2-1)
Error: Sub-process /usr/bin/dpkg returned an error code (1)
End-Date: 2025-10-14  07:00:02

Start-Date: yesterday
Purge: a:amd64 (1)
`, []string{
			"06:25:01 deploy (1000) package libjq1: install to 1.6-2.1", "06:25:01 deploy (1000) package jq: install to 1.6-2.1",
			"06:25:01 deploy (1000) package openssl: upgrade to 3.0.11-1~deb12u2 (was 3.0.11-1~deb12u1)",
			"07:00:00 apt package nano: remove (was 7.2-1), which failed",
		}, 1, 1},
		"dnf.rpm.log": {`2025-10-14T06:25:01+0000 INFO --- logging initialized ---
2025-10-14T06:25:03+0000 SUBDEBUG Upgrade: openssl-1:3.0.7-28.el9_4.x86_64
2025-10-14T06:25:04+0000 SUBDEBUG Upgraded: openssl-1:3.0.7-27.el9.x86_64
2025-10-14T06:25:05+0000 SUBDEBUG Installed: jq-1.6-17.el9.x86_64
2025-10-14T06:25:06+0000 SUBDEBUG Erase: nano-5.6.1-6.el9.x86_64
`, []string{
			"06:25:03 dnf package openssl: upgrade to 3.0.7-28.el9_4", "06:25:05 dnf package jq: install to 1.6-17.el9",
			"06:25:06 dnf package nano: remove (was 5.6.1-6.el9)",
		}, 0, 0},
		"yum.log": {`Oct 14 06:25:03 Updated: 1:openssl-libs-1.0.2k-26.el7_9.x86_64
Oct 14 06:25:05 Installed: jq-1.6-2.el7.x86_64
Oct 14 06:25:06 Erased: nano
`, []string{
			"06:25:03 dnf package openssl-libs: upgrade to 1.0.2k-26.el7_9", "06:25:05 dnf package jq: install to 1.6-2.el7", "06:25:06 dnf package nano: remove",
		}, 0, 1},
		"pip.log": {`2025-10-14T06:25:01,104 Collecting numpy==1.26.4
2025-10-14T06:25:02,104   Found existing installation: numpy 1.26.3
2025-10-14T06:25:02,204     Uninstalling numpy-1.26.3:
2025-10-14T06:25:02,304       Successfully uninstalled numpy-1.26.3
2025-10-14T06:25:03,104 Successfully installed numpy-1.26.4 python-dateutil-2.9.0
2025-10-14T06:26:02,304       Successfully uninstalled six-1.16.0
`, []string{
			"06:25:03 pip package numpy: upgrade to 1.26.4 (was 1.26.3)", "06:25:03 pip package python-dateutil: install to 2.9.0",
			"06:26:02 pip package six: remove (was 1.16.0)",
		}, 0, 1},
		"freeze.diff": {"--- before.txt\t2025-10-13 06:25:03.104566789 +0000\n+++ after.txt\t2025-10-14 08:25:03.104566789 +0200\n@@ -1,4 +1,4 @@\n certifi==2025.1.31\n-numpy==1.26.3\n+numpy==1.26.4\n-six==1.16.0\n+Flask==3.0.3\n", []string{
			"06:25:03 pip package numpy: upgrade to 1.26.4 (was 1.26.3)", "06:25:03 pip package six: remove (was 1.16.0)", "06:25:03 pip package Flask: install to 3.0.3",
		}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			require.True(t, Recognise([]byte(c.log)))
			res := documenttest.Run(t, Decode, strings.NewReader(c.log), name)
			require.NoError(t, res.Err)
			var got []string
			for _, e := range res.Events {
				require.Equal(t, event.Change, e.Kind)
				got = append(got, event.Time(e.Time).Format("15:04:05 ")+e.Actor+" "+e.Title)
			}
			require.Equal(t, c.want, got)
			require.Equal(t, c.unparsed, res.Coverage.Unparsed)
			require.Len(t, res.Coverage.Notes, c.notes)
		})
	}
}

func TestNoPackages(t *testing.T) {
	for _, log := range []string{
		"2025-10-14 06:25:01 startup of the server is complete\n2025-10-14 06:25:03 status ok now\n2025-10-14 06:25:03 INFO x\n",
		"2025-10-14T06:25:01+0000 INFO started\n2025-10-14T06:25:02+0000 INFO Installed the pump\n",
		"2025-10-14T06:25:01,104 INFO started\n2025-10-14T06:25:02,104 Found nothing\n",
		"--- a.go\t2025-10-13 06:25:03 +0000\n+++ b.go\t2025-10-14 06:25:03 +0000\n@@ -1 +1 @@\n-x := 1\n+x := 2\n",
		"Oct 14 06:25:03 db-1 sshd[1]: Installed: x\n",
	} {
		require.False(t, Recognise([]byte(log)), log)
	}
}

func TestLastYear(t *testing.T) {
	now := time.Date(2026, 1, 10, 0, 0, 0, 0, time.UTC)
	for s, want := range map[string]string{"Dec 31 23:59:59": "2025-12-31T23:59:59Z", "Jan  2 00:00:00": "2026-01-02T00:00:00Z", "Feb 29 00:00:00": "2024-02-29T00:00:00Z"} {
		got, ok := lastYear(s, now)
		require.True(t, ok)
		require.Equal(t, want, event.Time(got).Format(time.RFC3339), s)
	}
}
