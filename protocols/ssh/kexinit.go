package ssh

import (
	"bytes"
	"encoding/binary"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/wire"
)

// nameLists is how many lists a key exchange message has: RFC 4253 section 7.1.
const nameLists = 10

// exchange takes the payload of a key exchange message behind its number.
func (s *session) exchange(d protocols.Direction, payload []byte) {
	methods, ok := parseExchange(payload)
	if !ok {
		s.end(d, protocols.Malformed)
		return
	}
	s.stateRole(d, roleByMethods(methods))
	s.end(d, protocols.Parsed)
}

// parseExchange checks the ten lists and returns the first: the key exchange
// methods.
func parseExchange(payload []byte) (methods []byte, ok bool) {
	r := wire.NewReader(payload)
	r.Skip(cookie)
	for i := range nameLists {
		list := r.Bytes(int(r.U32(binary.BigEndian)))
		for _, c := range list {
			if !graphic(c) {
				return nil, false
			}
		}
		if i == 0 {
			methods = list
		}
	}
	r.Skip(1 + 4) // first packet follows, reserved
	return methods, !r.Failed() && r.Len() == 0 && len(methods) > 0
}

// roleByMethods tells client from server by the markers that only one of them may
// put among its methods: RFC 8308 section 2.1, and OpenSSH's strict key exchange
// (PROTOCOL, section 1.10).
func roleByMethods(methods []byte) protocols.Role {
	for method := range bytes.SplitSeq(methods, []byte(",")) {
		switch string(method) {
		case "ext-info-c", "kex-strict-c-v00@openssh.com":
			return protocols.RoleSSHClient
		case "ext-info-s", "kex-strict-s-v00@openssh.com":
			return protocols.RoleSSHServer
		}
	}
	return ""
}
