package fingerprint

import (
	"slices"
	"strings"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
)

// Confidence of the verdicts that need no rule of their own, by the ladder of
// what a device says itself down to what its address tells.
const (
	byModel      = 0.95 // the maker's model has one type
	byDeviceType = 0.93 // the device sends a nomenclature code
	byModality   = 0.85 // it makes images of one modality
	byClass      = 0.8  // it sends a storage class of one modality
)

// leastConfidence is below what a verdict is no better than a guess.
const leastConfidence = 0.5

// Classify implements inventory.Knowledge: the most confident verdict speaks,
// the first rule among equals. When nothing is confident enough the answer is
// UnknownType. It is a function of all evidence so far, which only grows, and of
// how often each was stated, so a type does not flutter with single messages.
func (b *Base) Classify(c inventory.Clues) inventory.Verdict {
	best := inventory.Verdict{Type: inventory.UnknownType}
	consider := func(v inventory.Verdict) {
		if v.Type != "" && v.Type != inventory.UnknownType && v.Confidence >= leastConfidence && v.Confidence > best.Confidence {
			best = v
		}
	}
	consider(b.typeByModel(c))
	consider(b.typeByCode(c))
	consider(b.typeByModality(c))
	consider(b.typeByApplication(c))
	for i := range b.types {
		if t := &b.types[i]; t.matches(c) {
			consider(inventory.Verdict{Type: t.kind, Confidence: t.confidence, Why: t.why})
		}
	}
	for i := range b.tells {
		if t := &b.tells[i]; t.kind != "" && t.matches(c) {
			consider(inventory.Verdict{Type: t.kind, Confidence: t.confidence, Why: t.why})
		}
	}
	return best
}

func (b *Base) typeByModel(c inventory.Clues) inventory.Verdict {
	if c.Model == "" {
		return inventory.Verdict{}
	}
	return inventory.Verdict{
		Type: b.modelType(c.Manufacturer, c.Model), Confidence: byModel,
		Why: strings.TrimSpace(c.Manufacturer+" "+c.Model) + " is the model it names",
	}
}

func (b *Base) typeByCode(c inventory.Clues) inventory.Verdict {
	if c.Presence == inventory.OnNetwork && len(c.SpeaksFor) > 0 {
		return inventory.Verdict{}
	}
	for _, f := range c.Facts {
		if kind, ok := b.codes[strings.ToLower(f.Value)]; ok && f.Attribute == protocols.DeviceType {
			return inventory.Verdict{Type: kind, Confidence: byDeviceType, Why: "it calls itself " + f.Value}
		}
	}
	return inventory.Verdict{}
}

// typeByModality weighs what a device's own images are. A host that sends images
// of several machines, or takes images and answers queries, is none of them.
func (b *Base) typeByModality(c inventory.Clues) inventory.Verdict {
	takes := hasRole(c, protocols.RoleDICOMStoreSCP) || hasRole(c, protocols.RoleDICOMwebStoreServer)
	gives := hasRole(c, protocols.RoleDICOMQuerySCP) || hasRole(c, protocols.RoleDICOMwebQueryServer) || hasRole(c, protocols.RoleDICOMwebRetrieveServer)
	if c.Machines > 1 || hasRole(c, protocols.RoleDICOMForwarder) || takes && gives {
		return inventory.Verdict{}
	}
	if v := b.mostOften(c, protocols.Modality, "", byModality, "makes images of modality "); v.Type != "" {
		return v
	}
	return b.mostOften(c, protocols.DeviceType, "sop:", byClass, "sends images of class ")
}

func (b *Base) mostOften(c inventory.Clues, a protocols.Attribute, prefix string, confidence float64, why string) inventory.Verdict {
	counts := map[inventory.Type]uint64{}
	said := map[inventory.Type]string{}
	for _, f := range c.Facts {
		kind := b.modality[f.Value]
		if f.Attribute != a || kind == "" || !strings.HasPrefix(f.Value, prefix) {
			continue
		}
		counts[kind] += f.Count
		if said[kind] == "" {
			said[kind] = strings.TrimPrefix(f.Value, prefix)
		}
	}
	var best inventory.Type
	for _, kind := range inventory.Types() {
		if counts[kind] > counts[best] {
			best = kind
		}
	}
	if best == "" {
		return inventory.Verdict{}
	}
	return inventory.Verdict{Type: best, Confidence: confidence, Why: why + said[best]}
}

func (b *Base) typeByApplication(c inventory.Clues) inventory.Verdict {
	best := inventory.Verdict{}
	for _, f := range c.Facts {
		if f.Attribute != protocols.Application {
			continue
		}
		if r := b.application(f.Value); r != nil && r.Type != "" && r.Confidence > best.Confidence {
			best = inventory.Verdict{Type: inventory.Type(r.Type), Confidence: r.Confidence, Why: "its program calls itself " + f.Value}
		}
	}
	return best
}

func hasRole(c inventory.Clues, role protocols.Role) bool {
	return slices.ContainsFunc(c.Facts, func(f inventory.Clue) bool {
		return f.Attribute == protocols.RoleOf && f.Value == string(role)
	})
}
