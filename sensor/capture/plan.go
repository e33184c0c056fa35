package capture

import (
	"fmt"
	"net/netip"
	"slices"
)

// LinkState is what the kernel says of an interface before anything is changed.
type LinkState struct {
	Name     string
	Loopback bool
	Master   string // bridge or bond that it belongs to, "" for none
	Up       bool
	ARP      bool // the kernel answers ARP on it
	Promisc  bool
	// IPv6 is false where the kernel has no IPv6, or has it switched off here.
	IPv6 bool
	// GenerateMode is how the kernel makes IPv6 addresses for it (IN6_ADDR_GEN_MODE_
	// values of linux/if_link.h). It counts where GenerateModeKnown.
	GenerateMode      int
	GenerateModeKnown bool
	Addresses         []netip.Prefix
	// Clsact and Ingress say which qdisc its ingress hook has; not both can be.
	Clsact, Ingress bool
	Egress          []EgressFilter // filters on its way out, in their order
	// IngressFilters counts filters on its way in, which are nobody's concern here
	// but keep the qdisc alive.
	IngressFilters int
	// Features are the receive offloads that the card has and lets be switched, by
	// their ethtool names, and whether they are on.
	Features map[string]bool
	// Kernel is the XDP program that is attached to it.
	Kernel XDP
}

// EgressFilter is one traffic-control filter on an interface's way out.
type EgressFilter struct {
	Kind     string // bpf, matchall, ...
	Name     string // bpf filters have one
	Priority uint16
	Handle   uint32
	Program  uint32 // the kernel's number of its program; 0 for filters without one
}

// IPv6 address generation modes (linux/if_link.h).
const generateNone = 1

// StepKind is one thing that is done to an interface.
type StepKind uint8

// The steps, in the order in which they are done. Undoing goes the other way.
const (
	StepAddClsact  StepKind = iota + 1
	StepDropEgress          // attach the drop, taking the place of a stale one
	StepARPOff
	StepGenerateNone  // no IPv6 address comes by itself
	StepRemoveAddress // Step.Address, link-local only
	StepIPv6Off       // best effort: needs /proc/sys
	StepPromisc
	StepFeatureOff // Step.Feature: an offload that hides frames, best effort
	StepDetachTap  // an earlier run's kernel program, best effort
	StepAttachTap  // the kernel program, by Step.Shunt, best effort
	StepTagsOff    // Step.Feature, best effort, where the kernel program must see the tags
	StepUp
)

// String names a step as the journal does.
func (k StepKind) String() string {
	switch k {
	case StepAddClsact:
		return "add clsact"
	case StepDropEgress:
		return "drop egress"
	case StepARPOff:
		return "arp off"
	case StepGenerateNone:
		return "addrgenmode none"
	case StepRemoveAddress:
		return "remove address"
	case StepIPv6Off:
		return "disable ipv6"
	case StepPromisc:
		return "promiscuous"
	case StepFeatureOff, StepTagsOff:
		return "switch off"
	case StepDetachTap:
		return "detach the kernel program of an earlier run"
	case StepAttachTap:
		return "kernel program"
	case StepUp:
		return "up"
	}
	return fmt.Sprintf("step %d", uint8(k))
}

// Step is one change, with what is needed to take it back.
type Step struct {
	Kind    StepKind
	Address netip.Prefix // of StepRemoveAddress
	// Mode is the address generation mode that undoing StepGenerateNone restores.
	Mode int
	// Feature is the ethtool name of StepFeatureOff and StepTagsOff.
	Feature string
	// Shunt is where StepAttachTap may attach.
	Shunt ShuntMode
	// Keep says that the change stays when the source is closed, because what was
	// there before is not known.
	Keep bool
	// Again says that an earlier run, which was killed, did the step. It is not done
	// again, only taken back.
	Again bool
	// BestEffort says that a failure is told, not fatal: another step already keeps
	// the interface mute.
	BestEffort bool
}

// String is the step as one line of a plan.
func (s Step) String() string {
	switch s.Kind {
	case StepRemoveAddress:
		return s.Kind.String() + " " + s.Address.String()
	case StepFeatureOff, StepTagsOff:
		return s.Kind.String() + " " + s.Feature
	case StepAttachTap:
		return s.Kind.String() + " " + string(s.Shunt)
	}
	return s.Kind.String()
}

