package web

import (
	"slices"
	"strings"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
)

// shown is what a visitor may see of a device at this moment. Everything that
// leaves this package about a device goes through it.
func (s *Server) shown(v visitor, d inventory.Device) inventory.Device {
	d.Use = lasting(d.Use, s.o.Now())
	if v.May(Therapy) {
		return d
	}
	return withoutBed(d.WithoutTherapy())
}

// lasting ends a statement about use that has expired: unknown is an answer, and
// counts as in use (DESIGN.md, invariant 10).
func lasting(u inventory.Use, now time.Time) inventory.Use {
	if u.State == "" {
		u.State = protocols.UnknownUse
	}
	if u.State == protocols.UnknownUse || u.ExpiresAt.IsZero() || now.Before(u.ExpiresAt) {
		return u
	}
	return inventory.Use{State: protocols.UnknownUse, Caution: careful(u), ObservedAt: u.ObservedAt, ExpiresAt: u.ExpiresAt, Source: u.Source,
		Why: "the last statement has expired"}
}

// careful is the caution once a statement has expired: plain fluid may have been
// changed for a drug since.
func careful(u inventory.Use) inventory.Caution {
	plain := func(c inventory.ChannelUse) bool { return c.Hazard == inventory.HazardPlainFluid }
	if u.Hazard == inventory.HazardPlainFluid || slices.ContainsFunc(u.Channels, plain) {
		return inventory.CautionHigh
	}
	return u.Caution
}

// withoutBed returns a copy that does not say at which bed a device stands
// (DESIGN.md, invariant 2): neither its place nor the statements behind it.
func withoutBed(d inventory.Device) inventory.Device {
	d.Location = ward(d.Location, d.Evidence)
	if slices.ContainsFunc(d.Evidence, func(e inventory.Evidence) bool { return secret(e.Attribute) }) {
		d.Evidence = slices.Clone(d.Evidence)
		for i := range d.Evidence {
			if e := &d.Evidence[i]; secret(e.Attribute) {
				e.Value = place(e.Value, *e)
			}
		}
	}
	if slices.ContainsFunc(d.Conflicts, func(c inventory.Conflict) bool { return secret(c.Attribute) }) {
		d.Conflicts = slices.Clone(d.Conflicts)
		for i := range d.Conflicts {
			if c := &d.Conflicts[i]; secret(c.Attribute) {
				c.Values, c.Says = nil, "Sources name different places; the role therapy shows which."
			}
		}
	}
	return d
}

// secret reports whether an attribute's value can tell a bed.
func secret(attribute string) bool { return attribute == string(protocols.Location) }

// ward is what of a location may be shown: the most careful reading of all
// statements that gave it. One whose origin is not known may be a bed.
func ward(location string, evidence []inventory.Evidence) string {
	kept, stated := location, false
	for _, e := range evidence {
		if !secret(e.Attribute) || e.Value != location {
			continue
		}
		stated = true
		if p := place(location, e); len(p) < len(kept) {
			kept = p
		}
	}
	if !stated {
		return withoutLast(location)
	}
	return kept
}

// place is what of one statement about a location may be shown. The register and
// DICOM name rooms; an HL7 person location ends in the bed (HL7 2.9, section
// 2.A.53: point of care, room, bed); a bed label is nothing else.
func place(value string, e inventory.Evidence) string {
	switch {
	case e.Protocol == "register", e.Protocol == "dicom":
		return value
	case strings.Contains(strings.ToUpper(e.Field), "BED"):
		return ""
	}
	return withoutLast(value)
}

// withoutLast leaves out the last word, and the only one.
func withoutLast(s string) string {
	words := strings.Fields(s)
	if len(words) < 2 {
		return ""
	}
	return strings.Join(words[:len(words)-1], " ")
}
