package flow

// Holes is how many conversations are remembered for their holes.
func (e *Engine) Holes() int { return len(e.holes) }
