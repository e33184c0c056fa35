package hl7

import (
	"strings"
	"time"
	"unicode"

	"github.com/auscult/auscult/protocols"
)

// How long a statement holds, counted from its wire time.
const (
	// deviceValid: PCD-01 reporters repeat at an interval that the site sets, from
	// seconds up to some minutes (IHE PCD TF-1, section 3.3); a quarter of an hour
	// outlives a few lost reports and no more.
	deviceValid = 15 * time.Minute
	// resultValid: a result leaves an analyser within minutes of the measurement,
	// and the next sample is then usually on board.
	resultValid = 10 * time.Minute
)

// states is the set of things that were said of one channel. Several rows speak
// of it (pump status, delivery status, reason), and all of them count.
type states uint8

const (
	saidInUse states = 1 << iota
	saidStandby
	saidIdle
	saidOff
	saidOther // a word that is not in the table
)

// pumpWord maps a status word to what it means for whoever wants to work on the
// pump. The table is deliberately narrow: a word that is not in it is unknown,
// and unknown counts as in use.
//
//	infusing delivering          in use: a patient gets a drug
//	kvo                          in use: a trickle keeps the vein open; the line is in a patient
//	start                        in use: delivery has begun (event report)
//	paused stopped hold          standby: set up for a patient and held; it may be resumed at any moment
//	not-infusing not-delivering  standby: says nothing of whether a patient is attached
//	standby                      standby
//	ready idle                   idle: nothing is programmed
//	off powered-off              off
//	transitioning, all else      unknown
func pumpWord(word string) states {
	switch word {
	case "infusing", "delivering", "kvo", "deliv-start":
		return saidInUse
	case "paused", "pause", "stopped", "stop", "hold", "on-hold", "standby", "not-infusing", "not-delivering",
		"stopped-by-clinician", "deliv-stop":
		return saidStandby
	case "ready", "idle":
		return saidIdle
	case "off", "powered-off", "power-off", "stopped-powered-off":
		return saidOff
	}
	return saidOther
}

// statusOf reads the words of a status row. Of reasons and of power and system
// states only what says off or standby counts: "on mains" and "operating" say
// nothing of a patient.
func statusOf(t term, word string) states {
	said := pumpWord(normal(word))
	switch t {
	case termReason:
		if said != saidOff {
			return saidStandby // whatever the reason, it does not deliver
		}
	case termPower, termSystemStatus:
		return said & (saidOff | saidStandby)
	}
	return said
}

// normal brings "pump-status-infusing", "MDC_PUMP_STATUS_INFUSING" and "Infusing"
// to one word.
func normal(word string) string {
	w := strings.Map(func(r rune) rune {
		if r == '_' || r == ' ' {
			return '-'
		}
		return unicode.ToLower(r)
	}, strings.TrimSpace(word))
	for _, prefix := range [...]string{"mdc-", "evt-", "dev-", "pump-", "delivery-", "status-", "stat-"} {
		w = strings.TrimPrefix(w, prefix)
	}
	return w
}

// state weighs what was said: the most cautious statement wins, and a
// contradiction (idle and off) is unknown.
func (s states) state() protocols.UseState {
	switch {
	case s&saidInUse != 0:
		return protocols.InUse
	case s == 0 || s&saidOther != 0 || s&(saidIdle|saidOff) == saidIdle|saidOff:
		return protocols.UnknownUse
	case s&saidOff != 0:
		return protocols.Off
	case s&saidStandby != 0:
		return protocols.Standby
	}
	return protocols.Idle
}

// deny reports that nothing is delivered by what was said.
func (s states) deny() bool { return s&saidInUse == 0 && s&(saidStandby|saidIdle|saidOff) != 0 }

// equipmentState maps EQU-3 (HL7 table 0365, as of 2.9). Starting, stopping, clearing,
// maintenance and failure are unknown: they pass, and say nothing of the samples on
// board.
func equipmentState(code string) protocols.UseState {
	switch code {
	case "OP", "LT": // normal operation, also where some tests are not to be had
		return protocols.InUse
	case "ID": // started, and without orders
		return protocols.Idle
	case "PA", "PD", "TS", "SS", "RS": // pausing, paused, transport or sampling stopped, waiting to be started
		return protocols.Standby
	}
	return protocols.UnknownUse
}

// careful names the drug of a pump of which nobody knows what it does unknown, where none
// is named: it may be giving one, and unknown counts as in use.
func (d *device) careful(r *protocols.Report) *protocols.Report {
	if r == nil || !d.pump {
		return r
	}
	for i := range r.Channels {
		if c := &r.Channels[i]; c.State == protocols.UnknownUse && c.Agent == "" {
			c.Agent = unknownAgent
		}
	}
	return r
}
