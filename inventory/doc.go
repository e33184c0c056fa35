// Package inventory holds what exists: Device (what all observations and the
// register together say), Asset (the hospital's own record), Match (how the two
// were joined), and the Store in which every room keeps its buckets. Use it for
// "who is this, who owns it, is it in use"; do not use it for what is wrong with
// a device (package remediation) or for what a message said (package protocols).
package inventory
