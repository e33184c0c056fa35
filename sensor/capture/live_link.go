package capture

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// explain says what an error of the ring means for the interface; nil when it has
// passed: the interface was switched off and on again, and the ring hears on.
func (l *Live) explain(err error) error {
	name := l.mute.link.name
	now, linkErr := l.mute.link.now()
	switch {
	case linkErr != nil:
		return fmt.Errorf("interface %s: %w; see whether the card is there: ip link", name, ErrInterfaceGone)
	case now.Attrs().Flags&net.FlagUp == 0:
		name = now.Attrs().Name
		return fmt.Errorf("interface %s: %w; switch it on and open it again: ip link set %s up", name, ErrInterfaceDown, name)
	case errors.Is(err, unix.ENETDOWN):
		return nil
	}
	return fmt.Errorf("interface %s: read the packet ring: %w; open it again", name, err)
}

// Link reports whether the interface is up and has a carrier: false means that the
// cable, the switch or the far port is not there.
func (l *Live) Link() (up bool) {
	up, _ = l.State()
	return up
}

// State is Link with words: what the matter is with the interface and what to do,
// "" when nothing is. A renamed interface is heard on, and so is one whose egress
// drop somebody took away (Muted); the words say so while up is true.
func (l *Live) State() (up bool, says string) {
	name := l.mute.link.name
	now, err := l.mute.link.now()
	if err != nil {
		return false, fmt.Sprintf("interface %s is gone; see whether the card is there: ip link", name)
	}
	called := now.Attrs().Name
	switch {
	case now.Attrs().RawFlags&unix.IFF_UP == 0:
		return false, fmt.Sprintf("interface %s was switched off; switch it on: ip link set %s up", called, called)
	case !hasCarrier(now):
		return false, fmt.Sprintf("interface %s has no carrier: look at the cable, the switch port and the mirror session", called)
	}
	_, says = l.Muted()
	if called != name && !slices.Contains(now.Attrs().AltNames, name) {
		says = strings.TrimPrefix(says+"; "+fmt.Sprintf("interface %s is now called %s: name it so in the configuration, or rename it back", name, called), "; ")
	}
	return true, says
}

func hasCarrier(l netlink.Link) bool {
	const need = unix.IFF_UP | unix.IFF_RUNNING | unix.IFF_LOWER_UP
	return l.Attrs().RawFlags&need == need
}

// Speed is what the link carries at most, in bits a second; 0 where the card does
// not say. A mirror port that is offered more loses frames in the switch.
func (l *Live) Speed() uint64 {
	if l.closed {
		return 0
	}
	return l.mute.link.speed()
}
