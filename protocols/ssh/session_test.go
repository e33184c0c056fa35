package ssh_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
	"github.com/auscult/auscult/protocols/ssh"
)

const said = "2:OpenSSH_9.2p1"

func TestConversations(t *testing.T) {
	marked := func(marker string) []byte { return kexInit(methods + "," + marker) }
	odd := payload(methods)
	for _, c := range []struct {
		name     string
		says     []byte
		facts    string
		outcomes string
	}{
		{"identification and key exchange", slices.Concat(text(openSSH), kexInit(methods)), said + " 2:ssh-server", "parsed 2"},
		{"the server says so", slices.Concat(text(openSSH), marked("kex-strict-s-v00@openssh.com")), said + " 2:ssh-server", "parsed 2"},
		{"a client that was called", slices.Concat(text(openSSH), marked("ext-info-c")), said + " 2:ssh-client", "parsed 2"},
		{"line feed alone", slices.Concat(text("SSH-2.0-dropbear\n"), kexInit(methods)), "2:dropbear 2:ssh-server", "parsed 2"},
		{"minus in the software", text("SSH-1.99-Cisco-1.25\n"), "2:Cisco-1.25", "parsed 1"},
		{"comment", text("SSH-2.0-Serv 1.0 zzcanary\r\n"), "2:Serv", "parsed 1"},
		{"lines before", slices.Concat(text("zzcanary\r\n", strings.Repeat("x", 900), "\n\n", openSSH), kexInit(methods)), said + " 2:ssh-server", "parsed 2"},
		{"version 1", slices.Concat(text("SSH-1.5-OSU_1.4alpha3\n"), make([]byte, 20)), "2:OSU_1.4alpha3", "parsed 1"},
		{"both versions, then the first", slices.Concat(text("SSH-1.99-x\n"), []byte{0, 0, 1, 11, 0, 0, 0, 0, 2}), "2:x", "parsed 1 unsupported 1"},
		{"another message first", slices.Concat(text(openSSH), packet([]byte{1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0})), said, "parsed 1 unsupported 1"},
		{"no key exchange", slices.Concat(text(openSSH), packet(odd[:200])), said, "parsed 1 malformed 1"},
		{"key exchange too short", slices.Concat(text(openSSH), packet([]byte{20, 0, 0, 0})), said, "parsed 1 malformed 1"},
		{"key exchange with more behind it", slices.Concat(text(openSSH), packet(append(odd, 0))), said, "parsed 1 malformed 1"},
		{"key exchange with control octets", slices.Concat(text(openSSH), packet(with(odd, 50, 7))), said, "parsed 1 malformed 1"},
		{"key exchange over its bound", slices.Concat(text(openSSH), packet(append(odd, make([]byte, ssh.MaxPacket)...))), said, "parsed 1 limit 1"},
		{"key exchange cut", slices.Concat(text(openSSH), kexInit(methods)[:90]), said, "parsed 1 truncated 1"},
		{"identification cut", text("SSH-2.0-Open"), "", "truncated 1"},
		{"identification over its bound", text("SSH-2.0-x ", strings.Repeat("c", 250), "\r\n"), "", "limit 1"},
		{"the longest identification", text("SSH-2.0-x ", strings.Repeat("c", 243), "\r\n"), "2:x", "parsed 1"},
		{"software over its bound", text("SSH-2.0-", strings.Repeat("s", 97), "\r\n"), "", "limit 1"},
		{"software in another script", text("SSH-2.0-x\xc3\xa4\r\n"), "", "malformed 1"},
		{"lines without end", bytes.Repeat(text("zzcanary\r\n"), 1000), "", "limit 1"},
		{"a line without end", bytes.Repeat(text("zzcanary"), 2000), "", "limit 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, size := range []int{1 << 30, 1, 7, 100} {
				r := run(t, protocols.Context{OpenerKnown: true}, protocoltest.Fixed(size), says(acceptor, c.says))
				r.Wants(t, c.facts, c.outcomes)
				if strings.Contains(r.Lines(), "zzcanary") {
					t.Errorf("free text shows:\n%s", r.Lines())
				}
			}
		})
	}
}

// TestRolesNeedAReason: without markers and without a SYN nobody knows.
func TestRolesNeedAReason(t *testing.T) {
	for _, c := range []struct {
		known  bool
		marker string
		want   string
	}{
		{true, "", "1:OpenSSH_9.2p1 1:ssh-client " + said + " 2:ssh-server"},
		{false, "", "1:OpenSSH_9.2p1 " + said},
		{false, ",ext-info-s", "1:OpenSSH_9.2p1 " + said + " 2:ssh-server"},
	} {
		r := run(t, protocols.Context{OpenerKnown: c.known}, protocoltest.Whole,
			says(opener, text(openSSH), kexInit(methods)), says(acceptor, text(openSSH), kexInit(methods+c.marker)))
		r.Wants(t, c.want, "parsed 4")
	}
}

// TestSkips: a direction is skipped from the octet on that made the rest unwanted.
func TestSkips(t *testing.T) {
	id, kex := text(openSSH), kexInit(methods)
	for _, c := range []struct {
		name string
		says []byte
		want int
	}{
		{"behind the key exchange", slices.Concat(id, kex, make([]byte, 900)), len(id) + len(kex)},
		{"behind version 1", slices.Concat(text("SSH-1.5-x\n"), make([]byte, 900)), 10},
		{"behind another message", slices.Concat(id, packet([]byte{2, 0, 0, 0, 0}), kex), len(id) + 6},
	} {
		r := run(t, protocols.Context{}, protocoltest.Fixed(1), says(acceptor, c.says))
		if r.Read[acceptor] != c.want || !r.Done[acceptor] {
			t.Errorf("%s: read %d octets (done: %v), want %d", c.name, r.Read[acceptor], r.Done[acceptor], c.want)
		}
	}
}

func TestHoles(t *testing.T) {
	id, kex := text(openSSH), kexInit(methods+",ext-info-s")
	hole := step{From: acceptor, Hole: true}
	for _, c := range []struct {
		name     string
		steps    []step
		midway   bool
		facts    string
		outcomes string
		done     bool
	}{
		{"between identification and key exchange", []step{says(acceptor, id), hole, says(acceptor, kex)}, false, said + " 2:ssh-server", "parsed 2 resynchronised 1", true},
		{"in the identification", []step{says(acceptor, id[:12]), hole, says(acceptor, id[14:])}, false, "", "truncated 1", true},
		{"in the key exchange", []step{says(acceptor, id, kex[:50]), hole, says(acceptor, kex[60:])}, false, said, "parsed 1 truncated 1", true},
		{"behind all that is wanted", []step{says(acceptor, id, kex), hole, says(acceptor, id)}, false, said + " 2:ssh-server", "parsed 2", true},
		{"joined at the identification", []step{says(acceptor, id, kex)}, true, said + " 2:ssh-server", "parsed 2 resynchronised 1", true},
		{"joined at the key exchange", []step{says(acceptor, kex)}, true, "2:ssh-server", "parsed 1 resynchronised 1", true},
		{"joined in noise", []step{says(acceptor, bytes.Repeat([]byte{0xee}, 99))}, true, "", "", true},
	} {
		for _, size := range []int{1 << 30, 1, 13} {
			r := run(t, protocols.Context{Midstream: c.midway}, protocoltest.Fixed(size), c.steps...)
			t.Log(c.name)
			r.Wants(t, c.facts, c.outcomes)
			if r.Done[acceptor] != c.done {
				t.Errorf("%s: done = %v, want %v", c.name, r.Done[acceptor], c.done)
			}
		}
	}
}
