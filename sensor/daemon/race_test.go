//go:build race

package daemon_test

// raceFlags builds the program with the race detector too.
func raceFlags() []string { return []string{"-race"} }
