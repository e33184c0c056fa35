package smb

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/auscult/auscult/protocols"
)

// Offsets and flags of the three messages of NTLMSSP: [MS-NLMP] 2.2.1 and 2.2.2.5.
const (
	kindAt            = 8
	offerFlagsAt      = 12
	offerVersionAt    = 32
	challengeFlagsAt  = 20
	challengeInfoAt   = 40
	challengeVersion  = 48
	answerHostAt      = 44
	answerFlagsAt     = 60
	answerVersionAt   = 64
	flagUnicode       = 0x00000001
	flagVersion       = 0x02000000
	pairEnd           = 0 // [MS-NLMP] 2.2.2.1
	pairComputer      = 1
	pairDomain        = 2
	pairDNSComputer   = 3
	pairDNSDomain     = 4
	imitatedVersion   = "Windows NT 6.1.7600"
	versionLen        = 8
	kindOffer         = 1
	kindChallenge     = 2
	kindAnswer        = 3
	shortestChallenge = 48
)

// ntlm states what the NTLMSSP message in a security blob tells of its sender: nothing
// of who logs on, and no name of a host that made its address up.
func ntlm(blob []byte, mac protocols.MAC) (facts []protocols.Fact) {
	m := ntlmMessage(blob)
	if len(m) < offerFlagsAt+4 {
		return nil
	}
	var host, domain []byte
	field, system, confidence := "", "", clientSays
	switch binary.LittleEndian.Uint32(m[kindAt:]) {
	case kindOffer:
		field, system = "NTLMSSP NEGOTIATE", version(m, offerFlagsAt, offerVersionAt)
	case kindChallenge:
		field, system, confidence = "NTLMSSP CHALLENGE", version(m, challengeFlagsAt, challengeVersion), serverSays
		host, domain = target(m)
	case kindAnswer:
		field, system = "NTLMSSP AUTHENTICATE", version(m, answerFlagsAt, answerVersionAt)
		host = workstation(m)
	default:
		return nil
	}
	if confidence == clientSays && system == imitatedVersion {
		system = "" // what the clients of macOS say, too
	}
	name := protocols.HostName(host)
	if mac.IsPrivate() || unnamed(name) {
		name = ""
	}
	return append(facts, fact(protocols.Hostname, name, field, confidence), fact(protocols.Domain, protocols.DomainName(domain), field, confidence),
		fact(protocols.OSVersion, system, field+" Version", versioned))
}

// unnamed reports what programs write that know no name for their host.
func unnamed(name string) bool {
	return strings.EqualFold(name, "WORKSTATION") || strings.EqualFold(name, "NULL") || strings.EqualFold(name, "NONE")
}

// version reads the version of the sender's system, or "". A build of zero is what
// other systems write there.
func version(m []byte, flagsAt, at int) string {
	if len(m) < at+versionLen || binary.LittleEndian.Uint32(m[flagsAt:])&flagVersion == 0 {
		return ""
	}
	major, minor, build := m[at], m[at+1], binary.LittleEndian.Uint16(m[at+2:])
	if major < 5 || major > 10 || build == 0 {
		return ""
	}
	return fmt.Sprintf("Windows NT %d.%d.%d", major, minor, build)
}

// payload returns what the field at an offset points to: length, room, and place.
func payload(m []byte, at int) []byte {
	if len(m) < at+8 {
		return nil
	}
	n, from := int(binary.LittleEndian.Uint16(m[at:])), int64(binary.LittleEndian.Uint32(m[at+4:]))
	if from < int64(offerVersionAt) || from+int64(n) > int64(len(m)) {
		return nil
	}
	return m[from : from+int64(n)]
}

// workstation is the name of a client's host. Account and domain beside it are the
// user's.
func workstation(m []byte) []byte {
	if len(m) < answerFlagsAt+4 {
		return nil
	}
	name := payload(m, answerHostAt)
	if binary.LittleEndian.Uint32(m[answerFlagsAt:])&flagUnicode != 0 {
		return narrow(name)
	}
	return name
}

// target reads the names of a server and its domain. A host of no domain is its own.
func target(m []byte) (host, domain []byte) {
	if len(m) < shortestChallenge {
		return nil, nil
	}
	var names [pairDNSDomain + 1][]byte
	info := payload(m, challengeInfoAt)
	for range maxPairs {
		if len(info) < 4 {
			return nil, nil
		}
		kind, n := binary.LittleEndian.Uint16(info), int(binary.LittleEndian.Uint16(info[2:]))
		if kind == pairEnd {
			break
		}
		if n > len(info)-4 {
			return nil, nil
		}
		if int(kind) < len(names) {
			names[kind] = narrow(info[4 : 4+n])
		}
		info = info[4+n:]
	}
	host, domain = longer(names[pairDNSComputer], names[pairComputer]), longer(names[pairDNSDomain], names[pairDomain])
	own := protocols.HostName(names[pairComputer])
	if strings.EqualFold(string(names[pairDomain]), own) || strings.EqualFold(string(domain), string(host)) {
		domain = nil
	}
	return host, domain
}

// longer is the full name where there is one, and the short one otherwise.
func longer(full, short []byte) []byte {
	if len(full) > 0 {
		return full
	}
	return short
}
