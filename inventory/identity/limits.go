package identity

import "time"

// Every table and list of the ledger is bounded; what does not fit is counted in
// Stats, or pushes out what weighs least.
const (
	// MaxAtoms bounds the ledger: the stretch goal of 100,000 devices with the
	// three keys that most have.
	MaxAtoms = 300_000
	// MaxClients bounds the interfaces that only asked for an address, and got none
	// that was heard: telephones that change their MAC ask from a new one each day.
	// 20,000 is a hospital's visitors of a month.
	MaxClients = 20_000
	// MaxTitles bounds the AE titles that one host tells first: a worklist server
	// names those of every modality, and the largest departments have hundreds.
	MaxTitles = 512
	// MaxNumbers bounds the serial numbers, EUI-64s, UDIs, UIDs and labels, each,
	// that one host tells first: the largest infusion servers speak for some
	// thousand pumps, and MaxBehind of them are looked at.
	MaxNumbers = MaxBehind
	// MaxPictured bounds the machines without a serial number, of each kind, that
	// one host tells first: an archive keeps images of many years' modalities.
	MaxPictured = 1024
	// roomShare is the part of a bound that is freed at once when it is reached, so
	// that looking for what can go is paid once for many keys.
	roomShare = 8
	// statementAtoms is more keys than one statement can make: its facts, each with
	// a name, and its two ends with their interfaces.
	statementAtoms = 256
	// MaxEvidence bounds the statements of one atom. The richest device known
	// gives about 60 different ones; the weakest and oldest go first.
	MaxEvidence = 128
	// MaxLinks bounds the links of one atom: a router has a network interface with
	// an address in each of its networks.
	MaxLinks = 256
	// MaxClaims bounds who may claim one name or machine; beyond that it is
	// nobody's.
	MaxClaims = 8
	// MaxMachines bounds of how many machines a host is known to send images:
	// enough to tell one from several.
	MaxMachines = 16
	// MaxPeers bounds the peers that a device shows, the busiest first.
	MaxPeers = 32
	// MaxBehind bounds the devices that one gateway speaks for in what its own
	// type is judged by; the devices themselves are not bounded by it.
	MaxBehind = 4096
	// MaxShown bounds the evidence of one device: what its atoms hold is bounded
	// already, and a page of this length is read by nobody.
	MaxShown = 256
	// MaxConflictValues bounds the values that one contradiction shows.
	MaxConflictValues = 8
	// MaxVersionSets bounds the sources that tell a device's software.
	MaxVersionSets = 8
	// MaxVersions bounds the software versions of one report: every processor of a
	// large modality has its own, and eight is the most seen.
	MaxVersions = 16
	// MaxVLANs bounds the VLANs that an address is seen on.
	MaxVLANs = 16
	// MaxSenders bounds how many senders a receiver of messages is known by.
	MaxSenders = 64
	// MaxEpochs bounds how many later holders of one address are told apart; an
	// address that changes hands more often than that names nobody in particular.
	MaxEpochs = 16
	// OwnAddresses is how many IPv4 addresses one MAC may send from, at an initial
	// hop limit, and still be their own: more is a bridge or a router that answers
	// for others.
	OwnAddresses = 4
	// MaxNamesakes bounds how many atoms are known to have one name; beyond that it
	// names nobody.
	MaxNamesakes = 4
	// ClaimsFade is how long after its last image a machine still speaks against
	// another one at the same address. Shorter, and a scanner that is idle for its
	// holidays would be replaced by the next image that passes; a scanner that was
	// exchanged is known again after a month.
	ClaimsFade = 30 * 24 * time.Hour
	// GatewaySilence is how long a gateway's word holds that says not how long: its
	// reports repeat at least every few minutes.
	GatewaySilence = 15 * time.Minute
	// HandOverStatements and HandOverTime are how many statements of another
	// gateway, over how long, it takes after that silence until a device is behind
	// it: a device that was carried to another ward reports every minute or less,
	// and one forged message, or a burst, is neither.
	HandOverStatements = 3
	HandOverTime       = 5 * time.Minute
	// RepeatDelay is how long before a device's own statement the copy of it may be
	// heard that an engine passes on: taps do not deliver in order.
	RepeatDelay = time.Minute
	// StaleBinding is how long an address by ARP or DHCP holds against traffic that
	// shows another MAC: the longest usual lease.
	StaleBinding = 24 * time.Hour
)
