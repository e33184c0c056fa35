package image_test

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/bpf"
)

const (
	// maxExposure is what `systemd-analyze security` may say at most: 0 is shut in
	// wholly, 10 is not shut in at all.
	maxExposure = 2.0
	// rights are CAP_NET_ADMIN (12), CAP_NET_RAW (13) and CAP_BPF (39) as bits
	// (linux/capability.h).
	rights = 1<<12 | 1<<13 | 1<<39
)

// unit looks at the service at work on a mirror port, under the package's unit.
func (m *machine) unit() {
	m.write("/etc/auscult/auscult.yaml", listening)
	m.run("systemctl", "restart", "auscult.service")
	m.says("msg=listening tap=core")
	for _, look := range []struct {
		name string
		at   func(*machine)
	}{
		{"least privilege", (*machine).leastPrivilege},
		{"mute", (*machine).mute},
		{"hears", (*machine).hears},
		{"verified", (*machine).verified},
		{"exposure", (*machine).exposure},
		{"reload", (*machine).reloads},
		{"watchdog", (*machine).watchdog},
		{"no refused calls", (*machine).refusesNothing},
	} {
		m.t.Run(look.name, m.within(look.at))
	}
}

func (m *machine) leastPrivilege() {
	status := m.run("cat", "/proc/"+m.property("MainPID")+"/status")
	field := func(name string) string {
		found := regexp.MustCompile(`(?m)^` + name + `:\s+(\S+)`).FindStringSubmatch(status)
		if found == nil {
			m.t.Fatalf("no %s in the process's status:\n%s", name, status)
		}
		return found[1]
	}
	for _, set := range []string{"CapPrm", "CapEff", "CapBnd", "CapAmb"} {
		if got, err := strconv.ParseUint(field(set), 16, 64); err != nil || got != rights {
			m.t.Errorf("%s is %#x, want %#x (%v)", set, got, uint64(rights), err)
		}
	}
	if field("Uid") == "0" || field("NoNewPrivs") != "1" || field("Seccomp") != "2" {
		m.t.Errorf("the process is not shut in:\n%s", status)
	}
}

// mute looks at what the service has made of the interface. TestInvariant01 of
// sensor/capture says that nothing leaves; here it must be so under the unit.
func (m *machine) mute() {
	if out := m.network("ip", "-details", "link", "show", span); !strings.Contains(out, "NOARP,PROMISC,UP") || !strings.Contains(out, "addrgenmode none") {
		m.t.Errorf("the interface is %s", out)
	}
	if log := m.journal(); strings.Contains(log, "less mute than planned") {
		m.t.Errorf("under the unit something cannot be done:\n%s", log)
	}
	gate, err := bpf.LoadEgressGate()
	if err != nil {
		m.t.Skipf("this kernel has no kernel program for root either: %v", err)
	}
	check(m.t, gate.Close())
	if out := m.network("tc", "filter", "show", "dev", span, "egress"); !strings.Contains(out, "auscult-mute") {
		m.t.Errorf("the kernel program is not at work, but: %s", out)
	}
}

// hears lets the far end ask for an address in ARP, and looks for it.
func (m *machine) hears() {
	for end := time.Now().Add(started); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		m.network("bash", "-c", "echo > /dev/udp/192.0.2.77/9")
		if out := m.run("auscult", "devices", "--format", "json"); strings.Contains(out, `"00:13:38:01:02:03"`) && strings.Contains(out, `"192.0.2.1"`) {
			return
		}
	}
	m.t.Errorf("the device on the cable is never heard:\n%s", m.journal())
}

func (m *machine) verified() {
	if out, err := m.try("systemd-analyze", "verify", "auscult.service"); err != nil || strings.TrimSpace(out) != "" {
		m.t.Errorf("systemd-analyze verify: %v: %s", err, out)
	}
}

func (m *machine) exposure() {
	out, err := m.try("systemd-analyze", "security", "--no-pager", "auscult.service")
	found := regexp.MustCompile(`Overall exposure level for auscult\.service: ([0-9.]+)`).FindStringSubmatch(out)
	if found == nil {
		m.t.Fatalf("systemd-analyze security: %v: %s", err, tail(out))
	}
	level, err := strconv.ParseFloat(found[1], 64)
	if err != nil || level > maxExposure {
		m.t.Errorf("exposure %s (%v), want at most %.1f:\n%s", found[1], err, maxExposure, out)
	}
	// Releases of systemd count differently; the manual tells the highest.
	told := regexp.MustCompile(`exposure of ([0-9.]+)`).FindStringSubmatch(readme(m.t))
	if told == nil || told[1] < found[1] {
		m.t.Errorf("README.md tells %v, systemd says %s", told, found[1])
	}
}

func readme(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("README.md")
	check(t, err)
	return string(b)
}

func (m *machine) reloads() {
	process := m.property("MainPID")
	m.write("/etc/auscult/auscult.yaml", listening+"mode: {default: draft}\n")
	m.run("systemctl", "reload", "auscult.service")
	m.says(`msg="configuration reloaded" mode=draft`)
	m.write("/etc/auscult/auscult.yaml", listening+"mode: {defult: draft}\n")
	m.run("systemctl", "reload", "auscult.service")
	m.says("the new configuration is refused, the old one stays")
	m.write("/etc/auscult/auscult.yaml", listening)
	if now := m.property("MainPID"); now != process || m.property("ActiveState") != "active" {
		m.t.Errorf("reloading changed the process from %s to %s (%s)", process, now, m.property("ActiveState"))
	}
}

// watchdog waits until the service has told systemd twice that it lives: once it
// did so when it was ready.
func (m *machine) watchdog() {
	first := m.property("WatchdogTimestampMonotonic")
	if m.property("Type") != "notify" || m.property("WatchdogUSec") != "1min" || first == "0" {
		m.t.Errorf("type %s, watchdog %s, last told %s", m.property("Type"), m.property("WatchdogUSec"), first)
	}
	for end := time.Now().Add(started); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if m.property("WatchdogTimestampMonotonic") != first {
			return
		}
	}
	m.t.Error("the service never says that it lives; systemd would restart it")
}

// refusesNothing runs the service for a while with a filter that kills at the
// first system call which it does not let pass: each was needed by somebody.
func (m *machine) refusesNothing() {
	const dropIn = "/etc/systemd/system/auscult.service.d"
	check(m.t, os.MkdirAll(m.path(dropIn), 0o755)) //nolint:gosec // as systemctl edit makes it
	m.write(dropIn+"/kill.conf", "[Service]\nSystemCallErrorNumber=kill\nRestart=no\n")
	m.run("systemctl", "daemon-reload")
	m.run("systemctl", "restart", "auscult.service")
	m.says("msg=listening tap=core")
	m.hears()
	m.run("systemctl", "reload", "auscult.service")
	m.says("configuration reloaded")
	m.run("auscult", "backup", "/root/copy.db")
	m.run("systemctl", "stop", "auscult.service")
	if result := m.property("Result"); result != "success" {
		m.t.Errorf("a system call was refused: %s", result)
	}
	check(m.t, os.RemoveAll(m.path(dropIn)))
	check(m.t, os.Remove(m.path("/root/copy.db")))
	m.run("systemctl", "daemon-reload")
	m.run("systemctl", "start", "auscult.service")
}
