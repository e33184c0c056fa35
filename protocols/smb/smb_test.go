package smb_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
	"github.com/auscult/auscult/protocols/smb"
)

// stated writes the facts of a conversation on one line.
func stated(h *protocoltest.Heeded) string { return strings.Join(facts(h), " ") }

func facts(h *protocoltest.Heeded) (all []string) {
	for _, o := range h.Observations {
		for _, f := range o.Facts {
			all = append(all, fmt.Sprintf("%d:%s=%s", o.Speaker.Addr.As4()[3], f.Attribute, f.Value))
		}
	}
	return all
}

const (
	server = "2:role=smb-server"
	client = "1:role=smb-client"
)

func TestMessages(t *testing.T) {
	win := []string{"Windows Server 2008 R2 Standard 7601 Service Pack 1", "Windows Server 2008 R2 Standard 6.1", "CLINIC"}
	for _, c := range []struct {
		name  string
		from  protocols.Direction
		says  []byte
		want  string
		count string
	}{
		{"offer of SMB 1", opener, offer1("PC NETWORK PROGRAM 1.0", "NT LM 0.12"), client + " 1:smb_dialect=1.0", "parsed 1"},
		{"offer of both", opener, offer1("NT LM 0.12", "SMB 2.002", "SMB 2.???"), client, "parsed 1"},
		{"offer of what was before", opener, offer1("PC NETWORK PROGRAM 1.0", "LANMAN2.1"), client + " 1:smb_dialect=lanman", "parsed 1"},
		{"choice of SMB 1", acceptor, choice1(0x07), server + " 2:smb_dialect=1.0 2:smb_signing=enabled", "parsed 1"},
		{"choice that signs", acceptor, choice1(0x0f), server + " 2:smb_dialect=1.0 2:smb_signing=required", "parsed 1"},
		{"choice that cannot sign", acceptor, choice1(0x03), server + " 2:smb_dialect=1.0 2:smb_signing=off", "parsed 1"},
		{"no choice", acceptor, v1(0x72, true, 0, le16(0xffff), nil), server, "parsed 1"},
		{"choice of the first dialect", acceptor, v1(0x72, true, 0, le16(0), nil), server + " 2:smb_dialect=lanman", "parsed 1"},
		{"a choice of five words", acceptor, v1(0x72, true, 0, make([]byte, 10), nil), "", "malformed 1"},
		{"session setup with a blob", opener, setup1(ntlmOffer(system(5, 1, 2600)), "Windows 2002 2600 Service Pack 2", "Windows 2002 5.1"),
			client + " 1:os_version=Windows NT 5.1.2600 1:os_version=Windows 2002 2600 Service Pack 2", "parsed 1"},
		{"session setup with responses", opener, v1(0x73, false, 0, slices.Concat([]byte{0xff, 0, 0, 0}, make([]byte, 10), le16(3), le16(4), make([]byte, 8)),
			tail([]byte("LM.NTLM"), "canary", "CANARY", "Windows NT 1381", "Windows NT 4.0")), client + " 1:os_version=Windows NT 1381", "parsed 1"},
		{"challenge", acceptor, answer1(more, 0, responseToken(dc01()), win...),
			server + " 2:hostname=dc01 2:domain=clinic.example 2:os_version=Windows NT 6.1.7601 2:os_version=" + win[0], "parsed 1"},
		{"guest", acceptor, answer1(0, 1, nil, "Unix", "Samba 3.0.33", "CLINIC"), server + " 2:application=Samba 3.0.33 2:domain=CLINIC 2:smb_session=guest", "parsed 1"},
		{"Samba that imitates Windows", acceptor, answer1(0, 0, []byte{0, 0}, "Windows 6.1", "Samba 4.17.12-Debian"), server + " 2:application=Samba 4.17.12-Debian", "parsed 1"},
		{"a system that nobody knows", acceptor, answer1(0, 0, []byte{0, 0}, "Canary 1", "Canary"), server, "parsed 1"},
		{"script", acceptor, answer1(0, 0, []byte{0, 0}, "Windows <script>", "Samba\u202e"), server, "parsed 1"},
		{"refused", acceptor, answer1(0xc000006d, 1, nil), server, "parsed 1"},
		{"blob longer than its message", acceptor, v1(0x73, true, 0, slices.Concat(make([]byte, 6), le16(9)), make([]byte, 8)), "", "malformed 1"},
		{"more words than a message has", opener, v1(0x73, false, 0, make([]byte, 400), nil)[:120], "", "truncated 1"},

		{"offer of SMB 2", opener, offer2(0x0202, 0x0210), client + " 1:smb_dialect=2.1", "parsed 1"},
		{"offer of SMB 3 and what is to come", opener, offer2(0x0311, 0x0202, 0x0999), client + " 1:smb_dialect=3.1.1", "parsed 1"},
		{"offer of nothing", opener, offer2(), "", "malformed 1"},
		{"offer of more than there is", opener, v2(0, false, 0, slices.Concat(le16(36), le16(9), make([]byte, 32))), "", "malformed 1"},
		{"choice of SMB 2", acceptor, choice2(1, 0x0210), server + " 2:smb_dialect=2.1 2:smb_signing=enabled", "parsed 1"},
		{"choice of SMB 3 that signs", acceptor, choice2(3, 0x0311), server + " 2:smb_dialect=3.1.1 2:smb_signing=required", "parsed 1"},
		{"choice to be made", acceptor, choice2(1, 0x02ff), server + " 2:smb_signing=enabled", "parsed 1"},
		{"choice of what nobody knows", acceptor, choice2(1, 0x0999), "", "malformed 1"},
		{"no agreement", acceptor, v2(0, true, 0xc00000bb, le16(9)), server, "parsed 1"},
		{"offer of NTLM", opener, setup2(initToken(ntlmOffer(system(10, 0, 19041)))), client + " 1:os_version=Windows NT 10.0.19041", "parsed 1"},
		{"offer of NTLM alone", opener, setup2(ntlmOffer(system(6, 3, 9600))), client + " 1:os_version=Windows NT 6.3.9600", "parsed 1"},
		{"offer of macOS", opener, setup2(ntlmOffer(system(6, 1, 7600))), client, "parsed 1"},
		{"challenge of SMB 2", acceptor, answer2(more, 0, responseToken(dc01())), server + " 2:hostname=dc01 2:domain=clinic.example 2:os_version=Windows NT 6.1.7601", "parsed 1"},
		{"challenge of a host in no domain", acceptor, answer2(more, 0, responseToken(challenge(system(10, 0, 17763), pair{2, "CT01"}, pair{1, "CT01"}, pair{4, "ct01"}, pair{3, "ct01"}))),
			server + " 2:hostname=ct01 2:os_version=Windows NT 10.0.17763", "parsed 1"},
		{"challenge of a host with a suffix", acceptor, answer2(more, 0, challenge(system(10, 0, 17763), pair{2, "CT01"}, pair{1, "CT01"}, pair{4, "example.org"}, pair{3, "ct01.example.org"})),
			server + " 2:hostname=ct01 2:os_version=Windows NT 10.0.17763", "parsed 1"},
		{"challenge of Samba", acceptor, answer2(more, 0, challenge(system(6, 1, 0), pair{1, "NAS"}, pair{2, "NAS"})), server + " 2:hostname=NAS", "parsed 1"},
		{"challenge of a person's computer", acceptor, answer2(more, 0, challenge(system(10, 0, 19041), pair{1, "CANARY-PC"})), server + " 2:os_version=Windows NT 10.0.19041", "parsed 1"},
		{"challenge with pairs that lie", acceptor, answer2(more, 0, with(challenge(system(10, 0, 19041), pair{1, "CT01"}), 58, 0xff)), server + " 2:os_version=Windows NT 10.0.19041", "parsed 1"},
		{"challenge with pairs elsewhere", acceptor, answer2(more, 0, with(challenge(system(10, 0, 19041), pair{1, "CT01"}), 46, 0xff)), server + " 2:os_version=Windows NT 10.0.19041", "parsed 1"},
		{"log on", opener, setup2(responseToken(logon(system(10, 0, 19041), "canary", "WS02"))), client + " 1:hostname=WS02 1:os_version=Windows NT 10.0.19041", "parsed 1"},
		{"log on from a host without a name", opener, setup2(logon(system(10, 0, 19041), "canary", "WORKSTATION")), client + " 1:os_version=Windows NT 10.0.19041", "parsed 1"},
		{"a name in another script", opener, setup2(logon(system(10, 0, 19041), "canary", "W\u041202")), client + " 1:os_version=Windows NT 10.0.19041", "parsed 1"},
		{"a ticket", opener, setup2(initToken([]byte("a ticket of Kerberos"))), client, "parsed 1"},
		{"nested tokens", opener, setup2(initToken(initToken(ntlmOffer(system(10, 0, 19041))))), client, "parsed 1"},
		{"a token of another kind", opener, setup2(der(0xa1, der(0x30, der(0xa2, der(12, ntlmOffer(system(10, 0, 19041))))))), client, "parsed 1"},
		{"a token whose length lies", opener, setup2(with(initToken(ntlmOffer(system(10, 0, 19041))), 1, 0x7f)), client, "parsed 1"},
		{"blob outside of its message", opener, v2(1, false, 0, slices.Concat(le16(25), make([]byte, 10), le16(64+24), le16(99), make([]byte, 8))), "", "malformed 1"},
		{"guest of SMB 2", acceptor, answer2(0, 1, nil), server + " 2:smb_session=guest", "parsed 1"},
		{"anonymous", acceptor, answer2(0, 2, nil), server + " 2:smb_session=anonymous", "parsed 1"},
		{"an account, sealed", acceptor, answer2(0, 4, nil), server, "parsed 1"},
		{"refused by SMB 2", acceptor, answer2(0xc000006d, 1, nil), server, "parsed 1"},
		{"longer than what is read", opener, setup2(make([]byte, smb.MaxMessage)), "", "limit 1"},
		{"no message", opener, append(offer2(0x0202), "HTTP/1.1"...), client + " 1:smb_dialect=2.0.2", "malformed 1 parsed 1"},
		{"cut", opener, offer2(0x0202)[:80], "", "truncated 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, size := range []int{1 << 30, 1, 7, 50} {
				h := run(t, protocols.Context{OpenerKnown: true}, protocoltest.Fixed(size), says(c.from, c.says))
				lines := strings.Split(strings.TrimSpace(h.Lines()), "\n")
				lines = slices.DeleteFunc(lines, func(l string) bool { return strings.Contains(l, " about ") })
				slices.Sort(lines)
				if got := stated(h); got != c.want || strings.Join(lines, " ") != c.count {
					t.Errorf("in pieces of %d: states\n%s %v\nwant\n%s %s", size, got, lines, c.want, c.count)
				}
			}
		})
	}
}

