// Package daemon wires all rooms: it opens the state, feeds observations to the
// inventory, joins the register, decides findings and orders, and runs the
// capture, the page, the export and the connector until it is told to stop. It
// is the only package that knows everybody; do not put a decision here that a
// room could make.
package daemon
