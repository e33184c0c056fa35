package identity_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/inventory/identity"
	"github.com/auscult/auscult/protocols"
)

var (
	scanner = host("10.0.2.21", "00:09:5c:00:00:21")
	archive = host("10.0.1.10", "00:1b:54:00:00:10")
	reader  = host("10.0.9.57", "00:1b:54:00:00:57")
)

// ct is what an image of one CT says.
func ct(extra ...protocols.Fact) []protocols.Fact {
	return append(machine("GE MEDICAL SYSTEMS", "Rhapsode", "", "CT01_OC0"),
		append(extra, fact(protocols.Modality, "CT"), fact(protocols.SoftwareVersion, "05"))...)
}

func mr(extra ...protocols.Fact) []protocols.Fact {
	return append(machine("Philips", "T5", "0", "MR02"), append(extra, fact(protocols.Modality, "MR"))...)
}

func TestImagesTellWhoSendsThem(t *testing.T) {
	h := newHouse(t)
	h.dicom(scanner, fact(protocols.AETitle, "CT01"), role(protocols.RoleDICOMStoreSCU))
	h.image(scanner, ct()...)
	h.image(scanner, machine("GE MEDICAL SYSTEMS", "", "CT-88120", "")...) // a dose report without a model
	h.image(scanner, machine("GE", "Dose Server", "", "CT01_OC0")...)      // from the same station
	d := h.ip("10.0.2.21")
	if d.ManufacturerCanonical != "GE Healthcare" || d.SerialNumber != "CT-88120" || d.Type != "ct" ||
		!slices.Equal(d.SoftwareVersions, []string{"05"}) || !slices.Equal(d.StationNames, []string{"CT01_OC0"}) {
		t.Errorf("%s", text(d))
	}
	h.count(1)
}

// An archive forwards other machines' images and is none of them. Every reason by
// itself is enough, whatever came first.
func TestInvariant04ArchiveIsNoneOfItsMachines(t *testing.T) {
	forward := func(h *house) { h.image(archive, ct()...) }
	for name, why := range map[string]func(*house){
		"it says that it forwards":       func(h *house) { h.dicom(archive, role(protocols.RoleDICOMForwarder)) },
		"images of a second machine":     func(h *house) { h.image(archive, mr()...) },
		"it takes images and answers":    func(h *house) { h.dicom(archive, role(protocols.RoleDICOMStoreSCP), role(protocols.RoleDICOMQuerySCP)) },
		"it takes images and sends on":   func(h *house) { h.dicom(archive, role(protocols.RoleDICOMStoreSCP), role(protocols.RoleDICOMMoveSCP)) },
		"it takes images, acquires none": func(h *house) { h.dicom(archive, role(protocols.RoleDICOMStoreSCP)) },
		"it takes them on the web":       func(h *house) { h.dicom(archive, role(protocols.RoleDICOMwebStoreServer)) },
		"it gives them out on the web": func(h *house) {
			h.dicom(archive, role(protocols.RoleDICOMStoreSCP), role(protocols.RoleDICOMWorklistSCU), role(protocols.RoleDICOMwebRetrieveServer))
		},
		"two machines of the same product": func(h *house) { h.image(archive, machine("GE", "Rhapsode", "", "CT02_OC0")...) },
	} {
		for _, steps := range [][]func(*house){{forward, why}, {why, forward}} {
			h := newHouse(t)
			for _, step := range steps {
				step(h)
			}
			d := h.ip("10.0.1.10")
			if d.Manufacturer != "" || d.Model != "" || len(d.SoftwareVersions) != 0 || d.Type == "ct" || !shows(d, "referenced_model", "Rhapsode") {
				t.Errorf("%s: %s", name, text(d))
			}
			h.count(1) // no ghosts of machines that nothing identifies
		}
	}
}

// A modality may fetch earlier images: it takes some, and acquires.
func TestModalityThatFetchesPriors(t *testing.T) {
	h := newHouse(t)
	h.dicom(scanner, role(protocols.RoleDICOMStoreSCP), role(protocols.RoleDICOMMoveSCU), role(protocols.RoleDICOMWorklistSCU))
	h.image(scanner, ct()...)
	if d := h.ip("10.0.2.21"); d.Model != "Rhapsode" {
		t.Errorf("%s", text(d))
	}
}

// The machine keeps its identity when others send its images, too, and old images
// do not make it older.
func TestInvariant04MachineKeepsItsOwnImages(t *testing.T) {
	own := func(h *house) {
		h.image(scanner, append(machine("GE", "Rhapsode", "CT-88120", "CT01_OC0"), fact(protocols.SoftwareVersion, "05"))...)
	}
	old := func(h *house) {
		h.dicom(archive, role(protocols.RoleDICOMForwarder))
		h.image(archive, append(machine("GE", "Rhapsode", "CT-88120", "CT01_OC0"), fact(protocols.SoftwareVersion, "04"))...)
	}
	for _, steps := range [][]func(*house){{own, old}, {old, own}} {
		h := newHouse(t)
		for _, step := range steps {
			step(h)
		}
		d := h.serial("CT-88120")
		if !slices.Equal(d.IPs, []string{"10.0.2.21"}) || !slices.Equal(d.SoftwareVersions, []string{"05"}) || !shows(d, "software_version", "04") || has(d, identity.SerialOnTwo) {
			t.Errorf("%s", text(d))
		}
		if first, _ := h.Device(d.ID, at(h.clock)); !first.LastSeen.Before(at(5)) {
			t.Errorf("last seen %v, when only the archive spoke of it", first.LastSeen)
		}
		h.count(2)
	}
}

