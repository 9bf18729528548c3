package ingesttest

import (
	"context"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Server is a real server that a test starts, by a script of scripts/servers.
type Server struct {
	// Dir holds its data, URL is where it answers.
	Dir, URL string

	script, port string
}

// NewServer prepares a server of a kind, such as "prometheus", on data in a folder. Unless the kind is among HINDCAST_SERVERS
// in the environment, which `make test-servers` sets, the test is skipped. The server is stopped when the test ends.
func NewServer(t *testing.T, kind, dir string) *Server {
	t.Helper()
	if !slices.Contains(strings.Fields(os.Getenv("HINDCAST_SERVERS")), kind) {
		t.Skip("it needs a real " + kind + ": make test-servers")
	}
	free, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := strconv.Itoa(free.Addr().(*net.TCPAddr).Port)
	require.NoError(t, free.Close())
	s := &Server{Dir: dir, script: filepath.Join(repository(t), "scripts", "servers", kind+".sh"), port: port}
	t.Cleanup(func() { s.Stop(t) })
	return s
}

// repository is the folder above the test's own that has a go.mod.
func repository(t *testing.T) string {
	dir, err := os.Getwd()
	require.NoError(t, err)
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		require.NotEqual(t, filepath.Dir(dir), dir, "no go.mod above the test")
		dir = filepath.Dir(dir)
	}
}

// Start starts the server and waits until it answers. It can be started again after Stop, at the same URL.
func (s *Server) Start(t *testing.T) *url.URL {
	t.Helper()
	// Output goes to files: the server keeps the script's open.
	out, err := os.Create(filepath.Join(s.Dir, "out"))
	require.NoError(t, err)
	defer out.Close()
	c := exec.CommandContext(t.Context(), s.script, "start", s.Dir, s.port)
	c.Stdout, c.Stderr = out, out
	err = c.Run()
	said, _ := os.ReadFile(out.Name())
	require.NoError(t, err, string(said))
	s.URL = strings.TrimSpace(string(said))
	u, err := url.Parse(s.URL)
	require.NoError(t, err)
	return u
}

// Stop ends the server.
func (s *Server) Stop(t *testing.T) {
	t.Helper()
	// It also stops after the test, whose context has ended then.
	out, err := exec.CommandContext(context.WithoutCancel(t.Context()), s.script, "stop", s.Dir).CombinedOutput()
	require.NoError(t, err, string(out))
}

// Kill ends the server as a crash of its machine would, with no time for anything.
func (s *Server) Kill(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.Dir, "pid"))
	require.NoError(t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	require.NoError(t, err)
	p, err := os.FindProcess(pid)
	require.NoError(t, err)
	require.NoError(t, p.Kill())
}