func with(b []byte, at int, v byte) []byte { b[at] = v; return b }

// TestSkips: a direction is skipped from what is behind the session setup on.
func TestSkips(t *testing.T) {
	treeConnect, sealed := v2(3, false, 0, make([]byte, 20)), framed([]byte("\xfdSMB"), make([]byte, 90))
	for _, c := range []struct {
		name string
		from protocols.Direction
		says [][]byte
		want int // octets behind the first message
	}{
		{"another command", opener, [][]byte{offer2(0x0311), treeConnect, treeConnect}, 18},
		{"another command of SMB 1", opener, [][]byte{offer1("NT LM 0.12"), v1(0x75, false, 0, nil, nil)}, 18},
		{"what is sealed", opener, [][]byte{offer2(0x0311), sealed, sealed}, 18},
		{"the answer that lets in", acceptor, [][]byte{answer2(0, 0, nil), treeConnect}, 0},
		{"an echo is passed over", opener, [][]byte{offer2(0x0311), v2(13, false, 0, make([]byte, 4)), treeConnect}, len(v2(13, false, 0, make([]byte, 4))) + 18},
		{"a message of no kind", opener, [][]byte{offer2(0x0311), framed(make([]byte, 40))}, 18},
	} {
		h := run(t, protocols.Context{}, protocoltest.Fixed(1), says(c.from, c.says...))
		if want := len(c.says[0]) + c.want; h.Read[c.from] != want || !h.Done[c.from] {
			t.Errorf("%s: read %d octets (done: %v), want %d", c.name, h.Read[c.from], h.Done[c.from], want)
		}
	}
}

