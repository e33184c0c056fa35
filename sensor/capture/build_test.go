package capture_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"testing"
)

// order is a byte order that can also append.
type order interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

var (
	little order = binary.LittleEndian
	big    order = binary.BigEndian
)

// sample is a packet as the tests write it: ticks are in the resolution of the
// interface it is on.
type sample struct {
	iface  uint32
	ticks  uint64
	data   string
	length uint32 // on the wire; 0 means all of data
}

func (s sample) wire() uint32 { return max(s.length, uint32(len(s.data))) }

// samples are three packets at 2021-01-02T03:04:05.000006Z and after, in microseconds.
func samples() []sample {
	const start = 1609556645_000006
	return []sample{
		{ticks: start, data: "first packet"},
		{ticks: start + 1, data: "second", length: 1500},
		{ticks: start + 1_000_000, data: "third, and odd"},
	}
}

// pcapHead is a pcap file header.
func pcapHead(o order, magic uint32, major, minor uint16, link uint32) []byte {
	b := o.AppendUint32(nil, magic)
	b = o.AppendUint16(b, major)
	b = o.AppendUint16(b, minor)
	b = append(b, make([]byte, 8)...)
	b = o.AppendUint32(b, 65535)
	return o.AppendUint32(b, link)
}

// pcapRecord is one record with a second of unit ticks; extra stands behind the
// lengths, as in the modified format.
func pcapRecord(o order, s sample, unit uint64, extra int) []byte {
	b := o.AppendUint32(nil, uint32(s.ticks/unit))
	b = o.AppendUint32(b, uint32(s.ticks%unit))
	b = o.AppendUint32(b, uint32(len(s.data)))
	b = o.AppendUint32(b, s.wire())
	b = append(b, make([]byte, extra)...)
	return append(b, s.data...)
}

// pcapFile is a whole file of version 2.4 with microseconds.
func pcapFile(o order, all ...sample) []byte {
	b := pcapHead(o, 0xa1b2c3d4, 2, 4, 1)
	for _, s := range all {
		b = append(b, pcapRecord(o, s, 1e6, 0)...)
	}
	return b
}

// block is a pcapng block, padded.
func block(o order, kind uint32, body []byte) []byte {
	for len(body)%4 != 0 {
		body = append(body, 0)
	}
	size := uint32(len(body) + 12)
	b := o.AppendUint32(nil, kind)
	b = o.AppendUint32(b, size)
	b = append(b, body...)
	return o.AppendUint32(b, size)
}

// section is a section header block.
func section(o order) []byte {
	b := o.AppendUint32(nil, 0x1a2b3c4d)
	b = o.AppendUint16(b, 1)
	b = o.AppendUint16(b, 0)
	return block(o, 0x0a0d0d0a, o.AppendUint64(b, ^uint64(0)))
}

// option is one pcapng option, padded.
func option(o order, code uint16, value []byte) []byte {
	b := o.AppendUint16(nil, code)
	b = o.AppendUint16(b, uint16(len(value)))
	b = append(b, value...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

// describe is an interface description block.
func describe(o order, link uint16, snap uint32, options ...[]byte) []byte {
	b := o.AppendUint16(nil, link)
	b = o.AppendUint16(b, 0)
	b = o.AppendUint32(b, snap)
	for _, opt := range options {
		b = append(b, opt...)
	}
	if len(options) > 0 {
		b = append(b, 0, 0, 0, 0)
	}
	return block(o, 1, b)
}

// enhanced is an enhanced packet block.
func enhanced(o order, s sample) []byte {
	return block(o, 6, packetBody(o, o.AppendUint32(nil, s.iface), s))
}

// obsolete is a packet block of the old kind, after 7 lost packets.
func obsolete(o order, s sample) []byte {
	b := o.AppendUint16(nil, uint16(s.iface))
	return block(o, 2, packetBody(o, o.AppendUint16(b, 7), s))
}

func packetBody(o order, b []byte, s sample) []byte {
	b = o.AppendUint32(b, uint32(s.ticks>>32))
	b = o.AppendUint32(b, uint32(s.ticks))
	b = o.AppendUint32(b, uint32(len(s.data)))
	b = o.AppendUint32(b, s.wire())
	b = append(b, s.data...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return append(b, option(o, 1, []byte("a comment"))...)
}

// simple is a simple packet block.
func simple(o order, s sample) []byte {
	return block(o, 3, append(o.AppendUint32(nil, s.wire()), s.data...))
}

// statistics is an interface statistics block that tells of losses.
func statistics(o order, iface uint32, ifDrop, osDrop uint64) []byte {
	b := o.AppendUint32(nil, iface)
	b = append(b, make([]byte, 8)...)
	b = append(b, option(o, 5, o.AppendUint64(nil, ifDrop))...)
	b = append(b, option(o, 7, o.AppendUint64(nil, osDrop))...)
	return block(o, 5, b)
}

func resolution(o order, v byte) []byte { return option(o, 9, []byte{v}) }

func timeOffset(o order, seconds int64) []byte {
	return option(o, 14, o.AppendUint64(nil, uint64(seconds)))
}

// zipped is b as one gzip member.
func zipped(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
