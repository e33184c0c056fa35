// Package policy decides who may do a piece of work on a device, when it may be
// told and when it may start, and says why. It is pure: the same input gives the
// same decision, and nothing is read or kept. Use it to turn findings into
// decisions and to check again who really performs an order; do not use it to
// open, send or follow orders (package order) or to say what is wrong with a
// device (package finding).
//
// Everything is denied by default. Contract and warranty come first: they decide
// whose work it is. Only then grants decide which person may do it. Two gates
// follow: an order may be told once the match is decisive, something can be done
// and somebody may do it; disruptive work may start only while the device is
// idle, or while a named person at the bedside attests that it is free.
package policy
