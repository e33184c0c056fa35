// Package medibus reads MEDIBUS and MEDIBUS.X, the serial protocol of Dräger
// ventilators, anaesthesia machines and incubators (Protocol Definition RS 232
// MEDIBUS, 90 28 258), where a serial device server carries it over TCP. Use it on
// streams of any port; do not use it for the SNMP and HL7 that newer devices speak
// themselves.
//
// # Who is the subject
//
// The sender's address and MAC are a serial device server's, and one such server
// carries several lines. So nothing that a device says is about the speaker: it is
// about a device that is described, with the line as its key ("tcp/4001", the port
// behind which the line is), because MEDIBUS has no serial number. Of the speaker
// only its role is stated: it carries a MEDIBUS device.
//
// Both ends may ask the other who it is, and a collector answers, too. Which end is
// the device is told by who answers requests for data or sends curves; until that is
// known, an identification waits, and is dropped if it is never known.
//
// # Patients
//
// Of text messages only the code is kept in mind, and whether the text is the word
// standby. Settings, alarms, trends and the date are checked and passed over: a
// setting may be the patient's age or weight.
//
// # Use
//
// Standby is said by a text message. A device is ventilating while it measures a
// breath (a rate, a tidal or minute volume above zero) and does not say standby;
// curves alone show that a line is up. Nothing else is stated: what nobody asks for,
// nobody hears.
package medibus
