package hl7

import "strings"

// value reads a row with a value: an identity, a state, or a measurement of
// which only the existence counts.
func (m *message) value(d *device, p path, c concept, r reader) {
	switch {
	case c.term == termNone:
		d.measures = d.measures || m.measured(c, r)
		if !m.event(d, p, r) && !m.eventRow(d, c) {
			m.hint(d, p, c.name, r)
		}
		return
	case c.tellsUse() || c.term > termFlowNow && c.term < termLibraryName:
		m.pumpValue(d, p, c, r)
		return
	case c.term >= termLibraryName && c.term <= termCareArea:
		m.library(d, p, c, r)
		return
	case c.term >= termEvent:
		m.alarmRow(d, c, r)
		return
	case c.term == termBattery:
		d.battery(c, r)
		return
	case c.term == termPower:
		d.power(c, r)
	}
	word := valueWord(r)
	if word == "" {
		return
	}
	if c.term < termInfusing {
		m.specification(d, p, c, word)
		return
	}
	m.pumpValue(d, p, c, r)
}

// measured reports a number that is of a patient.
func (m *message) measured(c concept, r reader) bool {
	numeric := r.text(2).component(1) == "NM" && len(r.s.raw(5)) > 0
	return numeric && c.measurement() && !m.managed() && !r.simulated()
}

// managed reports a message of equipment management (IHE PCD-15, by OBR-4): its
// numbers are of batteries and radios.
func (m *message) managed() bool {
	const memory = "MDC_OBS_MEM"
	return m.service[0] == "69135" || m.service[1] == memory
}

// event reads the value of an event row (IHE PCD-10), that a delivery began or
// stopped, and reports whether it was one.
func (m *message) event(d *device, p path, r reader) bool {
	const prefix = "MDC_EVT_PUMP_DELIV_"
	name := r.text(5).component(2)
	if !strings.HasPrefix(name, prefix) {
		return false
	}
	d.pump = true
	if ch := m.channel(d, p); ch != nil {
		ch.said |= m.then(pumpWord(normal(name)), r)
		d.tells("MDC_EVT_PUMP_DELIV")
	}
	return true
}

// hint makes a channel unknown of which a row that is not in the nomenclature
// seems to say that it is in use or standing by, or of which it is a status.
func (m *message) hint(d *device, p path, name string, r reader) {
	if k := r.text(11).component(1); k == "X" || k == "D" || k == "W" || k == "N" {
		return
	}
	busy := strings.Contains(name, "STAT") && (strings.Contains(name, "PUMP") || strings.Contains(name, "INFUS") || strings.Contains(name, "DELIV"))
	if !busy && !alarming(name) && r.text(2).component(1) != "NM" {
		var room [maxRepetitions]text
		for _, t := range r.text(5).repetitions(room[:0]) {
			busy = busy || wordsOf(t, termPumpStatus)&(saidInUse|saidStandby) != 0
		}
	}
	if !busy {
		return
	}
	if ch := m.channel(d, p); ch != nil {
		ch.said |= saidOther
		d.tells("status without a code")
	}
}

// alarming reports a row about an alarm, whose words are of the alarm: it may be
// paused, or stop.
func alarming(name string) bool {
	return strings.Contains(name, "ALARM") || strings.Contains(name, "ALERT") || strings.Contains(name, "EVENT_PHASE")
}

// then weighs what a row said at its own time (OBX-14, else OBR-7): of a row that
// is older than its message by more than a statement holds only "in use" counts,
// and what has been otherwise is unknown now.
func (m *message) then(said states, r reader) states {
	if r.simulated() {
		return said&saidInUse | saidOther
	}
	own := r.text(14).component(1)
	at := stampOf(own)
	if at.absent() && own == "" {
		at = m.ordered
	}
	if said != 0 && (at.absent() && own != "" || at.olderThan(m.header.stamp, deviceValid)) {
		return said&saidInUse | saidOther
	}
	if said != 0 && m.current != nil {
		m.current.age = max(m.current.age, at.before(m.header.stamp))
	}
	return said
}

// tells notes the row that a report comes from: the first.
func (d *device) tells(row string) {
	if d.source == "" {
		d.source = row
	}
}

// pumpValue reads what a pump says of a channel, of a module or of itself.
func (m *message) pumpValue(d *device, p path, c concept, r reader) {
	d.pump = d.pump || c.term < termRemaining // other machines have a time that remains too
	ch := m.channel(d, p)
	if ch == nil {
		return
	}
	word := valueWord(r)
	switch c.term {
	case termFlowNow:
		m.flow(d, ch, c, word, r)
	case termFlowSet:
		ch.flowSet = display(word, r.text(6))
		ch.sets(word, r)
	case termDrugLabel, termDrugType:
		m.drug(ch, r)
	case termDoseRate:
		ch.doseRate = display(word, r.text(6))
		ch.sets(word, r)
	case termRemaining:
		d.measures = d.measures || m.measured(c, r)
		ch.sets(word, r)
	case termDose:
		ch.dose = amount(word, r.text(6))
	case termVolume:
		ch.volume = amount(word, r.text(6))
	default:
		m.status(d, ch, c, r)
	}
}
