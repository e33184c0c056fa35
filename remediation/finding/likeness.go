package finding

import (
	"strings"
)

// wholeNumber is the shortest designator that names a model without any word of
// its family: "8015", "mx450"; "t5" needs more.
const wholeNumber = 4

// like compares a reading of a product text with a device's name. whole is the
// full text of which p may be a member of a list.
func like(p, whole, device phrase) likeness {
	switch {
	case p.foreign(device):
		return unlike
	case len(device.words) > 0 && len(whole.words) > 0 && !shares(device.words, whole.words):
		return unlike
	}
	got := likeWords(p, device)
	if len(device.desigs) > 0 {
		got = likeDesigs(p, device)
	}
	if got == same && (p.ownSoftware(device) || whole.ownSoftware(device)) {
		return near
	}
	return got
}

// likeDesigs compares names that carry a model designator.
func likeDesigs(p, device phrase) likeness {
	all, some := true, false
	for _, d := range device.desigs {
		hit := p.covers(d)
		all, some = all && hit, some || hit
	}
	switch {
	case all && extraDesigs(p, device):
		return near
	case all && len(device.words) == 0 && len(p.words) > 0 && len(device.desigs[0]) < wholeNumber:
		return near
	case all && !subset(p.words, device.words) && !subset(device.words, p.words):
		return near
	case all:
		return same
	case some || variantOf(p, device):
		return near
	case len(p.desigs)+len(p.spans) == 0 && len(p.words) > 0 && subset(p.words, device.words):
		return near // the family is named, not the model
	}
	return unlike
}

// extraDesigs reports whether the text names a number besides the device's that
// is no further member of the same list.
func extraDesigs(p, device phrase) bool {
	for _, d := range p.desigs {
		if !among(device.desigs, d) && !sameShape(d, device.desigs) {
			return true
		}
	}
	return false
}

// sameShape reports whether the designator is written like one of the others:
// TC10 beside TC50.
func sameShape(d string, others []string) bool {
	for _, o := range others {
		if len(d) == len(o) && strings.TrimRight(d, "0123456789") == strings.TrimRight(o, "0123456789") {
			return true
		}
	}
	return false
}

// longestSuffix is how many letters make a variant of a model: 250 and 250c.
const longestSuffix = 2

// variantOf reports whether a designator of the text and one of the device
// differ only by letters at the end.
func variantOf(p, device phrase) bool {
	for _, d := range device.desigs {
		for _, o := range p.desigs {
			if suffixed(d, o) || suffixed(o, d) {
				return true
			}
		}
	}
	return false
}

func suffixed(long, short string) bool {
	rest, ok := strings.CutPrefix(long, short)
	return ok && rest != "" && len(rest) <= longestSuffix && !anyDigit.MatchString(rest)
}

// likeWords compares names without a designator on the device's side.
func likeWords(p, device phrase) likeness {
	switch {
	case len(device.words) == 0 || len(p.words) == 0:
		return unlike
	case subset(p.words, device.words) && subset(device.words, p.words):
		if len(p.desigs)+len(p.spans) > 0 {
			return near
		}
		return same
	case len(p.desigs)+len(p.spans) > 0:
		return unlike
	case subset(device.words, p.words) || subset(p.words, device.words):
		return near
	}
	return unlike
}
