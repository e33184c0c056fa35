package capture

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"
)

// mute is an interface that a plan is at work on, and the way back.
type mute struct {
	link  *link
	ways  []dropWay
	drop  *egressDrop
	begun netlink.LinkStatistics // the driver's counters when the drop was in place
	done  []Step
	notes []string // what was done less well than planned, for people
	// refused are the offloads that the driver does not let be switched off.
	refused map[string]bool
	shunt   *shunt // the kernel program; attached by StepAttachTap
	// journal has how the interface was found, until that is put back; nil: none.
	journal *journal
	watched time.Time // when the drop was last looked for
	renewed int       // times that it had to be put back
	trouble error     // why the interface may send; nil: the drop stands
}

// apply carries the plan out. When a step fails, those before it are taken back.
func (m *mute) apply(p Plan) error {
	m.notes = append(m.notes, p.Notes...)
	for _, step := range p.Steps {
		if step.Again {
			m.done = append(m.done, step)
			continue
		}
		if step.Kind == StepTagsOff && !m.shunt.early() {
			continue // nobody but the program minds where the tag stands
		}
		err := m.do(step)
		if err != nil && step.BestEffort {
			m.note(step, err)
			continue
		}
		if err != nil {
			err = fmt.Errorf("interface %s: %s: %w", m.link.name, step, withRights(err))
			return errors.Join(err, m.undo())
		}
		m.done = append(m.done, step)
	}
	m.settle()
	return m.removeStale(p.Stale)
}

// note tells what a step that may fail did not do.
func (m *mute) note(s Step, err error) {
	switch s.Kind {
	case StepFeatureOff, StepTagsOff:
		m.noteFeature(s.Feature, err)
	case StepDetachTap, StepAttachTap:
		m.notes = append(m.notes, fmt.Sprintf("interface %s: %s: %v", m.link.name, s, err))
	default:
		m.notes = append(m.notes, fmt.Sprintf("interface %s: %s: %v; the egress drop keeps it mute", m.link.name, s, err))
	}
}

// do does one step.
func (m *mute) do(s Step) error {
	h, l := m.link.handle, m.link.link
	switch s.Kind {
	case StepAddClsact:
		return ignore(h.QdiscAdd(clsact(l)), syscall.EEXIST)
	case StepDropEgress:
		return m.attach()
	case StepARPOff:
		return h.LinkSetARPOff(l)
	case StepGenerateNone:
		return h.LinkSetIP6AddrGenMode(l, generateNone)
	case StepRemoveAddress:
		return ignore(h.AddrDel(l, address(s.Address)), syscall.EADDRNOTAVAIL)
	case StepIPv6Off:
		return m.link.setSetting("disable_ipv6", 1)
	case StepPromisc:
		return h.SetPromiscOn(l)
	case StepUp:
		return h.LinkSetUp(l)
	}
	return m.doShunt(s)
}

// doShunt does the steps of the kernel program and of the offloads.
func (m *mute) doShunt(s Step) error {
	switch s.Kind {
	case StepFeatureOff, StepTagsOff:
		return m.link.setFeature(s.Feature, false)
	case StepDetachTap:
		return m.link.detachXDP()
	case StepAttachTap:
		return m.shunt.attach(m.link.index(), s.Shunt)
	}
	return fmt.Errorf("unknown %s", s)
}

// take takes one step back.
func (m *mute) take(s Step) error {
	h, l := m.link.handle, m.link.link
	switch s.Kind {
	case StepAddClsact:
		return m.removeClsact()
	case StepDropEgress:
		return m.detach()
	case StepARPOff:
		return h.LinkSetARPOn(l)
	case StepGenerateNone:
		return h.LinkSetIP6AddrGenMode(l, s.Mode)
	case StepRemoveAddress:
		return ignore(h.AddrAdd(l, address(s.Address)), syscall.EEXIST)
	case StepIPv6Off:
		return m.link.setSetting("disable_ipv6", 0)
	case StepPromisc:
		return h.SetPromiscOff(l)
	case StepFeatureOff, StepTagsOff:
		return m.link.setFeature(s.Feature, true)
	case StepAttachTap:
		return m.shunt.close()
	case StepUp:
		return h.LinkSetDown(l)
	}
	return fmt.Errorf("unknown %s", s)
}

