package capture

import (
	"errors"
	"fmt"
	"slices"
)

// errNoEthtool says that this process got no socket to ask the cards with.
var errNoEthtool = errors.New("no ethtool socket")

// hiding are the receive offloads that put several frames together, so that what
// is heard is not what was on the wire, by their ethtool names (the kernel's
// net/ethtool/common.c, netdev_features_strings).
func hiding() []string {
	return []string{"rx-gro", "rx-gro-list", "rx-udp-gro-forwarding", "rx-gro-hw", "rx-lro"}
}

// untagging are the offloads that take a VLAN tag out of the frame, where an XDP
// program cannot see it. The tag itself is never lost: it comes as Frame.VLAN.
func untagging() []string { return []string{"rx-vlan-hw-parse", "rx-vlan-stag-hw-parse"} }

// addOffloads plans that frames come one by one. The program is attached behind
// that, because some drivers refuse it while they put frames together.
func (p *Plan) addOffloads(state LinkState, before Settings) {
	for _, name := range hiding() {
		if before.Features[name] {
			p.add(Step{Kind: StepFeatureOff, Feature: name, Again: !state.Features[name], BestEffort: true})
		}
	}
}

// addShunt plans the kernel program. Where somebody else's XDP program is at work,
// it stays, and only the socket filter is left. It reports whether the program may
// see frames before their tags are taken out.
func (p *Plan) addShunt(state LinkState, o LiveOptions) (early bool) {
	if state.Kernel.ours() {
		p.add(Step{Kind: StepDetachTap, BestEffort: true, Keep: true})
	}
	where := o.Shunt.orAuto()
	if where == ShuntOff {
		return false
	}
	if state.Kernel.attached() && !state.Kernel.ours() && where != ShuntFilter {
		p.Notes = append(p.Notes, fmt.Sprintf("interface %s: the XDP program %q (number %d) that is not the sensor's is attached, so frames "+
			"are dropped later, by a socket filter; to have that program's place: ip link set %s xdp off",
			state.Name, state.Kernel.Name, state.Kernel.ID, state.Name))
		where = ShuntFilter
	}
	p.add(Step{Kind: StepAttachTap, Shunt: where, BestEffort: true})
	return where != ShuntFilter
}

// addTags plans that tags stay in the frame, for an early program. What an earlier
// run switched off for its own is switched on again at the end, whatever this one
// has.
func (p *Plan) addTags(state LinkState, before Settings, early bool) {
	for _, name := range untagging() {
		again := !state.Features[name]
		if before.Features[name] && (early || again) {
			p.add(Step{Kind: StepTagsOff, Feature: name, Again: again, BestEffort: true})
		}
	}
}

// features reads the offloads that matter here. One that cannot be switched is
// left out.
func (l *link) features() (map[string]bool, error) {
	if l.tool == nil {
		return nil, errNoEthtool
	}
	all, err := l.tool.features(l.called())
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, name := range slices.Concat(hiding(), untagging()) {
		if f, ok := all[name]; ok && f.changeable {
			known[name] = f.active
		}
	}
	return known, nil
}

// setFeature switches an offload. The kernel may take the wish and do otherwise,
// so it is asked afterwards.
func (l *link) setFeature(name string, on bool) error {
	if l.tool == nil {
		return errNoEthtool
	}
	if err := l.tool.change(l.called(), name, on); err != nil {
		return err
	}
	now, err := l.features()
	if err != nil {
		return err
	}
	if now[name] != on {
		return errors.New("the driver keeps it as it was")
	}
	return nil
}

// settle switches off what came on by itself: a driver may start to put frames
// together when a program is attached, or when the link comes up. Nothing of that
// was there before, so nothing is put back. Where the card cannot be asked, it is
// told here, once.
func (m *mute) settle() {
	now, err := m.link.features()
	if err != nil {
		m.notes = append(m.notes, fmt.Sprintf("interface %s: read its offloads: %v; frames may come put together, so lengths and counts "+
			"are not those of the wire: ethtool -k %s", m.link.name, err, m.link.name))
		return
	}
	for _, name := range hiding() {
		if !now[name] || m.refused[name] {
			continue
		}
		if err := m.link.setFeature(name, false); err != nil {
			m.noteFeature(name, err)
		}
	}
}

func (m *mute) noteFeature(name string, err error) {
	if m.refused == nil {
		m.refused = map[string]bool{}
	}
	m.refused[name] = true
	m.notes = append(m.notes, fmt.Sprintf("interface %s: switch off %s: %v; frames may come put together, so lengths and counts "+
		"are not those of the wire: ethtool -k %s", m.link.name, name, err, m.link.name))
}
