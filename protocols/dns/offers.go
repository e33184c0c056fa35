package dns

import (
	"slices"
	"strings"

	"github.com/auscult/auscult/protocols"
)

// instance is one service of the host in a message.
type instance struct {
	name    name
	hash    uint64
	role    protocols.Role
	service string
}

// ofComputer reports a service of a computer, which tells of a printer that it shares
// and not of itself.
func (i instance) ofComputer() bool {
	return i.role == protocols.RoleOffersPrintQueue || i.role == protocols.RoleOffersWorkstation
}

// offers are the roles of the services that point at the host, what their TXT records
// tell of the product, and its system where a record of the host itself names it.
func (o *ownName) offers(h *head, records int) (facts []protocols.Fact) {
	all := o.instances(h, records)
	h.each(records, func(r *record) {
		switch {
		case r.ttl == 0 || r.class&classMask != classInternet:
		case r.kind == typeHINFO && o.is(r.name):
			facts = append(facts, systemFact(r.data)...)
		case r.kind == typeTXT:
			hash := r.name.hash()
			i := slices.IndexFunc(all, func(i instance) bool { return i.hash == hash && i.name.equal(r.name) })
			switch {
			case i < 0:
			case isQueue(r.data):
				all[i].role = protocols.RoleOffersPrintQueue
			case all[i].role != "":
				facts = missing(facts, textFacts(r.data))
			}
		}
	})
	for _, i := range all {
		if i.role != "" {
			f := protocols.Fact{Attribute: protocols.RoleOf, Value: string(i.role), Field: "SRV _" + i.service, Confidence: offers}
			if !slices.ContainsFunc(facts, func(g protocols.Fact) bool { return g.Value == f.Value }) {
				facts = append(facts, f)
			}
		}
	}
	if slices.ContainsFunc(all, instance.ofComputer) {
		facts = slices.DeleteFunc(facts, func(f protocols.Fact) bool { return strings.HasPrefix(f.Field, "TXT ") })
	}
	return facts
}

// missing adds what is not known yet: services of one device repeat each other.
func missing(facts, more []protocols.Fact) []protocols.Fact {
	for _, f := range more {
		if !holds(facts, f.Attribute) {
			facts = append(facts, f)
		}
	}
	return facts
}

// instances are the services whose SRV records point at the host.
func (o *ownName) instances(h *head, records int) (all []instance) {
	h.each(records, func(r *record) {
		if r.kind != typeSRV || r.ttl == 0 || r.class&classMask != classInternet || len(r.data) < 7 || len(all) >= maxServices {
			return
		}
		service := r.name.service()
		if service == nil || !o.is(r.target()) {
			return
		}
		role := roleOf(service)
		i := instance{name: r.name, hash: r.name.hash(), role: role}
		if role != "" {
			i.service = strings.ToLower(string(service))
		}
		all = append(all, i)
	})
	return all
}

// systems are the operating systems of HINFO records (RFC 8482 has another use for it,
// which names none of them).
var systems = [...]string{"Linux", "FreeBSD", "NetBSD", "OpenBSD", "Darwin", "VxWorks", "QNX", "Windows"}

// systemFact reads the system out of an HINFO record: RFC 1035 section 3.3.2.
func systemFact(data []byte) []protocols.Fact {
	if len(data) == 0 || int(data[0])+1 >= len(data) {
		return nil
	}
	rest := data[1+int(data[0]):]
	if int(rest[0]) != len(rest)-1 {
		return nil
	}
	for _, known := range systems {
		if strings.EqualFold(known, string(rest[1:])) {
			return []protocols.Fact{{Attribute: protocols.OS, Value: known, Field: "HINFO record", Confidence: systemSaid}}
		}
	}
	return nil
}
