// Package order keeps work orders from draft to verified: one order for one
// device and cause, a durable outbox in the same transaction as the decision, a
// courier that takes orders to the hospital's CMMS and reads them back, and the
// check on the wire that the work is really done. Use it for "what is being
// done"; do not use it to decide who may or when (package policy decides) or to
// speak to a particular CMMS (a remediation.Connector does).
//
// # One order
//
// An order is looked up before it is made: by every id that its device ever had
// and each of its causes, then by control number and cause when the device it was
// made for no longer exists under any id (a record of the register that was since
// heard). The key that the CMMS carries is minted from site, control number (the
// device id where there is no control number), cause and generation, and is final
// from the moment the order may leave. The hospital's control number is the one
// name that survives a lost state file, a merge and a new device id, so the same
// order gets the same key again and is found in the CMMS instead of made twice.
// Two devices under one control number (the nodes of one scanner) get different
// keys: the second one's contains its device id.
//
// # At most one remote order
//
// The courier searches by key before every create, writes down that it is about
// to create before it does, and after a lost answer (a crash counts as one) waits
// ReplicationLag and searches again. What the CMMS answered is stored in the same
// transaction that marks the order submitted.
//
// # What ends an order
//
// An order of which the CMMS was told ends verified_closed: when its work was
// reported done and the device states once since that the cause is gone; or,
// without a report, when it states so twice, SettleTime apart. A statement counts
// only while it is not in dispute which device speaks. Where no version shows that
// the work is done (the predicate is attest), a version that left the range makes
// it verifying and asks a person. An order that nobody was told of ends no_action:
// nothing was done, so there is nothing to verify.
package order
