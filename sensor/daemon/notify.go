package daemon

import (
	"fmt"
	"net"
	"strings"
)

// notifier tells systemd about the daemon's state (sd_notify(3)): one datagram
// of lines to the socket that NOTIFY_SOCKET names. Without the variable it does
// nothing.
type notifier struct{ socket string }

const (
	notifyReady     = "READY=1"
	notifyReloading = "RELOADING=1"
	notifyStopping  = "STOPPING=1"
	notifyWatchdog  = "WATCHDOG=1"
)

func (n notifier) tell(state string) error {
	if n.socket == "" {
		return nil
	}
	name := n.socket
	if strings.HasPrefix(name, "@") {
		name = "\x00" + name[1:] // an abstract socket
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("notify systemd: %w; check NotifyAccess= of the unit", err)
	}
	defer func() { _ = conn.Close() }() // a datagram was sent or not
	if _, err := conn.Write([]byte(state)); err != nil {
		return fmt.Errorf("notify systemd: %w", err)
	}
	return nil
}