// TestHoles: behind a hole only a message that begins there is read.
func TestHoles(t *testing.T) {
	hole := step{From: acceptor, Hole: true}
	for _, c := range []struct {
		name  string
		steps []step
		late  bool
		want  string
		count string
	}{
		{"between messages", []step{says(acceptor, choice2(1, 0x0311)), hole, says(acceptor, answer2(0, 1, nil))}, false,
			server + " 2:smb_dialect=3.1.1 2:smb_signing=enabled 2:smb_session=guest", "parsed 2"},
		{"in a message", []step{says(acceptor, choice2(1, 0x0311)[:70]), hole, says(acceptor, choice2(1, 0x0311)[80:])}, false, "", "truncated 1"},
		{"joined at a message", []step{says(acceptor, answer2(0, 1, nil))}, true, server + " 2:smb_session=guest", "parsed 1"},
		{"joined at what is not read", []step{says(acceptor, v2(8, true, 0, make([]byte, 90)))}, true, "", ""},
		{"joined in noise", []step{says(acceptor, bytes.Repeat([]byte{0xee}, 99))}, true, "", ""},
		{"behind all that is wanted", []step{says(acceptor, answer2(0, 0, nil)), hole, says(acceptor, answer2(0, 1, nil))}, false, server, "parsed 1"},
	} {
		for _, size := range []int{1 << 30, 1} {
			h := run(t, protocols.Context{Midstream: c.late}, protocoltest.Fixed(size), c.steps...)
			if got := stated(h); got != c.want || !strings.HasSuffix(strings.TrimSpace(h.Lines()), c.count) {
				t.Errorf("%s: states %s\n%s", c.name, got, h.Lines())
			}
		}
	}
}

