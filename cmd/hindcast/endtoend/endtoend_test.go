// Package endtoend runs the program as a process of its own: killed at random moments, and against real servers.
package endtoend

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// program is the path of the program, which TestMain builds.
var program string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "hindcast-endtoend-")
	if err != nil {
		panic(err)
	}
	program = filepath.Join(dir, "hindcast")
	build := exec.Command("go", "build", "-trimpath", "-o", program, "..")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	status := 1
	if err := build.Run(); err == nil {
		status = m.Run()
	}
	_ = os.RemoveAll(dir)
	os.Exit(status)
}

// process is hindcast, not yet started.
func process(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	home := t.TempDir()
	c := exec.Command(program, args...)
	c.Dir = home
	c.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home)
	return c
}

// kills is how many processes are to be killed: HINDCAST_KILLS, which CI sets to 100.
func kills(t *testing.T) int {
	t.Helper()
	n := 20
	if text := os.Getenv("HINDCAST_KILLS"); text != "" {
		var err error
		n, err = strconv.Atoi(text)
		require.NoError(t, err, "HINDCAST_KILLS")
	}
	return n
}

// killed starts processes together and kills each after its time; those that end earlier must have ended well.
func killed(t *testing.T, after []time.Duration, args ...string) {
	t.Helper()
	done := make(chan error, len(after))
	for _, d := range after {
		c := process(t, args...)
		var out strings.Builder
		c.Stdout, c.Stderr = &out, &out
		require.NoError(t, c.Start())
		kill := time.AfterFunc(d, func() { _ = c.Process.Kill() })
		go func() {
			err := c.Wait()
			if err != nil && !kill.Stop() {
				err = nil // it was killed, as it should be
			} else if err != nil {
				err = fmt.Errorf("%w: %s", err, out.String())
			}
			done <- err
		}()
	}
	for range after {
		require.NoError(t, <-done)
	}
}
