package image_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	// cache keeps the fresh system between runs: making it takes longest.
	cache = "../.cache"
	// patience bounds every command: a hanging one must not hang the test.
	patience = 3 * time.Minute
)

// chroot is a fresh Debian or Ubuntu system in a folder, of the release that runs
// here.
type chroot struct {
	t    *testing.T
	root string
}

// newChroot unpacks a fresh system, and skips the test where none can be made.
func newChroot(t *testing.T) *chroot {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root to make a fresh system in a folder")
	}
	if raw, err := os.ReadFile("/proc/self/mountinfo"); err == nil && !rootMounted(string(raw)) {
		t.Skip("needs a root that is a mount point: a container has one, a bare chroot has not")
	}
	base := baseSystem(t)
	c := &chroot{t: t, root: filepath.Join(t.TempDir(), "root")}
	check(t, os.Mkdir(c.root, 0o755)) //nolint:gosec // it is a root directory
	must(t, exec.Command("tar", "-C", c.root, "-xpf", base))
	// No service starts where no systemd runs; where one runs, every service may.
	check(t, os.Remove(filepath.Join(c.root, "usr/sbin/policy-rc.d")), fs.ErrNotExist)
	return c
}

// in is the same system for a subtest.
func (c *chroot) in(t *testing.T) *chroot { return &chroot{t: t, root: c.root} }

// baseSystem is an archive of a minimal system with the package's dependencies,
// and systemd. It is made from the sources that apt has here, so that a mirror or a
// proxy is respected.
func baseSystem(t *testing.T) string {
	t.Helper()
	release, err := exec.Command("sh", "-c", `. /etc/os-release && echo "$VERSION_CODENAME"`).Output()
	suite := strings.TrimSpace(string(release))
	if err != nil || suite == "" {
		t.Skip("needs Debian or Ubuntu: /etc/os-release names no release")
	}
	archive, err := filepath.Abs(filepath.Join(cache, "system-"+suite+".tar"))
	check(t, err)
	if _, err := os.Stat(archive); err == nil {
		return archive
	}
	if _, err := exec.LookPath("mmdebstrap"); err != nil {
		t.Skip("needs mmdebstrap; install the Debian package of that name")
	}
	check(t, os.MkdirAll(cache, 0o755)) //nolint:gosec // as git makes folders
	part := archive + ".part.tar"
	args := append([]string{"--quiet", "--variant=minbase", "--include=adduser,init-system-helpers,systemd,systemd-sysv"}, aptOptions(t)...)
	args = append(append(args, suite, part), aptSources(t)...)
	if out, err := command("mmdebstrap", args...); err != nil {
		t.Skipf("cannot make a fresh system from apt's sources: %v: %s", err, tail(out))
	}
	check(t, os.Rename(part, archive))
	return archive
}

// aptSources are the files in which this machine names its package sources.
func aptSources(t *testing.T) (files []string) {
	t.Helper()
	for _, pattern := range []string{"/etc/apt/sources.list", "/etc/apt/sources.list.d/*.list", "/etc/apt/sources.list.d/*.sources"} {
		found, err := filepath.Glob(pattern)
		check(t, err)
		for _, f := range found {
			if info, err := os.Stat(f); err == nil && info.Size() > 0 {
				files = append(files, f)
			}
		}
	}
	return files
}

// aptOptions are the options of this machine's apt that say how to fetch.
func aptOptions(t *testing.T) (args []string) {
	t.Helper()
	out, err := exec.Command("apt-config", "dump").Output()
	check(t, err)
	for line := range strings.Lines(string(out)) {
		for _, key := range []string{"Acquire::http::Proxy ", "Acquire::https::Proxy ", "Acquire::Check-Valid-Until ", "Acquire::Check-Date "} {
			if strings.HasPrefix(line, key) {
				args = append(args, "--aptopt="+strings.TrimSpace(line))
			}
		}
	}
	return args
}

// path is where a file of the system lies.
func (c *chroot) path(name string) string { return filepath.Join(c.root, name) }

// mode describes a file as ls does, with its owner: "-rw-r----- root:auscult".
func (c *chroot) mode(name string) string {
	c.t.Helper()
	out, err := command("chroot", c.root, "stat", "-c", "%A %U:%G", name)
	if err != nil {
		return "none"
	}
	return strings.TrimSpace(out)
}

func (c *chroot) exists(name string) bool {
	_, err := os.Lstat(c.path(name))
	return err == nil
}

func (c *chroot) write(name, content string) {
	c.t.Helper()
	check(c.t, os.WriteFile(c.path(name), []byte(content), 0o644)) //nolint:gosec // as an editor would
}

func (c *chroot) read(name string) string {
	c.t.Helper()
	b, err := os.ReadFile(c.path(name))
	check(c.t, err)
	return string(b)
}

// files lists every file of the system, but for what the kernel and the package
// manager keep for themselves.
func (c *chroot) files() map[string]bool {
	c.t.Helper()
	all := map[string]bool{}
	check(c.t, filepath.WalkDir(c.root, func(path string, _ fs.DirEntry, err error) error {
		name := strings.TrimPrefix(path, c.root)
		for _, own := range []string{"/proc", "/sys", "/dev", "/run", "/tmp", "/var/log", "/var/cache", "/var/tmp", "/var/lib/dpkg", "/var/lib/apt"} {
			if name == own {
				return fs.SkipDir
			}
		}
		if err == nil {
			all[name] = true
		}
		return err
	}))
	return all
}

// command runs a program to its end and returns all that it prints.
func command(name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8")
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s: %w", filepath.Base(name), err)
	}
	return string(out), err
}

func must(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v: %s", strings.Join(cmd.Args, " "), err, tail(out.String()))
	}
	return out.String()
}

func tail(s string) string { return s[max(0, len(s)-2000):] }

// check ends the test at an error that is none of those allowed.
func check(t *testing.T, err error, allowed ...error) {
	t.Helper()
	for _, a := range allowed {
		if errors.Is(err, a) {
			return
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// rootMounted reports whether something is mounted at / (proc_pid_mountinfo(5),
// fifth field).
func rootMounted(mountinfo string) bool {
	for _, line := range strings.Split(mountinfo, "\n") {
		if fields := strings.Fields(line); len(fields) > 4 && fields[4] == "/" {
			return true
		}
	}
	return false
}
