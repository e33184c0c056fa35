package identity

import (
	"cmp"
	"slices"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
)

// peer is whom an atom talks with in one protocol.
type peer struct {
	Of       string         `json:"of"`
	Protocol protocols.Name `json:"p,omitempty"`
	Port     uint16         `json:"port,omitempty"`
	Role     string         `json:"role"`
	Bytes    uint64         `json:"n"`
	Last     time.Time      `json:"last"`
}

// The roles of a peer relation, from the device's own side.
const (
	client = "client"
	server = "server"
)

// talked notes a conversation on both sides.
func (l *Ledger) talked(c protocols.Conversation, ends [2]*atom) {
	at, port := calledEnd(c)
	opener, acceptor := ends[at.Other()], ends[at]
	if opener == nil || acceptor == nil || opener == acceptor {
		return
	}
	n := c.Bytes[0] + c.Bytes[1]
	opener.talksTo(peer{Of: acceptor.ID, Protocol: c.Protocol, Port: port, Role: client, Bytes: n, Last: c.Last})
	acceptor.talksTo(peer{Of: opener.ID, Protocol: c.Protocol, Port: port, Role: server, Bytes: n, Last: c.Last})
	l.touch(opener)
	l.touch(acceptor)
}

// calledEnd tells which end of a conversation was called, and on which port. Where nobody
// saw that, servers have the lower port.
func calledEnd(c protocols.Conversation) (end protocols.Direction, port uint16) {
	if !c.OpenerKnown && c.Opener.Port != 0 && c.Opener.Port < c.Acceptor.Port {
		return protocols.FromOpener, c.Opener.Port
	}
	return protocols.FromAcceptor, c.Acceptor.Port
}

func (a *atom) talksTo(p peer) {
	for i := range a.Peers {
		old := &a.Peers[i]
		if old.Of != p.Of || old.Port != p.Port || old.Role != p.Role || old.Protocol != p.Protocol && old.Protocol != "" {
			continue
		}
		old.Protocol = p.Protocol
		old.Bytes += p.Bytes
		old.Last = later(old.Last, p.Last)
		return
	}
	if len(a.Peers) >= MaxPeers {
		oldest := 0
		for i := range a.Peers {
			if cmp.Or(a.Peers[i].Last.Compare(a.Peers[oldest].Last), cmp.Compare(a.Peers[i].Bytes, a.Peers[oldest].Bytes)) < 0 {
				oldest = i
			}
		}
		a.Peers = slices.Delete(a.Peers, oldest, oldest+1)
	}
	a.Peers = append(a.Peers, p)
}

// peers are the devices that a device talks with, the busiest that fit, by id.
func (l *Ledger) peers(g *group) []inventory.Peer {
	type relation struct {
		id, protocol, role string
		port               uint16
	}
	found := map[relation]*inventory.Peer{}
	for _, a := range g.atoms {
		for _, p := range a.Peers {
			other := l.group(l.atoms[p.Of])
			if other == g || l.presence(other) == "" {
				continue
			}
			r := relation{other.root().ID, string(p.Protocol), p.Role, p.Port}
			if found[r] == nil {
				found[r] = &inventory.Peer{ID: r.id, Protocol: r.protocol, Port: r.port, Role: r.role}
			}
			found[r].Bytes += p.Bytes
			found[r].LastSeen = later(found[r].LastSeen, p.Last)
		}
	}
	all := make([]inventory.Peer, 0, len(found))
	for _, p := range found {
		all = append(all, *p)
	}
	same := func(x, y inventory.Peer) int {
		return cmp.Or(cmp.Compare(x.ID, y.ID), cmp.Compare(x.Protocol, y.Protocol), cmp.Compare(x.Port, y.Port), cmp.Compare(x.Role, y.Role))
	}
	slices.SortFunc(all, func(x, y inventory.Peer) int { return cmp.Or(cmp.Compare(y.Bytes, x.Bytes), same(x, y)) })
	all = all[:min(len(all), MaxPeers)]
	slices.SortFunc(all, same)
	return all
}
