package banner_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/banner"
	"github.com/auscult/auscult/protocols/protocoltest"
)

// player plays steps to a new session of one of the two protocols.
type player func(t testing.TB, c protocols.Context, size func() int, steps ...step) *protocoltest.Heeded

// FuzzTelnet and FuzzFTP: in what pieces a conversation comes changes nothing of what
// is stated and counted; nothing but what a rule took leaves the room; what is kept is
// bounded.
func FuzzTelnet(f *testing.F) {
	f.Add([]byte(asks+pump+"login: "), []byte(answers+"zzcanary\r\n"), []byte{3, 1}, true, false)
	f.Add([]byte("\xff\xfb\x01\xff\xfb\x03\x1b[1;31mWard\r\nPassword: "), []byte("\xff\xfd\x01x"), []byte{}, false, false)
	f.Add([]byte("\xff\xfa\x27\xff\xff\xff\xf0\xff\x07"), []byte("\xff"), []byte{9}, false, true)
	f.Fuzz(func(t *testing.T, server, client, sizes []byte, known, late bool) {
		pieces(t, telnet, protocols.Context{OpenerKnown: known, Midstream: late}, server, client, sizes)
	})
}

func FuzzFTP(f *testing.F) {
	f.Add([]byte("220-Welcome\r\n220-(vsFTPd 3.0.3)\r\n220 FTP\r\n331 zzcanary\r\n"), []byte("USER zzcanary\r\n"), []byte{3, 1}, true, false)
	f.Add([]byte("227 Entering Passive Mode (192,0,2,1,4,5)\r\n"), []byte("PASV\r\n"), []byte{}, false, true)
	f.Add([]byte("220"), []byte("22"), []byte{9}, false, false)
	f.Fuzz(func(t *testing.T, server, client, sizes []byte, known, late bool) {
		pieces(t, ftp, protocols.Context{OpenerKnown: known, Midstream: late}, server, client, sizes)
	})
}

// pieces plays a server that speaks in two turns with a client between them, octet by
// octet and in pieces of sizes.
func pieces(t *testing.T, play player, c protocols.Context, server, client, sizes []byte) {
	t.Helper()
	half := len(server) / 2
	steps := []step{
		says(acceptor, string(server[:half])), says(opener, string(client)), says(acceptor, string(server[half:])),
	}
	one := play(t, c, protocoltest.Fixed(1), steps...)
	i := 0
	many := play(t, c, func() int {
		if i++; len(sizes) == 0 {
			return 1 << 30
		}
		return int(sizes[i%len(sizes)])*4 + 1
	}, steps...)
	if one.Lines() != many.Lines() {
		t.Errorf("octet by octet\n%s\nin pieces\n%s", one.Lines(), many.Lines())
	}
	if n := len(one.Outcomes); n != 1 {
		t.Errorf("%d outcomes of one greeting", n)
	}
	if kept := max(one.Kept, many.Kept); kept > 4*banner.MaxGreeting {
		t.Errorf("a session held %d octets", kept)
	}
	for _, o := range one.Observations {
		for _, f := range o.Facts {
			clean, ok := banner.Formed(f)
			if f.Attribute != protocols.RoleOf && (!ok || clean != f) || o.About.Kind != protocols.AboutSpeaker || f.Field == "" {
				t.Errorf("fact %+v", f)
			}
		}
	}
}

// FuzzName writes any text into what a hospital may write: lines of a greeting that no
// rule knows, what is typed, an option's contents. Nothing of it may be stated.
func FuzzName(f *testing.F) {
	f.Add("Anna Smith", " ")
	f.Add("SW: 1", "\t")
	f.Fuzz(func(t *testing.T, name, between string) {
		clean := strings.NewReplacer("\n", "", "\r", "", "\xff", "", "\x1b", "").Replace("QQCANARYQQ" + between + name)
		for _, r := range []*protocoltest.Heeded{
			telnet(t, whole, protocoltest.Whole, says(acceptor, asks+"\r\n"+clean+"\r\n"+welcome+"\r\nlogin: "), says(opener, clean)),
			telnet(t, whole, protocoltest.Whole, says(acceptor, asks), says(opener, "\xff\xfa\x27\x00\x00"+clean+"\xff\xf0"), says(acceptor, pump+clean+"\r\n")),
			ftp(t, whole, protocoltest.Whole, says(acceptor, "220-"+clean+"\r\n220 FTP\r\n"), says(opener, "USER "+clean+"\r\n")),
		} {
			if strings.Contains(r.Lines(), "CANARY") {
				t.Errorf("free text shows:\n%s", r.Lines())
			}
		}
	})
}

// FuzzProbe: a verdict, once given, stays, and a full window gets one.
func FuzzProbe(f *testing.F) {
	for _, s := range []string{asks, pump, "220-FTP\r\n220 x\r\n", "227 Entering Passive Mode (", "\xff\xfb\x01\r\nWard"} {
		f.Add([]byte(s), true)
		f.Add([]byte(s), false)
	}
	f.Fuzz(func(t *testing.T, b []byte, late bool) {
		b = b[:min(len(b), protocols.ProbeLimit)]
		for _, p := range []protocols.Protocol{banner.NewTelnet(greetings{}), banner.NewFTP(greetings{})} {
			probe := func(b []byte) protocols.Verdict {
				return p.Probe(protocols.Opening{Transport: protocols.TCP, Midstream: late, Bytes: b})
			}
			last := protocols.More
			for n := 0; n <= len(b); n++ {
				v := probe(b[:n])
				if last != protocols.More && v != last {
					t.Fatalf("%s: verdict %v after %v, at %d octets", p.Name(), v, last, n)
				}
				last = v
			}
			if full := append(slices.Clone(b), make([]byte, protocols.ProbeLimit-len(b))...); probe(full) == protocols.More {
				t.Errorf("%s: More at the limit", p.Name())
			}
		}
	})
}
