// Package register keeps the hospital's own records: it imports them from files
// as they come, matches them to the devices that are heard, says what differs,
// and remembers what people decided. Use it for "what does the hospital say of
// this device, and how sure is the join"; do not use it to decide which sightings
// are one device (package identity) or to write anything into a CMMS.
package register
