package dhcp

import "net/netip"

// The options that are read (RFC 2132 unless said otherwise). Option 15 tells of
// the network, not of the device, and option 77 (user class, RFC 3004) often
// holds an account's name: neither is read.
const (
	optPad                = 0
	optHostName           = 12 // section 3.14
	optOverload           = 52 // section 9.3
	optMessageType        = 53 // section 9.6
	optServerID           = 54 // section 9.7
	optParameterList      = 55 // section 9.8
	optVendorClass        = 60 // section 9.13
	optClientID           = 61 // section 9.14
	optFQDN               = 81 // RFC 4702
	optRelayAgent         = 82 // RFC 3046
	optEnd                = 255
	overloadFile     byte = 1
	overloadSname    byte = 2
)

// slots is how many options are read.
const slots = 9

// options holds the values of the options that are read.
type options [slots][]byte

func slot(code byte) int {
	switch code {
	case optHostName:
		return 0
	case optOverload:
		return 1
	case optMessageType:
		return 2
	case optServerID:
		return 3
	case optParameterList:
		return 4
	case optVendorClass:
		return 5
	case optClientID:
		return 6
	case optFQDN:
		return 7
	case optRelayAgent:
		return 8
	}
	return -1
}

func (o *options) get(code byte) []byte { return o[slot(code)] }

// read walks the option field and, where option 52 says so, the file and sname
// fields after it, in the order of RFC 3396, section 5. It reports whether every
// option lies inside its field.
func (o *options) read(field, file, sname []byte) bool {
	if !o.walk(field) {
		return false
	}
	overload := o.get(optOverload)
	if overload == nil {
		return true
	}
	if len(overload) != 1 || overload[0] == 0 || overload[0] > overloadFile|overloadSname {
		return false
	}
	where := overload[0]
	if where&overloadFile != 0 && !o.walk(file) {
		return false
	}
	return where&overloadSname == 0 || o.walk(sname)
}

func (o *options) walk(b []byte) bool {
	for len(b) > 0 {
		code := b[0]
		if code == optEnd {
			return true
		}
		if code == optPad {
			b = b[1:]
			continue
		}
		if len(b) < 2 || int(b[1]) > len(b)-2 {
			return false
		}
		o.add(code, b[2:2+int(b[1])])
		b = b[2+int(b[1]):]
	}
	return true // old clients leave the end mark out when the field is full
}

// add joins the parts of an option that was sent in several (RFC 3396, section 7).
func (o *options) add(code byte, value []byte) {
	i := slot(code)
	if i < 0 {
		return
	}
	if o[i] == nil {
		o[i] = value[:len(value):len(value)] // a later part must not be written over the datagram
		return
	}
	o[i] = append(o[i], value...)
}

// server is option 54, invalid when it is not one host's address.
func (o *options) server() netip.Addr {
	v := o.get(optServerID)
	if len(v) != 4 {
		return netip.Addr{}
	}
	return holdable(v)
}

// circuit is where the relay says the client is plugged in (RFC 3046, section
// 3.1), as raw octets.
func (o *options) circuit() []byte {
	const circuitID = 1
	b := o.get(optRelayAgent)
	for len(b) >= 2 {
		code, n := b[0], int(b[1])
		if n > len(b)-2 {
			return nil
		}
		if code == circuitID {
			return b[2 : 2+n]
		}
		b = b[2+n:]
	}
	return nil
}
