package intellivue_test

import (
	"encoding/binary"
	"slices"
	"unicode/utf16"
)

// This generator follows the Data Export Interface Programming Guide, message by
// message. It shares nothing with the parser.

// word writes 16-bit integers in network order.
func word(values ...uint16) []byte {
	var b []byte
	for _, v := range values {
		b = binary.BigEndian.AppendUint16(b, v)
	}
	return b
}

func join(parts ...[]byte) []byte { return slices.Concat(parts...) }

// sized puts the length before the octets.
func sized(parts ...[]byte) []byte {
	b := join(parts...)
	return append(word(uint16(len(b))), b...)
}

// counted is a list: how many, how long, the elements.
func counted(elements ...[]byte) []byte {
	return append(word(uint16(len(elements))), sized(elements...)...)
}

// ava is one attribute.
func ava(id uint16, value ...[]byte) []byte { return append(word(id), sized(value...)...) }

// ascii is a VariableLabel: NUL-terminated, padded to an even length.
func ascii(s string) []byte {
	b := append([]byte(s), 0)
	if len(b)%2 != 0 {
		b = append(b, 0)
	}
	return sized(b)
}

// wide is a String of UTF-16.
func wide(s string) []byte {
	return sized(word(utf16.Encode([]rune(s + "\x00"))...))
}

func spec(kind, component uint16, s string) []byte { return append(word(kind, component), ascii(s)...) }

// object is a ManagedObjectId: class, context, handle.
func object(class uint16) []byte { return word(class, 0, 0) }

// operation wraps a command: remote operation type, length, invoke id, command.
func operation(kind uint16, command uint16, body []byte) []byte {
	return append(word(kind), sized(word(7, command), sized(body))...)
}

func export(b []byte) []byte { return append(word(0xE100, 2), b...) }

// event is an EventReportArgument.
func event(class, code uint16, info []byte) []byte {
	return join(object(class), []byte{0, 0xD6, 0xD4, 0}, word(code), sized(info))
}

// announce is a connect indication: nomenclature version 1.0 instead of a session.
func announce(attributes ...[]byte) []byte {
	return append([]byte{0, 0, 1, 0}, operation(1, 0, event(0x23, 0x0D17, counted(attributes...)))...)
}

// create is an MDS create event.
func create(attributes ...[]byte) []byte {
	return export(operation(1, 1, event(0x21, 0x0D06, join(object(0x21), counted(attributes...)))))
}

func createResult() []byte {
	return export(operation(2, 1, join(object(0x21), []byte{0, 0, 0, 1}, word(0x0D06, 0))))
}

// pollRequest asks for objects of a class.
func pollRequest(class uint16) []byte {
	return export(operation(1, 7, join(object(0x21), word(0, 0), word(0x0C16), sized(word(1, 1, class, 0)))))
}

// poll is one context of a poll result.
type poll struct {
	context uint16
	objects [][]byte
}

func observed(handle uint16, attributes ...[]byte) []byte {
	return append(word(handle), counted(attributes...)...)
}

// reply is PollMdibDataReply, or with a sequence number PollMdibDataReplyExt.
func reply(action, class uint16, contexts ...poll) []byte {
	head := word(1)
	if action == 0xF13B {
		head = append(head, word(9)...)
	}
	head = join(head, []byte{0, 0, 0, 8}, []byte{255, 255, 255, 255, 255, 255, 255, 255}, word(1, class, 0))
	var list [][]byte
	for _, c := range contexts {
		list = append(list, append(word(c.context), counted(c.objects...)...))
	}
	return join(object(0x21), word(action), sized(head, counted(list...)))
}

func pollResult(class uint16, contexts ...poll) []byte {
	return export(operation(2, 7, reply(0x0C16, class, contexts...)))
}

// linkedResult is one part of a result that does not fit into a datagram.
func linkedResult(state, count byte, class uint16, contexts ...poll) []byte {
	body := sized(reply(0xF13B, class, contexts...))
	return export(append(word(5), sized([]byte{state, count}, word(7, 7), body)...))
}

// number is a NuObsValue; state 0 is valid.
func number(state uint16, value uint32) []byte {
	return join(word(0x4182, state, 0x0AA0), binary.BigEndian.AppendUint32(nil, value))
}

// associate is an association request (0x0D) or response (0x0E): session data, the
// presentation header with the object identifiers of the data language, user data.
func associate(session byte) []byte {
	oid := []byte{0x2A, 0x86, 0x48, 0xCE, 0x14, 2, 1, 0, 0, 0, 1, 1}
	presentation := join([]byte{0x31, 0x80, 0xA0, 0x80, 0x80, 1, 1, 0, 0, 0xA2, 0x80}, []byte{6, 0x0C}, oid, make([]byte, 150))
	data := join([]byte{5, 8, 0x13, 1, 0, 0x16, 1, 2, 0x80, 0, 0x14, 2, 0, 2}, []byte{0xC1, byte(len(presentation))}, presentation)
	return join([]byte{session, byte(len(data))}, data)
}

func release() []byte { return append([]byte{9, 0x18, 0xC1, 0x16, 0x61, 0x80}, make([]byte, 20)...) }

// canaries are all that the monitor may say of its patient.
func canaries(name string) [][]byte {
	return [][]byte{
		ava(0x095A, wide("QQCANARY-"+name)), ava(0x095C, wide("QQCANARY "+name)), ava(0x095D, wide("QQCANARY"+name)), ava(0x0958, []byte("QQCANARY")),
		ava(0x0961, word(1)), ava(0xF001, []byte("QQCANARY"+name)), ava(0x09D8, number(0, 66)), ava(0x09DF, number(0, 77)), ava(0xF129, wide("QQCANARY "+name)),
		ava(0x0962, word(1)),
	}
}
