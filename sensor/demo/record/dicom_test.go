package record_test

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/auscult/auscult/sensor/testbed"
)

// canary is a patient who exists only to be looked for: nothing of these may be
// found in anything that the program writes. Package demo's tests know the marks.
type canary struct{ name, id, birth, accession string }

var (
	canaryOne   = canary{"ZZCANARY^MORAG", "8847701001", "19470703", "ZZACC-001"}
	canaryTwo   = canary{"ZZCANARY^ELSPETH", "8847701002", "19610912", "ZZACC-002"}
	canaryThree = canary{"ZZCANARY^TEODOR", "8847701003", "19880104", "ZZACC-003"}
)

// Procedure steps and images have UIDs below the root of UUIDs (PS3.5, annex B).
const (
	mrStep = "2.25.88477010031"
	ctStep = "2.25.88477010032"
)

// machine is who makes images.
type machine struct {
	maker, model, serial, software, station, modality, class, uid string
}

var (
	mrMachine = machine{"Northlight Imaging", "Meridian MR", "NLM-20418", "7.1.3", "FHMR1-HOST", "MR", "1.2.840.10008.5.1.4.1.1.4", "2.25.770001"}
	ctMachine = machine{"Northlight Imaging", "Zenith CT", "NLZ-30077", "", "FHCT1-HOST", "CT", "1.2.840.10008.5.1.4.1.1.2", "2.25.770002"}
	usMachine = machine{"Brightwater Medical", "Sona 5", "BW5-118203", "3.4.2", "SONA5-7", "US", "1.2.840.10008.5.1.4.1.1.6.1", "2.25.770003"}
)

type image struct {
	machine
	canary
	number int
}

func mrImages(from, n int) []image { return images(mrMachine, canaryOne, from, n) }
func ctImages(from, n int) []image { return images(ctMachine, canaryTwo, from, n) }
func usImages(from, n int) []image { return images(usMachine, canaryThree, from, n) }

func images(m machine, c canary, from, n int) []image {
	list := make([]image, n)
	for i := range list {
		list[i] = image{m, c, from + i}
	}
	return list
}

// side is the width and height of an image: enough pixels for several segments,
// few enough for a repository.
const side = 64

// dump is an image in the text form that dump2dcm reads.
func (i image) dump(pixels string) string {
	element := func(tag, vr, value string) string { return fmt.Sprintf("(%s) %s [%s]\n", tag, vr, value) }
	var b strings.Builder
	b.WriteString(element("0008,0005", "CS", "ISO_IR 100") + element("0008,0008", "CS", `ORIGINAL\PRIMARY`) + element("0008,0016", "UI", i.class) +
		element("0008,0018", "UI", fmt.Sprintf("%s.9.%d", i.uid, i.number)) + element("0008,0020", "DA", "20260914") +
		element("0008,0050", "SH", i.accession) + element("0008,0060", "CS", i.modality) + element("0008,0070", "LO", i.maker) +
		element("0008,0080", "LO", "Fairhaven General") + element("0008,0090", "PN", "ZZCANARY^REFERRER") + element("0008,1010", "SH", i.station) +
		element("0008,1030", "LO", "ZZCANARY study note") + element("0008,1090", "LO", i.model) + element("0010,0010", "PN", i.name) +
		element("0010,0020", "LO", i.id) + element("0010,0030", "DA", i.birth) + element("0018,1000", "LO", i.serial))
	if i.software != "" {
		b.WriteString(element("0018,1020", "LO", i.software))
	}
	b.WriteString(element("0020,000d", "UI", i.uid+".1") + element("0020,000e", "UI", i.uid+".2") + element("0020,0010", "SH", "1") +
		element("0020,0013", "IS", fmt.Sprint(i.number)) + element("0028,0004", "CS", "MONOCHROME2"))
	for _, us := range []struct {
		tag   string
		value int
	}{{"0028,0002", 1}, {"0028,0010", side}, {"0028,0011", side}, {"0028,0100", 16}, {"0028,0101", 12}, {"0028,0102", 11}, {"0028,0103", 0}} {
		fmt.Fprintf(&b, "(%s) US %d\n", us.tag, us.value)
	}
	fmt.Fprintf(&b, "(7fe0,0010) OW =%s\n", pixels)
	return b.String()
}

