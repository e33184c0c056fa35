package main_test

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	// sampleFolder holds the sample hospital's captures.
	sampleFolder = "../../sensor/demo/sample"
	// hospitalBytes is how large a capture must be to be measured: shorter ones
	// measure how a program starts.
	hospitalBytes = 64 << 20
	// day is how long the everyday mix lasts on its wire.
	day = time.Minute
	// hospitalVisits is how often the sample hospital appears in it, at its own rate:
	// once every four seconds, which is as dense as it was recorded.
	hospitalVisits = 15
	// longCopies is how often the DICOM-heavy capture stands in the long one, each time
	// from other ports, so that sending it takes seconds.
	longCopies = 4
	// mixCopies does the same for the everyday mix.
	mixCopies = 3
)

// samples are the sample hospital's captures, in the order in which they were
// recorded.
func samples(t *testing.T) []string {
	t.Helper()
	var paths []string
	for _, act := range []string{"morning", "round", "afternoon"} {
		paths = append(paths, filepath.Join(sampleFolder, act+".pcap"))
	}
	return paths
}

// hospital is the sample hospital again and again, as if the same machines had gone
// on: nearly every frame is a statement about a device, which is the worst case.
func hospital(t *testing.T, folder string) recording {
	t.Helper()
	r := newRecording(t, folder, "sample hospital")
	for turn := 0; r.bytes < hospitalBytes; turn++ {
		for _, path := range samples(t) {
			if err := r.again(path, turn); err != nil {
				t.Fatal(err)
			}
		}
	}
	return r.done(t)
}

// parts are the recordings that the captures are made of.
type parts struct {
	object, study, web, shell, chatter recording
}

// heavy is what most of a clinical mirror port carries: pixels.
func (b *bench) heavy(t *testing.T, p parts) recording {
	t.Helper()
	return b.joined(t, "DICOM-heavy", p.object.path, p.study.path)
}

// longer is the DICOM-heavy capture several times.
func (b *bench) longer(t *testing.T) recording {
	t.Helper()
	return b.joined(t, "DICOM-heavy, long", slices.Repeat([]string{b.dicom.path}, longCopies)...)
}

// days is the everyday mix several times, beginning now.
func (b *bench) days(t *testing.T) recording {
	t.Helper()
	b.everyday = b.mix(t, b.parts)
	return b.joined(t, "everyday mix, long", slices.Repeat([]string{b.everyday.path}, mixCopies)...)
}

// joined appends captures one after the other, each from ports of its own.
func (b *bench) joined(t *testing.T, name string, paths ...string) recording {
	t.Helper()
	r := newRecording(t, b.folder, strings.ReplaceAll(name, ",", ""))
	r.name = name
	for turn, path := range paths {
		if err := r.again(path, turn); err != nil {
			t.Fatal(err)
		}
	}
	return r.done(t)
}

// track is one tape among others that play at the same time.
type track struct {
	of, path string
	turn     int
	start    time.Duration
	lasts    time.Duration // 0 keeps its own pace
	pace     float64
	tape     *tape
}

func (k *track) at() time.Duration {
	return k.start + time.Duration(float64(k.tape.when.Sub(k.tape.begin))*k.pace)
}

// mix is an everyday minute: a series of images, web pages over TLS, a copy over SSH,
// name look-ups and leases, and the sample hospital again and again, all at once. It
// begins now, and messages of the sample hospital are dated accordingly: what they say
// holds for minutes only.
func (b *bench) mix(t *testing.T, p parts) recording {
	t.Helper()
	tracks := []*track{
		{of: "DICOM series", path: p.study.path, turn: 50, start: day / 12, lasts: day * 2 / 3},
		{of: "web pages over TLS", path: p.web.path, lasts: day},
		{of: "bulk copy over SSH", path: p.shell.path, start: day / 6, lasts: day / 2},
		{of: "DNS and DHCP", path: p.chatter.path, lasts: day},
	}
	for visit := range hospitalVisits {
		start := day / hospitalVisits * time.Duration(visit)
		for _, path := range samples(t) {
			tracks = append(tracks, &track{of: "sample hospital", path: path, turn: visit, start: start})
			start += day / hospitalVisits / 3
		}
	}
	r := newRecording(t, b.folder, "everyday mix")
	var err error
	if b.shares, err = interleave(r, tracks, time.Now().UTC()); err != nil {
		t.Fatal(err)
	}
	return r.done(t)
}

