package identity

import (
	"net/netip"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
)

// Options are what a Ledger is given. Every field may be left out.
type Options struct {
	// Inside reports whether an address belongs to the site. What is not inside is
	// a device only when it says something in a protocol that is dissected. nil
	// means the addresses that the Internet does not route.
	Inside func(netip.Addr) bool
	// Use keeps what devices are doing; nil means that nothing is kept.
	Use inventory.UseOf
	// Atoms bounds the keys that are held, at least 2,048 for one statement to fit;
	// 0 means MaxAtoms.
	Atoms int
	// Clients bounds the interfaces without an address; 0 means MaxClients.
	Clients int
}

// Stats counts what the ledger holds and could not take.
type Stats struct {
	Observations  uint64 `json:"observations"`
	Conversations uint64 `json:"conversations"`
	Atoms         int    `json:"atoms"`
	// Refused counts keys and joins that were not taken, for any cause; each cause
	// is counted by itself in RefusedFor.
	Refused    uint64   `json:"refused"`
	RefusedFor Refusals `json:"refused_for"`
	// Evicted counts keys that were forgotten to make room, for any cause; each
	// cause is counted by itself in EvictedFor. While it grows, devices that are
	// seldom heard may be missing.
	Evicted    uint64    `json:"evicted"`
	EvictedFor Evictions `json:"evicted_for"`
	// Unkeyed counts statements about described devices that gave no key, or came
	// from an address that no host can have.
	Unkeyed uint64 `json:"unkeyed"`
	// Moved counts addresses that went from one interface to another.
	Moved uint64 `json:"moved"`
	// Undone counts joins that were taken back.
	Undone uint64 `json:"undone"`
}

// Refusals counts what was not taken, by cause.
type Refusals struct {
	Full      uint64 `json:"full"`      // keys: the ledger is full, and nothing in it may be forgotten
	Tunnelled uint64 `json:"tunnelled"` // statements made inside a tunnel in the name of a host that is on the wire
	Names     uint64 `json:"names"`     // keys: one host told more AE titles, serial numbers or other names than MaxTold of its kind
	Links     uint64 `json:"links"`     // joins: an atom had MaxLinks
	Alike     uint64 `json:"alike"`     // keys: their id is taken by another one's
}

// Evictions counts keys that were forgotten, by cause.
type Evictions struct {
	Full    uint64 `json:"full"`    // the ledger was full
	Clients uint64 `json:"clients"` // more than MaxClients interfaces without an address
}

// Ledger is the inventory of what is heard. It belongs to one goroutine, reads no
// clock, and depends on nothing but what it is given: the same statements in the
// same order make the same devices.
type Ledger struct {
	options   Options
	knowledge *memory
	use       inventory.UseOf

	atoms    map[string]*atom // by id
	keys     map[key]*atom
	former   map[key][]*atom            // who held an address before
	current  map[key]*atom              // who holds an address now, by the key of its first holder
	serials  map[serialKey][]*atom      // machines by serial number alone
	names    map[nameKey][]*atom        // hosts by AE title, hostname and station name
	pictures map[nameKey][]*atom        // machines in images by station name
	behind   map[string]map[string]bool // described atoms by who describes them
	places   map[place]*atom            // current, by what a frame shows
	nics     map[nic]*atom              // interfaces, by what a frame shows
	seq      uint64
	mints    uint64
	stats    Stats
	told     map[telling]int // names of one kind by who told them first
	clients  int             // interfaces without an address
	telling  string          // who makes the statement that is taken now

	touched  []*atom   // atoms that changed in this statement
	settling []*atom   // room for what is settled in this statement
	versions []string  // room for the software that it names
	turn     uint64    // counts changes of what settling depends on
	newest   time.Time // of all statements
	horizon  time.Time // until when what is being settled holds
	never    bool      // for tests: nothing holds

	changed map[string]bool // atoms to save
	written map[string]bool // atoms that the last Save wrote
}

// serialKey finds the machines of a site that have one serial number.
type serialKey struct{ site, serial string }

// nameKey finds hosts, or machines, by a folded name.
type nameKey struct{ site, tap, name string }

// New returns an empty ledger.
func New(o Options, k inventory.Knowledge) *Ledger {
	if o.Inside == nil {
		o.Inside = inside
	}
	if o.Use == nil {
		o.Use = noUse{}
	}
	if o.Atoms == 0 {
		o.Atoms = MaxAtoms
	}
	if o.Clients == 0 {
		o.Clients = MaxClients
	}
	l := &Ledger{options: o, knowledge: &memory{Knowledge: k}, use: o.Use}
	l.reset()
	return l
}

func (l *Ledger) reset() {
	l.atoms, l.keys, l.current = map[string]*atom{}, map[key]*atom{}, map[key]*atom{}
	l.former = map[key][]*atom{}
	l.serials, l.behind = map[serialKey][]*atom{}, map[string]map[string]bool{}
	l.names, l.pictures = map[nameKey][]*atom{}, map[nameKey][]*atom{}
	l.places, l.nics = map[place]*atom{}, map[nic]*atom{}
	l.touched, l.settling, l.turn, l.newest = nil, nil, 1, time.Time{}
	l.changed, l.written = map[string]bool{}, map[string]bool{}
	l.seq, l.mints, l.stats = 0, 0, Stats{}
	l.told, l.clients, l.telling = map[telling]int{}, 0, ""
}

