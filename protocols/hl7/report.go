package hl7

import (
	"strings"

	"github.com/auscult/auscult/protocols"
)

// report says what a device is doing, or returns nil when the message does not
// tell. whole says that the message is of a kind that names every channel.
func (d *device) report(whole bool) *protocols.Report {
	if d.doubtful {
		return d.doubt()
	}
	if d.pump {
		return d.pumpReport(whole)
	}
	if !whole || !d.measures && d.source == "" {
		return nil
	}
	return d.monitorReport()
}

// doubt says that nobody knows what the device does: what was said of use may
// have been about another.
func (d *device) doubt() *protocols.Report {
	return &protocols.Report{Channels: []protocols.Channel{{State: protocols.UnknownUse}}, Valid: deviceValid, Source: "hl7 OBX"}
}

// monitorReport speaks of a device that measures: numbers from a patient mean
// that somebody is attached.
func (d *device) monitorReport() *protocols.Report {
	c := protocols.Channel{State: protocols.UnknownUse}
	source := "numeric"
	if d.source != "" {
		source = d.source
	}
	if whole := d.at(path{mds: d.mds}); whole != nil {
		c.State = whole.said.state()
	}
	if d.measures {
		c.State, c.Activity = protocols.InUse, protocols.Monitoring
		if d.ventilator {
			c.Activity = protocols.Ventilating
		}
	}
	return &protocols.Report{Complete: d.rooted, Channels: []protocols.Channel{c}, Valid: deviceValid, Source: "hl7 OBX " + source}
}

// pumpReport speaks of a pump, channel by channel. Where only a drug or a program is
// named, of a kind of message that tells the state when it is known, the state is not.
func (d *device) pumpReport(whole bool) *protocols.Report {
	channels := d.resolve()
	d.forget(channels)
	if d.source == "" {
		d.source = told(channels, whole)
	}
	if len(channels) == 0 || d.source == "" {
		return nil
	}
	r := &protocols.Report{Complete: whole && d.rooted && d.covers(channels), Valid: deviceValid, Source: "hl7 OBX " + d.source}
	for _, ch := range channels {
		r.Channels = append(r.Channels, ch.use(d.letterOf(ch)))
	}
	return r
}

// told names the row that channels without a status are known by, or "".
func told(channels []*channel, whole bool) string {
	row := ""
	for _, ch := range channels {
		switch {
		case ch.flowing:
			return "MDC_FLOW_FLUID_PUMP_CURRENT"
		case !whole || !ch.loaded() || row != "":
		case ch.agents.loaded():
			row = "MDC_DRUG_NAME_LABEL"
		default:
			row = "MDC_FLOW_FLUID_PUMP"
		}
	}
	return row
}

// covers reports whether every channel has a state, and every module and every
// part that was spoken of a channel: only then may the device be called idle.
func (d *device) covers(channels []*channel) bool {
	for _, ch := range channels {
		if ch.said == 0 && !ch.flowing {
			return false
		}
	}
	for _, u := range d.units {
		if u.pump && !spoken(channels, u.vmd) {
			return false
		}
	}
	for _, p := range d.seen {
		if !spoken(channels, p.vmd) || p.channel > 0 && d.at(p) == nil {
			return false
		}
	}
	return !d.unread
}

func spoken(channels []*channel, vmd int) bool {
	for _, ch := range channels {
		if ch.vmd == vmd || ch.vmd == 0 && ch.said.state() == protocols.Off {
			return true
		}
	}
	return false
}

// resolve brings the rows down to independent channels: sources join the
// delivery of their module, and a state of the module or of the whole device
// speaks for channels without one.
func (d *device) resolve() []*channel {
	whole := d.at(path{mds: d.mds})
	var out []*channel
	for _, ch := range d.channels {
		if ch.channel == 0 || d.joins(ch) {
			continue
		}
		if module := d.at(path{mds: d.mds, vmd: ch.vmd}); ch.said == 0 && module != nil {
			ch.said = module.said
		}
		if ch.said == 0 && whole != nil {
			ch.said = whole.said & (saidOff | saidStandby)
		}
		out = append(out, ch)
	}
	for _, ch := range d.channels {
		if ch.channel == 0 && ch.vmd > 0 && ch.standsAlone(out) {
			out = append(out, ch)
		}
	}
	if whole != nil && whole.standsAlone(out) {
		out = append(out, whole)
	}
	return out
}

