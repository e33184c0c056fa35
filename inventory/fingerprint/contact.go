package fingerprint

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
)

// contactTable is what the tells ask of conversations.
type contactTable struct {
	calls, serves map[uint16][]string // by port: "tcp/3613"
	callers       map[uint16][]string // by port: "BD tcp/3613"
	reached       []netip.Prefix
}

// contactSure is how sure a contact is: the packets were seen. What they mean is the
// rule's matter.
const contactSure = 0.9

// asks adds what a clue asks of conversations; other clues are passed over.
func (t *contactTable) asks(c test) error {
	switch c.name {
	case string(inventory.Calls):
		return ask(&t.calls, c.value, c.value)
	case string(inventory.Serves):
		return ask(&t.serves, c.value, c.value)
	case string(inventory.CalledBy):
		i := strings.LastIndexByte(c.value, ' ')
		if i <= 0 {
			return fmt.Errorf("clue %s=%s: write it as a maker and a port, as in BD tcp/3613", c.name, c.value)
		}
		return ask(&t.callers, c.value[i+1:], c.value)
	case string(inventory.Reaches):
		p, err := prefixOf(c.value)
		if err != nil {
			return fmt.Errorf("clue %s=%s: want an address, or a network as in 192.0.2.0/24", c.name, c.value)
		}
		if !slices.Contains(t.reached, p) {
			t.reached = append(t.reached, p)
		}
	}
	return nil
}

// ask adds what is asked of a contact.
func ask(of *map[uint16][]string, contact, asked string) error {
	_, port, _ := strings.Cut(contact, "/")
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return fmt.Errorf("contact %q: write it as a transport or a protocol and a port, as in tcp/3613", contact)
	}
	if *of == nil {
		*of = map[uint16][]string{}
	}
	if all := (*of)[uint16(n)]; !slices.Contains(all, asked) {
		(*of)[uint16(n)] = append(all, asked)
	}
	return nil
}

// Contacts implements inventory.Knowledge. It allocates only where a rule asks.
func (b *Base) Contacts(c protocols.Conversation, of, server protocols.Direction) []inventory.Implied {
	ends := [2]protocols.Endpoint{c.Opener, c.Acceptor}
	port := ends[server].Port
	var out []inventory.Implied
	if of == server {
		out = answered(answered(out, c, inventory.Serves, b.contacts.serves[port]), c, inventory.CalledBy, b.contacts.callers[port])
	} else {
		out = answered(out, c, inventory.Calls, b.contacts.calls[port])
	}
	other := ends[of.Other()].Addr.Unmap()
	for _, p := range b.contacts.reached {
		if p.Contains(other) {
			out = append(out, inventory.Implied{Attribute: inventory.Reaches, Value: written(p), Confidence: contactSure})
		}
	}
	return out
}

// answered adds what is asked of a port where the transport, or the protocol that was
// recognised, is the one that is asked for.
func answered(out []inventory.Implied, c protocols.Conversation, a protocols.Attribute, asked []string) []inventory.Implied {
	for _, value := range asked {
		what, _, _ := strings.Cut(value[strings.LastIndexByte(value, ' ')+1:], "/")
		if what == c.Transport.String() || what == string(c.Protocol) {
			out = append(out, inventory.Implied{Attribute: a, Value: value, Confidence: contactSure})
		}
	}
	return out
}

// prefixOf reads a network, or an address as a network of one.
func prefixOf(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err
}

// written is a network as a clue writes it.
func written(p netip.Prefix) string {
	if p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.String()
}
