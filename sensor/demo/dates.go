package demo

import "time"

// stampLayout is how HL7 writes a moment (DTM; HL7 2.9, section 2.A.22).
const stampLayout = "20060102150405"

// redate moves the HL7 time stamps of a recorded frame by shift, in place, so that
// a message speaks of now: the sensor does not believe a device that speaks of
// another day. A stamp is fourteen digits that name a moment of the recording's
// own day; its length does not change, and neither does anything else.
func redate(frame []byte, recorded time.Time, shift time.Duration) {
	for i := 0; i+len(stampLayout) <= len(frame); i++ {
		if i > 0 && digit(frame[i-1]) || !digits(frame[i:i+len(stampLayout)]) {
			continue
		}
		at, err := time.Parse(stampLayout, string(frame[i:i+len(stampLayout)]))
		if err != nil || at.Sub(recorded).Abs() > 24*time.Hour {
			continue
		}
		copy(frame[i:], at.Add(shift).Format(stampLayout))
		i += len(stampLayout) - 1
	}
}

func digit(b byte) bool { return b >= '0' && b <= '9' }

func digits(b []byte) bool {
	for _, c := range b {
		if !digit(c) {
			return false
		}
	}
	return true
}
