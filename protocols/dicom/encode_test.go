package dicom_test

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"slices"
	"strings"
)

// This encoder exists for the tests alone: the sensor never writes DICOM.

// Transfer syntaxes of the tests: PS3.6 table A-1.
const (
	implicit   = "1.2.840.10008.1.2"
	explicit   = "1.2.840.10008.1.2.1"
	bigEndian  = "1.2.840.10008.1.2.2"
	deflate    = "1.2.840.10008.1.2.1.99"
	jpeg       = "1.2.840.10008.1.2.4.50"
	gePrivate  = "1.2.840.113619.5.2"
	papyrus    = "1.2.840.10008.1.20"
	ctStorage  = "1.2.840.10008.5.1.4.1.1.2"
	secondary  = "1.2.840.10008.5.1.4.1.1.7"
	verifySOP  = "1.2.840.10008.1.1"
	worklist   = "1.2.840.10008.5.1.4.31"
	mpps       = "1.2.840.10008.3.1.2.3.3"
	studyFind  = "1.2.840.10008.5.1.4.1.2.2.1"
	studyMove  = "1.2.840.10008.5.1.4.1.2.2.2"
	studyGet   = "1.2.840.10008.5.1.4.1.2.2.3"
	commitment = "1.2.840.10008.1.20.1"
	printer    = "1.2.840.10008.5.1.1.16"
	printMeta  = "1.2.840.10008.5.1.1.9"
	workitem   = "1.2.840.10008.5.1.4.34.6"
)

func pad(s string, n int, with byte) []byte {
	return append([]byte(s), bytes.Repeat([]byte{with}, max(0, n-len(s)))...)
}

func pdu(kind byte, body []byte) []byte {
	b := binary.BigEndian.AppendUint32([]byte{kind, 0}, uint32(len(body)))
	return append(b, body...)
}

func item(kind byte, body ...[]byte) []byte {
	all := slices.Concat(body...)
	b := binary.BigEndian.AppendUint16([]byte{kind, 0}, uint16(len(all)))
	return append(b, all...)
}

// proposal is one presentation context of a request.
type proposal struct {
	id       byte
	abstract string
	transfer []string
}

// answer is one presentation context of an acceptance.
type answer struct {
	id, result byte
	transfer   string
}

func associate(kind byte, called, calling string, items ...[]byte) []byte {
	body := slices.Concat([]byte{0, 1, 0, 0}, pad(called, 16, ' '), pad(calling, 16, ' '), make([]byte, 32),
		item(0x10, []byte("1.2.840.10008.3.1.1.1")))
	return pdu(kind, append(body, slices.Concat(items...)...))
}

func user(class, version string, extra ...[]byte) []byte {
	parts := [][]byte{item(0x51, []byte{0, 0, 0x40, 0}), item(0x52, []byte(class))}
	if version != "" {
		parts = append(parts, item(0x55, []byte(version)))
	}
	return item(0x50, append(parts, extra...)...)
}

func request(called, calling string, proposals ...proposal) []byte {
	items := [][]byte(nil)
	for _, p := range proposals {
		parts := [][]byte{{p.id, 0, 0, 0}, item(0x30, []byte(p.abstract))}
		for _, t := range p.transfer {
			parts = append(parts, item(0x40, []byte(t)))
		}
		items = append(items, item(0x20, parts...))
	}
	return associate(1, called, calling, append(items, user("1.2.3.4", "TEST_1"))...)
}

func accept(called, calling string, answers ...answer) []byte {
	items := [][]byte(nil)
	for _, a := range answers {
		items = append(items, item(0x21, []byte{a.id, 0, a.result, 0}, item(0x40, []byte(a.transfer))))
	}
	return associate(2, called, calling, append(items, user("1.2.9.9", "PEER_2"))...)
}

// Control headers: PS3.8 annex E.2.
const (
	lastCommand = 3
	moreCommand = 1
	lastData    = 2
	moreData    = 0
)

func pdv(id, control byte, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)+2))
	return append(append(b, id, control), data...)
}

func pdata(pdvs ...[]byte) []byte { return pdu(4, slices.Concat(pdvs...)) }

// element is one element; items make it a sequence.
type element struct {
	tag       uint32
	vr        string
	value     string
	items     [][]element
	undefined bool     // lengths told by delimiters
	fragments []string // encapsulated
}

func el(tag uint32, vr, value string) element { return element{tag: tag, vr: vr, value: value} }

func sequence(tag uint32, undefined bool, items ...[]element) element {
	return element{tag: tag, vr: "SQ", items: items, undefined: undefined}
}

// encoder writes elements in one transfer syntax.
type encoder struct {
	order    binary.AppendByteOrder
	explicit bool
}

