package demo

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/remediation/cmms/servicenow/standin"
)

const (
	site        = "sample"
	cmmsAccount = "auscult"
	// cmmsPoll is how often an order is read back: a person who plays the CMMS wants
	// to see what follows; a hospital's own system is asked less often.
	cmmsPoll = 5 * time.Second
)

// configure writes the configuration of the sample hospital: everything below a
// temporary folder, and orders sent without asking, because the CMMS is ours.
func (h *hospital) configure(page *net.TCPAddr) error {
	secret := make([]byte, 16)
	if _, err := rand.Read(secret); err != nil {
		return fmt.Errorf("demo: a password for the CMMS stand-in: %w", err)
	}
	password := hex.EncodeToString(secret)
	file := filepath.Join(h.dir, "cmms-password")
	if err := os.WriteFile(file, []byte(password+"\n"), 0o600); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	h.cmms = standin.New(standin.Options{User: cmmsAccount, Password: password, Groups: queues(), People: people()})
	c := configs.Default()
	c.Site, c.State, c.Socket = site, filepath.Join(h.dir, "state.db"), filepath.Join(h.dir, "auscult.sock")
	c.CommitInterval, c.DecideInterval = time.Second, time.Second
	c.Taps = []configs.Tap{{Name: "span0", Interface: mirrorPort, Directions: "both"}}
	c.Mode.Default = "auto"
	ip, _ := netip.AddrFromSlice(page.IP)
	c.Web.Listen = netip.AddrPortFrom(ip.Unmap(), uint16(page.Port))
	c.CMMS.System, c.CMMS.URL, c.CMMS.Table = "servicenow", "http://"+h.cmmsAt.Addr().String(), "incident"
	c.CMMS.User, c.CMMS.PasswordFile, c.CMMS.PollInterval = cmmsAccount, file, cmmsPoll
	c.Log.Level = "warn"
	h.config = c
	return nil
}

// queues and people are whom the sample CMMS knows: those of the sample register.
func queues() []string {
	return []string{"Biomedical Engineering", "Calder Infusion", "Clinical Engineering", "Imaging Engineering", "Laboratory Technology", "Northlight Imaging"}
}

func people() []string { return []string{"j.lindqvist", "l.ferreira", "m.okafor", "r.haddad"} }
