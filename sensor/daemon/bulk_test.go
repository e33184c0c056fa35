package daemon_test

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/auscult/auscult/sensor/testbed/sender"
)

// scanner is a made-up modality that stores large images.
type scanner struct {
	party
	title, maker, model, serial, software string
}

// pduLength is what DCMTK's store SCP announces, less the PDU header.
const pduLength = 16378

// stores plays an association in which a scanner stores images of so many bytes of
// pixels each.
func (f *film) stores(s scanner, archive party, images, pixels int) *film {
	f.Converse(s.party, archive, 11112, sender.Shape{}, s.study(images, pixels)...)
	return f
}

// study is what a scanner and an archive say while images are stored.
func (s scanner) study(images, pixels int) []sender.Line {
	said := []sender.Line{sender.Client(association(1, s.title)), sender.Server(association(2, s.title))}
	for i := range images {
		said = append(said, sender.Client(pdus(1, 3, storeCommand(i))))
		said = append(said, sender.Client(pdus(1, 2, s.image(i, pixels))))
		said = append(said, sender.Server(pdus(1, 3, storeAnswer(i))))
	}
	return append(said, sender.Client([]byte{5, 0, 0, 0, 0, 4, 0, 0, 0, 0}), sender.Server([]byte{6, 0, 0, 0, 0, 4, 0, 0, 0, 0}))
}

const ctStorage, explicitLE = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.1.2.1"

// association is an A-ASSOCIATE-RQ (1) or -AC (2) of one presentation context (PS3.8,
// section 9.3).
func association(kind byte, calling string) []byte {
	item := func(t byte, body []byte) []byte {
		return append(binary.BigEndian.AppendUint16([]byte{t, 0}, uint16(len(body))), body...)
	}
	context := append([]byte{1, 0, 0, 0}, item(0x40, []byte(explicitLE))...)
	if kind == 1 {
		context = append(append([]byte{1, 0, 0, 0}, item(0x30, []byte(ctStorage))...), item(0x40, []byte(explicitLE))...)
	}
	user := append(item(0x51, binary.BigEndian.AppendUint32(nil, pduLength+6)), item(0x52, []byte("1.2.826.0.1.3680043.9.7777.2"))...)
	body := append([]byte{0, 1, 0, 0}, fmt.Sprintf("%-16s%-16s", "ARCHIVE", calling)...)
	body = append(body, make([]byte, 32)...)
	body = append(body, item(0x10, []byte("1.2.840.10008.3.1.1.1"))...)
	body = append(body, item(0x1f+kind, context)...)
	body = append(body, item(0x50, user)...)
	return pdu(kind, body)
}

func pdu(kind byte, body []byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{kind, 0}, uint32(len(body))), body...)
}

// pdus puts a message part into P-DATA-TF PDUs of the length that was agreed;
// control is 3 for a command, 2 for the last of a data set.
func pdus(context, control byte, part []byte) (all []byte) {
	for len(part) > 0 {
		n := min(len(part), pduLength-6)
		c := control
		if n < len(part) {
			c &^= 2
		}
		pdv := append(binary.BigEndian.AppendUint32(nil, uint32(n+2)), context, c)
		all = append(all, pdu(4, append(pdv, part[:n]...))...)
		part = part[n:]
	}
	return all
}

func implicit(group, element uint16, value []byte) []byte {
	if len(value)%2 == 1 {
		value = append(value, 0)
	}
	b := binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16(nil, group), element)
	return append(binary.LittleEndian.AppendUint32(b, uint32(len(value))), value...)
}

func short(v uint16) []byte { return binary.LittleEndian.AppendUint16(nil, v) }

func commandSet(elements ...[]byte) []byte {
	var body []byte
	for _, e := range elements {
		body = append(body, e...)
	}
	return append(implicit(0, 0, binary.LittleEndian.AppendUint32(nil, uint32(len(body)))), body...)
}

func instance(i int) []byte { return fmt.Appendf(nil, "1.2.826.0.1.3680043.9.7777.2.%d", i+1) }

func storeCommand(i int) []byte {
	return commandSet(implicit(0, 2, []byte(ctStorage)), implicit(0, 0x100, short(1)), implicit(0, 0x110, short(uint16(i+1))),
		implicit(0, 0x700, short(0)), implicit(0, 0x800, short(0)), implicit(0, 0x1000, instance(i)))
}

func storeAnswer(i int) []byte {
	return commandSet(implicit(0, 2, []byte(ctStorage)), implicit(0, 0x100, short(0x8001)), implicit(0, 0x120, short(uint16(i+1))),
		implicit(0, 0x800, short(0x101)), implicit(0, 0x900, short(0)), implicit(0, 0x1000, instance(i)))
}

// image is a data set in explicit VR little endian whose pixels are noise.
func (s scanner) image(i, pixels int) []byte {
	text := func(group, element uint16, vr, v string) []byte {
		v += strings.Repeat(" ", len(v)%2)
		b := binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16(nil, group), element)
		return append(binary.LittleEndian.AppendUint16(append(b, vr...), uint16(len(v))), v...)
	}
	var b []byte
	for _, e := range [][]byte{text(8, 0x16, "UI", ctStorage), text(8, 0x60, "CS", "CT"), text(8, 0x70, "LO", s.maker), text(8, 0x1010, "SH", s.title),
		text(8, 0x1090, "LO", s.model), text(0x10, 0x10, "PN", "CANARY^BULKY"), text(0x10, 0x20, "LO", "CANARY-77"),
		text(0x18, 0x1000, "LO", s.serial), text(0x18, 0x1020, "LO", s.software)} {
		b = append(b, e...)
	}
	b = append(b, 0xe0, 0x7f, 0x10, 0, 'O', 'W', 0, 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(pixels))
	noise := uint32(i + 1)
	for range pixels {
		noise = noise*1664525 + 1013904223 // Numerical Recipes' generator
		b = append(b, byte(noise>>24))
	}
	return b
}
