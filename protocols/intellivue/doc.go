// Package intellivue reads the Data Export protocol of Philips IntelliVue patient
// monitors over UDP (Data Export Interface Programming Guide, 4535 642 59271): what
// the monitor says of itself when it announces itself, is associated and is polled.
// Use it on datagrams of any port; do not use it for the RS-232 variant, whose
// frames are escaped, or for what monitors say to their central station.
//
// # Who is the subject
//
// Announcements, events and results come from the monitor; requests and
// confirmations go to it. The other side is a collector, and what it asks says
// nothing of its own make. In a poll result only the first context, 0, is the
// monitor: further ones are measurement modules and devices at its ports.
//
// # Patients
//
// Attributes are read by an allow-list. Of the patient only the state is read
// (0x0957: admitted or not), as evidence of use; names, numbers, birth dates, sizes
// and notes are passed over by their length. Values of measurements are looked at
// for being there and valid, and are not kept.
//
// # Use
//
// Traffic shows that a collector is at work, not that a patient is. In use is a
// monitor that measures, or that has a patient admitted and is not in standby.
// A demonstration mode shows made-up values and is idle; a service or
// configuration mode is unknown, because it does not exclude a patient.
package intellivue
