package intellivue

import (
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/wire"
)

// The operating modes ("Attribute: Operating Mode").
const (
	modeMonitoring = 0x4000
	modeDemo       = 0x2000
	modeStandby    = 0x0002
)

const (
	// statusOperating is the MDS status of a monitor that is associated.
	statusOperating = 6
	// patientAdmitted is the one state that says that a patient is there; empty is
	// 0, pre-admitted 1, discharged 8.
	patientAdmitted = 2
)

// A numeric value: what, its state, its unit, the number ("NuObsValue").
const (
	numericLen = 10
	// stateValid: the high octet of the state is all zero for a value that is valid
	// and not of a demonstration, a test or a calibration ("MeasurementState").
	stateValid = 0xFF00
	// notANumber is the FLOAT-Type for no value.
	notANumber = 0x007FFFFF
)

// numeric notes whether one value was measured. It keeps none.
func (m *message) numeric(v []byte) {
	if len(v) < numericLen {
		return
	}
	m.measured = m.measured || be.Uint16(v[2:])&stateValid == 0 && be.Uint32(v[6:])&0x00FFFFFF != notANumber
}

func (m *message) compound(v []byte) bool {
	r := wire.NewReader(v)
	count := int(r.U16(be))
	r.Skip(2)
	if count > maxValues {
		return false
	}
	for range count {
		m.numeric(r.Bytes(numericLen))
	}
	return !r.Failed()
}

// use is what a conversation has told of the monitor, with the wire time of each.
type use struct {
	mode                         uint16
	modeAt, admitted, measuredAt time.Time
}

// learn takes the news of a message and reports whether there is any.
func (u *use) learn(m *message, when time.Time) bool {
	news := m.hasMode || m.hasPt || m.measured
	if m.hasMode {
		u.mode, u.modeAt = m.mode, when
		if m.hasStatus && m.status != statusOperating {
			u.mode = 0 // not connected: its mode says nothing
		}
	}
	if m.hasPt {
		u.admitted = time.Time{}
		if m.patient == patientAdmitted {
			u.admitted = when
		}
	}
	if m.measured {
		u.measuredAt = when
	}
	return news
}

func within(when, told time.Time, valid time.Duration) bool {
	return !told.IsZero() && when.Sub(told) <= valid
}

// judge says what the monitor does. A measurement that came after a mode outranks
// it: collectors ask for the mode once and for values all the time.
func (u *use) judge(when time.Time) (protocols.UseState, string) {
	mode := uint16(0)
	if within(when, u.modeAt, useValid) {
		mode = u.mode
	}
	measured := within(when, u.measuredAt, useValid)
	switch {
	case measured && (u.measuredAt.After(u.modeAt) || mode&(modeStandby|modeDemo) == 0):
		return protocols.InUse, "intellivue numeric values"
	case mode&modeStandby != 0:
		return protocols.Standby, "intellivue operating mode"
	case mode&modeDemo != 0:
		return protocols.Idle, "intellivue operating mode"
	case within(when, u.admitted, admittedValid) && (mode == 0 || mode&modeMonitoring != 0):
		return protocols.InUse, "intellivue patient state"
	}
	return protocols.UnknownUse, "intellivue mode and patient state"
}
