package sdc

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/wire"
)

// state hands on what one whole APDU says.
func (h *unitHalf) state(t turn, choice uint16, b []byte) {
	ok := true
	switch choice {
	case unitAARQ:
		ok = request(t, b)
	case unitAARE:
		ok = answer(t, b)
	case unitPRST:
		h.stated, ok = attributes(t, b)
	}
	if !ok {
		t.out.Outcome(protocols.Malformed)
		return
	}
	t.out.Outcome(protocols.Parsed)
}

// request reads an AARQ: the agent, its system id, its configuration. IEEE
// 11073-20601 section 8.7.3.
func request(t turn, b []byte) bool {
	r := wire.NewReader(b)
	r.Skip(4) // association version
	count := int(r.U16(binary.BigEndian))
	r.Skip(2)
	for range min(count, 8) {
		id := r.U16(binary.BigEndian)
		information := r.Bytes(int(r.U16(binary.BigEndian)))
		if id != protocolID || r.Failed() {
			continue
		}
		agent, system, configuration, ok := phd(information)
		if !ok {
			return false
		}
		introduce(t, agent, system, configuration)
		return true
	}
	return !r.Failed()
}

// answer reads an AARE: the manager, its system id.
func answer(t turn, b []byte) bool {
	r := wire.NewReader(b)
	result := r.U16(binary.BigEndian)
	r.Skip(2) // the protocol
	information := r.Bytes(int(r.U16(binary.BigEndian)))
	if r.Failed() {
		return false
	}
	if result != 0 && result != 3 || len(information) == 0 {
		return true // refused: accepted and accepted-unknown-config are 0 and 3
	}
	agent, system, _, ok := phd(information)
	if ok {
		introduce(t, agent, system, 0)
	}
	return ok
}

// phd reads PhdAssociationInformation: IEEE 11073-20601 annex A.
func phd(b []byte) (agent bool, system []byte, configuration uint16, ok bool) {
	const (
		typeManager = 1 << 31
		typeAgent   = 1 << 23
	)
	r := wire.NewReader(b)
	r.Skip(4 + 2 + 4 + 4) // protocol version, encoding rules, nomenclature, functional units
	kind := r.U32(binary.BigEndian)
	system = r.Bytes(int(r.U16(binary.BigEndian)))
	configuration = r.U16(binary.BigEndian)
	return kind == typeAgent, system, configuration, !r.Failed() && (kind == typeAgent || kind == typeManager)
}

func introduce(t turn, agent bool, system []byte, configuration uint16) {
	facts := []protocols.Fact{role(protocols.RolePHDManager, "system-type", identified)}
	if agent {
		facts[0].Value = string(protocols.RolePHDAgent)
	}
	if id := eui64(system); id != "" {
		facts = append(facts, protocols.Fact{Attribute: protocols.EUI64, Value: id, Field: "system-id", Confidence: identified})
	}
	if code := specialisation(configuration); agent && code != 0 {
		facts = append(facts, protocols.Fact{Attribute: protocols.DeviceType, Value: contextFree(code), Field: "dev-config-id", Confidence: announced})
	}
	t.state(protocols.Subject{Kind: protocols.AboutSpeaker}, facts, nil)
}

// specialisation is the device type of a standard configuration, 0 for others:
// IEEE 11073-10404 (oximeter), -10406 (ECG), -10407 (blood pressure), -10408
// (thermometer), -10415 (scale) and -10417 (glucose meter) each own a hundred.
func specialisation(configuration uint16) uint16 {
	switch n := configuration / 100; n {
	case 4, 6, 7, 8, 15, 17:
		return 4096 + n
	}
	return 0
}

// contextFree writes a code of the infrastructure partition.
func contextFree(code uint16) string { return "mdc:" + strconv.Itoa(infrastructure<<16|int(code)) }

// eui64 writes a system id, unless it is a placeholder.
func eui64(b []byte) string {
	if len(b) != 8 || len(bytes.Trim(b, "\x00")) == 0 || bytes.Equal(b, bytes.Repeat([]byte{0xff}, 8)) {
		return ""
	}
	return strings.ToUpper(hex.EncodeToString(b))
}

