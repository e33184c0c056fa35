package mirror

// Enough evidence, and the thresholds. Each trouble has one share that raises it and
// a lower one that keeps it.
const (
	// minFrames is how many frames a share of frames is judged on.
	minFrames = 10_000
	// MinConversations is how many ended TCP conversations a share of them is judged
	// on: with 50, a share of a half is known to within 14 percent points.
	MinConversations = 50
	// minWatched is how long a link must be watched to judge its peaks, in
	// milliseconds.
	minWatched = 300_000

	// lossRaise is one frame in a thousand, which breaks about one long message in ten.
	lossRaise, lossKeep = 0.001, 0.0005
	// A mirror of both directions of both ports of all traffic has a share of a half.
	twiceRaise, twiceKeep = 0.2, 0.1
	// Of one direction only, a few conversations are still whole: those between two
	// ports that are both mirrored.
	singleRaise, singleKeep = 0.95, 0.85
	// Of a port-channel of n links with one share p of them mirrored, 2(1-p)/(2-p) of
	// the conversations that are heard lack a side, where both switches spread them
	// independently: 0.4 with three of four links, 0.67 with half, 0.93 with one of
	// eight. Where links are declared, less is enough.
	bundleRaise, bundleDeclared, bundleKeep = 0.4, 0.3, 0.2
	// peakRaise is the share of time at line rate that is no passing burst.
	peakRaise, peakKeep = 0.03, 0.01
	busyRaise, busyKeep = 0.9, 0.8 // of the link's speed, for minutes
	// encryptedRaise is far more than the noise of a few protected 802.11 frames.
	encryptedRaise, encryptedKeep = 0.2, 0.1
	minEncrypted                  = 1000
	cutRaise, cutKeep             = 0.001, 0.0005
	minCut                        = 100
)

func (l *look) lossHere() {
	p, ok := l.own.judged(minFrames)
	if !ok {
		l.alarms.keep(l.at, key{code: LossHere})
		return
	}
	if p.share() > l.limit(LossHere, 0, lossRaise, lossKeep) {
		l.tell(Trouble{Code: LossHere, Check: "limits.buffer_mib and workers in the configuration, the shunt's mode, and the load of this machine; nothing on the switch."},
			"The sensor itself lost %s of the frames of %s: %d of %d. What was not seen is not known to be clean.", percent(p.share()), l.declared.Name, p.some, p.all)
	}
}

// ownShare is what the sensor lost itself, lately.
func (m *Mirror) ownShare() float64 {
	p, _ := m.own.judged(minFrames)
	return p.share()
}

func (x *line) estimate(own float64) Estimate {
	f, ok := x.loss.judged(MinSegments)
	return estimate(f, ok, own)
}

// standsOut is how many times the tap's share a VLAN's must be to be told by itself:
// what is true of the whole mirror is told once.
const standsOut = 2

// onlyThere reports whether a share is a matter of this VLAN, or of the whole tap.
func (l *look) onlyThere(c Code, vlan uint16, share, tap float64) bool {
	return vlan == 0 || l.standing(c, vlan) || share >= standsOut*tap
}

func (l *look) lossBefore() {
	if l.losing(0, &l.tap) {
		l.alarms.keepCode(l.at, LossBefore)
		return
	}
	for id, v := range l.vlans {
		if id != 0 {
			l.losing(id, v)
		}
	}
}

func (l *look) losing(id uint16, x *line) bool {
	e, k := x.estimate(l.ownShare()), key{code: LossBefore, vlan: id}
	_, standing := l.alarms.raised(k)
	switch {
	case !e.Enough:
		l.alarms.keep(l.at, k)
		return false
	case e.Low <= lossRaise && !(standing && e.Share > lossKeep):
		return false
	case !l.onlyThere(LossBefore, id, e.Share, l.tap.estimate(l.ownShare()).Share):
		return false
	}
	what := l.named(id)
	l.tell(Trouble{Code: LossBefore, VLAN: id, Check: "Output drops of the mirror's destination port (show interfaces, \"total output drops\"), a speed of that port below the sum of its sources, and for a remote mirror the links on its way."},
		"The switch lost %s of %s before the sensor, by the holes in %d TCP segments. What was not seen is not known to be clean.", e, what, e.Segments)
	return true
}

func (l *look) oversubscribed() {
	if l.speed == 0 {
		l.alarms.keep(l.at, key{code: Oversubscribed})
		return
	}
	busy := l.tap.bits / float64(l.speed)
	p, watched := l.full.judged(minWatched)
	if !watched {
		l.alarms.keep(l.at, key{code: Oversubscribed})
	}
	holes := l.tap.estimate(l.ownShare()).Low > lossKeep
	t := Trouble{Code: Oversubscribed, Check: "The sum of what the sources carry against the speed of the destination port: mirror fewer sources, one direction of each, or use a faster port (show interfaces, \"output rate\" and \"total output drops\")."}
	switch {
	case busy >= l.limit(Oversubscribed, 0, busyRaise, busyKeep) && holes:
		l.tell(t, "%s runs at %s of its link's speed, and frames are missing: the mirror carries more than the port can send.", l.declared.Name, percent(busy))
	case watched && p.share() >= l.limit(Oversubscribed, 0, peakRaise, peakKeep):
		l.tell(t, "%s was at line rate for %s of the time: in those moments the switch must drop what does not fit.", l.declared.Name, percent(p.share()))
	}
}

