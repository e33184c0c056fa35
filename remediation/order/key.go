package order

import (
	"crypto/sha1"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// keySpace is the name space of order keys (RFC 9562 section 5.5): a random UUID,
// fixed for ever, since every order in every CMMS depends on it.
var keySpace = [16]byte{0x6f, 0x1d, 0x9a, 0x52, 0x0c, 0x3e, 0x4b, 0x77, 0x9d, 0x21, 0x58, 0xe4, 0xb6, 0x30, 0xa7, 0xc9}

// uuid5 is the name-based UUID of the parts (RFC 9562 section 5.5).
func uuid5(parts ...string) [16]byte {
	h := sha1.New()
	h.Write(keySpace[:])
	h.Write([]byte(strings.Join(parts, "\x00")))
	var u [16]byte
	copy(u[:], h.Sum(nil))
	u[6] = u[6]&0x0f | 0x50 // version 5
	u[8] = u[8]&0x3f | 0x80 // variant
	return u
}

func uuidText(u [16]byte) string {
	s := hex.EncodeToString(u[:])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

// mintKey gives r a key that no other order has: on the control number where
// there is one, with the device id where that one is another's. It is taken at
// once, and the one before, which never left, is given back.
func (w *work) mintKey(r *record) error {
	keys := w.tx.Bucket(bucketKeys)
	for salt := 0; ; salt++ {
		for _, key := range r.candidates(salt) {
			owner := keys.Get([]byte(key))
			if owner != nil && string(owner) != r.ID {
				continue
			}
			if r.Key != "" && r.Key != key {
				if err := keys.Delete([]byte(r.Key)); err != nil {
					return fmt.Errorf("order %s: %w", r.ID, err)
				}
			}
			r.Key = key
			return keys.Put([]byte(key), []byte(r.ID))
		}
	}
}

// candidates are the keys that r may have, the best first.
func (r *record) candidates(salt int) []string {
	subjects := [][]string{{"device", r.Device}}
	if r.ControlNumber != "" {
		subjects = [][]string{{"control", r.ControlNumber}, {"control", r.ControlNumber, "device", r.Device}}
	}
	var out []string
	for _, subject := range subjects {
		parts := append([]string{r.Site, r.Causes[0], strconv.Itoa(r.Generation)}, subject...)
		if salt > 0 {
			parts = append(parts, "again", strconv.Itoa(salt))
		}
		out = append(out, uuidText(uuid5(parts...)))
	}
	return out
}

// mintID returns the order's own id: short enough to be read aloud.
func (w *work) mintID(r *record) string {
	for salt := 0; ; salt++ {
		u := uuid5("id", r.Site, r.Device, r.Causes[0], strconv.Itoa(r.Generation), strconv.Itoa(salt))
		id := "o-" + strings.ToLower(base32.StdEncoding.EncodeToString(u[:10]))[:12]
		if w.records[id] == nil && w.tx.Bucket(bucketOrders).Get([]byte(id)) == nil {
			return id
		}
	}
}
