package capture_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/auscult/auscult/sensor/capture"
)

// inUse prepares the capture interface as somebody uses it: up, with a link-local
// address and every offload that a veth has.
func inUse(t *testing.T) (before string) {
	t.Helper()
	for _, feature := range []string{"rx-gro", "rx-udp-gro-forwarding", "rx-vlan-hw-parse"} {
		check(t, card(t, near).Change(feature, true))
	}
	check(t, netlink.LinkSetUp(find(t, near)))
	waitFor(t, "a link-local address", func() bool { return strings.Contains(condition(t, near), "fe80") })
	return condition(t, near)
}

// journals are the files in the folder, which hold nothing else.
func journals(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	check(t, err)
	return files
}

// A run after killed ones leaves the interface as it was before the first, whatever
// that was and wherever the kernel program stood.
func TestLiveRestoresAfterKills(t *testing.T) {
	prepare := map[string]func(*testing.T) string{
		"down":   func(t *testing.T) string { return condition(t, near) },
		"in use": inUse,
		"with somebody's clsact": func(t *testing.T) string {
			check(t, netlink.QdiscAdd(&netlink.Clsact{QdiscAttrs: netlink.QdiscAttrs{
				LinkIndex: find(t, near).Attrs().Index, Parent: netlink.HANDLE_CLSACT, Handle: netlink.MakeHandle(0xffff, 0)}}))
			return inUse(t)
		},
	}
	for name, prepare := range prepare {
		t.Run(name, func(t *testing.T) {
			newCable(t)
			before, folder := prepare(t), filepath.Join(t.TempDir(), "journal")
			killed(t, capture.ShuntAuto, folder)
			killed(t, capture.ShuntFilter, folder)
			if left := condition(t, near); left == before || len(journals(t, folder)) != 1 {
				t.Fatalf("a killed run left %s, journals %q", left, journals(t, folder))
			}
			waitFor(t, "detached program", func() bool { return !strings.Contains(condition(t, near), "xdp") })
			o := small()
			o.Journal, o.Shunt = folder, capture.ShuntOff
			live := openLive(t, o)
			if len(live.Notes()) != 0 {
				t.Errorf("%q", live.Notes())
			}
			check(t, live.Close())
			if after := condition(t, near); after != before {
				t.Errorf("was  %s\nleft %s", before, after)
			}
			if left := journals(t, folder); len(left) != 0 {
				t.Errorf("left %q", left)
			}
		})
	}
}

// A renamed interface is the same one.
func TestJournalKnowsARenamedInterface(t *testing.T) {
	newCable(t)
	before, folder := inUse(t), t.TempDir()
	killed(t, capture.ShuntOff, folder)
	check(t, netlink.LinkSetDown(find(t, near)))
	check(t, netlink.LinkSetName(find(t, near), "enp3s0"))
	check(t, netlink.LinkSetUp(find(t, "enp3s0")))
	o := small()
	o.Journal, o.Interface = folder, "enp3s0"
	check(t, openLive(t, o).Close())
	if after := condition(t, "enp3s0"); after != before {
		t.Errorf("was  %s\nleft %s", before, after)
	}
}

// The journal is there while the interface is changed, for nobody else to read, and
// only then.
func TestJournalIsKept(t *testing.T) {
	newCable(t)
	folder := t.TempDir()
	o := small()
	o.Journal = folder
	live := openLive(t, o)
	files := journals(t, folder)
	if len(files) != 1 {
		t.Fatalf("%q", files)
	}
	info, err := os.Stat(files[0])
	check(t, err)
	if info.Mode() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	b, err := os.ReadFile(files[0])
	check(t, err)
	if s, err := capture.ParseJournal(b); err != nil || !s.ARP || !s.IPv6 || s.Up || s.Promisc || s.Clsact {
		t.Errorf("%+v, %v; file %s", s, err, b)
	}
	check(t, live.Close())
	if left := journals(t, folder); len(left) != 0 {
		t.Errorf("left %q", left)
	}
}

// damage writes over the journal of a killed run.
func damage(t *testing.T, path string, change func(map[string]any)) {
	t.Helper()
	b, err := os.ReadFile(path)
	check(t, err)
	var entry map[string]any
	check(t, json.Unmarshal(b, &entry))
	change(entry)
	b, err = json.Marshal(entry)
	check(t, err)
	check(t, os.WriteFile(path, b, 0o600))
}