// Two hosts that both send the images of one machine: the one that takes images
// passes them on.
func TestInvariant04RouterOfOneMachine(t *testing.T) {
	h := newHouse(t)
	h.image(archive, ct()...)
	h.dicom(archive, role(protocols.RoleDICOMStoreSCP), role(protocols.RoleDICOMMPPSSCU))
	h.image(scanner, ct()...)
	h.image(archive, ct()...)
	if d := h.ip("10.0.2.21"); d.Model != "Rhapsode" {
		t.Errorf("scanner: %s", text(d))
	}
	if d := h.ip("10.0.1.10"); d.Model != "" {
		t.Errorf("router: %s", text(d))
	}
}

// Whose images a host sends is a clue: the classifier sees that they are another
// device's, whichever of both was heard first.
func TestImagesOfAnotherDevice(t *testing.T) {
	own := func(h *house) { h.image(scanner, ct()...) }
	pass := func(h *house) {
		h.dicom(archive, role(protocols.RoleDICOMStoreSCP), role(protocols.RoleDICOMStoreSCU))
		h.image(archive, ct()...)
	}
	for _, steps := range [][]func(*house){{own, pass}, {pass, own}} {
		h := newHouse(t)
		for _, step := range steps {
			step(h)
			h.Snapshot(at(h.clock)) // what was looked at before is looked at anew
		}
		if d := h.ip("10.0.1.10"); d.Type != "image-router" {
			t.Errorf("router: %s", text(d))
		}
		if d := h.ip("10.0.2.21"); d.Type != "ct" {
			t.Errorf("scanner: %s", text(d))
		}
	}
}

// A machine that is only in an archive is a device when a serial number says
// which; a model alone makes none.
func TestReferencedMachines(t *testing.T) {
	h := newHouse(t)
	h.dicom(archive, role(protocols.RoleDICOMForwarder))
	h.image(archive, ct()...)
	h.image(archive, mr()...)
	h.count(1)
	h.image(archive, machine("GE", "LOGIQ E9", "US-4711", "US1")...)
	d := h.serial("US-4711")
	if d.Presence != inventory.Referenced || len(d.IPs) != 0 || d.Model != "LOGIQ E9" {
		t.Errorf("%s", text(d))
	}
	// Later it is heard itself, and is the same device.
	us := host("10.0.2.40", "00:09:5c:00:00:40")
	h.image(us, machine("GE", "LOGIQ E9", "US-4711", "US1")...)
	if now := h.serial("US-4711"); now.Presence != inventory.OnNetwork || !slices.Equal(now.IPs, []string{"10.0.2.40"}) {
		t.Errorf("%s", text(now))
	}
	if id, ok := h.Resolve(d.ID); !ok || id != h.ip("10.0.2.40").ID {
		t.Errorf("the id from before resolves to %q", id)
	}
	h.count(2)
}

// A machine in an archive's images is the host that is called like its station,
// as long as only one is.
func TestMachineByTheNameOfItsStation(t *testing.T) {
	for name, c := range map[string]struct {
		hear func(*house)
		want string
	}{
		"by its AE title":         {func(h *house) { h.dicom(scanner, fact(protocols.AETitle, "ct01_oc0")) }, "Rhapsode"},
		"by what it calls itself": {func(h *house) { h.dicom(scanner, fact(protocols.StationName, "CT01_OC0")) }, "Rhapsode"},
		"two hosts have the name": {func(h *house) {
			h.dicom(scanner, fact(protocols.AETitle, "CT01_OC0"))
			h.dicom(reader, fact(protocols.AETitle, "CT01_OC0"))
		}, ""},
		"it sends images of another machine": {func(h *house) {
			h.dicom(scanner, fact(protocols.AETitle, "CT01_OC0"))
			h.image(scanner, mr()...)
		}, "T5"},
		"nobody has the name": {func(h *house) { h.dicom(scanner, fact(protocols.AETitle, "CT99")) }, ""},
	} {
		for _, archiveFirst := range []bool{true, false} {
			h := newHouse(t)
			store := func() {
				h.dicom(archive, role(protocols.RoleDICOMForwarder), fact(protocols.AETitle, "PACS"))
				h.image(archive, ct()...)
			}
			if archiveFirst {
				store()
			}
			c.hear(h)
			if !archiveFirst {
				store()
			}
			if d := h.ip("10.0.2.21"); d.Model != c.want {
				t.Errorf("%s: %q, want %q", name, d.Model, c.want)
			}
			if d := h.ip("10.0.1.10"); d.Model != "" {
				t.Errorf("%s: the archive is a %q", name, d.Model)
			}
		}
	}
}

