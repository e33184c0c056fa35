package daemon

import (
	"strconv"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/flow"
	"github.com/auscult/auscult/sensor/mirror"
)

// tapSink sends what is counted of one tap, under the names of its interface and of
// itself: an interface may be renamed, and two taps may lie on one by mistake.
type tapSink struct {
	sink
	names []string // values of tapLabels
}

// tapLabels returns the labels that all series of a tap have.
func tapLabels() []string { return []string{"interface", "tap"} }

// count sends a counter; more are further labels, each followed by its value.
func (s tapSink) count(name, help string, v uint64, more ...string) {
	labels, values := s.labelled(more)
	s.sink.count(name, help, v, labels, values...)
}

func (s tapSink) gauge(name, help string, v float64, more ...string) {
	labels, values := s.labelled(more)
	s.sink.gauge(name, help, v, labels, values...)
}

func (s tapSink) labelled(more []string) (labels, values []string) {
	labels, values = tapLabels(), append([]string{}, s.names...)
	for i := 0; i+1 < len(more); i += 2 {
		labels, values = append(labels, more[i]), append(values, more[i+1])
	}
	return labels, values
}

func (c collector) taps(all sink) {
	c.house.taps.each(func(t heardTap) {
		m := tapSink{all, []string{t.declared.Interface, t.declared.Name}}
		m.heard(t)
		m.mirror(t)
		m.flow(t.counters)
		m.understood(t.counters)
	})
}

// heard shows what the capture counted.
func (s tapSink) heard(t heardTap) {
	n := t.total()
	s.count("frames_total", "Frames by interface and verdict.", n.Frames, "verdict", "passed")
	s.count("frames_total", "Frames by interface and verdict.", n.ShuntedFrames, "verdict", "shunted")
	s.count("bytes_total", "Bytes on the wire by interface and verdict.", n.Bytes, "verdict", "passed")
	s.count("bytes_total", "Bytes on the wire by interface and verdict.", n.ShuntedBytes, "verdict", "shunted")
	for _, d := range drops(n) {
		s.count("drops_total", "Frames lost by interface and cause.", d.Frames, "cause", d.Cause)
	}
	s.count("ring_freezes_total", "How often the capture ring was full.", n.RingFreezes)
	s.gauge("capture_loss_ratio", "Share of frames that were lost before they were read.", ratio(lostFrames(n), lostFrames(n)+n.Frames+n.ShuntedFrames))
	s.count("transmit_frames_total", "Frames that left a capture interface: any increase is an alarm.", n.Transmitted)
	s.count("transmit_refused_frames_total", "Frames that tried to leave a capture interface and were dropped.", n.TransmitTried)
	s.gauge("tap_up", "1 while the tap listens.", one(t.up))
	s.gauge("tap_last_heard_timestamp_seconds", "When the tap was last heard.", seconds(t.heard))
}

// mirror shows what is known of a mirror port before the sensor.
func (s tapSink) mirror(t heardTap) {
	if t.mode != "" {
		s.gauge("kernel_program", "1 for the way in which the kernel program is at work.", 1, "mode", t.mode)
	}
	if e := t.mirror.LostBefore; e.Enough {
		s.gauge("mirror_loss_estimate_ratio", "Share of frames that were lost before the sensor, by the holes in streams.", e.Share)
	}
	s.count("skip_ranges_unplaced_total", "Ranges that found no room in the kernel.", t.unplaced)
	s.gauge("kernel_forgotten_frames", "Frames of conversations that the kernel's accounting has forgotten.", float64(t.forgottenPackets))
	s.gauge("kernel_forgotten_bytes", "Payload bytes of conversations that the kernel's accounting has forgotten.", float64(t.forgottenBytes))
	s.count("duplicate_frames_total", "Frames that the mirror showed twice and that were taken once.", t.counters.DuplicateFrames)
	raised := map[mirror.Code]int{}
	for _, p := range t.mirror.Troubles {
		raised[p.Code]++
	}
	for _, code := range mirror.Codes() {
		s.gauge("mirror_trouble", "How often something is wrong with a mirror now, by what it is.", float64(raised[code]), "code", string(code))
	}
	for _, v := range t.mirror.VLANs {
		if v.ID == 0 || t.vlanDeclared(v) {
			s.gauge("vlan_frames_per_second", "Frames a second of the last minutes, untagged and declared VLANs.", v.Rate, "vlan", strconv.Itoa(int(v.ID)))
		}
	}
}

// flow shows how streams were put together.
func (s tapSink) flow(f flow.Counters) {
	s.gauge("flows", "Conversations known now.", float64(f.Open))
	s.count("flows_opened_total", "Conversations opened.", f.Opened)
	for i, n := range f.Ended {
		s.count("flows_ended_total", "Conversations ended, by reason.", n, "reason", flow.End(i).String())
	}
	s.count("reassembly_gaps_total", "Holes in streams.", f.Gaps)
	s.count("reassembly_gap_bytes_total", "Bytes in holes of known length.", f.GapBytes)
	s.count("stream_resyncs_total", "Holes in streams of which the length is not known.", f.Resyncs)
	s.count("segments_ignored_total", "Segments and resets that fit nowhere in their stream.", f.WildIgnored)
	s.count("segments_unacknowledged_total", "Segments behind a hole that the receiver never acknowledged: not believed.", f.Unacked)
	s.count("conversations_disputed_total", "Conversations beside which another began between the same ports: somebody may be forging packets.", f.Disputed)
	s.count("flows_unreported_total", "Conversations of one packet that a full table gave up without telling of them.", f.Unreported)
	s.count("skip_ranges_total", "Ranges that the kernel was asked to drop.", f.SkipsAsked)
	s.count("skipped_bytes_total", "Bytes that no dissector needed.", f.Skipped)
}

// understood shows what became of frames and messages.
func (s tapSink) understood(f flow.Counters) {
	for v, n := range f.Decode.Verdicts {
		s.count("decoded_total", "Frames by what became of them.", n, "verdict", sensor.Verdict(v).String())
	}
	s.count("observations_total", "Statements about devices.", f.Observations)
	for _, p := range f.Protocols {
		s.count("facts_refused_total", "Facts that broke the text rules and were dropped.", p.Refused, "protocol", string(p.Protocol))
		for o, n := range p.Outcomes {
			s.count("messages_total", "Messages by protocol and outcome.", n, "protocol", string(p.Protocol), "outcome", protocols.Outcome(o).String())
		}
	}
}