// Stats returns a copy of the counts.
func (l *Ledger) Stats() Stats {
	s := l.stats
	s.Atoms = len(l.atoms)
	return s
}

// Observe takes one statement. It does not keep o's slices.
func (l *Ledger) Observe(o protocols.Observation) {
	l.stats.Observations++
	l.heardAt(o.When)
	if l.doubted(o.Site, o.Tap, o.Speaker) {
		l.stats.Refused++
		l.stats.RefusedFor.Tunnelled++
		return
	}
	speaker := l.speaker(o)
	if speaker != nil {
		l.telling = speaker.ID
	}
	if subject := l.subject(o, speaker); subject != nil {
		l.state(o, speaker, subject)
	}
	l.telling = ""
	l.settleTouched()
	l.makeRoom()
}

// Converse takes one report of who talked to whom.
func (l *Ledger) Converse(c protocols.Conversation) {
	l.stats.Conversations++
	l.heardAt(c.Last)
	var ends [2]*atom
	for d, e := range [2]protocols.Endpoint{c.Opener, c.Acceptor} {
		if c.Packets[d] > 0 && !knocks(c, protocols.Direction(d)) && !l.doubted(c.Site, c.Tap, e) {
			ends[d] = l.heard(c.Site, c.Tap, e, c.Last)
			if ends[d] != nil {
				ends[d].seen(c.First)
			}
		} else {
			ends[d] = l.holder(c.Site, c.Tap, e)
		}
	}
	l.talked(c, ends)
	l.contacts(c, ends)
	l.settleTouched()
	l.makeRoom()
}

// doubted reports whether somebody speaks inside a tunnel as a host that is known
// from the wire: anybody who can send a datagram can do that.
func (l *Ledger) doubted(site, tap string, e protocols.Endpoint) bool {
	if !e.Tunnelled {
		return false
	}
	if !e.Addr.IsValid() {
		m := l.interfaceOf(site, tap, e.MAC)
		return m != nil && l.plainly(m)
	}
	host := l.holder(site, tap, e)
	return host != nil && host.Plain
}

// knocks reports whether an end is known by one TCP packet without data: anybody
// can put any address into that, and a flood of them must not fill the ledger with
// hosts that nobody saw. Who answers, or goes on, is there.
func knocks(c protocols.Conversation, d protocols.Direction) bool {
	return c.Transport == protocols.TCP && d == protocols.FromOpener && c.Packets[d] == 1 && c.Bytes[d] == 0
}

// atom returns the atom of a key, made now if need be; nil when there is no room.
func (l *Ledger) atom(k key, tap string, when time.Time) *atom {
	a := l.keys[k]
	if a == nil {
		if a = l.newAtom(k, tap, when); a == nil {
			l.stats.Refused++
			return nil
		}
	}
	a.seen(when)
	l.touch(a)
	return a
}

func (l *Ledger) newAtom(k key, tap string, when time.Time) *atom {
	a := &atom{ID: k.id(), Key: k, Tap: tap, Seq: l.seq + 1, First: when, Last: when}
	if told(k.Kind) > 0 {
		a.Teller = l.telling
	}
	switch {
	case len(l.atoms) >= l.options.Atoms:
		l.stats.RefusedFor.Full++
		return nil
	case a.Teller != "" && l.told[telling{a.Teller, k.Kind}] >= told(k.Kind):
		l.stats.RefusedFor.Names++
		return nil
	case l.atoms[a.ID] != nil: // 48 bits alike: the later one cannot be told apart
		l.stats.RefusedFor.Alike++
		return nil
	}
	l.seq++
	l.enter(a)
	return a
}

// enter puts an atom into the tables that count.
func (l *Ledger) enter(a *atom) {
	l.turned()
	l.atoms[a.ID], l.keys[a.Key] = a, a
	if a.Teller != "" {
		l.told[telling{a.Teller, a.Key.Kind}]++
	}
	l.clients += a.client()
}

// touch marks an atom as changed: to be settled at the end of the statement, and
// to be saved.
func (l *Ledger) touch(a *atom) {
	if a.outlived {
		a.outlived = false
		l.turned() // it is not silent any more
	}
	if !a.touched {
		a.touched = true
		l.touched = append(l.touched, a)
	}
	if !a.unsaved {
		a.unsaved = true
		l.changed[a.ID] = true
	}
	a.forget()
}

// untouch forgets what was touched.
func (l *Ledger) untouch() {
	for _, a := range l.touched {
		a.touched = false
	}
	l.touched = l.touched[:0]
}

// noUse stands in where nothing keeps what devices are doing.
type noUse struct{}

func (noUse) Report(string, inventory.Statement) {}
func (noUse) At([]string, time.Time) inventory.Use {
	return inventory.Use{State: protocols.UnknownUse, Why: "use is not watched"}
}
func (noUse) Load(inventory.Store) error     { return nil }
func (noUse) Save(inventory.Tx) (int, error) { return 0, nil }
func (noUse) Unsaved()                       {}