// Attributes of a medical device system: IEEE 11073-10101.
const (
	attributeModel          = 0x0928 // MDC_ATTR_ID_MODEL
	attributeSpecification  = 0x092d // MDC_ATTR_ID_PROD_SPECN
	attributeSystem         = 0x0984 // MDC_ATTR_SYS_ID
	attributeSpecialisation = 0x0a5a // MDC_ATTR_SYS_TYPE_SPEC_LIST
	// infrastructure is the partition of device specialisations.
	infrastructure = 8
)

// attributes reads the answer to a get of the whole system object, handle 0.
func attributes(t turn, b []byte) (stated, ok bool) {
	r := wire.NewReader(b)
	r.Skip(2 + 2) // length, invoke id
	choice := r.U16(binary.BigEndian)
	r.Skip(2)
	if choice != resultGet {
		return false, !r.Failed()
	}
	handle := r.U16(binary.BigEndian)
	count := int(r.U16(binary.BigEndian))
	r.Skip(2)
	var facts []protocols.Fact
	for range count {
		id := r.U16(binary.BigEndian)
		value := r.Bytes(int(r.U16(binary.BigEndian)))
		if r.Failed() || len(facts) >= protocols.MaxFacts {
			break
		}
		facts = append(facts, factsOf(id, value)...)
	}
	if r.Failed() || handle != 0 {
		return false, !r.Failed()
	}
	if len(facts) > 0 {
		t.state(protocols.Subject{Kind: protocols.AboutSpeaker}, facts, nil)
	}
	return len(facts) > 0, true
}

// factsOf reads one attribute; others than these say nothing of a device.
func factsOf(id uint16, value []byte) []protocols.Fact {
	r := wire.NewReader(value)
	switch id {
	case attributeModel:
		maker, model := text(&r), text(&r)
		return known([]protocols.Fact{fact(protocols.Manufacturer, maker, "System-Model"), fact(protocols.Model, model, "System-Model")})
	case attributeSystem:
		return known([]protocols.Fact{fact(protocols.EUI64, eui64(r.Bytes(int(r.U16(binary.BigEndian)))), "System-Id")})
	case attributeSpecification:
		return known(specifications(&r))
	case attributeSpecialisation:
		return known(specialisations(&r))
	}
	return nil
}

func fact(a protocols.Attribute, value, field string) protocols.Fact {
	return protocols.Fact{Attribute: a, Value: value, Field: field, Confidence: identified}
}

// text reads an octet string, without what follows a NUL.
func text(r *wire.Reader) string {
	b := r.Bytes(int(r.U16(binary.BigEndian)))
	s, _, _ := strings.Cut(string(b), "\x00")
	return s
}

// specifications reads ProdSpec: kinds of IEEE 11073-20601 annex A.
func specifications(r *wire.Reader) (facts []protocols.Fact) {
	count := int(r.U16(binary.BigEndian))
	r.Skip(2)
	for range min(count, maxSpecifications) {
		kind := r.U16(binary.BigEndian)
		r.Skip(2) // component id
		value := text(r)
		switch kind {
		case 1:
			facts = append(facts, fact(protocols.SerialNumber, value, "Prod-Spec serial-number"))
		case 3:
			facts = append(facts, fact(protocols.HardwareVersion, value, "Prod-Spec hw-revision"))
		case 4:
			facts = append(facts, fact(protocols.SoftwareVersion, value, "Prod-Spec sw-revision"))
		case 5:
			facts = append(facts, fact(protocols.SoftwareVersion, value, "Prod-Spec fw-revision"))
		}
	}
	if r.Failed() {
		return nil
	}
	return facts
}

// specialisations reads TypeVerList: what kind of device it is, as context-free
// codes.
func specialisations(r *wire.Reader) (facts []protocols.Fact) {
	count := int(r.U16(binary.BigEndian))
	r.Skip(2)
	for range min(count, maxSpecifications) {
		code := r.U16(binary.BigEndian)
		r.Skip(2) // version
		if !r.Failed() {
			facts = append(facts, fact(protocols.DeviceType, contextFree(code), "System-Type-Spec-List"))
		}
	}
	return facts
}

// known leaves out what was empty.
func known(facts []protocols.Fact) []protocols.Fact {
	kept := facts[:0]
	for _, f := range facts {
		if f.Value != "" {
			kept = append(kept, f)
		}
	}
	return kept
}