func (l *look) duplicates() {
	if l.twiceHeard(0, &l.tap) {
		l.alarms.keepCode(l.at, Duplicates)
		return
	}
	for id, v := range l.vlans {
		if id != 0 {
			l.twiceHeard(id, v)
		}
	}
}

func (l *look) twiceHeard(id uint16, x *line) bool {
	p, ok := x.twice.judged(minFrames)
	if !ok {
		l.alarms.keep(l.at, key{code: Duplicates, vlan: id})
		return false
	}
	if p.share() < l.limit(Duplicates, id, twiceRaise, twiceKeep) || !l.onlyThere(Duplicates, id, p.share(), l.tap.duplicates().Value) {
		return false
	}
	what := l.named(id)
	l.tell(Trouble{Code: Duplicates, VLAN: id, Check: "Whether the session copies both directions of ports, or of a VLAN, that speak with each other: mirror receive only (monitor session … source … rx), or fewer ports. It halves the load of the mirror."},
		"%s of the frames of %s came twice: the mirror shows both directions of both ports. They are counted once.", percent(p.share()), what)
	return true
}

func (l *look) oneSided() {
	if !l.declared.bothWays() {
		return
	}
	if l.lacksSide(0, &l.tap) {
		l.alarms.keepCode(l.at, OneDirection)
		l.alarms.keepCode(l.at, PartOfPortChannel)
		return
	}
	for id, v := range l.vlans {
		if id != 0 {
			l.lacksSide(id, v)
		}
	}
}

func (l *look) lacksSide(id uint16, x *line) bool {
	s, ok := x.talks.judged(MinConversations)
	if !ok {
		l.alarms.keep(l.at, key{code: OneDirection, vlan: id})
		l.alarms.keep(l.at, key{code: PartOfPortChannel, vlan: id})
		return false
	}
	if !l.onlyThere(OneDirection, id, s.share(), l.tap.oneSided().Value) && !l.standing(PartOfPortChannel, id) {
		return false
	}
	what := l.named(id)
	switch {
	case s.share() >= l.limit(OneDirection, id, singleRaise, singleKeep):
		l.tell(Trouble{Code: OneDirection, VLAN: id, Check: "That the session copies both directions (monitor session … source … both), or declare directions: receive or transmit."},
			"%s shows one side only of %s of the conversations: one direction is mirrored.", what, percent(s.share()))
	case l.bundle(id, s):
		l.tell(Trouble{Code: PartOfPortChannel, VLAN: id, Check: "That the source is the port-channel itself, not one of its links, on both switches of a stack or pair (show etherchannel summary; monitor session … source interface port-channel); else, whether routing is asymmetric."},
			"%s of the conversations of %s lack a side, now the one, now the other%s.", percent(s.share()), what, l.links())
	default:
		return false
	}
	return true
}

func (l *look) bundle(id uint16, s sides) bool {
	raise := bundleRaise
	if l.declared.Links > 1 {
		raise = bundleDeclared
	}
	return l.declared.Links != 1 && s.mixed() && s.share() >= l.limit(PartOfPortChannel, id, raise, bundleKeep)
}

func (l *look) encrypted() {
	p, ok := l.wireless.judged(minFrames)
	if !ok {
		l.alarms.keep(l.at, key{code: WirelessEncrypted})
		return
	}
	if p.some >= minEncrypted && p.share() >= l.limit(WirelessEncrypted, 0, encryptedRaise, encryptedKeep) {
		l.tell(Trouble{Code: WirelessEncrypted, Check: "Move the source of the mirror to the wired side of the wireless controller; there the same traffic is in the clear. Leave the data encryption of the access points (data DTLS) on."},
			"%s of the frames of %s are wireless traffic in encryption (CAPWAP data in DTLS, or protected 802.11): the mirror belongs behind the controller.", percent(p.share()), l.declared.Name)
	}
}

func (l *look) shortened() {
	p, ok := l.cut.judged(minFrames)
	if !ok {
		l.alarms.keep(l.at, key{code: FramesCut})
		return
	}
	if p.some >= minCut && p.share() >= l.limit(FramesCut, 0, cutRaise, cutKeep) {
		l.tell(Trouble{Code: FramesCut, Check: "Truncation in the mirror session, and its MTU (Nexus and ERSPAN: mtu in monitor session; packet slicing of a packet broker), and the MTU of the way that an encapsulated mirror takes."},
			"%s of the frames of %s arrive cut: their headers promise more bytes than there are.", percent(p.share()), l.declared.Name)
	}
}
