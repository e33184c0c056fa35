// Package finding turns advisories and what is known of devices into findings:
// one for each device and cause, with its evidence, remedy and the test that
// would show that it is mended. Use it to import feeds (CSAF 2.0, CISA KEV) and
// to ask what is wrong with a device; do not use it to decide who mends it
// (package policy) or what becomes of the work (package order).
//
// A finding is confirmed only when maker, model and version were all heard on
// the wire and all lie inside what the advisory names. Whatever an advisory says
// in words that cannot be read as a range becomes a potential finding for a
// person, never silence.
//
// # What ends a finding
//
// What the wire said ends by the wire: by a version of the device's current set
// (inventory.Device.SoftwareVersions) that the device stated since. Nothing ends
// while it is contradictory which device speaks, and another maker, model or serial
// number ends nothing before it was stated for a day: the finding stays as it is
// and says why, and a person decides.
package finding
