package endtoend

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A server is hindcast serve as a process.
type server struct {
	*exec.Cmd
	url string
	mu  sync.Mutex
	log bytes.Buffer
}

var address = regexp.MustCompile(`msg="Listening on" address=(\S+)`)

// serve starts a server on a port of its own and returns when it listens.
func serve(t *testing.T, args ...string) *server {
	t.Helper()
	s := &server{Cmd: process(t, append([]string{"serve", "--web.listen-address", "127.0.0.1:0"}, args...)...)}
	stderr, err := s.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, s.Start())
	listening := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(stderr)
		for lines.Scan() {
			s.mu.Lock()
			s.log.WriteString(lines.Text() + "\n")
			s.mu.Unlock()
			if m := address.FindStringSubmatch(lines.Text()); m != nil {
				listening <- "http://" + m[1]
			}
		}
		close(listening)
	}()
	s.url = <-listening
	require.NotEmpty(t, s.url, s.told())
	return s
}

func (s *server) told() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

// send sends a webhook and tells whether it was taken.
func (s *server) send(body string) bool {
	r, err := http.Post(s.url+"/api/v1/webhook/alertmanager", "application/json", strings.NewReader(body))
	if err != nil {
		return false
	}
	defer r.Body.Close()
	_, _ = io.Copy(io.Discard, r.Body)
	return r.StatusCode == http.StatusOK
}

// incidents counts those that the server says are in a state.
func (s *server) incidents(t *testing.T, state string) int {
	t.Helper()
	r, err := http.Get(s.url + "/api/v1/incidents")
	require.NoError(t, err)
	defer r.Body.Close()
	var list struct {
		Incidents []struct{ State string }
	}
	require.NoError(t, json.NewDecoder(r.Body).Decode(&list))
	n := 0
	for _, i := range list.Incidents {
		if i.State == state {
			n++
		}
	}
	return n
}

// end stops the server as a service manager does.
func (s *server) end(t *testing.T) {
	t.Helper()
	require.NoError(t, s.Process.Signal(syscall.SIGTERM))
	require.NoError(t, s.Wait(), s.told())
}

// TestServeKilled kills the server many times at random moments while webhooks come in. Those that it did not answer are
// sent again, as Alertmanager does. In the end every incident has one whole report.
func TestServeKilled(t *testing.T) {
	runs := kills(t)
	random := rand.New(rand.NewPCG(8, uint64(runs)))
	storage := t.TempDir()
	args := []string{"--storage.path", storage, "--since", "100w", "-o", "md", "--settle", "1s"}
	begin := time.Now().Add(-60 * 24 * time.Hour).Truncate(time.Second)
	var unanswered []string
	for n := range runs {
		unanswered = append(unanswered, webhook(fmt.Sprintf("Alert%03d", n), begin.Add(time.Duration(n)*12*time.Hour), time.Hour))
		s := serve(t, args...)
		kill := time.AfterFunc(time.Duration(random.Int64N(int64(300*time.Millisecond))), func() { _ = s.Process.Kill() })
		var still []string
		for _, body := range unanswered {
			if !s.send(body) {
				still = append(still, body)
			}
		}
		unanswered = still
		require.Error(t, s.Wait(), "it was killed")
		kill.Stop()
		finished(t, filepath.Join(storage, "incidents"))
	}
	s := serve(t, args...)
	for _, body := range unanswered {
		require.True(t, s.send(body))
	}
	require.Eventually(t, func() bool { return s.incidents(t, "made") == runs }, time.Minute, 100*time.Millisecond, "not all reports are made")
	s.end(t)
	records := finished(t, filepath.Join(storage, "incidents"))
	require.Len(t, records, runs)
	for n, r := range records {
		require.Equal(t, fmt.Sprintf("Alert%03d", n), r.Name)
		require.Equal(t, 1, r.Times, "%s was made again", r.ID)
		same(t, filepath.Join(storage, "incidents"), r)
	}
	left, err := filepath.Glob(filepath.Join(storage, "incidents", ".hindcast-new-*"))
	require.NoError(t, err)
	require.Empty(t, left)
}
