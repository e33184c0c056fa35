//go:build !race

package daemon_test

// raceFlags is empty where the tests themselves run without the race detector.
func raceFlags() []string { return nil }
