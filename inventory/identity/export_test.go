package identity

// EachTurn makes the ledger settle everything in each statement from now on, as if
// nothing that it knows held.
func (l *Ledger) EachTurn() { l.never = true }