// lend says of each channel of a module, or of the whole device, what is said of that,
// and reports whether there was one.
func (ch *channel) lend(below []*channel) bool {
	lent := false
	for _, c := range below {
		if c.vmd == ch.vmd || ch.vmd == 0 {
			c.agents.merge(ch.agents)
			c.programmed, lent = c.programmed || ch.programmed, true
		}
	}
	return lent
}

func (d *device) at(p path) *channel {
	for _, ch := range d.channels {
		if ch.path == p {
			return ch
		}
	}
	return nil
}

// joins adds a source of fluid to the one delivery of its module, with all that the
// sources name, and reports whether it did (IHE PCD TF-3, infusion pump containment:
// the delivery channel has the state, its sources have the drugs).
func (d *device) joins(ch *channel) bool {
	if !ch.supply {
		return false
	}
	delivery, others := d.deliveryOf(ch)
	if delivery == nil || ch.said != 0 && others > 0 {
		return false
	}
	delivery.said |= ch.said // makers write the state of the delivery below its one source
	delivery.flowing = delivery.flowing || ch.flowing
	delivery.agents.merge(ch.agents)
	delivery.programmed = delivery.programmed || ch.programmed
	if delivery.flowNow+delivery.flowSet == "" {
		delivery.flowNow, delivery.flowSet = ch.flowNow, ch.flowSet
	}
	if delivery.doseRate+delivery.dose+delivery.volume == "" {
		delivery.doseRate, delivery.dose, delivery.volume = ch.doseRate, ch.dose, ch.volume
	}
	return true
}

// deliveryOf returns the one delivery of a source's module, nil when there is none or
// several, and how many other sources the module has.
func (d *device) deliveryOf(source *channel) (delivery *channel, others int) {
	for _, other := range d.channels {
		switch {
		case other.vmd != source.vmd || other.channel == 0 || other == source:
		case other.supply:
			others++
		case delivery != nil:
			return nil, 0
		default:
			delivery = other
		}
	}
	return delivery, others
}

// standsAlone reports whether rows of a module or of the whole device are a
// channel of their own: nothing below them is at least as busy.
func (ch *channel) standsAlone(below []*channel) bool {
	if lent := ch.lend(below); ch.said == 0 && !ch.flowing && (lent || !ch.loaded()) {
		return false
	}
	for _, c := range below {
		if c.channel > 0 && (c.vmd == ch.vmd || ch.vmd == 0) && busier(c.state(), ch.state()) {
			return false
		}
	}
	return true
}

// busier reports whether a asks for at least as much caution as b.
func busier(a, b protocols.UseState) bool { return caution(a) >= caution(b) }

func caution(s protocols.UseState) int {
	switch s {
	case protocols.Off:
		return 0
	case protocols.Idle:
		return 1
	case protocols.Standby:
		return 2
	case protocols.InUse:
		return 4
	}
	return 3
}

func (d *device) letterOf(ch *channel) string {
	if ch.letter != "" {
		return ch.letter
	}
	alone := 0
	for _, other := range d.channels {
		if other.vmd == ch.vmd && other.channel > 0 && !other.supply {
			alone++
		}
	}
	for _, u := range d.units {
		if u.vmd == ch.vmd && alone < 2 {
			return u.letter
		}
	}
	return ""
}

// use writes the channel down for the inventory.
func (ch *channel) use(letter string) protocols.Channel {
	c := protocols.Channel{Name: letter, State: ch.state(), Agent: ch.agent(), Rate: ch.flowNow}
	if c.Name == "" && ch.vmd > 0 {
		c.Name = ch.String()
	}
	if c.State == protocols.InUse {
		c.Activity = protocols.Infusing
	}
	if c.Rate == "" {
		c.Rate = ch.flowSet
	}
	if c.Dose, c.Volume = ch.doseRate, ch.volume; c.Dose == "" {
		c.Dose = ch.dose
	}
	c.Agent = strings.Clone(c.Agent) // kept, and nothing of the message may stay with it
	return c
}

// state is in use when a flow is measured, and unknown when a status denies it. A
// channel with a drug, or with a program, is set up for a patient and never idle.
func (ch *channel) state() protocols.UseState {
	state := ch.said.state()
	switch {
	case ch.flowing && ch.said.deny():
		return protocols.UnknownUse
	case ch.flowing:
		return protocols.InUse
	case state == protocols.Idle && ch.loaded():
		return protocols.Standby
	}
	return state
}
