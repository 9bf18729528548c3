package format

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/event"
)

func TestFormats(t *testing.T) {
	now := time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC).UnixNano()
	for name, c := range map[string]struct{ in, format, want string }{
		"postgres":      {"2025-10-14 03:15:22.104 UTC [31] app@orders FATAL:  sorry, too many clients already\n2025-10-14 03:15:22.105 UTC [31] app@orders DETAIL:  none left\n", "postgres", `03:15:22.104 critical  "sorry, too many clients already" + "DETAIL:  none left"`},
		"postgres csv":  {`2025-10-14 03:15:22.104 UTC,"app","orders",31,"10.0.0.7:5432",652,1,"SELECT",2025-10-14 03:10:00 UTC,3/1,0,ERROR,57014,"canceling ""statement""",,,,,,"SELECT 1",,,"psql"` + "\n", "postgres-csv", `03:15:22.104 error  "canceling \"statement\"" + "STATEMENT:  SELECT 1"`},
		"mysql":         {"2025-10-14T03:15:22.104566Z 7 [ERROR] [MY-012345] [InnoDB] disk is full\n", "mysql", `03:15:22.104 error InnoDB "disk is full"`},
		"mariadb":       {"2025-10-14  3:15:22 7 [Warning] Aborted connection\n", "mysql", `03:15:22 warn  "Aborted connection"`},
		"redis":         {"1:X 14 Oct 2025 03:15:22.104 # +sdown master mymaster 10.0.0.1 6379\n", "redis", `03:15:22.104 warn  "+sdown master mymaster 10.0.0.1 6379"`},
		"access":        {"10.0.0.7 - - [14/Oct/2025:03:15:22 +0000] \"GET /cart HTTP/1.1\" 503 12 \"-\" \"curl/8.5\" 0.123\n", "access", `03:15:22 error  "\"GET /cart HTTP/1.1\" 503" 503 123ms`},
		"nginx":         {"2025/10/14 03:15:22 [error] 31#31: *5 upstream timed out\n", "nginx", `03:15:22 error  "upstream timed out"`},
		"apache":        {"[Tue Oct 14 03:15:22.104566 2025] [proxy:error] [pid 7:tid 8] [client 10.0.0.7:5] AH00898: error reading\n", "apache", `03:15:22.104 error proxy "AH00898: error reading"`},
		"haproxy":       {"10.0.0.7:51362 [14/Oct/2025:03:15:22.104] web api/api-2 0/0/5000/-1/5001 504 194 - - sH-- 12/12/3/1/0 0/0 \"GET /cart HTTP/1.1\"\n", "haproxy", `03:15:22.104 error  "\"GET /cart HTTP/1.1\" 504 api/api-2 sH--" 504 5.001s`},
		"airflow":       {"[2025-10-14T03:15:22.104+0000] {taskinstance.py:1332} INFO - Starting attempt 1 of 2\n", "airflow", `03:15:22.104 info taskinstance.py "Starting attempt 1 of 2"`},
		"kafka":         {"[2025-10-14 03:15:22,104] WARN Shrinking ISR (kafka.cluster.Partition)\n", "kafka", `03:15:22.104 warn kafka.cluster.Partition "Shrinking ISR"`},
		"elasticsearch": {"[2025-10-14T03:15:22,104][WARN ][o.e.m.j.Jvm          ] [node-1] [gc][12] overhead\n", "elasticsearch", `03:15:22.104 warn o.e.m.j.Jvm "[gc][12] overhead"`},
		"spring":        {"2025-10-14T03:15:22.104Z  INFO 1 --- [           main] o.s.b.Foo       : started\n", "java", `03:15:22.104 info o.s.b.Foo "started"`},
		"hdfs":          {"081109 203615 148 INFO dfs.DataNode$PacketResponder: PacketResponder 1 ends\n", "java", `20:36:15 info dfs.DataNode$PacketResponder "PacketResponder 1 ends"`},
		"spark":         {"17/06/09 20:10:40 INFO executor.Backend: Registered\n", "java", `20:10:40 info executor.Backend "Registered"`},
		"klog":          {"E1014 03:15:22.104566    1 pod_workers.go:1298] \"Error syncing pod\"\n", "klog", `03:15:22.104 error pod_workers.go "\"Error syncing pod\""`},
		"certbot":       {"2025-10-14 03:15:22,104:ERROR:certbot.main:renewal failed\n", "certbot", `03:15:22.104 error certbot.main "renewal failed"`},
		"bgl":           {"- 1117838570 2005.06.03 R02-M1 2005-06-03-15.42.50.675363 R02-M1 RAS KERNEL INFO parity error corrected\n", "bgl", `22:42:50 info KERNEL "parity error corrected"`},
		"android":       {"10-14 03:15:22.104  1702  2395 D WindowManager: freezing\n", "android", `03:15:22.104 debug WindowManager "freezing"`},
		"jul":           {"Oct 14, 2025 3:15:22 AM org.foo.Bar method\nSEVERE: it broke\n", "java-logging", `03:15:22 error org.foo.Bar "it broke"`},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := Recognise([]byte(c.in), Options{Now: now})
			require.NoError(t, err)
			records, cov, _ := p.Decoder().Block([]byte(c.in), true)
			require.NoError(t, cov.Check())
			require.NotEmpty(t, records)
			require.Equal(t, c.format+": "+c.want, p.Format+": "+brief(&records[0]))
		})
	}
}

// brief writes what a format's decoder fills in.
func brief(r *event.Record) string {
	s := fmt.Sprintf("%s %s %s %q", event.Time(r.Time).Format("15:04:05.999"), r.Severity, r.Logger, r.Message)
	if len(r.Detail) > 0 {
		s += fmt.Sprintf(" + %q", r.Detail)
	}
	if r.Status != 0 {
		s += fmt.Sprintf(" %d %s", r.Status, time.Duration(r.Duration))
	}
	return s
}

// A December line that is read in January is of the year before, whatever the reference.
func TestYearless(t *testing.T) {
	c := clock{now: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC).UnixNano()}
	got, n := c.read([]byte("Dec 31 23:59:59 host"))
	require.Equal(t, 15, n)
	require.Equal(t, "2025-12-31T23:59:59Z", event.Time(got).Format(time.RFC3339))
}
