package capture_test

import (
	"encoding/binary"
	"slices"

	"golang.org/x/sys/unix"
)

// madeUp is a card that a test makes up: the kernel's side of ethtool's ioctl, as
// linux/ethtool.h lays it down. The offload numbered i is at bit i%32 of block i/32.
type madeUp struct {
	names                    []string
	available, active, never []int
	stubborn                 bool // takes a wish and does otherwise
	speed                    uint32
	modeWords                int8
	asked                    []uint32 // commands, in their order
	// lie changes an answer; an error is the ioctl's.
	lie func(command uint32, answer []byte) error
}

var native = binary.NativeEndian

func (c *madeUp) ask(_ string, b []byte) error {
	command := native.Uint32(b)
	c.asked = append(c.asked, command)
	switch blocks := (len(c.names) + 31) / 32; command {
	case unix.ETHTOOL_GSSET_INFO:
		native.PutUint32(b[16:], uint32(len(c.names)))
	case unix.ETHTOOL_GSTRINGS:
		native.PutUint32(b[8:], uint32(len(c.names)))
		for i, name := range c.names {
			copy(b[12+32*i:][:32], name)
		}
	case unix.ETHTOOL_GFEATURES:
		native.PutUint32(b[4:], uint32(blocks))
		setBits(b[8:], 16, c.available)
		setBits(b[8+8:], 16, c.active)
		setBits(b[8+12:], 16, c.never)
	case unix.ETHTOOL_SFEATURES:
		if native.Uint32(b[4:]) != uint32(blocks) || len(b) != 8+8*blocks {
			return unix.EINVAL
		}
		c.change(b[8:])
	case unix.ETHTOOL_GLINKSETTINGS:
		c.settings(b)
	default:
		return unix.EOPNOTSUPP
	}
	if c.lie != nil {
		return c.lie(command, b)
	}
	return nil
}

// setBits sets bits in the first words of blocks of that size.
func setBits(b []byte, size int, bits []int) {
	for _, i := range bits {
		at := b[i/32*size:]
		native.PutUint32(at, native.Uint32(at)|1<<(i%32))
	}
}

func (c *madeUp) change(blocks []byte) {
	for i := range c.names {
		valid, wanted := native.Uint32(blocks[i/32*8:]), native.Uint32(blocks[i/32*8+4:])
		if valid>>(i%32)&1 == 0 || c.stubborn {
			continue
		}
		c.active = slices.DeleteFunc(slices.Clone(c.active), func(a int) bool { return a == i })
		if wanted>>(i%32)&1 == 1 {
			c.active = append(c.active, i)
		}
	}
}

// settings answers the handshake, and then the question.
func (c *madeUp) settings(b []byte) {
	if int8(b[15]) != c.modeWords {
		b[15] = byte(-c.modeWords)
		return
	}
	native.PutUint32(b[4:], c.speed)
}
