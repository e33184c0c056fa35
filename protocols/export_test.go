package protocols

// Functional is functional.
func Functional(word string) bool { return functional(word) }
