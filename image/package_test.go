package image_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// makePackages makes the package as `make deb` does, in two versions.
func makePackages(t *testing.T) (older, newer string) {
	t.Helper()
	for _, tool := range []string{"make", "gcc", "dpkg-deb"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("needs %s to make the package", tool)
		}
	}
	dependOnSources(t)
	folder := t.TempDir()
	t.Setenv("COMPRESSION", "gzip") // quick to make
	must(t, exec.Command("make", "-C", "..", "--silent", "deb", "BUILD="+folder, "VERSION=v0.1"))
	must(t, exec.Command("./deb", "v0.2", folder))
	found := func(version string) string {
		names, err := filepath.Glob(filepath.Join(folder, "auscult_"+version+"_*.deb"))
		if err != nil || len(names) != 1 {
			t.Fatalf("packages of version %s: %v %v", version, names, err)
		}
		return names[0]
	}
	return found("0.1"), found("0.2")
}

// dependOnSources looks at all files that the package is made of, so that go test
// does not answer from its cache when one of them has changed.
func dependOnSources(t *testing.T) {
	t.Helper()
	for _, room := range []string{"../cmd", "../sensor", "../protocols", "../inventory", "../remediation", "../bpf", "../configs", "."} {
		check(t, filepath.WalkDir(room, func(string, fs.DirEntry, error) error { return nil }))
	}
}

func TestPackage(t *testing.T) {
	older, newer := makePackages(t)
	t.Run("same sources, same package", func(t *testing.T) {
		first, err := os.ReadFile(newer)
		check(t, err)
		must(t, exec.Command("./deb", "v0.2", filepath.Dir(newer)))
		if again, err := os.ReadFile(newer); err != nil || string(first) != string(again) {
			t.Errorf("two packages from the same program differ (%v)", err)
		}
	})
	t.Run("lintian", func(t *testing.T) { lintian(t, older) })
	c := newChroot(t)
	t.Run("by hand", func(t *testing.T) { c.in(t).byHand(older) })
	t.Run("life", func(t *testing.T) { c.in(t).life(older, newer) })
}

func lintian(t *testing.T, file string) {
	if _, err := exec.LookPath("lintian"); err != nil {
		t.Skip("needs lintian; install the Debian package of that name")
	}
	// Who packs for one's own repository has no bug of Debian's to close.
	out, err := command("lintian", "--fail-on", "error,warning", "--suppress-tags", "initial-upload-closes-no-bugs", file)
	if err != nil {
		t.Errorf("lintian: %v\n%s", err, out)
	}
}

// life takes one system through all that a package goes through.
func (c *chroot) life(older, newer string) {
	t := c.t
	m := c.boot()
	before := m.files()
	m.install(older)
	t.Run("manual", m.within((*machine).manual))
	t.Run("installed", m.within((*machine).installed))
	t.Run("unit", m.within((*machine).unit))
	t.Run("upgrade", m.within(func(m *machine) { m.upgrade(newer) }))
	t.Run("remove", m.within((*machine).remove))
	t.Run("install again", m.within(func(m *machine) { m.again(newer) }))
	t.Run("purge", m.within(func(m *machine) { m.purge(before) }))
}

// within lets a subtest work on the machine.
func (m *machine) within(f func(*machine)) func(*testing.T) {
	return func(t *testing.T) { f(&machine{chroot: m.in(t), init: m.init, group: m.group}) }
}

