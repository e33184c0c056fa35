package daemon

import (
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/inventory/boltstore"
	"github.com/auscult/auscult/inventory/fingerprint"
	"github.com/auscult/auscult/inventory/identity"
	"github.com/auscult/auscult/inventory/register"
	"github.com/auscult/auscult/inventory/usage"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/audit"
	"github.com/auscult/auscult/remediation/finding"
	"github.com/auscult/auscult/remediation/order"
	"github.com/auscult/auscult/sensor/web"
)

// House is everything that one state file holds, wired: the ledger of devices,
// the register, the book of findings, the desk of orders and the audit. It is
// safe for concurrent use.
type House struct {
	store     *boltstore.Store
	config    atomic.Pointer[configs.Config]
	now       func() time.Time
	log       *slog.Logger
	knowledge *fingerprint.Base
	register  *register.Register
	book      *finding.Book
	desk      *order.Desk
	accounts  *web.Accounts
	events    func(event)
	taps      *taps // nil in a replay

	mu     sync.Mutex // guards ledger and uses, which one goroutine at a time may use
	ledger *identity.Ledger
	uses   *usage.Book

	deciding sync.Mutex                            // one decision at a time
	keeping  sync.Mutex                            // what mirrors learnt is written down in the order of its time
	refused  atomic.Pointer[web.Refusal]           // the last configuration, unless it was taken
	current  atomic.Pointer[remediation.Connector] // nil without a CMMS
	carrier  atomic.Pointer[order.Courier]         // nil unless one runs
	view     atomic.Pointer[view]
}

// houseOptions is what a house needs besides its store.
type houseOptions struct {
	config configs.Config
	now    func() time.Time // what "today" is
	log    *slog.Logger
	events func(event) // for the SIEM; may be nil
	taps   *taps       // nil in a replay and for a state file
	// adoptSite takes the site that the state file is of, where no configuration
	// was named that says otherwise.
	adoptSite bool
	readOnly  bool // the store cannot be written
}

// openHouse loads what the store holds.
func openHouse(store *boltstore.Store, o houseOptions) (*House, error) {
	h := &House{store: store, now: o.now, log: o.log, events: o.events, taps: o.taps, accounts: web.NewAccounts(store)}
	if h.log == nil {
		h.log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	if h.events == nil {
		h.events = func(event) {}
	}
	site, known, err := siteOf(store, o.config.Site, o.adoptSite)
	if err != nil {
		return nil, err
	}
	o.config.Site = site
	h.config.Store(&o.config)
	if h.knowledge, err = loadKnowledge(); err != nil {
		return nil, err
	}
	h.uses = usage.New(usage.Options{Hazard: h.knowledge.Hazard, Heard: h.heard()})
	h.ledger = identity.New(identity.Options{Use: h.uses}, h.knowledge)
	if err := h.load(); err != nil {
		return nil, err
	}
	if !known && !o.readOnly {
		if err := h.keepSite(); err != nil {
			return nil, err
		}
	}
	return h, h.restoreView()
}

// loadKnowledge reads the rules that ship inside the program.
func loadKnowledge() (*fingerprint.Base, error) {
	rules, err := fs.Sub(configs.Fingerprints, "fingerprints")
	if err != nil {
		return nil, fmt.Errorf("knowledge base: %w", err)
	}
	return fingerprint.Shipped(rules)
}

// heard tells the book of uses when a tap was last heard; nil where silence
// means nothing, as in a replay.
func (h *House) heard() func(site, tap string) time.Time {
	if h.taps == nil {
		return nil
	}
	return h.taps.lastHeard
}

func (h *House) load() (err error) {
	site := h.config.Load().Site
	if err := h.ledger.Load(h.store); err != nil {
		return err
	}
	if err := audit.Open(h.store); err != nil {
		return err
	}
	if h.register, err = register.Open(h.store, register.Options{Site: site, Lexicon: h.knowledge}); err != nil {
		return err
	}
	if h.book, err = finding.Open(h.store, h.knowledge); err != nil {
		return err
	}
	h.desk, err = order.Open(h.store, order.Options{
		Site: site, SiteBudget: h.config.Load().Policy.OrdersPerHour, System: h.config.Load().CMMS.System, Record: recordOrder,
	})
	return err
}

// Observe implements flow.Output.
func (h *House) Observe(o protocols.Observation) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ledger.Observe(o)
}

// Converse implements flow.Output.
func (h *House) Converse(c protocols.Conversation) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ledger.Converse(c)
}

// ledgerStats says what the ledger holds, and what it could not take.
func (h *House) ledgerStats() identity.Stats {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ledger.Stats()
}

// commit writes what was heard since the last commit.
func (h *House) commit() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	err := h.store.Update(func(tx inventory.Tx) error {
		_, err := h.ledger.Save(tx)
		return err
	})
	if err != nil {
		h.ledger.Unsaved() // or what did not reach the disk would wait for its next change
		return fmt.Errorf("keep what was heard: %w; free space on the disk, nothing is lost while the program runs", err)
	}
	return nil
}

// Close lets go of the state file.
func (h *House) Close() error { return h.store.Close() }
