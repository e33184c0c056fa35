// Package carescape reads what GE CARESCAPE (Unity network) patient monitors say over
// UDP: the discovery broadcast that GE calls RWHAT, alarms, requests for data,
// numerics and waveforms. Use it on datagrams of any port; do not use it for the
// serial records of S/5 monitors (DRI), which are another protocol.
//
// The format is not published. It was read from a capture of a Dash 4000 and from the
// receiver and the generator of the project mindleaving/gedash; where one sample is
// the only source, the code says so.
//
// # Who is the subject
//
// A message holds the address of the monitor that it is about, and facts go to that
// address where it is not the sender's own: telemetry servers announce the beds of
// many transmitters. A sender whose announcements go back and forth between beds
// speaks for them and is none of them: its beds are described by their label.
//
// No model and no serial number is on the wire; the maker follows from the protocol.
//
// # Patients
//
// A discovery message names the patient. Whether the field is empty is evidence of
// use; its octets are read for that and for nothing else. Alarm texts are passed
// over, and so is what a request holds before its label: senders leave there what
// was in their memory. Values are looked at for being there, and are not kept.
//
// # Use
//
// In use is a monitor that has a patient by name, or that measures a heart rate, a
// respiration or an oxygen saturation. Nothing else is stated: a monitor without
// values may have a patient whose leads came off.
package carescape
