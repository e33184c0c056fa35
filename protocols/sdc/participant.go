package sdc

import (
	"strings"

	"github.com/auscult/auscult/protocols"
)

// part is a system (MDS) or a module of one (VMD): IEEE 11073-10207 section 5.
type part struct {
	facts  []protocols.Fact
	module bool
	of     int // the system of a module
	serial string
}

// participants is what a body says of systems: their metadata, by DPWS or in an
// MDIB, and their states.
type participants struct {
	xml         *markup
	profile     part // ThisModel and ThisDevice
	types       int  // level of the open Types of the host
	medical     bool // they name a medical device
	parts       []part
	over        bool
	whole       bool // the body is a whole MDIB
	systems     int
	within      [2]int // level of the open system and module, 0 for none
	open        int    // the innermost part, by index
	metadata    int    // level of the open MetaData, ThisModel or ThisDevice
	udi         int    // level of the open Udi
	location    int    // level of an associated location context
	place       string
	element     protocols.Attribute
	field       string
	text        int
	patient     bool
	activations []string
	spec        specification
}

// specification is an open production specification: IEEE 11073-10207 annex B,
// ProductionSpecification of a component.
type specification struct {
	level     int // 0 for none
	of        protocols.Attribute
	value     string
	component bool // of a board or another part of the component, not of all of it
}

// begin takes an element, and reports whether its text is wanted.
func (p *participants) begin(depth int, v vocabulary, local []byte, attrs []attribute) bool {
	kind := string(typeOf(attrs))
	switch name := string(local); {
	case v == messages && name == "GetMdibResponse" && depth == bodyLevel+1:
		p.whole = true
	case v == participant && name == "Mds", v == messages && kind == "MdsDescriptor":
		p.part(depth, false)
	case v == participant && name == "Vmd", v == messages && kind == "VmdDescriptor":
		p.part(depth, true)
	case (v == participant || v == messages) && kind != "":
		p.context(depth, kind, attrs)
	case v == participant && name == "LocationDetail" && p.location > 0:
		p.detail(attrs)
	case v == participant && name == "Type" && p.within[0] > 0 && depth == p.within[0]+1 && p.within[1] == 0:
		p.code(attrs)
	case v == participant && name == "ProductionSpecification" && p.innermost() > 0 && depth == p.innermost()+1:
		p.spec = specification{level: depth}
	case v == participant && p.spec.level > 0 && depth == p.spec.level+1:
		return p.specify(depth, name, attrs)
	case v == participant && name == "MetaData" && p.innermost()+1 == depth && depth > bodyLevel+1,
		v == profile && (name == "ThisModel" || name == "ThisDevice"):
		p.metadata = depth
	case v == profile && name == "Types" && depth > bodyLevel+1:
		p.types = depth
		return true
	case v == participant && name == "Udi" && p.metadata > 0 && depth == p.metadata+1:
		p.udi = depth
	case p.metadata > 0 && p.element == "":
		return p.wants(depth, v, name)
	}
	return false
}

// innermost is the level of the part that is open.
func (p *participants) innermost() int { return max(p.within[0], p.within[1]) }

func (p *participants) part(depth int, module bool) {
	if module && p.within[0] == 0 {
		return // a report of a change: its system is not told
	}
	if len(p.parts) == maxSystems*2 {
		p.over = true
		return
	}
	if module {
		p.within[1] = depth
	} else {
		p.within[0] = depth
		p.systems++
	}
	p.open = len(p.parts)
	p.parts = append(p.parts, part{module: module, of: p.lastSystem()})
}

func (p *participants) lastSystem() int {
	for i := len(p.parts) - 1; i >= 0; i-- {
		if !p.parts[i].module {
			return i
		}
	}
	return len(p.parts)
}

// context takes a state: of a system, or of a context of it. Values are those of
// IEEE 11073-10207 annex B.
func (p *participants) context(depth int, kind string, attrs []attribute) {
	associated := string(valueOf(attrs, "ContextAssociation")) == "Assoc"
	switch kind {
	case "MdsState":
		activation := string(valueOf(attrs, "ActivationState"))
		if activation != "" && len(p.activations) < maxSystems {
			p.activations = append(p.activations, strings.Clone(activation))
		}
	case "PatientContextState":
		p.patient = p.patient || associated
	case "LocationContextState":
		if associated {
			p.location = depth
		}
	}
}

// detail reads the attributes of a location: IEEE 11073-10207 annex B.
func (p *participants) detail(attrs []attribute) {
	p.place = joinLocation(func(key string) string { return string(valueOf(attrs, detailOf(key))) })
}

// detailOf names the attribute of LocationDetail that a key of a scope stands for.
func detailOf(key string) string {
	switch key {
	case "fac":
		return "Facility"
	case "bldng":
		return "Building"
	case "flr":
		return "Floor"
	case "poc":
		return "PoC"
	case "rm":
		return "Room"
	}
	return "Bed"
}

// code reads the type of a system.
func (p *participants) code(attrs []attribute) {
	system := string(valueOf(attrs, "CodingSystem"))
	if c := decimal(string(valueOf(attrs, "Code"))); c != "" && (system == "" || strings.EqualFold(system, nomenclature)) {
		p.add(protocols.DeviceType, "mdc:"+c, "pm:Mds/pm:Type")
	}
}