// share is how much of a mix is of one kind.
type share struct {
	of             string
	packets, bytes int64
}

// interleave writes the frames of all tracks in the order of their times.
func interleave(r *recording, tracks []*track, begin time.Time) ([]share, error) {
	for _, k := range tracks {
		if err := k.open(); err != nil {
			return nil, err
		}
	}
	var shares []share
	for len(tracks) > 0 {
		k := slices.MinFunc(tracks, func(a, b *track) int { return cmp.Compare(a.at(), b.at()) })
		otherPorts(k.tape.data, k.turn)
		when := begin.Add(k.at())
		redate(k.tape.data, k.tape.when, when.Sub(k.tape.when))
		if err := r.add(when, k.tape.data); err != nil {
			return nil, err
		}
		shares = tally(shares, k)
		if err := k.tape.next(); errors.Is(err, io.EOF) {
			tracks = slices.DeleteFunc(tracks, func(x *track) bool { return x == k })
		} else if err != nil {
			return nil, err
		}
	}
	return shares, nil
}

// open opens the tape and sets its pace.
func (k *track) open() (err error) {
	k.pace = 1
	if k.lasts > 0 {
		r, err := counted(k.of, k.path)
		if err != nil {
			return err
		}
		if err := k.setPace(r.last); err != nil {
			return err
		}
		return nil
	}
	k.tape, err = openTape(k.path)
	return err
}

func (k *track) setPace(last time.Time) (err error) {
	if k.tape, err = openTape(k.path); err == nil && last.After(k.tape.begin) {
		k.pace = float64(k.lasts) / float64(last.Sub(k.tape.begin))
	}
	return err
}

func tally(shares []share, k *track) []share {
	i := slices.IndexFunc(shares, func(s share) bool { return s.of == k.of })
	if i < 0 {
		i, shares = len(shares), append(shares, share{of: k.of})
	}
	shares[i].packets, shares[i].bytes = shares[i].packets+1, shares[i].bytes+int64(len(k.tape.data))
	return shares
}

// stampLayout is how HL7 writes a moment (DTM of HL7 v2, 2.A.22).
const stampLayout = "20060102150405"

// redate moves the moments within a day of the recording that a frame names in plain
// text.
func redate(frame []byte, recorded time.Time, shift time.Duration) {
	for i := 0; i+len(stampLayout) <= len(frame); i++ {
		if frame[i] != '2' || frame[i+1] != '0' { // a cheap look first: this century
			continue
		}
		at, err := time.Parse(stampLayout, string(frame[i:i+len(stampLayout)]))
		if err == nil && at.Sub(recorded).Abs() < 24*time.Hour {
			copy(frame[i:], at.Add(shift).Format(stampLayout))
			i += len(stampLayout) - 1
		}
	}
}

// composition tells what a mix is made of.
func composition(shares []share, of recording) string {
	slices.SortFunc(shares, func(a, b share) int { return cmp.Compare(b.bytes, a.bytes) })
	told := make([]string, len(shares))
	for i, s := range shares {
		told[i] = fmt.Sprintf("%s %.1f MB in %d packets (%.0f %% of the bytes, %.0f %% of the packets)", s.of, float64(s.bytes)/1e6, s.packets,
			100*float64(s.bytes)/float64(of.bytes), 100*float64(s.packets)/float64(of.packets))
	}
	return strings.Join(told, "; ")
}