// What is not of this interface and this boot restores nothing and is removed, also
// where the interface is then refused; what is damaged is told.
func TestJournalThatDoesNotCount(t *testing.T) {
	tests := []struct {
		name   string
		change func(t *testing.T, path string)
		note   string
	}{
		{"another boot", func(t *testing.T, p string) { damage(t, p, func(e map[string]any) { e["boot"] = "another" }) }, ""},
		{"another card", func(t *testing.T, p string) { damage(t, p, func(e map[string]any) { e["mac"] = "02:00:00:00:00:01" }) }, ""},
		{"another number", func(t *testing.T, p string) { damage(t, p, func(e map[string]any) { e["index"] = 77 }) }, ""},
		{"another version", func(t *testing.T, p string) { damage(t, p, func(e map[string]any) { e["version"] = 9 }) }, "version 9, not 1"},
		{"cut short", func(t *testing.T, p string) { check(t, os.Truncate(p, 20)) }, "unexpected end of JSON"},
		{"empty", func(t *testing.T, p string) { check(t, os.Truncate(p, 0)) }, "unexpected end of JSON"},
		{"endless", func(t *testing.T, p string) { check(t, os.Truncate(p, 1<<30)) }, "more than 65536 bytes"},
		{"a pipe", func(t *testing.T, p string) { check(t, os.Remove(p)); check(t, unix.Mkfifo(p, 0o600)) }, "unexpected end of JSON"},
		{"a folder", func(t *testing.T, p string) { check(t, os.Remove(p)); check(t, os.Mkdir(p, 0o700)) }, "is a directory"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			newCable(t)
			folder := t.TempDir()
			killed(t, capture.ShuntOff, folder)
			path := journals(t, folder)[0]
			test.change(t, path)
			o := small()
			o.Journal, o.Shunt = folder, capture.ShuntOff
			live := openLive(t, o)
			if notes := strings.Join(live.Notes(), "\n"); (notes == "") != (test.note == "") || !strings.Contains(notes, test.note) {
				t.Errorf("notes %q, want %q", notes, test.note)
			}
			check(t, live.Close())
			if left := condition(t, near); !strings.Contains(left, "up|noarp|promisc") {
				t.Errorf("%s restored %s", test.name, left)
			}
			if left := journals(t, folder); len(left) != 0 {
				t.Errorf("left %q", left)
			}
		})
	}
}

// A folder that cannot be written is told, and stops nothing.
func TestJournalCannotBeKept(t *testing.T) {
	newCable(t)
	before := condition(t, near)
	o := small()
	o.Journal = filepath.Join(t.TempDir(), "file")
	check(t, os.WriteFile(o.Journal, nil, 0o600))
	live := openLive(t, o)
	if notes := strings.Join(live.Notes(), "\n"); !strings.Contains(notes, "make the folder writable") {
		t.Errorf("%q", notes)
	}
	check(t, live.Close())
	if after := condition(t, near); after != before {
		t.Errorf("was  %s\nleft %s", before, after)
	}
}

// FuzzJournal holds that a journal restores only what a run of the sensor changes.
func FuzzJournal(f *testing.F) {
	f.Add([]byte(`{"version":1,"index":3,"before":{"up":true,"generate_mode":1,"link_local":["fe80::1/64"],"features":{"rx-gro":true}}}`))
	f.Add([]byte(`{"version":1,"before":{"link_local":["10.0.0.1/8"]}}`))
	f.Add([]byte(`{"version":1,"before":{"link_local":[""],"features":{"tx-checksum":true}}}`))
	f.Add([]byte(`{"version":1,"before":{"generate_mode":-1}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := capture.ParseJournal(b)
		if err != nil {
			return
		}
		if len(b) > capture.MaxJournal || s.GenerateMode < 0 || s.GenerateMode > 3 {
			t.Errorf("%d bytes, mode %d", len(b), s.GenerateMode)
		}
		for _, a := range s.LinkLocal {
			if !a.Addr().Is6() || !a.Addr().IsLinkLocalUnicast() {
				t.Errorf("restores the address %v", a)
			}
		}
		for name := range s.Features {
			if !strings.HasPrefix(name, "rx-") {
				t.Errorf("switches %q", name)
			}
		}
		text, err := json.Marshal(map[string]any{"version": 1, "before": s})
		check(t, err)
		if again, err := capture.ParseJournal(text); err != nil || len(s.Features) > 0 && !reflect.DeepEqual(again.Features, s.Features) {
			t.Errorf("%+v, %v\nwant %+v", again, err, s)
		}
	})
}
