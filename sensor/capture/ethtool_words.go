package capture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"golang.org/x/sys/unix"
)

// What linux/ethtool.h lays down. All numbers stand in the machine's own order.
const (
	featureStrings = 4  // ETH_SS_FEATURES: the string set of the offloads' names
	stringLength   = 32 // ETH_GSTRING_LEN
	wordBits       = 32 // offloads in one block

	countHead    = 16 // struct ethtool_sset_info without its counts
	namesHead    = 12 // struct ethtool_gstrings without its strings
	featuresHead = 8  // struct ethtool_gfeatures and _sfeatures without their blocks
	getBlock     = 16 // struct ethtool_get_features_block
	setBlock     = 8  // struct ethtool_set_features_block
	speedHead    = 48 // struct ethtool_link_settings without its masks
	speedAt      = 4  // its speed
	modeWordsAt  = 15 // its link_mode_masks_nwords
	speedMasks   = 3  // supported, advertised, the partner's

	// unknownSpeed is SPEED_UNKNOWN; unknownSpeed16 is what is left of it where a
	// driver keeps 16 bits.
	unknownSpeed   = 1<<32 - 1
	unknownSpeed16 = 1<<16 - 1
)

const (
	// maxFeatures is four times as many offloads as the kernel's 64 bits can hold
	// (netdev_features_t, linux/netdev_features.h).
	maxFeatures = 256
	// maxModeWords is what a signed byte can say (link_mode_masks_nwords).
	maxModeWords = 127
)

// feature is one offload of a card.
type feature struct {
	active     bool
	changeable bool // the card has it, and it can be switched
}

func word(b []byte, at int) uint32 { return binary.NativeEndian.Uint32(b[at:]) }

// request is room for an answer, with the words that it begins with.
func request(room int, words ...uint32) []byte {
	b := make([]byte, room)
	for i, w := range words {
		binary.NativeEndian.PutUint32(b[4*i:], w)
	}
	return b
}

// countRequest asks for the size of one string set.
func countRequest() []byte {
	b := request(countHead+4, unix.ETHTOOL_GSSET_INFO)
	binary.NativeEndian.PutUint64(b[8:], 1<<featureStrings)
	return b
}

func parseCount(answer []byte) (int, error) {
	if sets := binary.NativeEndian.Uint64(answer[8:]); sets != 1<<featureStrings {
		return 0, fmt.Errorf("the kernel names no offloads (string sets %#x); see: ethtool -k", sets)
	}
	count := word(answer, countHead)
	if count == 0 || count > maxFeatures {
		return 0, fmt.Errorf("the kernel counts %d offloads, not 1 to %d; see: ethtool -k", count, maxFeatures)
	}
	return int(count), nil
}

// namesRequest has room for maxFeatures names: the kernel writes as many as it has,
// whatever it is asked for.
func namesRequest(count int) []byte {
	return request(namesHead+maxFeatures*stringLength, unix.ETHTOOL_GSTRINGS, featureStrings, uint32(count))
}

func parseNames(answer []byte, count int) ([]string, error) {
	if n := word(answer, 8); n != uint32(count) {
		return nil, fmt.Errorf("the kernel counts %d offloads and names %d; see: ethtool -k", count, n)
	}
	names := make([]string, count)
	for i := range names {
		name := answer[namesHead+i*stringLength:][:stringLength]
		name, _, _ = bytes.Cut(name, []byte{0})
		names[i] = string(name)
	}
	return names, nil
}

// blocks is how many blocks hold count offloads.
func blocks(count int) int { return (count + wordBits - 1) / wordBits }

func featuresRequest(count int) []byte {
	n := blocks(count)
	return request(featuresHead+n*getBlock, unix.ETHTOOL_GFEATURES, uint32(n))
}

func parseFeatures(answer []byte, names []string) (map[string]feature, error) {
	if n := word(answer, 4); n != uint32(blocks(len(names))) {
		return nil, fmt.Errorf("the kernel names %d offloads and has %d blocks of %d; see: ethtool -k", len(names), n, wordBits)
	}
	features := make(map[string]feature, len(names))
	for i, name := range names {
		if name == "" {
			continue
		}
		block, bit := answer[featuresHead+i/wordBits*getBlock:], uint32(1)<<(i%wordBits)
		available, active, never := word(block, 0), word(block, 8), word(block, 12)
		features[name] = feature{active: active&bit != 0, changeable: available&^never&bit != 0}
	}
	return features, nil
}

// changeRequest asks for one offload and leaves all others as they are. The size
// must be the kernel's own.
func changeRequest(names []string, name string, on bool) ([]byte, error) {
	i := slices.Index(names, name)
	if i < 0 || name == "" {
		return nil, fmt.Errorf("this kernel has no offload %q; see: ethtool -k", name)
	}
	n := blocks(len(names))
	b := request(featuresHead+n*setBlock, unix.ETHTOOL_SFEATURES, uint32(n))
	block, bit := b[featuresHead+i/wordBits*setBlock:], uint32(1)<<(i%wordBits)
	binary.NativeEndian.PutUint32(block, bit) // valid
	if on {
		binary.NativeEndian.PutUint32(block[4:], bit) // requested
	}
	return b, nil
}

// speedRequest asks for the link's settings with masks of that many words. With 0,
// the kernel only says how many there are, as a number below zero.
func speedRequest(modeWords int) []byte {
	b := request(speedHead+4*speedMasks*maxModeWords, unix.ETHTOOL_GLINKSETTINGS)
	b[modeWordsAt] = byte(modeWords)
	return b
}

func parseModeWords(answer []byte) (int, error) {
	n := -int(int8(answer[modeWordsAt]))
	if n < 1 || n > maxModeWords {
		return 0, fmt.Errorf("the kernel has %d words of link modes, not 1 to %d; see: ethtool", n, maxModeWords)
	}
	return n, nil
}

func parseSpeed(answer []byte, modeWords int) (uint32, error) {
	if n := int(int8(answer[modeWordsAt])); n != modeWords {
		return 0, fmt.Errorf("the kernel has %d words of link modes and gives %d; see: ethtool", modeWords, n)
	}
	if speed := word(answer, speedAt); speed != unknownSpeed && speed != unknownSpeed16 {
		return speed, nil
	}
	return 0, nil
}
