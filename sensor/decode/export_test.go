package decode

import "net/netip"

// Pair is what Spread says of a frame between two addresses.
func Pair(a, b netip.Addr) uint64 {
	if a.Is4() {
		x, y := a.As4(), b.As4()
		return pair(uint64(be32(x[:])), uint64(be32(y[:])))
	}
	x, y := a.As16(), b.As16()
	return pair(fold(x[:]), fold(y[:]))
}
