// Package audit is the append-only record of every decision: who did what to
// which subject, when, and why, each entry chained to the one before it by its
// hash. Use it to write down a decision in the same transaction that makes it,
// and to show later that none was altered. Do not use it for logs or metrics, and
// never for anything of a patient, a drug or a bed.
//
// The chain shows that an entry was changed, removed, added or moved, and a
// separately kept head shows that its end was cut off. It holds no secret: who
// can write the whole state file can write a new chain. Where that matters, Head
// is sent to another system (syslog, say) and compared there.
package audit