// Plan is what makes one interface mute: first the kernel's drop, last the link.
type Plan struct {
	Steps []Step
	// Stale are filters that an earlier run of the sensor left behind. They go when
	// the new drop is in place, never before.
	Stale []EgressFilter
	// Notes tell what the plan leaves as it is, for people.
	Notes []string
}

// PlanMute decides what has to be done so that the interface never sends. It is
// pure: it touches nothing. The error names what stands in the way and what to do.
func PlanMute(state LinkState, o LiveOptions) (Plan, error) {
	return PlanMuteAfter(state, state.Settings(), o)
}

// PlanMuteAfter is PlanMute where taking the plan back restores the settings before,
// not those that are found: LinkState.Before gives them.
func PlanMuteAfter(state LinkState, before Settings, o LiveOptions) (Plan, error) {
	if err := mayCapture(state, o); err != nil {
		return Plan{}, err
	}
	var p Plan
	for _, f := range state.Egress {
		if !f.ours() {
			return Plan{}, fmt.Errorf("interface %s: a %s filter (priority %d) that is not the sensor's stands on its way out; "+
				"remove it: tc filter del dev %s egress pref %d", state.Name, f.Kind, f.Priority, state.Name, f.Priority)
		}
		p.Stale = append(p.Stale, f)
	}
	if !before.Clsact {
		p.add(Step{Kind: StepAddClsact})
	}
	p.add(Step{Kind: StepDropEgress})
	if before.ARP {
		p.add(Step{Kind: StepARPOff, Again: !state.ARP})
	}
	p.addIPv6(state, before)
	if !before.Promisc {
		p.add(Step{Kind: StepPromisc, Again: state.Promisc})
	}
	p.addOffloads(state, before)
	early := p.addShunt(state, o)
	p.addTags(state, before, early)
	if !before.Up {
		p.add(Step{Kind: StepUp, Again: state.Up})
	}
	return p, nil
}

// addIPv6 plans what keeps the kernel's IPv6 silent. An interface that keeps an
// address by the operator's wish keeps IPv6 too: switching it off would lose the
// address for good.
func (p *Plan) addIPv6(state LinkState, before Settings) {
	if !before.IPv6 {
		return
	}
	if !before.GenerateModeKnown || before.GenerateMode != generateNone {
		p.add(Step{Kind: StepGenerateNone, Mode: before.GenerateMode, Keep: !before.GenerateModeKnown,
			Again: state.GenerateModeKnown && state.GenerateMode == generateNone})
	}
	for _, a := range before.LinkLocal {
		p.add(Step{Kind: StepRemoveAddress, Address: a, Again: !slices.Contains(state.Addresses, a)})
	}
	keep := slices.ContainsFunc(state.Addresses, func(a netip.Prefix) bool { return a.Addr().Is6() && !isLinkLocal(a) })
	if !keep || !state.IPv6 {
		p.add(Step{Kind: StepIPv6Off, Again: !state.IPv6, BestEffort: true})
	}
}

func (p *Plan) add(s Step) { p.Steps = append(p.Steps, s) }

// mayCapture refuses interfaces whose silence would break something, or cannot be
// had.
func mayCapture(state LinkState, o LiveOptions) error {
	switch {
	case state.Loopback:
		return fmt.Errorf("interface %s is the loopback: it cannot be mute; choose the interface of the mirror port", state.Name)
	case state.Master != "":
		return fmt.Errorf("interface %s belongs to %s, which would forward what is heard; take it out: ip link set %s nomaster",
			state.Name, state.Master, state.Name)
	case state.Ingress:
		return fmt.Errorf("interface %s has an ingress qdisc where the egress drop's clsact must stand; remove it: tc qdisc del dev %s ingress",
			state.Name, state.Name)
	}
	for _, a := range state.Addresses {
		if !isLinkLocal(a) && !o.AllowAddress {
			return fmt.Errorf("interface %s holds the address %s, and a capture interface must have none, because it is made mute; "+
				"remove it (ip address del %s dev %s), choose another interface, or allow the address: nothing will be sent from it",
				state.Name, a, a, state.Name)
		}
	}
	return nil
}

// isLinkLocal reports whether a is an IPv6 link-local address, which the kernel
// makes by itself (RFC 4291 section 2.5.6). An IPv4 one is set by somebody.
func isLinkLocal(a netip.Prefix) bool {
	return a.Addr().Is6() && a.Addr().IsLinkLocalUnicast()
}
