// Package poct1a reads what point-of-care devices say over POCT1-A (CLSI POCT01),
// on any port and in either direction: XML documents one behind the other on TCP,
// without any framing. A greeting (HEL.R01) names the device with its maker, model,
// serial number and versions, its state (DST.R01) says whether it is busy, and
// observations (OBS.R01, OBS.R02) say that it has just measured. Do not use it for
// ASTM (package astm) or for HL7 version 3.
//
// Documents are read octet by octet by a tokenizer of our own, which has strict
// bounds and knows no entities: what declares any is given up. Only the values of
// an allow-list (fieldOf, in fields.go) are ever copied: patients, operators,
// orders, notes and results pass by unread, however long they are. Documents that
// are cut, broken or over a bound state nothing.
//
// Hand-held meters talk through base stations, one after the other over
// connections of the station's address. So the subject is the device that the
// greeting describes, and not the speaker, unless the device proves to be the
// speaker: its identifier is the link address that the greeting came from, or it is
// of a model that has a network interface of its own (self.go), and it is the only
// device that came over this connection.
package poct1a