// specify takes an element of a production specification, and reports whether its text
// is wanted. The codes are those of IEEE 11073-10101, MDC_ID_PROD_SPEC.
func (p *participants) specify(depth int, name string, attrs []attribute) bool {
	switch name {
	case "SpecType":
		switch string(valueOf(attrs, "Code")) {
		case "531974":
			p.spec.of = protocols.HardwareVersion
		case "531975":
			p.spec.of = protocols.SoftwareVersion
		case "531976":
			p.spec.of = protocols.FirmwareVersion
		}
	case "ComponentId":
		p.spec.component = true
	case "ProductionSpec":
		if p.spec.of != "" && p.element == "" {
			p.element, p.field, p.text = p.spec.of, "ProductionSpec", depth
			return true
		}
	}
	return false
}

// specified notes what a production specification said, behind its end. Firmware is
// the software of what names no other.
func (p *participants) specified() {
	said := p.spec
	p.spec = specification{}
	switch {
	case said.value == "" || said.component:
	case said.of == protocols.FirmwareVersion:
		p.add(protocols.SoftwareVersion, said.value, firmware)
	case said.of == protocols.SoftwareVersion:
		p.target().drop(firmware)
		p.add(said.of, said.value, "ProductionSpec")
	default:
		p.add(said.of, said.value, "ProductionSpec")
	}
}

// firmware is the field of a firmware's version.
const firmware = "ProductionSpec of the firmware"

// wants is the allow-list of metadata.
func (p *participants) wants(depth int, v vocabulary, name string) bool {
	a := protocols.Attribute("")
	switch {
	case p.udi > 0:
		if v == participant && name == "HumanReadableForm" && depth == p.udi+1 {
			a = protocols.UDI
		}
	case depth != p.metadata+1 || v != participant && v != profile:
	default:
		a = metadata(name)
	}
	if a == "" {
		return false
	}
	p.element, p.field, p.text = a, name, depth
	return true
}

// metadata tells what an element of DPWS (ThisModel, ThisDevice) or BICEPS
// (MetaData) is.
func metadata(name string) protocols.Attribute {
	switch name {
	case "Manufacturer":
		return protocols.Manufacturer
	case "ModelName":
		return protocols.Model
	case "ModelNumber":
		return modelNumber
	case "SerialNumber":
		return protocols.SerialNumber
	case "FirmwareVersion":
		return protocols.SoftwareVersion
	}
	return ""
}

// modelNumber is a model where no name of it is given.
const modelNumber protocols.Attribute = "model number"

// end takes the end of an element, with its text.
func (p *participants) end(depth int, text []byte) {
	if depth == p.types {
		p.medical, p.types = p.medical || p.xml.medical(text), 0
	}
	if depth == p.spec.level {
		p.specified()
	}
	if p.element != "" && depth == p.text {
		p.fill(strings.TrimSpace(string(text)))
		p.element = ""
	}
	for i := range p.within {
		if p.within[i] == depth {
			p.within[i] = 0
			p.open = p.lastSystem()
		}
	}
	for _, level := range [...]*int{&p.metadata, &p.udi, &p.location} {
		if *level == depth {
			*level = 0
		}
	}
}

func (p *participants) fill(value string) {
	switch {
	case value == "" || p.element == protocols.UDI && !unique(value):
	case p.spec.level > 0:
		p.spec.value = value
	case p.element == modelNumber:
		if !p.target().has(protocols.Model) {
			p.add(protocols.Model, value, p.field)
		}
	case p.element == protocols.Model:
		p.target().drop("ModelNumber")
		p.add(p.element, value, p.field)
	default:
		p.add(p.element, value, p.field)
	}
}

// target is the part that is open, or the host of the service.
func (p *participants) target() *part {
	if p.innermost() == 0 || p.open >= len(p.parts) {
		return &p.profile
	}
	return &p.parts[p.open]
}

// add notes a fact; a second one of the same kind is in another language.
func (p *participants) add(a protocols.Attribute, value, field string) {
	t := p.target()
	if t.has(a) {
		return
	}
	if a == protocols.SerialNumber {
		t.serial = value
	}
	t.facts = append(t.facts, protocols.Fact{Attribute: a, Value: value, Field: field})
}

func (t *part) has(a protocols.Attribute) bool {
	for _, f := range t.facts {
		if f.Attribute == a {
			return true
		}
	}
	return false
}

// drop removes what one field said.
func (t *part) drop(field string) {
	for i, f := range t.facts {
		if f.Field == field {
			t.facts = append(t.facts[:i], t.facts[i+1:]...)
			return
		}
	}
}

// unique reports a UDI that names one device, with its serial number: GS1
// application identifier 21, HIBCC secondary data flag S, ICCBBA data identifier
// "=,". One without names a kind of device.
func unique(udi string) bool {
	return strings.Contains(udi, "(21)") || udi != "" && udi[0] == '+' && strings.Contains(udi, "/S") ||
		strings.HasPrefix(udi, "=") && strings.Contains(udi, "=,")
}
