package destination

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/cmd/hindcast/archive"
	"github.com/hindcast/hindcast/cmd/hindcast/config"
)

// hostile is text of a log line that means something to whoever shows it.
const hostile = `<!channel> @everyone fixes #1 <script>alert(1)</script> [x](http://evil) ` + "`a` *b*\nsecond line"

func report() *Report {
	return &Report{
		Record: archive.Record{
			ID: "20260318-120000-A-00000000", Name: "HighErrorRate", From: time.Date(2026, 3, 18, 12, 0, 0, 0, time.UTC),
			To: time.Date(2026, 3, 18, 12, 20, 0, 0, time.UTC), Made: time.Date(2026, 3, 18, 12, 31, 0, 0, time.UTC), Times: 1,
			Components: []string{"api"}, Verdict: "found", Suspect: "the pool is exhausted", Confidence: 0.74, Story: []string{"Impact began at 12:00.", hostile},
			Files: map[string]string{"report.md": "", "report.json": ""},
		},
		Files: archive.Files{"report.md": []byte("# draft\n"), "report.json": []byte("{}")}, Link: "https://hindcast.example.com/reports/20260318-120000-A-00000000",
	}
}

func keep(name string, old, fresh []byte) ([]byte, error) {
	if filepath.Ext(name) == ".md" {
		return append(old, fresh...), nil
	}
	return fresh, nil
}

func made(t *testing.T, c config.Destination, merge archive.Merge) *Destination {
	t.Helper()
	c.Name = "it"
	d, err := New(c, Options{Merge: merge})
	require.NoError(t, err)
	return d
}

func secretFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(path, []byte(text+"\n"), 0o600))
	return path
}

func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	d := made(t, config.Destination{Folder: &config.FolderDestination{Path: dir}}, keep)
	r := report()
	_, err := d.Send(t.Context(), r)
	require.NoError(t, err)
	_, err = d.Send(t.Context(), r)
	require.NoError(t, err)
	got, err := os.ReadFile(filepath.Join(dir, r.ID, "report.md"))
	require.NoError(t, err)
	require.Equal(t, "# draft\n", string(got), "the same twice is once")
	r.Files["report.md"] = []byte("new")
	_, err = d.Send(t.Context(), r)
	require.NoError(t, err)
	got, err = os.ReadFile(filepath.Join(dir, r.ID, "report.md"))
	require.NoError(t, err)
	require.Equal(t, "# draft\nnew", string(got), "what people wrote is merged")
	entries, err := os.ReadDir(filepath.Join(dir, r.ID))
	require.NoError(t, err)
	require.Len(t, entries, 3)
	d = made(t, config.Destination{Folder: &config.FolderDestination{Path: dir}}, func(string, []byte, []byte) ([]byte, error) { return nil, errors.New("line 3: broken") })
	r.Files["report.md"] = []byte("newer")
	_, err = d.Send(t.Context(), r)
	require.ErrorContains(t, err, "line 3: broken")
}

// said is a server that keeps what it was sent.
type said struct {
	mu       sync.Mutex
	requests []string
	answer   func(w http.ResponseWriter, r *http.Request, body string)
}

func (s *said) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.requests = append(s.requests, r.Method+" "+r.URL.RequestURI()+" "+r.Header.Get("Authorization"))
	s.mu.Unlock()
	if s.answer != nil {
		s.answer(w, r, string(body))
	}
}

func TestSlack(t *testing.T) {
	var text string
	s := httptest.NewServer(&said{answer: func(_ http.ResponseWriter, _ *http.Request, body string) {
		var m struct{ Text string }
		require.NoError(t, json.Unmarshal([]byte(body), &m))
		text = m.Text
	}})
	defer s.Close()
	d := made(t, config.Destination{Slack: &config.SlackDestination{URLFile: secretFile(t, s.URL+"/services/T0/B0/secret")}}, nil)
	_, err := d.Send(t.Context(), report())
	require.NoError(t, err)
	require.Contains(t, text, "*HighErrorRate, 2026-03-18 12:00*")
	require.Contains(t, text, "Suspected cause: the pool is exhausted (0.74)")
	require.Contains(t, text, "<https://hindcast.example.com/reports/20260318-120000-A-00000000|Report>")
	require.NotContains(t, text, "<!channel>")
	require.NotContains(t, text, "<script>")

	s.Close()
	_, err = d.Send(t.Context(), report())
	require.ErrorContains(t, err, `destination "it": asking http://127.0.0.1:`)
	require.NotContains(t, err.Error(), "secret", "the URL is one")
	d = made(t, config.Destination{Slack: &config.SlackDestination{URLFile: secretFile(t, "")}}, nil)
	_, err = d.Send(t.Context(), report())
	require.ErrorContains(t, err, "is empty")
}

