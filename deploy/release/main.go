// Command release builds hindcast for all platforms: archives with completions and man pages, a bill of materials for each
// program, and checksums. The same source gives the same bytes, wherever and whenever it is built.
//
//	SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) go run ./deploy/release -version 0.1.0 -out dist
package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// targets are the platforms that are built for.
var targets = []target{
	{"linux", "amd64"}, {"linux", "arm64"}, {"darwin", "amd64"}, {"darwin", "arm64"}, {"windows", "amd64"}, {"windows", "arm64"},
}

// A target is an operating system and a processor.
type target struct{ os, arch string }

func (t target) program() string {
	if t.os == "windows" {
		return "hindcast.exe"
	}
	return "hindcast"
}

// A release is what is asked for.
type release struct {
	version, out string
	// only are the targets to build, all if empty.
	only []string
	// when is the time in archives and bills of materials.
	when time.Time
}

func main() {
	var r release
	flag.StringVar(&r.version, "version", "", "the version, such as 0.1.0")
	flag.StringVar(&r.out, "out", "dist", "the folder to write into; it must be empty")
	only := flag.String("only", "", "build only these, such as linux/amd64,darwin/arm64")
	flag.Parse()
	if *only != "" {
		r.only = strings.Split(*only, ",")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := r.make(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1) //nolint:gocritic // nothing is left to do
	}
}

func (r *release) make(ctx context.Context) error {
	epoch, err := strconv.ParseInt(cmp.Or(os.Getenv("SOURCE_DATE_EPOCH"), "0"), 10, 64)
	if err != nil {
		return fmt.Errorf("SOURCE_DATE_EPOCH: %w", err)
	}
	r.when = time.Unix(epoch, 0).UTC()
	if r.version == "" {
		return errors.New("-version is missing")
	}
	if left, err := os.ReadDir(r.out); err == nil && len(left) > 0 {
		return fmt.Errorf("%s is not empty", r.out)
	}
	if err := os.MkdirAll(r.out, 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "hindcast-release-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	shared, err := r.documents(ctx, work)
	if err != nil {
		return err
	}
	for _, t := range targets {
		if len(r.only) > 0 && !slices.Contains(r.only, t.os+"/"+t.arch) {
			continue
		}
		if err := r.build(ctx, t, work, shared); err != nil {
			return err
		}
	}
	return checksums(r.out)
}

// compile builds the program for a target.
func (r *release) compile(ctx context.Context, t target, path string) error {
	c := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid= -X main.version="+r.version, "-o", path, "./cmd/hindcast")
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+t.os, "GOARCH="+t.arch, "GOFLAGS=", "GOAMD64=v1", "GOARM64=v8.0")
	c.Stdout, c.Stderr = os.Stderr, os.Stderr
	if err := c.Run(); err != nil {
		return fmt.Errorf("building for %s/%s: %w", t.os, t.arch, err)
	}
	return nil
}

// documents are what all archives hold besides the program: a program for this machine writes them.
func (r *release) documents(ctx context.Context, work string) ([]member, error) {
	own := filepath.Join(work, "own")
	if err := r.compile(ctx, target{runtime.GOOS, runtime.GOARCH}, own); err != nil {
		return nil, err
	}
	var all []member
	for shell, name := range map[string]string{"bash": "hindcast.bash", "zsh": "_hindcast", "fish": "hindcast.fish", "powershell": "hindcast.ps1"} {
		text, err := exec.CommandContext(ctx, own, "completion", shell).Output()
		if err != nil {
			return nil, fmt.Errorf("completions of %s: %w", shell, err)
		}
		all = append(all, member{"completions/" + name, text, 0o644})
	}
	pages := filepath.Join(work, "man")
	if out, err := exec.CommandContext(ctx, own, "man", pages).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("man pages: %w: %s", err, out)
	}
	files := map[string]string{"LICENSE": "LICENSE", "README.md": "README.md"}
	for _, pattern := range []string{filepath.Join(pages, "*.1"), "deploy/systemd/*", "deploy/kubernetes/*", "deploy/alertmanager.yml", "docs/*.md"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			return nil, err
		}
		for _, p := range paths {
			name := filepath.ToSlash(p)
			if strings.HasSuffix(p, ".1") {
				name = "man/" + filepath.Base(p)
			}
			files[name] = p
		}
	}
	for name, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		all = append(all, member{name, data, 0o644})
	}
	return all, nil
}

// build makes the archive of a target and its bill of materials.
func (r *release) build(ctx context.Context, t target, work string, shared []member) error {
	program := filepath.Join(work, t.os+"-"+t.arch, t.program())
	if err := r.compile(ctx, t, program); err != nil {
		return err
	}
	data, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	base := fmt.Sprintf("hindcast-%s-%s-%s", r.version, t.os, t.arch)
	bill, err := billOf(program, data, r.version, r.when)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(r.out, base+".cdx.json"), bill, 0o644); err != nil { //nolint:gosec // it is to be published
		return err
	}
	members := append([]member{{t.program(), data, 0o755}, {"sbom.cdx.json", bill, 0o644}}, shared...)
	write, ending := tarball, ".tar.gz"
	if t.os == "windows" {
		write, ending = zipped, ".zip"
	}
	f, err := os.Create(filepath.Join(r.out, base+ending))
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, f.Name())
	return errors.Join(write(f, base, members, r.when), f.Close())
}

// checksums writes SHA256SUMS, which `sha256sum -c` reads.
func checksums(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, e := range entries {
		f, err := os.Open(filepath.Join(dir, e.Name()))
		if err != nil {
			return err
		}
		sum := sha256.New()
		_, err = io.Copy(sum, f)
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s  %s\n", hex.EncodeToString(sum.Sum(nil)), e.Name())
	}
	return os.WriteFile(filepath.Join(dir, "SHA256SUMS"), []byte(b.String()), 0o644) //nolint:gosec // it is to be published
}
