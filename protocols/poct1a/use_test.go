package poct1a_test

import (
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
)

// TestUse: what a device says of itself holds if it says so now.
func TestUse(t *testing.T) {
	cases := []struct {
		name, text string
		want       protocols.UseState
	}{
		{"ready", status(now, "R"), protocols.Idle},
		{"busy", status(now, "B"), protocols.InUse},
		{"locked", status(now, "L"), protocols.Standby},
		{"a code of its own", status(now, "X"), protocols.UnknownUse},
		{"no condition", status(now, ""), ""},
		{"ready, another zone", status("2026-01-02T07:00:00.00-05:00", "R"), protocols.Idle},
		{"ready, zone not known", status("2026-01-02T05:00:00-00:00", "R"), protocols.Idle},
		{"ready, hours ago", status("2026-01-02T09:00:00+00:00", "R"), ""},
		{"busy, hours ago", status("2026-01-02T09:00:00+00:00", "B"), ""},
		{"ready, no zone is so far behind", status("2026-01-01T05:00:00", "R"), ""},
		{"ready, no time", status("", "R"), ""},
		{"busy, no time", status("", "B"), protocols.InUse},
		{"misspelt", strings.ReplaceAll(status(now, "R"), "condition_cd", "conditon_cd"), protocols.Idle},
		{"just measured", observation(now, "2026-01-02T11:58:00+00:00"), protocols.InUse},
		{"no time of the test", observation(now, ""), protocols.InUse},
		{"measured hours ago", observation(now, "2026-01-02T08:58:00+00:00"), ""},
		{"measured hours ago, zone not known", observation("2026-01-02T12:00:00-00:00", "2026-01-02T09:00:00-00:00"), ""},
		{"sent hours ago", observation("2026-01-02T09:00:00+00:00", "2026-01-02T08:58:00+00:00"), ""},
		{"quality control", strings.ReplaceAll(observation(now, now), "OBS.R01", "OBS.R02"), protocols.InUse},
		{"another inner type", strings.Replace(status(now, "R"), `V="DST.R01"`, `V="REQ.R01"`, 1), protocols.Idle},
		{"keep-alive", message("KPA.R01", now), ""},
		{"end", message("END.R01", now), ""},
	}
	for _, c := range cases {
		for about, greeting := range map[protocols.SubjectKind]string{protocols.AboutDescribed: hello("90000007"), protocols.AboutSpeaker: bench("S900001")} {
			h := listen(0, forward(greeting), forward(c.text))
			var got protocols.UseState
			for _, o := range h.Observations {
				if o.Report == nil {
					continue
				}
				got = o.Report.Channels[0].State
				if o.About.Kind != about || o.Report.Valid < 5*time.Minute || o.Report.Valid > 15*time.Minute {
					t.Errorf("%s: %+v", c.name, o)
				}
			}
			if got != c.want {
				t.Errorf("%s: %q, want %q\n%s", c.name, got, c.want, h.Print())
			}
		}
	}
}

// TestABacklogIsNotUse: what lags behind the device's own earlier messages has
// waited, unless the manager has set the clock.
func TestABacklogIsNotUse(t *testing.T) {
	local := func(minutes int) string {
		return noon.Add(time.Duration(minutes) * time.Minute).Format("2006-01-02T15:04:05")
	}
	at := func(wire, clock int) bit {
		return bit{text: status(local(clock), "R"), when: noon.Add(time.Duration(wire) * time.Minute)}
	}
	set := answer(message("DTV.R02", now, object("DTV", element("DTV.command_cd", "SET_TIME"))))
	for _, c := range []struct {
		name string
		bits []bit
		uses int
	}{
		{"in step", []bit{at(0, 0), at(30, 30)}, 2},
		{"one waited", []bit{at(0, 0), at(60, 30), at(61, 61)}, 2},
		{"the end of summer time", []bit{at(0, 0), at(1, -59), at(20, -40)}, 2},
		{"the clock was set", []bit{at(0, 0), set, at(60, 30)}, 2},
	} {
		if h := listen(0, append([]bit{forward(bench("S900001"))}, c.bits...)...); h.Uses(protocols.AboutSpeaker) != c.uses {
			t.Errorf("%s: %d, want %d\n%s", c.name, h.Uses(protocols.AboutSpeaker), c.uses, h.Print())
		}
	}
}

