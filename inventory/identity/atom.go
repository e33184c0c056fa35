package identity

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"github.com/auscult/auscult/protocols"
)

// kind is what sort of key an atom was made of.
type kind string

const (
	kindIP      kind = "ip"
	kindMAC     kind = "mac"
	kindSerial  kind = "serial"  // maker and serial number
	kindStation kind = "station" // maker, model and station name, without a serial number
	kindModel   kind = "model"   // maker and model as one host's images tell them
	kindTitle   kind = "title"   // AE title
	kindEUI     kind = "eui64"
	kindUDI     kind = "udi"
	kindUID     kind = "uid"
	kindLabel   kind = "label"
	kindLine    kind = "line" // of a serial device server
)

// key names an atom. The tap is empty where the key means one thing in the whole
// site: numbers that a maker gives, not those that a network gives.
type key struct {
	Site  string `json:"site,omitempty"`
	Tap   string `json:"tap,omitempty"`
	Kind  kind   `json:"kind"`
	Value string `json:"value"`
}

// idDigits is the length of an id after its prefix: 48 bits, so that among
// 300,000 atoms the chance of any two alike is 1 in 6,000.
const idDigits = 12

// id mints the id of a key. The zero octets keep the parts apart.
func (k key) id() string {
	sum := sha256.Sum256([]byte(k.Site + "\x00" + k.Tap + "\x00" + string(k.Kind) + "\x00" + k.Value))
	return "d-" + hex.EncodeToString(sum[:])[:idDigits]
}

