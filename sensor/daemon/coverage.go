package daemon

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/flow"
	"github.com/auscult/auscult/sensor/mirror"
	"github.com/auscult/auscult/sensor/web"
)

// Coverage implements web.House.
func (h *House) Coverage() web.Coverage {
	c := web.Coverage{Mode: h.config.Load().Mode.Default, ReloadRefused: h.refused.Load()}
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
		c.Holes = append(c.Holes, fmt.Sprintf("The inventory was full: %s new keys were refused and %s old ones forgotten. Some devices are not shown.", web.Grouped(s.RefusedFor.Full), web.Grouped(s.Evicted)))
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
	t := web.Tap{Name: x.declared.Name, Where: x.declared.Where, Interface: x.declared.Interface, Shunt: x.declared.Shunt, Kernel: x.mode, Notes: x.notes,
		DeclaredVLANs: x.declared.VLANs, HeardVLANs: heardVLANs(m),
		Frames: s.Frames + s.ShuntedFrames, Bytes: s.Bytes + s.ShuntedBytes, ShuntedFrames: s.ShuntedFrames, ShuntedBytes: s.ShuntedBytes,
		Lost: lostFrames(s), Transmitted: s.Transmitted, Refused: s.TransmitTried, Gaps: x.counters.Gaps, Disputed: x.counters.Disputed,
		OneSided: x.oneSided, Conversations: x.talks, LastHeard: x.heard,
		FrameRate: m.Rate, UsualRate: m.Usual, BitRate: m.BitsPerSecond, Speed: x.speed, Duplicates: share(m.Duplicates),
		LostBefore: estimate(m.LostBefore), VLANs: x.vlanRows(), Sessions: sessionRows(m)}
	for _, d := range drops(s) {
		if d.Frames > 0 {
			t.Drops = append(t.Drops, d)
		}
	}
	for _, p := range m.Troubles {
		t.Troubles = append(t.Troubles, web.MirrorTrouble{Code: string(p.Code), VLAN: p.VLAN, Severity: p.Severity.String(), Since: p.Since, Says: p.Says, Check: p.Check})
	}
	t.State, t.Says = x.state(now)
	if t.State == "silent" || t.State == "down" {
		rest(&t)
	}
	return t
}

// rest takes rates off a tap that does not hear: those of its last minutes are not
// those of now. What a link that is down could carry is not known.
func rest(t *web.Tap) {
	t.FrameRate, t.BitRate = 0, 0
	for i := range t.VLANs {
		t.VLANs[i].FrameRate, t.VLANs[i].BitRate = 0, 0
	}
	if t.State == "down" {
		t.Speed = 0
	}
}

// holes are sentences about what cannot be heard.
func (x heardTap) holes() (holes []string) {
	for _, p := range x.mirror.Troubles {
		if p.Severity == mirror.Warning && !isState(p.Code) {
			holes = append(holes, x.declared.Name+": "+toldWithCheck(p))
		}
	}
	if s := x.total(); lostFrames(s) > 0 {
		n := lostFrames(s)
		holes = append(holes, fmt.Sprintf("%s lost %s of %s frames before they were read. What was not seen is not known to be clean.", x.declared.Name, web.Grouped(n), web.Grouped(n+s.Frames+s.ShuntedFrames)))
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

// vlanDeclared reports whether a VLAN was named for this tap, in any of its keys.
func (x heardTap) vlanDeclared(v mirror.VLAN) bool {
	return v.Declared || v.ID != 0 && v.ID == x.declared.RSPANVLAN
}

func (x heardTap) vlanRows() (rows []web.VLAN) {
	for _, v := range x.mirror.VLANs {
		rows = append(rows, web.VLAN{ID: v.ID, Declared: x.vlanDeclared(v), State: string(v.State), Frames: v.Frames, Bytes: v.Bytes, FrameRate: v.Rate, UsualRate: v.Usual,
			BitRate: v.BitsPerSecond, LostBefore: estimate(v.LostBefore), OneSided: share(v.OneSided), Duplicates: share(v.Duplicates), Shunted: share(v.Shunted), LastHeard: v.LastHeard})
	}
	return rows
}

func sessionRows(m mirror.Report) (rows []web.MirrorSession) {
	for _, s := range m.Sessions {
		by := "" // of one that was never heard it is not known
		if s.By != sensor.Plain {
			by = s.By.String()
		}
		rows = append(rows, web.MirrorSession{ID: s.ID, By: by, Declared: s.Declared, State: string(s.State), Frames: s.Frames, Bytes: s.Bytes, LastHeard: s.LastHeard})
	}
	return rows
}

func share(s mirror.Share) web.Share { return web.Share{Known: s.Enough, Value: s.Value} }

func estimate(e mirror.Estimate) web.Estimate {
	return web.Estimate{Known: e.Enough, Share: e.Share, Low: e.Low, High: e.High, Segments: e.Segments, Needed: mirror.MinSegments, Says: e.String()}
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
