package ssh_test

import (
	"bytes"
	"encoding/binary"
	"strings"
)

const (
	openSSH = "SSH-2.0-OpenSSH_9.2p1 Debian-2+zzcanary\r\n"
	methods = "curve25519-sha256,ecdh-sha2-nistp256"
)

// packet is a binary packet with four octets of padding or more.
func packet(payload []byte) []byte {
	padding := 8 - (5+len(payload))%8
	if padding < 4 {
		padding += 8
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(1+len(payload)+padding))
	b = append(append(b, byte(padding)), payload...)
	return append(b, make([]byte, padding)...)
}

// payload is a key exchange message with these methods.
func payload(methods string) []byte {
	b := append([]byte{20}, bytes.Repeat([]byte{0xc3}, 16)...)
	for i := range 10 {
		list := "aes128-ctr,hmac-sha2-256"
		if i == 0 {
			list = methods
		}
		if i > 7 {
			list = ""
		}
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(list))), list...)
	}
	return append(b, 0, 0, 0, 0, 0)
}

func kexInit(methods string) []byte { return packet(payload(methods)) }

func text(parts ...string) []byte { return []byte(strings.Join(parts, "")) }