func encoderOf(transfer string) encoder {
	switch transfer {
	case implicit, gePrivate, papyrus:
		return encoder{order: binary.LittleEndian}
	case bigEndian:
		return encoder{order: binary.BigEndian, explicit: true}
	}
	return encoder{order: binary.LittleEndian, explicit: true}
}

func (e encoder) tag(b []byte, tag uint32) []byte {
	return e.order.AppendUint16(e.order.AppendUint16(b, uint16(tag>>16)), uint16(tag))
}

func (e encoder) header(b []byte, tag uint32, vr string, n uint32) []byte {
	b = e.tag(b, tag)
	if !e.explicit {
		return e.order.AppendUint32(b, n)
	}
	b = append(b, vr...)
	if strings.Contains("OB OD OF OL OV OW SQ SV UC UN UR UT UV", vr) {
		return e.order.AppendUint32(append(b, 0, 0), n)
	}
	return e.order.AppendUint16(b, uint16(n))
}

func (e encoder) delimiter(b []byte, tag, n uint32) []byte {
	return e.order.AppendUint32(e.tag(b, tag), n)
}

func (e encoder) items(el element) []byte {
	var b []byte
	for _, it := range el.items {
		body := e.elements(it...)
		if el.undefined {
			b = e.delimiter(append(e.delimiter(b, 0xFFFEE000, 0xFFFFFFFF), body...), 0xFFFEE00D, 0)
		} else {
			b = append(e.delimiter(b, 0xFFFEE000, uint32(len(body))), body...)
		}
	}
	for _, f := range el.fragments {
		b = append(e.delimiter(b, 0xFFFEE000, uint32(len(f))), f...)
	}
	return b
}

func (e encoder) elements(els ...element) []byte {
	var b []byte
	for _, el := range els {
		switch {
		case el.undefined || el.fragments != nil:
			b = e.header(b, el.tag, el.vr, 0xFFFFFFFF)
			inner := e
			if el.vr == "UN" {
				inner = encoderOf(implicit)
			}
			b = inner.delimiter(append(b, inner.items(el)...), 0xFFFEE0DD, 0)
		case el.vr == "SQ":
			body := e.items(el)
			b = append(e.header(b, el.tag, el.vr, uint32(len(body))), body...)
		default:
			value := []byte(el.value)
			if len(value)%2 == 1 {
				value = append(value, map[bool]byte{true: 0, false: ' '}[el.vr == "UI" || el.vr == "OB"])
			}
			b = append(e.header(b, el.tag, el.vr, uint32(len(value))), value...)
		}
	}
	return b
}

func dataset(transfer string, els ...element) []byte {
	b := encoderOf(transfer).elements(els...)
	if transfer != deflate {
		return b
	}
	var packed bytes.Buffer
	w, _ := flate.NewWriter(&packed, flate.BestSpeed)
	_, _ = w.Write(b)
	_ = w.Close()
	return packed.Bytes()
}

func us(v uint16) string { return string(binary.LittleEndian.AppendUint16(nil, v)) }

// command writes a command set; tags must ascend.
func command(els ...element) []byte {
	body := encoderOf(implicit).elements(els...)
	length := string(binary.LittleEndian.AppendUint32(nil, uint32(len(body))))
	return append(encoderOf(implicit).elements(el(0x00000000, "UL", length)), body...)
}

// dimse writes a usual request or response. status < 0 means a request.
func dimse(field uint16, class string, id uint16, hasData bool, status int, more ...element) []byte {
	data := uint16(0x0101)
	if hasData {
		data = 1
	}
	els := []element{el(0x00000100, "US", us(field)), el(0x00000800, "US", us(data))}
	classTag, idTag := uint32(0x00000002), uint32(0x00000110)
	if op := field; op == 0x0110 || op == 0x0120 || op == 0x0130 || op == 0x0150 {
		classTag = 0x00000003
	}
	if status >= 0 {
		idTag = 0x00000120
		els = append(els, el(0x00000900, "US", us(uint16(status))))
	}
	if class != "" {
		els = append(els, el(classTag, "UI", class))
	}
	els = append(append(els, el(idTag, "US", us(id))), more...)
	slices.SortFunc(els, func(a, b element) int { return int(a.tag) - int(b.tag) })
	return command(els...)
}

// fragments splits a command or data set into P-DATA-TF PDUs of at most size
// octets of data.
func fragments(id, control byte, data []byte, size int) []byte {
	var b []byte
	for len(data) > size {
		b = append(b, pdata(pdv(id, control&^2, data[:size]))...)
		data = data[size:]
	}
	return append(b, pdata(pdv(id, control, data))...)
}