// atom is all that was said of whoever has one key.
type atom struct {
	ID    string    `json:"id"`
	Key   key       `json:"key"`
	Tap   string    `json:"tap,omitempty"` // where it was first heard
	Seq   uint64    `json:"seq"`           // in the order of first sight
	Mint  uint64    `json:"mint,omitempty"`
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`

	Teller  string `json:"teller,omitempty"`  // of a name: who told it first
	Spoke   bool   `json:"spoke,omitempty"`   // it sent at least one packet of its own
	Plain   bool   `json:"plain,omitempty"`   // of an address: it was heard outside of tunnels
	Stated  bool   `json:"stated,omitempty"`  // something beyond a sighting was said of it
	Retired bool   `json:"retired,omitempty"` // an address that it holds no more

	Proxy    string       `json:"proxy,omitempty"`  // of an address: the interface that answers for it
	Epochs   int          `json:"epochs,omitempty"` // of an address: how many later holders have atoms of their own
	Facts    []fact       `json:"facts,omitempty"`
	Versions []versionSet `json:"versions,omitempty"`
	Links    []link       `json:"links,omitempty"`
	Claims   []claim      `json:"claims,omitempty"` // who says to be this, or to have this name
	Claiming []string     `json:"claiming,omitempty"`
	Crowded  bool         `json:"crowded,omitempty"` // more claims than MaxClaims or MaxMachines
	Via      []sighting   `json:"via,omitempty"`     // who describes it
	Gateway  string       `json:"gateway,omitempty"` // whose word counts of them
	Parent   string       `json:"parent,omitempty"`
	Peers    []peer       `json:"peers,omitempty"`
	Senders  []string     `json:"senders,omitempty"` // who sends it messages
	Sources  []string     `json:"sources,omitempty"` // of a MAC: addresses that it sends from
	Shared   bool         `json:"shared,omitempty"`  // of a MAC: it sends for others
	VLANs    []uint16     `json:"vlans,omitempty"`
	Told     tuple        `json:"told,omitzero"` // of a machine: what tells it from others

	lookup
}

// lookup is what the ledger remembers of an atom to find it again at once. It is
// never stored: all of it follows from the rest.
type lookup struct {
	device  *group  // nil until asked for, and after a link changed
	host    []*atom // the addresses and interfaces of its host; nil as device
	eui     string  // of an interface: the EUI-64 that is made of its MAC; "" until asked for
	settled settled
	// outlived: it was chosen that a later host is the same device, because this one
	// was silent by then.
	outlived bool
	touched  bool // it is in Ledger.touched
	unsaved  bool // it is in Ledger.changed
}

// fact is one statement with its evidence.
type fact struct {
	Attribute  protocols.Attribute `json:"a"`
	Value      string              `json:"v"`
	Protocol   protocols.Name      `json:"p"`
	Field      string              `json:"f,omitempty"`
	By         string              `json:"by,omitempty"` // who said it, where that is not the atom itself
	Confidence float64             `json:"c"`
	First      time.Time           `json:"first"`
	Last       time.Time           `json:"last"`
	Count      uint64              `json:"n"`
}

// versionSet is the software that one source named together, last.
type versionSet struct {
	Source     string    `json:"source"` // protocol, and who said it
	By         string    `json:"by,omitempty"`
	Values     []string  `json:"values"`
	Confidence float64   `json:"c"`
	When       time.Time `json:"when"`
}

// link joins two atoms for one reason; both hold it.
type link struct {
	To  string    `json:"to"`
	Why reason    `json:"why"`
	How string    `json:"how,omitempty"` // of a binding: arp, dhcp or ip
	At  time.Time `json:"at"`            // last time that it was shown
}

// reason says why two atoms are one device.
type reason string

const (
	// bound: the address belongs to the network interface.
	bound reason = "bound"
	// claimed: the host is the machine, or has the name.
	claimed reason = "claimed"
)

// claim is one atom's word that it is the machine, or has the name.
type claim struct {
	By    string    `json:"by"`
	How   claimKind `json:"how"`
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
}

type claimKind string

const (
	claimSelf  claimKind = "self"      // it says so of itself
	claimImage claimKind = "images"    // it sends what the machine made
	claimPart  claimKind = "described" // one description has both keys
	claimName  claimKind = "name"      // its name is the station's in the images
	claimTable claimKind = "table"     // it lists the interface as its own in a protocol that anybody speaks
)

func (a *atom) seen(when time.Time) {
	if a.First.IsZero() || when.Before(a.First) {
		a.First = when
	}
	if when.After(a.Last) {
		a.Last = when
	}
}

// note keeps one statement, and returns the one that made room for it, if any, and
// whether it was never made before.
func (a *atom) note(f fact) (dropped fact, fresh bool) {
	for i := range a.Facts {
		old := &a.Facts[i]
		if old.Attribute != f.Attribute || old.Value != f.Value || old.Protocol != f.Protocol || old.Field != f.Field || old.By != f.By {
			continue
		}
		old.Count += f.Count
		old.Confidence = max(old.Confidence, f.Confidence)
		if f.First.Before(old.First) {
			old.First = f.First
		}
		if f.Last.After(old.Last) {
			old.Last = f.Last
		}
		return fact{}, false
	}
	i, _ := slices.BinarySearchFunc(a.Facts, f, compareFacts)
	a.Facts = slices.Insert(a.Facts, i, f)
	if len(a.Facts) > MaxEvidence {
		return a.dropWeakest(), true
	}
	return fact{}, true
}

// dropWeakest makes room: the least sure statement goes, the oldest among equals.
func (a *atom) dropWeakest() fact {
	weakest := 0
	for i := range a.Facts {
		f, w := &a.Facts[i], &a.Facts[weakest]
		if cmp.Or(cmp.Compare(f.Confidence, w.Confidence), f.Last.Compare(w.Last)) < 0 {
			weakest = i
		}
	}
	dropped := a.Facts[weakest]
	a.Facts = slices.Delete(a.Facts, weakest, weakest+1)
	return dropped
}

func compareFacts(x, y fact) int {
	return cmp.Or(cmp.Compare(x.Attribute, y.Attribute), cmp.Compare(x.Value, y.Value), cmp.Compare(x.Protocol, y.Protocol),
		cmp.Compare(x.Field, y.Field), cmp.Compare(x.By, y.By))
}

// software keeps the set of versions that one report names: it replaces an older
// set of the same source, and joins one of the same moment. It keeps no slice of
// fresh.
func (a *atom) software(fresh versionSet) {
	i := slices.IndexFunc(a.Versions, func(v versionSet) bool { return v.Source == fresh.Source && v.By == fresh.By })
	if i < 0 {
		fresh.Values = slices.Clone(fresh.Values)
		a.Versions = append(a.Versions, fresh)
		slices.SortFunc(a.Versions, func(x, y versionSet) int {
			return cmp.Or(y.When.Compare(x.When), cmp.Compare(x.Source, y.Source), cmp.Compare(x.By, y.By))
		})
		if len(a.Versions) > MaxVersionSets {
			a.dropOldestVersions()
		}
		return
	}
	old := &a.Versions[i]
	switch {
	case fresh.When.After(old.When):
		if values := old.Values; slices.Equal(values, fresh.Values) {
			fresh.Values = values
		} else {
			fresh.Values = slices.Clone(fresh.Values)
		}
		*old = fresh
	case fresh.When.Equal(old.When):
		old.Values = append(old.Values, fresh.Values...)
		slices.Sort(old.Values)
		old.Values = slices.Compact(old.Values)
		old.Values = old.Values[:min(len(old.Values), MaxVersions)]
		old.Confidence = max(old.Confidence, fresh.Confidence)
	}
}

// dropOldestVersions makes room; what the device or its gateway says stays.
func (a *atom) dropOldestVersions() {
	for i := len(a.Versions) - 1; i >= 0; i-- {
		if by := a.Versions[i].By; by != "" && by != a.Gateway || i == 0 {
			a.Versions = slices.Delete(a.Versions, i, i+1)
			return
		}
	}
}

// has reports whether a role was stated of the atom.
func (a *atom) has(role protocols.Role) bool {
	return slices.ContainsFunc(a.Facts, func(f fact) bool {
		return f.Attribute == protocols.RoleOf && f.Value == string(role)
	})
}

// include adds a value to a bounded sorted set and reports whether it was added.
func include[T cmp.Ordered](set []T, v T, limit int) ([]T, bool) {
	i, found := slices.BinarySearch(set, v)
	if found || len(set) >= limit {
		return set, false
	}
	return slices.Insert(set, i, v), true
}
