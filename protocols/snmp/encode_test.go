package snmp_test

import (
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// element writes one element with a definite length.
func element(tag byte, parts ...[]byte) []byte {
	body := slices.Concat(parts...)
	switch n := len(body); {
	case n < 0x80:
		return append([]byte{tag, byte(n)}, body...)
	case n < 0x100:
		return append([]byte{tag, 0x81, byte(n)}, body...)
	default:
		return append([]byte{tag, 0x82, byte(n >> 8), byte(n)}, body...)
	}
}

func text(s string) []byte { return element(4, []byte(s)) }

func number(n uint32) []byte { return element(2, binary.BigEndian.AppendUint32(nil, n)) }

// oid writes an object identifier.
func oid(t testing.TB, dotted string) []byte {
	t.Helper()
	var ids []uint64
	for part := range strings.SplitSeq(dotted, ".") {
		id, err := strconv.ParseUint(part, 10, 32)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	body := []byte{byte(ids[0]*40 + ids[1])}
	for _, id := range ids[2:] {
		var digits []byte
		for first := true; first || id > 0; first = false {
			d := byte(id & 0x7f)
			if len(digits) > 0 {
				d |= 0x80
			}
			digits = append([]byte{d}, digits...)
			id >>= 7
		}
		body = append(body, digits...)
	}
	return element(6, body)
}

// object is a name and its value.
type object struct {
	name  string // below 1.3.6.1.2.1, or whole where it begins with 1.3
	value []byte
}

func list(t testing.TB, objects []object) []byte {
	t.Helper()
	var all []byte
	for _, o := range objects {
		name := o.name
		if !strings.HasPrefix(name, "1.3.") {
			name = "1.3.6.1.2.1." + name
		}
		all = append(all, element(0x30, oid(t, name), o.value)...)
	}
	return element(0x30, all)
}

// The operations.
const (
	get, getNext, response, set, trapV1, getBulk, inform, trapV2, report = 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8
)

// community is a credential, and a canary.
const community = "ZZCOMMUNITY"

func operation(t testing.TB, op byte, status uint32, objects ...object) []byte {
	return element(op, number(4711), number(status), number(0), list(t, objects))
}

// v2 writes a message of version 2c.
func v2(t testing.TB, op byte, objects ...object) []byte {
	return element(0x30, element(2, []byte{1}), text(community), operation(t, op, 0, objects...))
}

func v1Trap(t testing.TB, enterprise string, agent []byte, objects ...object) []byte {
	return element(0x30, element(2, []byte{0}), text(community),
		element(trapV1, oid(t, enterprise), element(0x40, agent), number(6), number(1), element(0x43, []byte{1, 2}), list(t, objects)))
}

// user is a user's name, and a canary.
const user = "ZZUSER"

// v3 writes a message of version 3. Flags say whether inside is encrypted.
func v3(engine []byte, flags byte, inside []byte) []byte {
	security := element(0x30, element(4, engine), number(1), number(2), text(user), text("ZZAUTH"), text("ZZSALT"))
	return element(0x30, element(2, []byte{3}), element(0x30, number(1), number(65507), element(4, []byte{flags}), element(2, []byte{3})), element(4, security), inside)
}

func scoped(context []byte, operation []byte) []byte {
	return element(0x30, element(4, context), text("ZZCONTEXT"), operation)
}