// github is as much of GitHub's API as is used.
func github(t *testing.T) (*httptest.Server, *[]map[string]any) {
	var issues []map[string]any
	var s *httptest.Server
	s = httptest.NewServer(&said{answer: func(w http.ResponseWriter, r *http.Request, body string) {
		w.Header().Set("Content-Type", "application/json")
		if r.Header.Get("Authorization") != "Bearer gh" {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"message":"Bad credentials"}`)
			return
		}
		var sent map[string]any
		if body != "" {
			require.NoError(t, json.Unmarshal([]byte(body), &sent))
		}
		switch {
		case r.Method == http.MethodGet:
			page := []map[string]any{}
			if r.URL.Query().Get("page") == "1" {
				page = append(page, map[string]any{"body": nil, "url": s.URL + "/repos/shop/ops/issues/999"})
			} else {
				page = issues
			}
			for len(page) < 100 && r.URL.Query().Get("page") == "1" {
				page = append(page, map[string]any{"body": "other"})
			}
			require.NoError(t, json.NewEncoder(w).Encode(page))
		case r.Method == http.MethodPost && r.URL.Path == "/repos/shop/ops/issues":
			n := len(issues) + 1
			sent["url"] = fmt.Sprintf("%s/repos/shop/ops/issues/%d", s.URL, n)
			sent["html_url"] = fmt.Sprintf("https://github.example.com/shop/ops/issues/%d", n)
			issues = append(issues, sent)
			w.WriteHeader(http.StatusCreated)
			require.NoError(t, json.NewEncoder(w).Encode(sent))
		case r.Method == http.MethodPatch && r.URL.Path == "/repos/shop/ops/issues/1":
			issues[0]["body"] = sent["body"]
			require.NoError(t, json.NewEncoder(w).Encode(issues[0]))
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}})
	t.Cleanup(s.Close)
	return s, &issues
}

func TestGitHubIssue(t *testing.T) {
	s, issues := github(t)
	c := config.Destination{GitHub: &config.IssueDestination{URL: s.URL, Repository: "shop/ops", Labels: []string{"postmortem"}, TokenFile: secretFile(t, "gh")}}
	d := made(t, c, nil)
	r := report()
	for range 2 { // the second finds the first
		link, err := d.Send(t.Context(), r)
		require.NoError(t, err)
		require.Equal(t, "https://github.example.com/shop/ops/issues/1", link)
	}
	require.Len(t, *issues, 1)
	text := (*issues)[0]["body"].(string)
	require.Equal(t, []any{"postmortem"}, (*issues)[0]["labels"])
	require.NotContains(t, text, "@everyone")
	require.NotContains(t, text, "#1")
	require.NotContains(t, text, "<script>")
	require.NotContains(t, text, "[x](")

	(*issues)[0]["body"] = "Ours.\n" + text + "Theirs."
	r.Story = []string{"It went on."}
	_, err := d.Send(t.Context(), r)
	require.NoError(t, err)
	text = (*issues)[0]["body"].(string)
	require.True(t, strings.HasPrefix(text, "Ours.\n") && strings.HasSuffix(text, "Theirs."), text)
	require.Contains(t, text, "It went on.")
	require.NotContains(t, text, "Impact began")
	require.Equal(t, 1, strings.Count(text, "hindcast:incident-end"))

	c.GitHub.TokenFile = secretFile(t, "wrong")
	_, err = made(t, c, nil).Send(t.Context(), r)
	require.ErrorContains(t, err, "401 Unauthorized")
	require.ErrorContains(t, err, "Bad credentials")
}

func TestCall(t *testing.T) {
	var got string
	s := httptest.NewServer(&said{answer: func(w http.ResponseWriter, r *http.Request, body string) {
		got = r.Method + " " + r.URL.RequestURI() + " " + r.Header.Get("Content-Type") + "\n" + body
		if strings.Contains(r.URL.Path, "full") {
			w.WriteHeader(http.StatusInsufficientStorage)
		}
	}})
	defer s.Close()
	c := config.Destination{Call: &config.CallDestination{
		Method: "PUT", URL: s.URL + "/wiki/{{path .ID}}?title={{query .Title}}", Headers: map[string]string{"content-type": "application/json"},
		Body: `{"title":{{json .Title}},"story":{{json .Text}},"draft":{{json .Markdown}},"components":[{{range $i, $c := .Components}}{{if $i}},{{end}}{{json $c}}{{end}}]}`,
	}}
	_, err := made(t, c, nil).Send(t.Context(), report())
	require.NoError(t, err)
	head, body, _ := strings.Cut(got, "\n")
	require.Equal(t, "PUT /wiki/20260318-120000-A-00000000?title=HighErrorRate%2C+2026-03-18+12%3A00 application/json", head)
	var sent map[string]any
	require.NoError(t, json.Unmarshal([]byte(body), &sent), body)
	require.Equal(t, "# draft\n", sent["draft"])
	c.Call.URL = s.URL + "/full"
	_, err = made(t, c, nil).Send(t.Context(), report())
	require.ErrorContains(t, err, "507")
	c.Call.URL = "{{.Nothing}}"
	_, err = made(t, c, nil).Send(t.Context(), report())
	require.ErrorContains(t, err, "Nothing")
}

func TestGit(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	bare, other := filepath.Join(t.TempDir(), "bare.git"), t.TempDir()
	git := func(dir string, args ...string) string {
		t.Helper()
		out, err := run(t.Context(), dir, append([]string{"-c", "user.name=a", "-c", "user.email=a@b"}, args...)...)
		require.NoError(t, err)
		return strings.TrimSpace(out)
	}
	git(other, "init", "--quiet", "--bare", "--initial-branch=main", bare)
	c := config.Destination{Git: &config.GitDestination{URL: bare, Author: "Incident Bot <bot@example.com>"}}
	d := made(t, c, keep)
	r := report()
	for range 2 { // an empty repository, then one that has it
		_, err := d.Send(t.Context(), r)
		require.NoError(t, err)
	}
	require.Equal(t, "1", git(bare, "rev-list", "--count", "main"), "the same twice is one commit")
	require.Equal(t, "Incident Bot <bot@example.com> HighErrorRate, 2026-03-18 12:00", git(bare, "log", "-1", "--format=%an <%ae> %s", "main"))

	// Somebody edits the draft there; the incident goes on.
	git(other, "clone", "--quiet", bare, "clone")
	clone := filepath.Join(other, "clone")
	draft := filepath.Join(clone, "postmortems", r.ID, "report.md")
	require.NoError(t, os.WriteFile(draft, []byte("# draft\nreviewed\n"), 0o600))
	git(clone, "commit", "--quiet", "-am", "review")
	git(clone, "push", "--quiet", "origin", "main")
	r.Files["report.md"] = []byte("more\n")
	_, err := d.Send(t.Context(), r)
	require.NoError(t, err)
	require.Equal(t, "# draft\nreviewed\nmore", git(bare, "show", "main:postmortems/"+r.ID+"/report.md"))

	c.Git.Branch, c.Git.Path = "incident/{{.ID}}", "docs/incidents"
	_, err = made(t, c, keep).Send(t.Context(), r)
	require.NoError(t, err)
	require.Contains(t, git(bare, "ls-tree", "-r", "--name-only", "incident/"+r.ID), "docs/incidents/"+r.ID+"/report.md")

	for _, wrong := range []config.GitDestination{{URL: filepath.Join(other, "nowhere")}, {URL: bare, Branch: "a..b"}, {URL: bare, Path: "../.."}, {URL: "ext::sh -c touch% " + other + "/hacked"}, {URL: "--upload-pack=touch " + other + "/hacked"}} {
		_, err = made(t, config.Destination{Git: &wrong}, keep).Send(t.Context(), r)
		require.Error(t, err, wrong)
	}
	require.NoFileExists(t, filepath.Join(other, "hacked"))
}

// TestGitAtOnce pushes several reports at once to one branch: a commit is made anew on top of those that were faster.
func TestGitAtOnce(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	bare := filepath.Join(t.TempDir(), "bare.git")
	_, err := run(t.Context(), t.TempDir(), "init", "--quiet", "--bare", "--initial-branch=main", bare)
	require.NoError(t, err)
	d := made(t, config.Destination{Git: &config.GitDestination{URL: bare}}, keep)
	_, err = d.Send(t.Context(), report())
	require.NoError(t, err)
	var wg sync.WaitGroup
	for n := range 3 {
		wg.Go(func() {
			r := report()
			r.ID = fmt.Sprintf("i%d", n)
			if _, err := d.Send(t.Context(), r); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	out, err := run(t.Context(), bare, "rev-list", "--count", "main")
	require.NoError(t, err)
	require.Equal(t, "4", strings.TrimSpace(out))
}

func TestS3(t *testing.T) {
	s := httptest.NewServer(gofakes3.New(s3mem.New()).Server())
	defer s.Close()
	putAndGet(t, s.URL)
}

// TestS3Server is the same against a server that is not ours: the one that HINDCAST_S3_URL names, such as MinIO, or moto
// (pip install 'moto[server]').
func TestS3Server(t *testing.T) {
	if server := os.Getenv("HINDCAST_S3_URL"); server != "" {
		putAndGet(t, server)
		return
	}
	moto, err := exec.LookPath("moto_server")
	if err != nil {
		t.Skip("HINDCAST_S3_URL names no server, and moto_server is not installed")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	host, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	require.NoError(t, l.Close())
	c := exec.Command(moto, "-H", host, "-p", port)
	require.NoError(t, c.Start())
	defer func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	}()
	server := "http://" + net.JoinHostPort(host, port)
	require.Eventually(t, func() bool {
		r, err := http.Get(server)
		if err != nil {
			return false
		}
		_ = r.Body.Close()
		return true
	}, time.Minute, 100*time.Millisecond, "moto does not answer")
	putAndGet(t, server)
}

func putAndGet(t *testing.T, server string) {
	t.Helper()
	u, err := url.Parse(server)
	require.NoError(t, err)
	client, err := minio.New(u.Host, &minio.Options{Creds: credentials.NewStaticV4("key", "secretsecret", ""), Region: "us-east-1"})
	require.NoError(t, err)
	ctx := context.Background()
	name := fmt.Sprintf("incidents-%d", time.Now().UnixNano())
	require.NoError(t, client.MakeBucket(ctx, name, minio.MakeBucketOptions{}))
	c := config.Destination{S3: &config.S3Destination{
		URL: server, Bucket: name, Prefix: "prod", Region: "us-east-1", AccessKeyFile: secretFile(t, "key"), SecretKeyFile: secretFile(t, "secretsecret"),
	}}
	r := report()
	for range 2 {
		link, err := made(t, c, nil).Send(ctx, r)
		require.NoError(t, err)
		require.Contains(t, link, "/prod/"+r.ID+"/")
	}
	var keys []string
	for o := range client.ListObjects(ctx, name, minio.ListObjectsOptions{Recursive: true}) {
		require.NoError(t, o.Err)
		keys = append(keys, strings.TrimPrefix(o.Key, "prod/"+r.ID+"/"))
	}
	require.ElementsMatch(t, []string{"incident.json", "report.json", "report.md"}, keys)
	o, err := client.GetObject(ctx, name, "prod/"+r.ID+"/report.md", minio.GetObjectOptions{})
	require.NoError(t, err)
	data, err := io.ReadAll(o)
	require.NoError(t, err)
	require.Equal(t, "# draft\n", string(data))
	c.S3.Bucket = "nobodys-bucket"
	_, err = made(t, c, nil).Send(ctx, r)
	require.ErrorContains(t, err, "nobodys-bucket")
}
