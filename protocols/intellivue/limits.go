package intellivue

import "time"

const (
	// maxAttributes bounds one attribute list: the richest object, the MDS, has
	// about 40 (Programming Guide, "System Objects").
	maxAttributes = 256
	// maxContexts bounds the contexts of one poll result: the monitor, its
	// measurement modules and what is plugged into them; eight in the field.
	maxContexts = 64
	// maxObjects bounds the objects of one poll result. A datagram has room for
	// about 60 (the maximum message is 1,456 octets); linked results carry the rest.
	maxObjects = 1024
	// maxSpecifications bounds the production specification: six entries were seen,
	// one a component and kind.
	maxSpecifications = 64
	// maxValues bounds a compound value: a pressure has three.
	maxValues = 64
	// maxLabel bounds the bed label in characters: the guide gives it 17.
	maxLabel = 32
	// maxMajor bounds the major version of the nomenclature in an announcement; 1
	// is the only one known.
	maxMajor = 4
)

const (
	// useValid is how long a mode and a measurement hold. Collectors poll every
	// second up to every minute; five minutes outlive a few lost polls, and standby
	// ends with a touch of the screen.
	useValid = 5 * time.Minute
	// admittedValid is how long an admission holds: many collectors ask for it every
	// few minutes.
	admittedValid = 15 * time.Minute
	// restate is how soon the same thing is said again: well within useValid, and
	// not with each of the polls of a second.
	restate = time.Minute
)