// TestInvariant02NoNameOfAPrivateAddress: who made its address up has no name here.
func TestInvariant02NoNameOfAPrivateAddress(t *testing.T) {
	h := &protocoltest.Heard{}
	s := smb.New().Open(protocols.Context{})
	from, to := protocoltest.Ends(acceptor)
	from.MAC = protocols.MAC{0xda, 0xa1, 0x19, 0, 0, 1}
	s.Segment(protocols.Segment{Direction: acceptor, From: from, To: to, Bytes: answer2(more, 0, dc01())}, h.Sink(protocols.SMB))
	if h.Get(protocols.AboutSpeaker, protocols.Hostname) != "" || h.Get(protocols.AboutSpeaker, protocols.Domain) == "" {
		t.Errorf("states\n%s", h.Lines())
	}
}

func TestProbe(t *testing.T) {
	request := slices.Concat([]byte{0x81, 0, 0, 68, 32}, bytes.Repeat([]byte("CA"), 16), []byte{0, 32}, bytes.Repeat([]byte("CA"), 16), []byte{0})
	for _, c := range []struct {
		name string
		says []byte
		want protocols.Verdict
	}{
		{"SMB 1", offer1("NT LM 0.12"), protocols.Yes},
		{"SMB 2", offer2(0x0311), protocols.Yes},
		{"sealed", framed([]byte("\xfdSMB"), make([]byte, 60)), protocols.Yes},
		{"packed", framed([]byte("\xfcSMB"), make([]byte, 60)), protocols.Yes},
		{"session request", request, protocols.Yes},
		{"a part of it", request[:20], protocols.More},
		{"positive answer", []byte{0x82, 0, 0, 0}, protocols.More},
		{"positive answer, then a choice", append([]byte{0x82, 0, 0, 0}, choice1(3)...), protocols.Yes},
		{"a part of a message", offer2(0x0311)[:9], protocols.More},
		{"a part of a header", offer2(0x0311)[:3], protocols.More},
		{"a frame too short", []byte{0, 0, 0, 31, 0xff, 'S', 'M', 'B'}, protocols.No},
		{"SMB 2 of another size", with(offer2(0x0311), 8, 63), protocols.No},
		{"a session request of no name", with(slices.Clone(request), 4, 31), protocols.No},
		{"HTTP", []byte("GET / HTTP/1.1\r\n\r\n"), protocols.No},
		{"zeros", make([]byte, 100), protocols.No},
		{"TPKT", []byte{3, 0, 0, 22, 17, 0xe0, 0, 0, 0, 1}, protocols.No},
	} {
		if got := probe(c.says, false); got != c.want {
			t.Errorf("%s: verdict %d, want %d", c.name, got, c.want)
		}
		if got := probe(c.says, true); got != c.want {
			t.Errorf("%s, joined later: verdict %d, want %d", c.name, got, c.want)
		}
	}
	if smb.New().Probe(protocols.Opening{Transport: protocols.UDP, Bytes: offer2(0x0311)}) != protocols.No {
		t.Error("over UDP")
	}
}
