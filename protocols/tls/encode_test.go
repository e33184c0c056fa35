package tls_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"math/big"
	"slices"
	"testing"
	"time"
)

func record(kind byte, version uint16, body []byte) []byte {
	b := binary.BigEndian.AppendUint16([]byte{kind}, version)
	return append(binary.BigEndian.AppendUint16(b, uint16(len(body))), body...)
}

func clear22(body ...[]byte) []byte { return record(22, 0x0303, slices.Concat(body...)) }

func message(kind byte, body []byte) []byte { return append([]byte{kind}, list24(body)...) }

func list24(body []byte) []byte {
	return append([]byte{byte(len(body) >> 16), byte(len(body) >> 8), byte(len(body))}, body...)
}

func list16(body []byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(body))), body...)
}

func ext(kind uint16, body []byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, kind), list16(body)...)
}

func random() []byte { return bytes.Repeat([]byte{0xa7}, 32) }

func clientHello(version uint16, session int, extensions ...[]byte) []byte {
	b := append(binary.BigEndian.AppendUint16(nil, version), random()...)
	b = append(append(b, byte(session)), make([]byte, session)...)
	b = append(b, list16([]byte{0x13, 0x01, 0xc0, 0x2f})...)
	b = append(b, 1, 0)
	if extensions != nil {
		b = append(b, list16(slices.Concat(extensions...))...)
	}
	return message(1, b)
}

func serverHello(version, suite uint16, session int, extensions ...[]byte) []byte {
	b := append(binary.BigEndian.AppendUint16(nil, version), random()...)
	b = append(append(b, byte(session)), make([]byte, session)...)
	b = append(binary.BigEndian.AppendUint16(b, suite), 0)
	if extensions != nil {
		b = append(b, list16(slices.Concat(extensions...))...)
	}
	return message(2, b)
}

// certificates is a Certificate message of TLS 1.2 and before.
func certificates(der ...[]byte) []byte {
	var list []byte
	for _, d := range der {
		list = append(list, list24(d)...)
	}
	return message(11, list24(list))
}

func alert(level, description byte) []byte { return record(21, 0x0303, []byte{level, description}) }

// certificate signs a template with a key of its own.
func certificate(t testing.TB, c x509.Certificate) []byte {
	t.Helper()
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	c.SerialNumber, c.NotBefore, c.NotAfter = big.NewInt(5), time.Unix(0, 0), time.Unix(1<<32, 0)
	der, err := x509.CreateCertificate(rand.Reader, &c, &c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func host(t testing.TB, names ...string) []byte {
	t.Helper()
	return certificate(t, x509.Certificate{Subject: pkix.Name{Organization: []string{"O"}}, DNSNames: names})
}

// oldHello is a hello in the form of SSL 2.0.
func oldHello(version uint16, specs, session, challenge int) []byte {
	n := 9 + specs + session + challenge
	b := binary.BigEndian.AppendUint16(nil, 0x8000|uint16(n))
	b = binary.BigEndian.AppendUint16(append(b, 1), version)
	for _, v := range []int{specs, session, challenge} {
		b = binary.BigEndian.AppendUint16(b, uint16(v))
	}
	return append(b, make([]byte, specs+session+challenge)...)
}

// split writes a handshake into records of at most n octets.
func split(handshake []byte, n int) []byte {
	var b []byte
	for part := range slices.Chunk(handshake, n) {
		b = append(b, clear22(part)...)
	}
	return b
}