// store sends images to the PACS with storescu.
func (h *hospital) store(from *testbed.Host, ae string, list []image) {
	h.t.Helper()
	raw := make([]byte, 2*side*side)
	for i := range side * side {
		raw[2*i], raw[2*i+1] = byte(i%side+i/side), byte(i/side/16)
	}
	pixels := filepath.Join(h.dir, "pixels.raw")
	writeFile(h.t, pixels, raw)
	args := []string{"-aet", ae, "-aec", pacsAE, pacsAddress, dicomPort}
	for _, i := range list {
		base := filepath.Join(h.dir, fmt.Sprintf("%s-%d", ae, i.number))
		writeFile(h.t, base+".dump", []byte(i.dump(pixels)))
		run(h.t, "dump2dcm", base+".dump", base+".dcm")
		args = append(args, base+".dcm")
	}
	from.Run("storescu", args...)
}

// worklistDumps are what the RIS has scheduled.
func worklistDumps() []string {
	item := func(c canary, ae, modality string) string {
		return fmt.Sprintf(`(0008,0005) CS [ISO_IR 100]
(0008,0050) SH [%s]
(0010,0010) PN [%s]
(0010,0020) LO [%s]
(0010,0030) DA [%s]
(0020,000d) UI [2.25.5500%s]
(0040,0100) SQ (Sequence with undefined length #=1)
  (fffe,e000) na (Item with undefined length #=5)
    (0008,0060) CS [%s]
    (0040,0001) AE [%s]
    (0040,0002) DA [20260914]
    (0040,0003) TM [0900]
    (0040,0010) SH [%s-HOST]
  (fffe,e00d) na (ItemDelimitationItem)
(fffe,e0dd) na (SequenceDelimitationItem)
(0040,1001) SH [RP1]
`, c.accession, c.name, c.id, c.birth, c.id, modality, ae, ae)
	}
	return []string{item(canaryOne, mrAE, "MR"), item(canaryTwo, ctAE, "CT")}
}

// worklist asks the RIS what is scheduled for this modality.
func (h *hospital) worklist(from *testbed.Host, ae string) {
	h.t.Helper()
	from.Run("findscu", "-W", "-aet", ae, "-aec", risAE, "-k", "0010,0010", "-k", "0010,0020", "-k", "0008,0050",
		"-k", "0040,0100[0].0040,0001="+ae, "-k", "0040,0100[0].0008,0060", "-k", "0040,0100[0].0040,0010="+ae+"-HOST", risAddress, dicomPort)
}

// step tells the RIS that an examination begins or has ended.
func (h *hospital) step(from *testbed.Host, ae, verb, uid string) {
	h.t.Helper()
	m, c := mrMachine, canaryOne
	if ae == ctAE {
		m, c = ctMachine, canaryTwo
	}
	from.Run("node", filepath.Join(h.node, "mpps.js"), verb, risAddress, stepPort, ae, risAE, uid, m.maker, m.model, m.serial, c.name, c.id)
}

// find and move are what the reading workstation does.
func (h *hospital) find(c canary) {
	h.t.Helper()
	h.reading.Run("findscu", "-S", "-aet", readingAE, "-aec", pacsAE, "-k", "0008,0052=STUDY", "-k", "0010,0020="+c.id, "-k", "0010,0010",
		"-k", "0020,000d", "-k", "0008,1030", pacsAddress, dicomPort)
}

func (h *hospital) move(c canary, destination string) {
	h.t.Helper()
	uid := ctMachine.uid
	if c == canaryThree {
		uid = usMachine.uid
	}
	h.reading.Run("movescu", "-S", "-aet", readingAE, "-aec", pacsAE, "-aem", destination, "-k", "0008,0052=STUDY", "-k", "0020,000d="+uid+".1",
		pacsAddress, dicomPort)
}

func (h *hospital) echo(from *testbed.Host, ae string) {
	h.t.Helper()
	from.Run("echoscu", "-aet", ae, "-aec", pacsAE, pacsAddress, dicomPort)
}
