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
package finding
