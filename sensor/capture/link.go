package capture

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// ipv6Settings is where the kernel keeps what it does with IPv6, by interface.
const ipv6Settings = "/proc/sys/net/ipv6/conf"

// stateAttempts bounds how often an interface's state is read while something else
// changes the machine's network.
const stateAttempts = 5

// link is one interface and the kernel's ear for it. Its netlink socket stays in
// the network namespace in which it was opened.
type link struct {
	handle *netlink.Handle
	tool   *ethtool // nil where there is none: features and speed are not known
	link   netlink.Link
	name   string // as the configuration says
	owner  *owner
}

// openLink finds the interface and takes it for this process. Nothing is changed.
func openLink(name string) (*link, error) {
	h, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return nil, fmt.Errorf("interface %s: netlink: %w; run as root or with CAP_NET_ADMIN", name, err)
	}
	found, err := h.LinkByName(name)
	if err != nil {
		h.Close()
		return nil, fmt.Errorf("interface %s: %w; see the interfaces that there are: ip link", name, err)
	}
	owner, err := own(name, found.Attrs().Index)
	if err != nil {
		h.Close()
		return nil, err
	}
	tool, err := openEthtool()
	if err != nil {
		tool = nil
	}
	return &link{handle: h, tool: tool, link: found, name: name, owner: owner}, nil
}

// close lets go of the interface, when all is put back.
func (l *link) close() {
	l.owner.release()
	l.handle.Close()
	if l.tool != nil {
		_ = l.tool.close() // nothing is written there that could be lost
	}
}

func (l *link) index() int { return l.link.Attrs().Index }

// now is the interface as it is, whatever it is called.
func (l *link) now() (netlink.Link, error) { return l.handle.LinkByIndex(l.index()) }

// called is the interface's name now, for what knows interfaces by name only.
func (l *link) called() string {
	if now, err := l.now(); err == nil {
		return now.Attrs().Name
	}
	return l.name
}

// state reads all that PlanMute wants to know. It asks again where the kernel says
// that an answer changed while it was given.
func (l *link) state() (LinkState, error) {
	for range stateAttempts - 1 {
		if s, err := l.readState(); !errors.Is(err, netlink.ErrDumpInterrupted) {
			return s, err
		}
	}
	return l.readState()
}

func (l *link) readState() (LinkState, error) {
	a := l.link.Attrs()
	s := LinkState{
		Name: l.name, Loopback: a.Flags&net.FlagLoopback != 0,
		Up: a.Flags&net.FlagUp != 0, ARP: a.RawFlags&unix.IFF_NOARP == 0, Promisc: a.RawFlags&unix.IFF_PROMISC != 0,
	}
	if a.MasterIndex != 0 {
		s.Master = fmt.Sprintf("interface number %d", a.MasterIndex)
		if master, err := l.handle.LinkByIndex(a.MasterIndex); err == nil {
			s.Master = master.Attrs().Name
		}
	}
	l.readIPv6(&s)
	s.Features, _ = l.features() // settle tells where the card cannot be asked
	s.Kernel = l.xdp()
	if err := errors.Join(l.readAddresses(&s), l.readFilters(&s)); err != nil {
		return s, fmt.Errorf("interface %s: read its state: %w; run as root or with CAP_NET_ADMIN", l.name, err)
	}
	return s, nil
}

// readIPv6 reads the kernel's settings. Where they cannot be read, IPv6 is taken to
// be on, which is the side on which more is done.
func (l *link) readIPv6(s *LinkState) {
	if _, err := os.Stat(filepath.Dir(ipv6Settings)); errors.Is(err, os.ErrNotExist) {
		if _, err := os.Stat("/proc/sys/net"); err == nil {
			return // this kernel has no IPv6
		}
	}
	off, err := l.setting("disable_ipv6")
	s.IPv6 = err != nil || off == 0
	s.GenerateMode, err = l.setting("addr_gen_mode")
	s.GenerateModeKnown = err == nil
}

func (l *link) setting(name string) (int, error) {
	b, err := os.ReadFile(filepath.Join(ipv6Settings, l.called(), name))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(b)))
}

func (l *link) setSetting(name string, v int) error {
	return os.WriteFile(filepath.Join(ipv6Settings, l.called(), name), []byte(strconv.Itoa(v)), 0)
}

func (l *link) readAddresses(s *LinkState) error {
	addresses, err := l.handle.AddrList(l.link, netlink.FAMILY_ALL)
	if err != nil {
		return fmt.Errorf("addresses: %w", err)
	}
	for _, a := range addresses {
		ip, ok := netip.AddrFromSlice(a.IP)
		if !ok {
			continue
		}
		ones, _ := a.Mask.Size()
		s.Addresses = append(s.Addresses, netip.PrefixFrom(ip.Unmap(), ones))
	}
	return nil
}

func (l *link) readFilters(s *LinkState) error {
	qdiscs, err := l.handle.QdiscList(l.link)
	if err != nil {
		return fmt.Errorf("qdiscs: %w", err)
	}
	for _, q := range qdiscs {
		switch q.Type() {
		case "clsact":
			s.Clsact = true
		case "ingress":
			s.Ingress = true
		}
	}
	if !s.Clsact {
		return nil
	}
	inward, err := l.handle.FilterList(l.link, netlink.HANDLE_MIN_INGRESS)
	if err != nil {
		return fmt.Errorf("filters on its way in: %w", err)
	}
	s.IngressFilters = len(inward)
	outward, err := l.handle.FilterList(l.link, netlink.HANDLE_MIN_EGRESS)
	if err != nil {
		return fmt.Errorf("filters on its way out: %w", err)
	}
	for _, f := range outward {
		s.Egress = append(s.Egress, described(f))
	}
	return nil
}

// filters is of the state what readFilters reads.
func (l *link) filters() (s LinkState, err error) {
	for range stateAttempts {
		s = LinkState{}
		if err = l.readFilters(&s); !errors.Is(err, netlink.ErrDumpInterrupted) {
			break
		}
	}
	return s, err
}

// clsactDrops is how many packets the filters of the link have dropped.
func (l *link) clsactDrops() (uint64, error) {
	qdiscs, err := l.handle.QdiscList(l.link)
	if err != nil {
		return 0, err
	}
	for _, q := range qdiscs {
		if stats := q.Attrs().Statistics; q.Type() == "clsact" && stats != nil && stats.Queue != nil {
			return uint64(stats.Queue.Drops), nil
		}
	}
	return 0, errors.New("its clsact qdisc is gone")
}

// counters are what the driver and the kernel counted since the driver was loaded.
func (l *link) counters() (netlink.LinkStatistics, error) {
	now, err := l.now()
	if err != nil {
		return netlink.LinkStatistics{}, err
	}
	stats := now.Attrs().Statistics
	if stats == nil {
		return netlink.LinkStatistics{}, errors.New("the kernel gives no counters for it")
	}
	return *stats, nil
}

// speed is in bits a second, 0 where it is not known.
func (l *link) speed() uint64 {
	if l.tool == nil {
		return 0
	}
	megabits, err := l.tool.speed(l.called())
	if err != nil {
		return 0
	}
	return uint64(megabits) * 1e6
}