// A scanner that was exchanged for another one under the same address is known
// again after a month.
func TestExchangedMachine(t *testing.T) {
	h := newHouse(t)
	h.image(scanner, ct()...)
	h.image(scanner, mr()...)
	if d := h.ip("10.0.2.21"); d.Model != "" {
		t.Errorf("both at once: %s", text(d))
	}
	h.clock += int(identity.ClaimsFade.Seconds()) + 1
	h.image(scanner, mr()...)
	if d := h.ip("10.0.2.21"); d.Model != "T5" {
		t.Errorf("a month later: %q", d.Model)
	}
}

func TestAETitleOfAStation(t *testing.T) {
	h := newHouse(t)
	station := protocols.Subject{Kind: protocols.AboutStation, Title: "PHT5"}
	h.say(protocols.DICOM, reader, archive, station, fact(protocols.Location, "RAD-4"), fact(protocols.StationName, "PHT5_ST"))
	h.count(1) // a title that nobody has is no device
	h.dicom(scanner, fact(protocols.AETitle, "PHT5"))
	if d := h.ip("10.0.2.21"); d.Location != "RAD-4" || !slices.Equal(d.StationNames, []string{"PHT5_ST"}) {
		t.Errorf("%s", text(d))
	}
	h.dicom(archive, fact(protocols.AETitle, "PHT5")) // now it names nobody in particular
	for _, ip := range []string{"10.0.2.21", "10.0.1.10"} {
		if d := h.ip(ip); d.Location != "" || !has(d, identity.TitleOnTwo) || !slices.Equal(d.AETitles, []string{"PHT5"}) {
			t.Errorf("%s: %s", ip, text(d))
		}
	}
}

func TestInvariant07ClaimsAreBounded(t *testing.T) {
	h := newHouse(t)
	h.dicom(archive, role(protocols.RoleDICOMForwarder))
	for i := range 20 * identity.MaxMachines {
		h.image(archive, machine("GE", fmt.Sprintf("Model %d", i), "", fmt.Sprintf("ST%d", i))...)
		h.image(host(fmt.Sprintf("10.0.7.%d", i%250+1), fmt.Sprintf("00:09:5c:00:07:%02x", i%250+1)), ct()...)
	}
	if d := h.ip("10.0.1.10"); d.Model != "" || len(d.Evidence) > identity.MaxShown {
		t.Errorf("model %q, %d statements", d.Model, len(d.Evidence))
	}
	for i := range 3 * identity.MaxEvidence {
		f := fact(protocols.Application, fmt.Sprintf("app %d", i))
		f.Confidence = 0.1
		h.dicom(reader, f, fact(protocols.AETitle, "READER"))
	}
	d := h.ip("10.0.9.57")
	if len(d.Evidence) > identity.MaxEvidence+8 || !shows(d, "ae_title", "READER") {
		t.Errorf("%d statements; the strong one is there: %v", len(d.Evidence), shows(d, "ae_title", "READER"))
	}
}

// What a pump says of itself is not undone by an image that comes from its address,
// whatever came first: one packet that nobody answered is enough to send one.
func TestInvariant03ImagesDoNotRetypeAPump(t *testing.T) {
	kind := fact(protocols.DeviceType, "mdc:69985")
	image := func(h *house) { h.image(scanner, append(ct(), fact(protocols.SerialNumber, "S5"))...) }
	self := func(facts ...protocols.Fact) func(*house) {
		return func(h *house) { h.say(protocols.HL7, scanner, reader, aboutSpeaker, facts...) }
	}
	weak := kind
	weak.Confidence = 0.6
	for name, c := range map[string]struct {
		self   func(*house)
		scans  bool
		pumped bool
	}{
		"a pump":                       {self(kind, fact(protocols.Model, "8015")), false, true},
		"a pump without a model":       {self(kind), false, true},
		"a pump with a serial number":  {self(append(pump("AB1240", "9.33"), kind)...), false, true},
		"an ultrasound that says both": {self(kind, fact(protocols.Manufacturer, "GE"), fact(protocols.Model, "Rhapsode")), true, true},
		"a weak word":                  {self(weak), true, true},
		"what it sends":                {self(fact(protocols.DeviceType, "sop:1.2.840.10008.5.1.4.1.1.2")), true, false},
	} {
		for _, steps := range [][]func(*house){{c.self, image}, {image, c.self}, {image, c.self, image}} {
			h := newHouse(t)
			for _, step := range steps {
				step(h)
			}
			d := h.ip("10.0.2.21")
			if (d.SerialNumber == "S5") != c.scans || (d.Type == "infusion-pump") != c.pumped {
				t.Errorf("%s: %s", name, text(d))
			}
			if name != "a pump with a serial number" && has(d, identity.ImagesOfAnother) == c.scans || !c.scans && !shows(d, "referenced_model", "Rhapsode") {
				t.Errorf("%s: the contradiction is not shown: %s", name, text(d))
			}
		}
	}
}
