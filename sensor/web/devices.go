package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/remediation"
)

type deviceListView struct {
	Search          string
	Type, Use, Held string // the fields of the form; Held is the match state
	Devices         []*inventory.Device
	Pager           pager
	Types           []inventory.Type
	Any             bool // whether the house knows any device at all
}

func (s *Server) deviceList(v visitor, r *http.Request) (body, error) {
	search := strings.TrimSpace(cutText(r.FormValue("q"), maxSearch))
	if r.FormValue("open") != "" && search != "" {
		if d, err := s.o.House.Device(search); err == nil {
			return body{}, elsewhere{"/devices/" + pathOf(d.ID)}
		}
	}
	shows := deviceListView{Search: search, Type: r.FormValue("type"), Use: r.FormValue("use"), Held: r.FormValue("match"), Types: inventory.Types()}
	words := search
	for _, scope := range []string{"type", "use", "match", "has"} {
		if value := r.FormValue(scope); value != "" && !strings.ContainsAny(value, " \t\n") {
			words = scope + ":" + value + " " + words
		}
	}
	all := s.devices(v, words)
	slices.SortStableFunc(all, func(a, b *inventory.Device) int { return weight(b) - weight(a) })
	shows.Devices, shows.Pager = paged(r, all)
	shows.Any = len(all) > 0 || words != ""
	return body{"Devices", shows}, nil
}

// weight puts first what a person most likely looks for: devices with orders and
// findings, in use, heard.
func weight(d *inventory.Device) int {
	w := 0
	if len(d.Orders) > 0 {
		w += 8
	}
	if len(d.Findings) > 0 {
		w += 4
	}
	if d.Use.State == protocols.InUse {
		w += 2
	}
	if d.Presence != inventory.RegisterOnly {
		w++
	}
	return w
}

type deviceView struct {
	Device   *inventory.Device
	Answers  []answer
	Therapy  bool
	Findings []remediation.Finding
	Closed   int // findings that ask for nothing any more
	Orders   []remediation.WorkOrder
	Peers    []peerRow
	Via      *inventory.Device
	Parent   *inventory.Device
}

type peerRow struct {
	inventory.Peer
	Device *inventory.Device
}

func (s *Server) devicePage(v visitor, r *http.Request) (body, error) {
	d, err := s.device(v, r.PathValue("id"))
	if err != nil {
		return body{}, err
	}
	shows := deviceView{Device: &d, Therapy: v.May(Therapy)}
	for _, f := range s.o.House.Findings() {
		if is(&d, f.Device) {
			shows.Findings = append(shows.Findings, f)
			if !f.Open() {
				shows.Closed++
			}
		}
	}
	sortFindings(shows.Findings)
	for _, o := range s.o.House.Orders() {
		if is(&d, o.Device) {
			shows.Orders = append(shows.Orders, o)
		}
	}
	slices.SortStableFunc(shows.Orders, byUrgency)
	shows.neighbours(s, v)
	shows.Answers = answers(&d, shows.Findings, shows.Orders)
	return body{called(&d), shows}, nil
}

// neighbours names the devices that this one talks with, speaks through or is a
// part of.
func (w *deviceView) neighbours(s *Server, v visitor) {
	ids := []string{w.Device.Via, w.Device.Parent}
	for _, p := range w.Device.Peers {
		ids = append(ids, p.ID)
	}
	known := s.among(v, ids)
	w.Via, w.Parent = known[w.Device.Via], known[w.Device.Parent]
	for _, p := range joined(w.Device.Peers) {
		w.Peers = append(w.Peers, peerRow{p, known[p.ID]})
	}
}

// joined makes one row of what was heard with one peer on one port before and
// after its protocol was recognised. What was not more than an address joins any
// row of that peer.
func joined(peers []inventory.Peer) (rows []inventory.Peer) {
	known, unknown := []inventory.Peer{}, []inventory.Peer{}
	for _, p := range peers {
		if p.Protocol == "" {
			unknown = append(unknown, p)
		} else {
			known = append(known, p)
		}
	}
	for _, p := range append(known, unknown...) {
		i := slices.IndexFunc(rows, func(r inventory.Peer) bool {
			return p.Protocol == "" && r.ID == p.ID && (r.Port == p.Port && r.Role == p.Role || p.Port == 0 && p.Bytes == 0)
		})
		if i < 0 {
			rows = append(rows, p)
			continue
		}
		rows[i].Bytes += p.Bytes
		if p.LastSeen.After(rows[i].LastSeen) {
			rows[i].LastSeen = p.LastSeen
		}
	}
	return rows
}

// byUrgency puts open orders first, the most urgent before.
func byUrgency(a, b remediation.WorkOrder) int {
	final := func(o remediation.WorkOrder) int {
		if o.State.Final() {
			return 1
		}
		return 0
	}
	return cmp.Or(final(a)-final(b), cmp.Compare(a.Priority, b.Priority), b.UpdatedAt.Compare(a.UpdatedAt), cmp.Compare(a.ID, b.ID))
}