// undo takes back what was done, the last first, so that the drop goes when all
// else is as it was. An interface that is gone needs nothing.
func (m *mute) undo() error {
	var failed error
	for len(m.done) > 0 {
		step := m.done[len(m.done)-1]
		m.done = m.done[:len(m.done)-1]
		if step.Keep {
			continue
		}
		if err := m.take(step); err != nil && !isGone(err) {
			failed = errors.Join(failed, fmt.Errorf("interface %s: put back %s: %w", m.link.name, step, err))
		}
	}
	if failed != nil {
		return failed // what was found stays in the journal, for the next run
	}
	return m.forget()
}

func (m *mute) attach() error {
	before, err := m.link.clsactDrops()
	if err != nil {
		return err
	}
	if m.drop, err = attachDrop(m.link.link, m.ways); err != nil {
		return err
	}
	m.drop.qdisc.last = before
	if m.drop.filter, err = m.link.standing(m.drop.filter); err != nil {
		return errors.Join(err, m.detach())
	}
	if m.begun, err = m.link.counters(); err != nil {
		return errors.Join(fmt.Errorf("its transmit counter: %w", err), m.detach())
	}
	m.watched = time.Now()
	if m.drop.why != nil {
		m.notes = append(m.notes, fmt.Sprintf("interface %s: dropped by a simpler filter, because: %v", m.link.name, m.drop.why))
	}
	return nil
}

func (m *mute) detach() error {
	err := m.link.removeOurs(m.drop.filter)
	if m.drop.gate != nil {
		err = errors.Join(err, m.drop.gate.Close())
	}
	return err
}

// removeStale takes away what an earlier run left, but for the one whose place the
// new drop has taken.
func (m *mute) removeStale(stale []EgressFilter) error {
	for _, f := range stale {
		if f.place() == m.drop.filter.place() {
			continue
		}
		if err := m.link.removeOurs(f); err != nil {
			err = fmt.Errorf("interface %s: remove the filter of an earlier run: %w; remove it: tc filter del dev %s egress",
				m.link.name, err, m.link.name)
			return errors.Join(err, m.undo())
		}
	}
	return nil
}

// removeClsact removes the qdisc unless somebody else's filter stands on it now.
func (m *mute) removeClsact() error {
	s, err := m.link.filters()
	if err != nil {
		return err
	}
	if !s.Clsact || s.IngressFilters > 0 || len(s.Egress) > 0 {
		return nil
	}
	return m.link.handle.QdiscDel(clsact(m.link.link))
}

// tried is how many frames wanted to leave and were dropped.
func (m *mute) tried() (uint64, error) {
	if m.drop.gate != nil {
		packets, _, err := m.drop.gate.Dropped()
		return packets, err
	}
	drops, err := m.link.clsactDrops()
	if err != nil {
		return 0, err
	}
	return m.drop.qdisc.add(drops), nil
}

// transmitted is how many frames left all the same.
func (m *mute) transmitted(now netlink.LinkStatistics) uint64 {
	return since(m.begun.TxPackets, now.TxPackets)
}

// missed is how many frames the card or its driver had no room for.
func (m *mute) missed(now netlink.LinkStatistics) uint64 {
	return since(m.begun.RxMissedErrors, now.RxMissedErrors) + since(m.begun.RxFifoErrors, now.RxFifoErrors)
}

// since is how far a counter has come; 0 for one that went back, because the driver
// was loaded anew.
func since(begun, now uint64) uint64 { return now - min(begun, now) }

func clsact(l netlink.Link) *netlink.Clsact {
	return &netlink.Clsact{QdiscAttrs: netlink.QdiscAttrs{
		LinkIndex: l.Attrs().Index, Parent: netlink.HANDLE_CLSACT, Handle: netlink.MakeHandle(0xffff, 0),
	}}
}

func address(p netip.Prefix) *netlink.Addr {
	return &netlink.Addr{IPNet: &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}}
}

// ignore forgives one error that means that the work is done already.
func ignore(err error, harmless syscall.Errno) error {
	if errors.Is(err, harmless) {
		return nil
	}
	return err
}

// isGone reports whether err says that the interface no longer exists.
func isGone(err error) bool {
	var missing netlink.LinkNotFoundError
	return errors.Is(err, syscall.ENODEV) || errors.Is(err, os.ErrNotExist) || errors.As(err, &missing)
}

// withRights adds what to do where rights are missing.
func withRights(err error) error {
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("%w; run as root or with CAP_NET_ADMIN", err)
	}
	return err
}
