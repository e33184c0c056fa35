package sdc

import "strings"

// vocabulary is what a namespace belongs to.
type vocabulary uint8

const (
	foreign vocabulary = iota
	soap
	addressing
	discovery   // and from here on what this room reads
	profile     // DPWS
	participant // BICEPS participant model
	messages    // BICEPS message model
)

// Namespaces: SOAP 1.2 part 1; WS-Discovery of April 2005 and 1.1; WS-Addressing of
// August 2004 and 1.0; DPWS of February 2006 and 1.1; IEEE 11073-10207.
const (
	spaceSOAP          = "http://www.w3.org/2003/05/soap-envelope"
	spaceDiscovery2005 = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
	spaceDiscovery2009 = "http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01"
	spaceAddress2004   = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
	spaceAddress2005   = "http://www.w3.org/2005/08/addressing"
	spaceProfile2006   = "http://schemas.xmlsoap.org/ws/2006/02/devprof"
	spaceProfile2009   = "http://docs.oasis-open.org/ws-dd/ns/dpws/2009/01"
	spaceParticipant   = "http://standards.ieee.org/downloads/11073/11073-10207-2017/participant"
	spaceMessages      = "http://standards.ieee.org/downloads/11073/11073-10207-2017/message"
	// spaceMedical begins the namespace of the type MedicalDevice: IEEE 11073-20702.
	spaceMedical = "http://standards.ieee.org/downloads/11073/11073-20702-"
)

func vocabularyOf(space string) vocabulary {
	switch space {
	case spaceSOAP:
		return soap
	case spaceDiscovery2005, spaceDiscovery2009:
		return discovery
	case spaceAddress2004, spaceAddress2005:
		return addressing
	case spaceProfile2006, spaceProfile2009:
		return profile
	case spaceParticipant:
		return participant
	case spaceMessages:
		return messages
	}
	return foreign
}

// medical reports whether a list of qualified names has MedicalDevice of IEEE
// 11073-20702.
func (m *markup) medical(types []byte) bool {
	for name := range strings.FieldsSeq(string(types)) {
		prefix, local := qualified([]byte(name))
		if string(local) == "MedicalDevice" && strings.HasPrefix(m.space(prefix), spaceMedical) {
			return true
		}
	}
	return false
}

// typeOf returns the local name of an element's xsi:type, or nil.
func typeOf(attrs []attribute) []byte {
	_, local := qualified(valueOf(attrs, "xsi:type"))
	return local
}

func valueOf(attrs []attribute, name string) []byte {
	for _, a := range attrs {
		if string(a.name) == name {
			return a.value
		}
	}
	return nil
}
