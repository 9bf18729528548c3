package change

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/document/documenttest"
	"github.com/hindcast/hindcast/ingest/event"
)

const incidents = "../../fixtures/incidents/"

func TestIncidents(t *testing.T) {
	for file, want := range map[string]struct {
		events int
		title  string
	}{
		"2025-08-17-airflow-dags/changes.json":                {events: 13, title: "deploy of warehouse-dbt 1.70.0 (was 1.69.0), CHG-5511"},
		"2025-07-22-disk-full/deploys.json":                   {events: 22, title: "deploy of orders 1.23.0 (was 1.22.0), dep-0603"},
		"2025-07-22-disk-full/argocd-logging-agent.json":      {events: 3, title: "deploy of logging-agent 72f9ff3, 31"},
		"2025-07-22-disk-full/git-cluster.log":                {events: 16, title: "commit 6cbacda: logging-agent 1.8.1: a rotation count that logrotate takes (cluster)"},
		"2025-09-05-redis-failure/changes.ndjson":             {events: 18, title: "deploy of recommendations 1.34.0 (was 1.33.0), deploy-1529"},
		"2025-10-07-quiet-release/deploys.ndjson":             {events: 20, title: "deploy of web 1.12.0 (was 1.11.0), deploy-2349"},
		"2025-09-28-oomkilled/deploys.csv":                    {events: 19, title: "deploy of search-api 1.47.0 (was 1.46.0), rel-1881"},
		"2025-09-28-oomkilled/helm-history-user-api.json":     {events: 5, title: "deploy of user-api 2.30.3, revision 38"},
		"2025-09-28-oomkilled/user-api.git.log":               {events: 21, title: "commit f244521: Subscribe to the feed once a process, not once a request (user-api)"},
		"2025-08-15-certificate/changes.csv":                  {events: 15, title: "deploy of mailer 1.68.0 (was 1.67.0), CHG-3298"},
		"2025-10-14-pool-exhaustion/changes/deployments.json": {events: 22, title: "deploy of notification-service 1.27.0 (was 1.26.0), deploy-2406"},
		"2025-10-14-pool-exhaustion/changes/git-shop.txt":     {events: 19, title: "commit a8b233f: Fix typo in README (shop)"},
		"../recorded/quiet-deploy/changes/deploys.json":       {events: 1, title: "deploy of orders 2.13.3 (was 2.13.2), dep-7801"},
		"../recorded/quiet-deploy/changes/git-log.txt":        {events: 5, title: "commit 29ae98b: docs: how to rotate certificates"},
	} {
		t.Run(strings.ReplaceAll(file, "/", "_"), func(t *testing.T) {
			res := decodeFile(t, incidents+file)
			require.Len(t, res.Events, want.events)
			require.Zero(t, res.Coverage.Unparsed)
			require.Equal(t, want.title, res.Events[0].Title)
			for _, e := range res.Events {
				require.Equal(t, event.Change, e.Kind)
				require.NotEmpty(t, e.ID)
				require.NotZero(t, e.Time)
			}
		})
	}
}

func decodeFile(t *testing.T, path string) documenttest.Result {
	doc, err := os.ReadFile(path)
	require.NoError(t, err)
	require.True(t, Recognise(doc[:min(len(doc), headSize)]), "%s is not recognised", path)
	res := documenttest.Run(t, Decode, strings.NewReader(string(doc)), path)
	require.NoError(t, res.Err)
	return res
}

func TestRecorded(t *testing.T) {
	paths, err := filepath.Glob("../../fixtures/recorded/*/changes/*")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		doc, err := os.ReadFile(path)
		require.NoError(t, err)
		if strings.TrimSpace(string(doc)) == "" || strings.TrimSpace(string(doc)) == "[]" {
			continue
		}
		res := decodeFile(t, path)
		require.NotEmpty(t, res.Events, path)
		require.Zero(t, res.Coverage.Unparsed, path)
	}
}

// TestOthersAreLeft holds every other file of the incidents against Recognise.
func TestOthersAreLeft(t *testing.T) {
	for _, pattern := range []string{"*/logs/*", "*/logs/*/*", "*/alerts/*", "*/slack/*.json", "*/slack/*/*.json", "*/chat/*/*.json", "*/k8s-events.json", "*/metrics/*.json", "../recorded/*/logs/*/*", "../recorded/*/series/*.json"} {
		paths, err := filepath.Glob(incidents + pattern)
		require.NoError(t, err)
		for _, path := range paths {
			if info, err := os.Stat(path); err != nil || info.IsDir() || strings.Contains(path, "deploy") && strings.HasSuffix(path, ".csv") {
				continue
			}
			doc, err := os.ReadFile(path)
			require.NoError(t, err)
			require.False(t, Recognise(doc[:min(len(doc), headSize)]), path)
		}
	}
}

