package smb_test

import (
	"encoding/binary"
	"slices"
)

// wide is a text in UTF-16.
func wide(s string) (b []byte) {
	for _, r := range s {
		b = append(b, byte(r), byte(r>>8))
	}
	return b
}

func le16(v int) []byte { return binary.LittleEndian.AppendUint16(nil, uint16(v)) }

func le32(v int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(v)) }

// framed puts a message into a frame of the session service.
func framed(message ...[]byte) []byte {
	b := slices.Concat(message...)
	return append([]byte{0, byte(len(b) >> 16), byte(len(b) >> 8), byte(len(b))}, b...)
}

// v1 is a message of SMB 1 with its words and data.
func v1(command byte, reply bool, status int, words, data []byte) []byte {
	flags := byte(0x18)
	if reply {
		flags |= 0x80
	}
	head := slices.Concat([]byte("\xffSMB"), []byte{command}, le32(status), []byte{flags}, le16(0xc801), make([]byte, 20))
	return framed(head, []byte{byte(len(words) / 2)}, words, le16(len(data)), data)
}

// v2 is a message of SMB 2 with its body.
func v2(command int, reply bool, status int, body []byte) []byte {
	flags := 0
	if reply {
		flags = 1
	}
	return framed([]byte("\xfeSMB"), le16(64), le16(0), le32(status), le16(command), le16(1), le32(flags), make([]byte, 44), body)
}

func offer1(dialects ...string) []byte {
	var data []byte
	for _, d := range dialects {
		data = append(append(append(data, 2), d...), 0)
	}
	return v1(0x72, false, 0, nil, data)
}

func choice1(mode byte) []byte {
	words := append(append(le16(0), mode), make([]byte, 31)...)
	return v1(0x72, true, 0, words, make([]byte, 16))
}

// tail is padding and texts of SMB 1 behind a blob.
func tail(blob []byte, texts ...string) []byte {
	b := slices.Clone(blob)
	for _, t := range texts {
		b = append(append(b, wide(t)...), 0, 0)
	}
	return b
}

// setup1 is a session setup with a security blob of odd length, so that its texts begin
// at an even place.
func setup1(blob []byte, texts ...string) []byte {
	if len(blob)%2 == 0 {
		blob = append(blob, 0)
	}
	words := slices.Concat([]byte{0xff, 0, 0, 0}, make([]byte, 10), le16(len(blob)), make([]byte, 8))
	return v1(0x73, false, 0, words, tail(blob, texts...))
}

func answer1(status, action int, blob []byte, texts ...string) []byte {
	if len(blob)%2 != 0 {
		blob = append(blob, 0)
	}
	words := slices.Concat([]byte{0xff, 0, 0, 0}, le16(action), le16(len(blob)))
	return v1(0x73, true, status, words, append(slices.Clone(blob), tail([]byte{0}, texts...)...))
}

func offer2(dialects ...int) []byte {
	body := slices.Concat(le16(36), le16(len(dialects)), make([]byte, 32))
	for _, d := range dialects {
		body = append(body, le16(d)...)
	}
	return v2(0, false, 0, body)
}

func choice2(mode, dialect int) []byte {
	return v2(0, true, 0, slices.Concat(le16(65), le16(mode), le16(dialect), make([]byte, 58)))
}

func setup2(blob []byte) []byte {
	return v2(1, false, 0, slices.Concat(le16(25), make([]byte, 10), le16(64+24), le16(len(blob)), make([]byte, 8), blob))
}

func answer2(status, flags int, blob []byte) []byte {
	return v2(1, true, status, slices.Concat(le16(9), le16(flags), le16(64+8), le16(len(blob)), blob))
}

// system is a version of NTLMSSP.
func system(major, minor byte, build int) []byte {
	return slices.Concat([]byte{major, minor}, le16(build), []byte{0, 0, 0, 15})
}

const (
	versioned = 0x02000000
	unicode   = 1
	more      = 0xc0000016
)

func ntlmOffer(v []byte) []byte {
	return slices.Concat([]byte("NTLMSSP\x00"), le32(1), le32(versioned|unicode), make([]byte, 16), v)
}

type pair struct {
	kind int
	text string
}

func challenge(v []byte, pairs ...pair) []byte {
	var info []byte
	for _, p := range pairs {
		info = slices.Concat(info, le16(p.kind), le16(2*len(p.text)), wide(p.text))
	}
	info = append(info, 0, 0, 0, 0)
	return slices.Concat([]byte("NTLMSSP\x00"), le32(2), make([]byte, 8), le32(versioned|unicode), []byte("CHALLENG"), make([]byte, 8),
		le16(len(info)), le16(len(info)), le32(56), v, info)
}

// logon is an answer to a challenge: everything in it but the workstation is a user's.
func logon(v []byte, user, workstation string) []byte {
	u, w := wide(user), wide(workstation)
	field := func(n, at int) []byte { return slices.Concat(le16(n), le16(n), le32(at)) }
	return slices.Concat([]byte("NTLMSSP\x00"), le32(3), field(len(u), 72), field(len(u), 72), field(len(u), 72), field(len(u), 72),
		field(len(w), 72+len(u)), field(0, 72), le32(versioned|unicode), v, u, w)
}

func der(tag byte, content ...[]byte) []byte {
	b := slices.Concat(content...)
	switch {
	case len(b) < 128:
		return append([]byte{tag, byte(len(b))}, b...)
	case len(b) < 256:
		return append([]byte{tag, 0x81, byte(len(b))}, b...)
	}
	return append([]byte{tag, 0x82, byte(len(b) >> 8), byte(len(b))}, b...)
}

func initToken(m []byte) []byte {
	oid := []byte{6, 6, 0x2b, 6, 1, 5, 5, 2}
	return der(0x60, oid, der(0xa0, der(0x30, der(0xa0, der(0x30, []byte{6, 1, 0})), der(0xa2, der(4, m)))))
}

func responseToken(m []byte) []byte {
	return der(0xa1, der(0x30, der(0xa0, []byte{10, 1, 1}), der(0xa2, der(4, m))))
}

// dc01 is a challenge of a server in a domain; alone of one in none.
func dc01() []byte {
	return challenge(system(6, 1, 7601), pair{2, "CLINIC"}, pair{1, "DC01"}, pair{4, "clinic.example"}, pair{3, "dc01.clinic.example"}, pair{7, "\x01\x02\x03\x04"})
}
