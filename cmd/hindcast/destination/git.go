package destination

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/hindcast/hindcast/cmd/hindcast/archive"
	"github.com/hindcast/hindcast/cmd/hindcast/config"
)

const (
	defaultBranch = "main"
	defaultPath   = "postmortems"
	defaultAuthor = "hindcast <hindcast@localhost>"
	// pushes is how often a commit is made anew on top of what others have pushed in the meantime.
	pushes = 4
)

// A repository gets a commit on a branch. It is cloned for each report, so that nothing has to be kept.
type repository struct {
	config *config.GitDestination
	branch *template.Template
	merge  archive.Merge
}

func newRepository(c *config.GitDestination, merge archive.Merge) (func(context.Context, *Report) (string, error), error) {
	branch, err := parse("branch", cmp.Or(c.Branch, defaultBranch))
	if err != nil {
		return nil, err
	}
	return (&repository{config: c, branch: branch, merge: merge}).send, nil
}

func (g *repository) send(ctx context.Context, r *Report) (string, error) {
	branch, err := fill(g.branch, r)
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "hindcast-git-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	git := func(args ...string) (string, error) { return run(ctx, dir, args...) }
	if _, err := git("check-ref-format", "--branch", branch); err != nil {
		return "", fmt.Errorf("%q cannot be the name of a branch", branch)
	}
	if _, err := git("clone", "--quiet", "--depth", "1", "--", g.config.URL, "."); err != nil {
		return "", err
	}
	for attempt := 1; ; attempt++ {
		// The branch, where there is one; otherwise it begins here.
		if _, err := git("fetch", "--quiet", "--depth", "1", "origin", "+refs/heads/"+branch); err == nil {
			if _, err := git("checkout", "--quiet", "--force", "-B", branch, "FETCH_HEAD"); err != nil {
				return "", err
			}
		} else if _, err := git("checkout", "--quiet", "-B", branch); err != nil {
			return "", err
		}
		changed, err := g.commit(git, dir, r)
		if err != nil || !changed {
			return "", err
		}
		_, err = git("push", "--quiet", "origin", "HEAD:refs/heads/"+branch)
		if err == nil || attempt == pushes || ctx.Err() != nil {
			return "", err
		}
	}
}

// commit writes the files and commits them; changed is false if they are there already.
func (g *repository) commit(git func(...string) (string, error), dir string, r *Report) (changed bool, err error) {
	files, err := r.all()
	if err != nil {
		return false, err
	}
	folder := filepath.Join(cmp.Or(g.config.Path, defaultPath), r.ID)
	if !filepath.IsLocal(folder) {
		return false, fmt.Errorf("path %q leads out of the repository", g.config.Path)
	}
	if err := place(filepath.Join(dir, folder), files, g.merge); err != nil {
		return false, err
	}
	if _, err := git("add", "--force", "--", folder); err != nil {
		return false, err
	}
	status, err := git("status", "--porcelain", "--", folder)
	if err != nil || status == "" {
		return false, err
	}
	name, address, ok := strings.Cut(strings.TrimSuffix(cmp.Or(g.config.Author, defaultAuthor), ">"), " <")
	if !ok {
		name, address, _ = strings.Cut(strings.TrimSuffix(defaultAuthor, ">"), " <")
	}
	_, err = git("-c", "user.name="+name, "-c", "user.email="+address, "-c", "commit.gpgsign=false",
		"commit", "--quiet", "--no-verify", "-m", r.Title(), "-m", strings.Join(r.story(oneLine), "\n"))
	return err == nil, err
}

// run calls git. It must not ask anybody, nor run hooks of this machine, and only talk over what a URL of a repository
// usually is: "ext::" would run a program.
func run(ctx context.Context, dir string, args ...string) (string, error) {
	c := exec.CommandContext(ctx, "git", append([]string{"-c", "core.hooksPath=/dev/null"}, args...)...)
	c.Dir = dir
	c.Env = append(os.Environ(), "GIT_TERMINAL_PROMPT=0", "GIT_ALLOW_PROTOCOL=file:git:http:https:ssh", "LC_ALL=C")
	out, err := c.CombinedOutput()
	if err != nil {
		said := strings.TrimSpace(string(out))
		if i := strings.LastIndexByte(said, '\n'); i >= 0 && len(said) > 500 {
			said = said[i+1:]
		}
		return "", fmt.Errorf("git %s: %w: %s", args[0], err, said)
	}
	return string(out), nil
}
