package web

import "fmt"

// rate writes frames a second, with the unit.
func rate(perSecond float64) string { return pace(perSecond) + " frames/s" }

// pace writes frames a second.
func pace(perSecond float64) string {
	switch {
	case perSecond == 0:
		return "0"
	case perSecond < 0.1:
		return "under 0.1"
	case perSecond < 10:
		return fmt.Sprintf("%.1f", perSecond)
	}
	return thousands(uint64(perSecond))
}

// bits writes bits a second, in the units of network people.
func bits(perSecond float64) string {
	units := []string{"bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"}
	i := 0
	for perSecond >= 1000 && i < len(units)-1 {
		perSecond, i = perSecond/1000, i+1
	}
	if perSecond >= 100 || i == 0 {
		return fmt.Sprintf("%.0f %s", perSecond, units[i])
	}
	return fmt.Sprintf("%.1f %s", perSecond, units[i])
}

// percentOf writes a share with as many digits as it bears.
func percentOf(share float64) string {
	switch {
	case share == 0:
		return "none"
	case share < 0.001:
		return "less than 0.1 %"
	case share < 0.1:
		return fmt.Sprintf("%.1f %%", 100*share)
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}

// KernelWords says how the kernel program is at work on a tap, and whether that is
// what was configured. Why it is not stands in the tap's notes.
func (t Tap) KernelWords() string {
	switch {
	case t.Shunt == "off":
		return "off, as configured"
	case t.Kernel == "driver":
		return "in the driver (XDP)"
	case t.Kernel == "generic" && t.Shunt == "generic":
		return "generic XDP, as configured"
	case t.Kernel == "generic":
		return "generic XDP: the driver did not take it"
	case t.Kernel == "filter" && t.Shunt == "filter":
		return "socket filter, as configured"
	case t.Kernel == "filter":
		return "socket filter: XDP was refused"
	}
	return "none: every frame is read"
}

// lossCause says where frames were lost in the sensor.
func lossCause(cause string) string {
	switch cause {
	case "kernel":
		return "the ring was full"
	case "interface":
		return "the card or its driver dropped them"
	}
	return plain(cause)
}

// vlanTone is the colour of what is said of a VLAN or a session.
func vlanTone(state string) string {
	switch state {
	case "heard":
		return "good"
	case "silent", "missing":
		return "bad"
	case "not-declared", "waiting":
		return "warn"
	}
	return ""
}