// install installs a package file as the manual says.
func (m *machine) install(file string) {
	m.t.Helper()
	name := "/root/" + filepath.Base(file)
	b, err := os.ReadFile(file)
	check(m.t, err)
	m.write(name, string(b))
	m.run("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "--yes", "--no-install-recommends", name)
	check(m.t, os.Remove(m.path(name)))
}

func (m *machine) installed() {
	for name, want := range map[string]string{
		"/etc/auscult":                                                "drwxr-x--- root:auscult",
		"/etc/auscult/auscult.yaml":                                   "-rw-r--r-- root:root",
		"/usr/bin/auscult":                                            "-rwxr-xr-x root:root",
		"/usr/lib/systemd/system/auscult.service":                     "-rw-r--r-- root:root",
		"/usr/share/doc/auscult/copyright":                            "-rw-r--r-- root:root",
		"/usr/share/doc/auscult/licences.gz":                          "-rw-r--r-- root:root",
		"/var/lib/auscult":                                            "drwx------ auscult:auscult",
		"/var/lib/auscult/state.db":                                   "-rw------- auscult:auscult",
		"/var/lib/auscult/first-password":                             "-rw------- auscult:auscult",
		"/etc/systemd/system/multi-user.target.wants/auscult.service": "lrwxrwxrwx root:root",
	} {
		if got := m.mode(name); got != want {
			m.t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	for name := range strings.Lines(m.run("dpkg", "-L", "auscult")) {
		if mode := m.mode(strings.TrimSpace(name)); len(mode) < 9 || mode[8] != '-' {
			m.t.Errorf("%s is %s: everybody may write there", strings.TrimSpace(name), mode)
		}
	}
	account := m.run("getent", "passwd", "auscult")
	if !strings.HasSuffix(strings.TrimSpace(account), ":/var/lib/auscult:/usr/sbin/nologin") {
		m.t.Errorf("the account is %s", account)
	}
	if out := m.run("auscult", "version"); !strings.HasPrefix(out, "auscult v0.1, commit ") {
		m.t.Errorf("auscult version: %s", out)
	}
	// The service's own account must be able to read its configuration.
	out := m.run(asService("auscult", "check", "--config", "/etc/auscult/auscult.yaml")...)
	if !strings.Contains(out, "site: main\n") {
		m.t.Errorf("auscult check: %s", out)
	}
	m.says("msg=ready")
}

// manual compares the manual page with what the program has.
func (m *machine) manual() {
	page, err := os.ReadFile("debian/auscult.1")
	check(m.t, err)
	help := m.run("auscult", "help")
	commands := regexp.MustCompile(`(?m)^  ([a-z]+) `).FindAllStringSubmatch(help, -1)
	if len(commands) < 10 {
		m.t.Fatalf("only %d commands in the program's help:\n%s", len(commands), help)
	}
	for _, c := range commands {
		if !regexp.MustCompile(`(?m)^\.BR? .*\b` + c[1] + `\b`).Match(page) {
			m.t.Errorf("the manual page does not name the command %s", c[1])
		}
	}
}

// asService is a command as the service's account runs it, without any privilege.
func asService(args ...string) []string {
	return append([]string{"setpriv", "--reuid", "auscult", "--regid", "auscult", "--clear-groups", "--inh-caps", "-all"}, args...)
}

// listening is the configuration that the tests' operator writes.
const listening = `site: chapel
taps:
  - {name: core, interface: ` + span + `}
`

func (m *machine) upgrade(newer string) {
	process := m.property("MainPID")
	m.install(newer)
	if m.read("/etc/auscult/auscult.yaml") != listening {
		m.t.Error("the operator's configuration was not kept")
	}
	if out := m.run("dpkg-query", "-W", "-f", "${Version}", "auscult"); out != "0.2" {
		m.t.Errorf("version %s is installed", out)
	}
	if now := m.property("MainPID"); m.property("ActiveState") != "active" || now == process || now == "0" {
		m.t.Errorf("the service is %s, its process was %s and is %s: it must run anew", m.property("ActiveState"), process, now)
	}
	m.says("msg=listening tap=core")
	if !strings.Contains(m.run("auscult", "devices"), "192.0.2.1") {
		m.t.Error("the upgrade has forgotten the device that was heard before")
	}
}

func (m *machine) remove() {
	m.run("apt-get", "remove", "--yes", "auscult")
	if out, err := m.try("systemctl", "is-active", "auscult.service"); err == nil {
		m.t.Errorf("the service is still %s", out)
	}
	for name, want := range map[string]bool{
		"/usr/bin/auscult": false, "/usr/lib/systemd/system/auscult.service": false, "/run/auscult": false,
		"/etc/auscult/auscult.yaml": true, "/var/lib/auscult/state.db": true,
	} {
		if m.exists(name) != want {
			m.t.Errorf("removed: %s is there: %v, want %v", name, !want, want)
		}
	}
	if out := m.network("tc", "filter", "show", "dev", span, "egress"); strings.TrimSpace(out) != "" {
		m.t.Errorf("the interface was not put back: %s", out)
	}
}

func (m *machine) again(newer string) {
	m.install(newer)
	m.says("msg=listening tap=core")
	if m.property("UnitFileState") != "enabled" {
		m.t.Errorf("the service is %s", m.property("UnitFileState"))
	}
	if m.read("/etc/auscult/auscult.yaml") != listening || !strings.Contains(m.run("auscult", "devices"), "192.0.2.1") {
		m.t.Error("configuration or state did not survive removing and installing again")
	}
}

func (m *machine) purge(before map[string]bool) {
	m.run("apt-get", "purge", "--yes", "auscult")
	if out, err := m.try("getent", "passwd", "auscult"); err == nil {
		m.t.Errorf("the account is left: %s", out)
	}
	if out, err := m.try("getent", "group", "auscult"); err == nil {
		m.t.Errorf("the group is left: %s", out)
	}
	var left []string
	for name := range m.files() {
		// adduser and systemd keep copies and folders of their own.
		if !before[name] && !slices.Contains([]string{"/etc/passwd-", "/etc/shadow-", "/etc/group-", "/etc/gshadow-", "/etc/subuid-", "/etc/subgid-"}, name) {
			left = append(left, name)
		}
	}
	if slices.Sort(left); len(left) > 0 {
		m.t.Errorf("left after purging: %q", left)
	}
}
