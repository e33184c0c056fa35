package hl7

import (
	"strings"

	"github.com/auscult/auscult/protocols"
)

// alarm is what the rows of one alarm say (IHE PCD-04; TF-2, appendix B.8 and table
// of alarm attributes): one below each OBR.
type alarm struct {
	device        *device
	events        [maxEvents]protocols.Alarm
	physiological bool // of the patient: nothing of it is kept
	over          bool
}

// maxEvents bounds the conditions of one alarm: its event, and its text.
const maxEvents = 4

// alarmRow reads a row of an alarm. Only which of a closed set of technical
// conditions it is leaves here, never its text.
func (m *message) alarmRow(d *device, c concept, r reader) {
	a := &m.alarm
	a.device = d
	t := r.text(5).first()
	switch c.term {
	case termEvent:
		a.note(eventNamed(t.component(2)))
		a.note(eventWorded(t.component(9)))
	case termAlertText:
		a.note(eventWorded(t.component(1)))
	case termPhase:
		a.over = a.over || strings.EqualFold(t.component(1), "end")
	case termAlarmState:
		a.over = a.over || strings.EqualFold(t.component(1), "inactive")
	case termAlertType:
		// SP physiological, ST technical, SA advisory (table of MDC_ATTR_ALERT_TYPE)
		a.physiological = a.physiological || strings.EqualFold(t.component(1), "SP")
	}
}

// eventRow reads a row whose own code is the event, as the first edition of PCD-04
// has it, and reports whether it was one.
func (m *message) eventRow(d *device, c concept) bool {
	if !strings.HasPrefix(c.name, "MDC_EVT_") && !strings.HasPrefix(c.name, "MDCX_EVT_") {
		return false
	}
	m.alarm.device = d
	m.alarm.note(eventNamed(c.name))
	return true
}

func (a *alarm) note(event protocols.Alarm) {
	for i, old := range a.events {
		if event == "" || old == event {
			return
		}
		if old == "" {
			a.events[i] = event
			return
		}
	}
}

// settle states the conditions of an alarm that is still there, and begins the next.
// One that is of the patient says nothing: whoever reads of it here is not at the
// bedside.
func (m *message) settle() {
	a := m.alarm
	m.alarm = alarm{}
	if a.device == nil || a.physiological || a.over {
		return
	}
	for _, event := range a.events {
		a.device.condition.add(protocols.AlarmOf, string(event), "MDC_EVT_ALARM", instanceFact)
	}
}

// eventNamed reads the reference identifier of an event (ISO/IEEE 11073-10101,
// partition 3) by the words that it is made of.
func eventNamed(name string) protocols.Alarm {
	name = strings.ToUpper(name)
	if !strings.HasPrefix(name, "MDC_EVT_") && !strings.HasPrefix(name, "MDCX_EVT_") {
		return ""
	}
	return conditionOf(strings.ReplaceAll(name, "_", " "))
}

// eventWorded reads an alarm's text in English, as pumps show it.
func eventWorded(text string) protocols.Alarm { return conditionOf(strings.ToUpper(text)) }

// conditionOf knows the technical conditions by their words, of identifiers and of
// texts. What else stands there may be of the patient, or of what is given.
func conditionOf(words string) protocols.Alarm {
	has := func(all ...string) bool {
		for _, w := range all {
			if !strings.Contains(words, w) {
				return false
			}
		}
		return true
	}
	switch {
	case has("BATT", "DEPL"), has("BATT", "EMPTY"):
		return protocols.BatteryEmpty
	case has("BATT", " LO"):
		return protocols.BatteryLow
	case has("BATT", "SERV"), has("BATT", "FAIL"), has("BATT", "MALF"), has("BATT", "DEFECT"):
		return protocols.BatteryService
	case has("SYRINGE", "CAPTURE"), has("SYRINGE", "HOLDER"), has("SYRINGE", "POSN"):
		return protocols.SyringeMisplaced
	case has("DOOR"), has("FLOW STOP OPEN"), has("CASSETTE", "EJECT"), has("CHECK IV SET"):
		return protocols.DoorOpen
	case has("OCCL"):
		return protocols.LineOccluded
	case has("LINE AIR"), has("AIR IN LINE"), has("AIR-IN-LINE"):
		return protocols.AirInLine
	}
	return faultOf(has)
}

func faultOf(has func(...string) bool) protocols.Alarm {
	switch {
	case has("LEAD", "OFF"), has("SENSOR", "OFF"), has("SENSOR", "DISCONN"), has("PROBE", "OFF"):
		return protocols.SensorOff
	case has("EMER STOP"), has("EMERGENCY STOP"):
		return protocols.EmergencyStop
	case has("POWER", "LOSS"), has("POWER", "LOST"), has("MAINS", "FAIL"):
		return protocols.PowerLost
	case has("COMM", "LOST"), has("COMM", "FAIL"), has("COMM", "ERR"), has("DISCONN", "NETWORK"):
		return protocols.CommunicationLost
	case has("MALF"), has("HARDWARE", "FAIL"), has("SYSTEM", "FAULT"), has("SELF TEST", "FAIL"):
		return protocols.Malfunction
	}
	return ""
}
