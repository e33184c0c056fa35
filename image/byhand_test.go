package image_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// byHand starts the daemon without systemd, as a container might: as its own
// account, with the capabilities of the unit, and with one less.
func (c *chroot) byHand(file string) {
	t := c.t
	b, err := os.ReadFile(file)
	check(t, err)
	c.write("/root/auscult.deb", string(b))
	must(t, exec.Command("chroot", c.root, "dpkg", "--install", "/root/auscult.deb"))
	if c.exists("/var/lib/auscult") {
		t.Error("the package makes the state folder, which is systemd's to make")
	}
	check(t, os.Remove(c.path("/root/auscult.deb")))
	c.write("/etc/auscult/auscult.yaml", listening)
	for _, folder := range []string{"/var/lib/auscult", "/run/auscult"} {
		must(t, exec.Command("chroot", c.root, "install", "-d", "-m", "0700", "-o", "auscult", "-g", "auscult", folder))
	}
	t.Cleanup(func() { must(t, exec.Command("chroot", c.root, "dpkg", "--purge", "auscult")) })
	t.Run("three capabilities", func(t *testing.T) {
		log := c.listen(t, "+net_raw,+net_admin,+bpf")
		if strings.Contains(log, "dropped by a simpler filter") {
			t.Errorf("the kernel program was refused:\n%s", log)
		}
	})
	t.Run("without CAP_BPF", func(t *testing.T) {
		log := c.listen(t, "+net_raw,+net_admin")
		if !strings.Contains(log, "dropped by a simpler filter") || !strings.Contains(log, "CAP_BPF") {
			t.Errorf("no word about the kernel program that was refused:\n%s", log)
		}
	})
	t.Run("without CAP_NET_RAW", func(t *testing.T) {
		log := c.listen(t, "+net_admin,+bpf")
		if strings.Contains(log, "msg=listening") || !strings.Contains(log, "CAP_NET_RAW") {
			t.Errorf("the missing capability is not named:\n%s", log)
		}
	})
}

// listen runs the daemon on a mirror port in a network of its own until it
// listens, or says why it cannot, and returns its log.
func (c *chroot) listen(t *testing.T, capabilities string) string {
	t.Helper()
	script := fmt.Sprintf(`
		ip link add %[1]s type veth peer name %[2]s && ip link set %[2]s up && ip link set lo up
		mount -t proc proc %[3]s/proc && mount -t sysfs sys %[3]s/sys
		mount -t tmpfs dev %[3]s/dev && : > %[3]s/dev/null && mount --bind /dev/null %[3]s/dev/null
		exec chroot %[3]s setpriv --reuid auscult --regid auscult --clear-groups --no-new-privs \
			--bounding-set -all,%[4]s --inh-caps -all,%[4]s --ambient-caps -all,%[4]s \
			auscult run --config /etc/auscult/auscult.yaml`, span, wire, c.root, capabilities)
	cmd := exec.Command("unshare", "--net", "--mount", "sh", "-euc", script)
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	check(t, err)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	check(t, cmd.Start())
	said := ""
	for end := time.Now().Add(started); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		b, err := os.ReadFile(log.Name())
		check(t, err)
		if said = string(b); strings.Contains(said, "msg=listening") || strings.Contains(said, "does not listen") {
			break
		}
	}
	check(t, cmd.Process.Signal(syscall.SIGTERM), os.ErrProcessDone)
	if err := cmd.Wait(); err != nil {
		t.Errorf("the daemon ended with %v:\n%s", err, said)
	}
	check(t, log.Close())
	return said
}
