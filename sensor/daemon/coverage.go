package daemon

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/inventory/usage"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/flow"
	"github.com/auscult/auscult/sensor/mirror"
	"github.com/auscult/auscult/sensor/web"
)

// Coverage implements web.House.
func (h *House) Coverage() web.Coverage {
	c := web.Coverage{Mode: h.config.Load().Mode.Default}
	if f, err := h.desk.Flow(); err == nil {
		c.Stopped = f.Stopped
		if f.Paused {
			c.Paused = f.Trouble
		}
	}
	if h.taps == nil {
		return c
	}
	if s := h.ledgerStats(); s.RefusedFor.Full+s.Evicted > 0 {
		c.Holes = append(c.Holes, fmt.Sprintf("The inventory was full: %d new keys were refused and %d old ones forgotten. Some devices are not shown.", s.RefusedFor.Full, s.Evicted))
	}
	var counts flow.Counters
	h.taps.each(func(t heardTap) {
		shown := t.coverage(h.now())
		c.Taps, c.Holes = append(c.Taps, shown), append(c.Holes, t.holes()...)
		if c.Started.IsZero() || t.opened.Before(c.Started) {
			c.Started = t.opened
		}
		counts.Add(t.counters)
	})
	c.Protocols = outcomes(counts)
	c.Encrypted = encrypted(h.view.Load().Devices)
	return c
}

// coverage shows a tap, declared against heard.
func (x heardTap) coverage(now time.Time) web.Tap {
	s, m := x.total(), x.mirror
	t := web.Tap{Name: x.declared.Name, Where: x.declared.Where, Interface: x.declared.Interface, Kernel: x.mode,
		DeclaredVLANs: x.declared.VLANs, HeardVLANs: heardVLANs(m),
		Frames: s.Frames + s.ShuntedFrames, Bytes: s.Bytes + s.ShuntedBytes, ShuntedFrames: s.ShuntedFrames, ShuntedBytes: s.ShuntedBytes,
		Lost: lostFrames(s), Transmitted: s.Transmitted, Refused: s.TransmitTried, Gaps: x.counters.Gaps,
		OneSided: x.oneSided, Conversations: x.ended, LastHeard: x.heard,
		FrameRate: m.Rate, UsualRate: m.Usual, BitRate: m.BitsPerSecond, Speed: x.speed, Duplicates: share(m.Duplicates),
		LostBefore: estimate(m.LostBefore), VLANs: vlanRows(m), Sessions: sessionRows(m)}
	for _, d := range drops(s) {
		if d.Frames > 0 {
			t.Drops = append(t.Drops, d)
		}
	}
	for _, p := range m.Troubles {
		t.Troubles = append(t.Troubles, web.MirrorTrouble{Code: string(p.Code), VLAN: p.VLAN, Severity: p.Severity.String(), Since: p.Since, Says: p.Says, Check: p.Check})
	}
	t.State, t.Says = x.state(now)
	return t
}

// state says whether a tap hears, and what else a person should know of it.
func (x heardTap) state(now time.Time) (state, says string) {
	state, says = x.hearing(now)
	if x.up && x.note != "" {
		says += " But " + x.note + "."
	}
	return state, says
}

func (x heardTap) hearing(now time.Time) (state, says string) {
	name := x.declared.Name
	switch silent := now.Sub(later(x.heard, x.opened)); {
	case !x.up:
		return "down", name + " does not listen: " + x.trouble
	case silent >= usage.TapSilence:
		return "silent", fmt.Sprintf("%s has been silent for %s. Every use under it is unknown. Check the mirror session and the cable.", name, spell(silent))
	case x.heard.IsZero():
		return "hears", name + " listens and has heard nothing yet."
	}
	return "hears", name + " hears traffic."
}

// holes are sentences about what cannot be heard.
func (x heardTap) holes() (holes []string) {
	for _, p := range x.mirror.Troubles {
		if p.Severity == mirror.Warning {
			holes = append(holes, x.declared.Name+": "+p.Says+" "+p.Check)
		}
	}
	if s := x.total(); lostFrames(s) > 0 {
		n := lostFrames(s)
		holes = append(holes, fmt.Sprintf("%s lost %d of %d frames before they were read. What was not seen is not known to be clean.", x.declared.Name, n, n+s.Frames+s.ShuntedFrames))
	}
	return holes
}

// drops lists what was lost in the sensor, by cause.
func drops(s sensor.SourceStats) []web.Drop {
	return []web.Drop{{Cause: "kernel", Frames: s.KernelDrops}, {Cause: "interface", Frames: s.InterfaceDrops}}
}

func lostFrames(s sensor.SourceStats) (n uint64) {
	for _, d := range drops(s) {
		n += d.Frames
	}
	return n
}

func heardVLANs(m mirror.Report) (ids []uint16) {
	for _, v := range m.VLANs {
		if v.ID != 0 && v.Frames > 0 {
			ids = append(ids, v.ID)
		}
	}
	return ids
}

func vlanRows(m mirror.Report) (rows []web.VLAN) {
	for _, v := range m.VLANs {
		rows = append(rows, web.VLAN{ID: v.ID, Declared: v.Declared, State: string(v.State), Frames: v.Frames, Bytes: v.Bytes, FrameRate: v.Rate, UsualRate: v.Usual,
			BitRate: v.BitsPerSecond, LostBefore: estimate(v.LostBefore), OneSided: share(v.OneSided), Duplicates: share(v.Duplicates), Shunted: share(v.Shunted), LastHeard: v.LastHeard})
	}
	return rows
}

func sessionRows(m mirror.Report) (rows []web.MirrorSession) {
	for _, s := range m.Sessions {
		rows = append(rows, web.MirrorSession{ID: s.ID, By: s.By.String(), Declared: s.Declared, State: string(s.State), Frames: s.Frames, Bytes: s.Bytes, LastHeard: s.LastHeard})
	}
	return rows
}

func share(s mirror.Share) web.Share { return web.Share{Known: s.Enough, Value: s.Value} }

func estimate(e mirror.Estimate) web.Estimate {
	return web.Estimate{Known: e.Enough, Share: e.Share, Low: e.Low, High: e.High, Segments: e.Segments, Says: e.String()}
}

// encrypted says what cannot be known of each type of device, because it is said
// in secret.
func encrypted(devices []inventory.Device) (rows []web.EncryptedShare) {
	var talks []mirror.Talk
	for _, d := range devices {
		for _, p := range d.Peers {
			talks = append(talks, mirror.Talk{DeviceType: string(d.Type), Protocol: p.Protocol, Bytes: p.Bytes, Conversations: 1})
		}
	}
	for _, r := range mirror.Encrypted(talks) {
		rows = append(rows, web.EncryptedShare{Type: r.DeviceType, Conversations: r.Conversations, Known: r.Enough, Share: r.Share, ByteShare: r.ByteShare, Says: r.Says})
	}
	return rows
}

// spell writes a length of time for people, in its largest unit.
func spell(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%d seconds", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func outcomes(c flow.Counters) []web.ProtocolCount {
	var all []web.ProtocolCount
	for _, p := range c.Protocols {
		for o, n := range p.Outcomes {
			if n > 0 {
				all = append(all, web.ProtocolCount{Protocol: string(p.Protocol), Outcome: protocols.Outcome(o).String(), Count: n})
			}
		}
	}
	slices.SortFunc(all, func(a, b web.ProtocolCount) int {
		return strings.Compare(a.Protocol+" "+a.Outcome, b.Protocol+" "+b.Outcome)
	})
	return all
}
