package carescape

import "time"

const (
	// maxServices bounds the services of a discovery message: what its 88 octets
	// have room for.
	maxServices = 11
	// maxService bounds a service number: 0x1C is the highest seen.
	maxService = 0xFF
	// maxSensors bounds the sensors of a numerics message: the Dash sends seven, and
	// a datagram that is not fragmented has room for 19.
	maxSensors = 19
	// maxLabels is how many beds of a sender are remembered, to tell a telemetry
	// server from a monitor that was moved.
	maxLabels = 4
	// minBatches is how many waveform batches that follow each other tell waveforms
	// from chance. A message has 15 rounds of them.
	minBatches = 12
)

const (
	// useValid: announcements come every ten seconds or so and numerics every two;
	// five minutes outlive lost ones and no more.
	useValid = 5 * time.Minute
	// restate is how soon the same thing is said again.
	restate = time.Minute
)