func TestNotRecognised(t *testing.T) { documenttest.NotRecognised(t, Recognise) }

func TestRecords(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"rollback":       {`{"kind":"rollback","app":"web","to_version":"1.2","at":"2025-10-14T03:00:00Z","user":"ann","id":7}`, "rollback of web 1.2, 7"},
		"flag":           {`{"type":"feature_flag","service":"web","time":1760411700,"description":"fast on"}`, "flag change of web: fast on"},
		"LaunchDarkly":   {`{"items":[{"_id":"5f","date":1760411700000,"kind":"flag","name":"New checkout","description":"","member":{"email":"ann@example.com"},"titleVerb":"turned on the flag","title":"[Ann Ode](mailto:ann@example.com) turned on the flag [New checkout](https://app.launchdarkly.com/web/production/features/new-checkout) in ` + "`Production`" + `"}]}`, "flag change of web: Ann Ode turned on the flag New checkout in `Production`, 5f"},
		"Unleash":        {`{"version":1,"events":[{"id":842,"type":"feature-environment-enabled","createdBy":"ann","createdAt":"2025-10-14T03:15:00.948Z","data":null,"preData":null,"tags":[],"featureName":"new-checkout","project":"web","environment":"production"}]}`, "flag change of web: new-checkout: feature-environment-enabled in production, 842"},
		"CloudTrail":     {`{"Records":[{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/ops/ann"},"eventTime":"2025-10-14T03:00:00Z","eventSource":"ecs.amazonaws.com","eventName":"UpdateService","requestParameters":{"cluster":"prod","service":"web","taskDefinition":"web:418"},"readOnly":false,"eventID":"c-1"}]}`, "deploy of web: UpdateService, c-1"},
		"lookup-events":  {`{"Events":[{"EventId":"c-2","EventName":"ModifyDBInstance","ReadOnly":"false","EventTime":"2025-10-14T03:00:00+00:00","EventSource":"rds.amazonaws.com","Username":"ann","Resources":[],"CloudTrailEvent":"{\"requestParameters\":{\"dBInstanceIdentifier\":\"web\"},\"errorCode\":\"AccessDenied\"}"}]}`, "config change of web failed: ModifyDBInstance, c-2"},
		"failed":         {`{"id":"d-1","service":"web","version":"2","previousVersion":"1","status":"failed","finishedAt":"2025-10-14T03:00:00Z"}`, "deploy of web 2 (was 1) failed, d-1"},
		"git's own date": {"commit " + strings.Repeat("a", 40) + " (HEAD -> main)\nAuthor: Ann <a@b>\nDate:   Tue Oct 14 03:00:00 2025 +0200\n\n    fix(web): stop\n\n charts/web/x.yaml | 2 +-\n", "commit aaaaaaa: fix(web): stop (test)"},
		"semicolons":     {"id;time;app;version;status\n1;2025-10-14 03:00:00;web;2;ok\n", "deploy of web 2, 1"},
	} {
		t.Run(name, func(t *testing.T) {
			require.True(t, Recognise([]byte(c.in)))
			res := documenttest.Run(t, Decode, strings.NewReader(c.in), "test.log")
			require.Len(t, res.Events, 1)
			require.Equal(t, c.want, res.Events[0].Title)
			require.Equal(t, "web", res.Events[0].Component.Name)
		})
	}
}

func TestBrokenRecordsAreCounted(t *testing.T) {
	res := documenttest.Run(t, Decode, strings.NewReader("id,time,service,version,status\n1,2025-10-14T03:00:00Z,web,2,ok\n2,never,web,3,ok\n3,2025\n"), "x.csv")
	require.Len(t, res.Events, 1)
	require.EqualValues(t, 2, res.Coverage.Unparsed)
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("commit " + strings.Repeat("a", 40) + "\nAuthor: x\nDate: 2025-10-14\n\n    m\n"))
	f.Add([]byte("id,time,service,version,status\n1,2025-10-14T03:00:00Z,web,2,ok\n"))
	f.Add([]byte(`[{"revision":1,"chart":"a-1.0","updated":"2025-10-14T03:00:00Z"}]`))
	documenttest.Fuzz(f, Recognise, Decode)
}