// TestInvariant04TheSpeakerIsNotAlwaysTheDevice: a meter behind a base station stays
// one, and only what proves to be the speaker is.
func TestInvariant04TheSpeakerIsNotAlwaysTheDevice(t *testing.T) {
	withID := func(id string) string { return strings.Replace(hello("90000007"), "Example^Ward 9", id, 1) }
	cases := []struct {
		name string
		text string
		self bool
		role protocols.Role
	}{
		{"a meter", hello("90000007"), false, protocols.RolePOCT1AClient},
		{"two meters", hello("90000007") + hello("90000008"), false, protocols.RolePOCT1ARelay},
		{"one meter twice", hello("90000007") + hello("90000007"), false, protocols.RolePOCT1AClient},
		{"the speaker's MAC", withID("00-09-FB-00-00-01"), true, protocols.RolePOCT1ADevice},
		{"a EUI-64 of it", withID("0009FBFFFE000001"), true, protocols.RolePOCT1ADevice},
		{"another MAC", withID("00:09:FB:00:00:02"), false, protocols.RolePOCT1AClient},
		{"a bench analyser", bench("S900001"), true, protocols.RolePOCT1ADevice},
		{"a bench analyser behind a meter", hello("90000007") + bench("S900001"), false, protocols.RolePOCT1ARelay},
	}
	for _, c := range cases {
		h := listen(0, forward(c.text))
		var last protocols.Role
		self := false
		for _, o := range h.Observations {
			for _, f := range o.Facts {
				if o.About.Kind != protocols.AboutSpeaker {
					continue
				}
				self = self || f.Attribute == protocols.SerialNumber
				if f.Attribute == protocols.RoleOf {
					last = protocols.Role(f.Value)
				}
			}
		}
		if self != c.self || last != c.role {
			t.Errorf("%s: self %v, role %s\n%s", c.name, self, last, h.Print())
		}
	}
}

// TestIdentifiers reads DEV.device_id in its forms.
func TestIdentifiers(t *testing.T) {
	cases := []struct {
		id        string
		attribute protocols.Attribute
		want      string
	}{
		{"00:06:66:00:22:A1", protocols.HardwareAddress, "00:06:66:00:22:a1"},
		{"00:00:00:00:00:00", protocols.HardwareAddress, ""},
		{"ff:ff:ff:ff:ff:ff", protocols.HardwareAddress, ""},
		{"00-06-66-ff-fe-00-22-a1", protocols.EUI64, "000666FFFE0022A1"},
		{"0000000000000000", protocols.EUI64, ""},
		{"EXH^Ward 3", protocols.Location, "Ward 3"},
		{"EXH^Ward 3", protocols.Institution, "EXH"},
		{"EXH^", protocols.Location, ""},
		{"GLUCOSE 7", protocols.DeviceLabel, "GLUCOSE 7"},
		{"PIX^HemoScreen^9001-HS", protocols.SerialNumber, "9001-HS"},
		{"PIX^HemoScreen^9001-HS", protocols.Model, "HemoScreen"},
		{"PIX^HemoScreen^1", protocols.SerialNumber, ""},
	}
	for _, c := range cases {
		h := listen(0, forward(message("HEL.R01", now, object("DEV", element("DEV.device_id", c.id)))), forward(message("HEL.R01", now, object("DEV", element("DEV.device_id", c.id), element("DEV.vendor_id", "X")))))
		s := listen(0, forward(message("HEL.R01", now, object("DEV", element("DEV.device_id", c.id), element("DEV.serial_id", "90000009")))))
		got := h.Get(protocols.AboutDescribed, c.attribute)
		if c.attribute != protocols.SerialNumber {
			got = s.Get(protocols.AboutDescribed, c.attribute)
		}
		if got != c.want {
			t.Errorf("%s: %s is %q, want %q\n%s", c.id, c.attribute, got, c.want, s.Print())
		}
	}
}
