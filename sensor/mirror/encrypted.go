package mirror

import (
	"fmt"
	"slices"
	"strings"
)

// minTalks is how many conversations of a device type a share is told of.
const minTalks = 20

// Talk is what devices of one type said in one protocol. An empty Protocol is one
// that is not known, which is not called encrypted.
type Talk struct {
	DeviceType    string
	Protocol      string
	Bytes         uint64
	Conversations uint64
}

// EncryptedRow says of one device type what cannot be known by listening.
type EncryptedRow struct {
	DeviceType    string
	Conversations uint64
	// Share and ByteShare are encrypted, of the conversations and of their bytes;
	// they mean something only where Enough is true.
	Share, ByteShare float64
	Enough           bool
	Says             string
}

// IsEncrypted reports whether a protocol, by the name that flow gives it, hides what
// is said. Who speaks with whom, and how much, is known all the same.
func IsEncrypted(protocol string) bool {
	switch strings.ToLower(protocol) {
	case "tls", "ssh", "dtls", "quic":
		return true
	}
	return false
}

// Encrypted sums by device type, in the order of their names.
func Encrypted(talks []Talk) []EncryptedRow {
	type sum struct{ all, hidden, bytes, hiddenBytes uint64 }
	sums := map[string]sum{}
	for _, t := range talks {
		s := sums[t.DeviceType]
		s.all, s.bytes = s.all+t.Conversations, s.bytes+t.Bytes
		if IsEncrypted(t.Protocol) {
			s.hidden, s.hiddenBytes = s.hidden+t.Conversations, s.hiddenBytes+t.Bytes
		}
		sums[t.DeviceType] = s
	}
	rows := make([]EncryptedRow, 0, len(sums))
	for typ, s := range sums {
		row := EncryptedRow{DeviceType: typ, Conversations: s.all, Share: ratio(s.hidden, s.all), ByteShare: ratio(s.hiddenBytes, s.bytes), Enough: s.all >= minTalks}
		row.Says = row.says()
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b EncryptedRow) int { return strings.Compare(a.DeviceType, b.DeviceType) })
	return rows
}

// nearlyAll is the share from which the rest tells little.
const nearlyAll = 0.9

func (r EncryptedRow) says() string {
	switch {
	case !r.Enough:
		return fmt.Sprintf("Too few conversations to say: %d of %d.", r.Conversations, minTalks)
	case r.Share == 0:
		return "None of the conversations that were heard is encrypted."
	case r.Share >= nearlyAll:
		return percent(r.Share) + " of the conversations are encrypted: with whom they are is known; what is said there, such as software, serial number and use, is not."
	}
	return percent(r.Share) + " of the conversations are encrypted: a statement made only there is not known."
}
