package banner_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/banner"
	"github.com/auscult/auscult/protocols/protocoltest"
)

func TestFTP(t *testing.T) {
	const server, client, known = "2:ftp-server", "1:ftp-client", "2:vsFTPd/3.0.3"
	user := says(opener, "USER zzcanary\r\n")
	for name, c := range map[string]struct {
		steps    []step
		facts    string
		outcomes string
	}{
		"known": {
			[]step{says(acceptor, "220 (vsFTPd 3.0.3)\r\n"), user, says(acceptor, "331 Please specify the password.\r\n"), says(opener, "PASS zzcanary\r\n")},
			server + " " + known + " " + client, "parsed 1",
		},
		"of several lines": {
			[]step{says(acceptor, "220-Welcome, zzcanary\r\n220-(vsFTPd 3.0.3)\r\n all of you\r\n220 ready\r\n"), user},
			server + " " + known + " " + client, "parsed 1",
		},
		"not known":              {[]step{says(acceptor, "220 zzcanary FTP server ready.\r\n"), user}, server + " " + client, "parsed 1"},
		"only the client":        {[]step{user, says(opener, "PASS zzcanary\r\n")}, "", "truncated 1"},
		"the client first":       {[]step{user, says(acceptor, "220 (vsFTPd 3.0.3)\r\n"), user}, server + " " + known + " " + client, "parsed 1"},
		"not FTP":                {[]step{says(acceptor, "220 mail.example.org ESMTP\r\n"), user}, "", "parsed 1"},
		"later":                  {[]step{says(acceptor, "227 Entering Passive Mode (192,0,2,1,4,5)\r\n"), user}, server + " " + client, "unsupported 1"},
		"cut":                    {[]step{says(acceptor, "220 (vsFTPd 3.0")}, "", "truncated 1"},
		"a hole":                 {[]step{says(acceptor, "220-(vsFTPd"), {From: acceptor, Hole: true}, says(acceptor, " 3.0.3)\r\n")}, "", "truncated 1"},
		"a line of a megabyte":   {[]step{says(acceptor, "220-FTP\r\n"+strings.Repeat("x", 1<<20)+"\r\n220 (vsFTPd 3.0.3)\r\n")}, server, "limit 1"},
		"a long line":            {[]step{says(acceptor, "220-FTP\r\n220-"+strings.Repeat("x", 500)+"\r\n220 (vsFTPd 3.0.3)\r\n")}, server + " " + known, "parsed 1"},
		"a known line too long":  {[]step{says(acceptor, "220 (vsFTPd 3.0.3) FTP"+strings.Repeat("x", 300)+"\r\n"), user}, "", "parsed 1"},
		"a last line too long":   {[]step{says(acceptor, "220 FTP "+strings.Repeat("x", 1<<20)+"\r\n331 zzcanary FTP\r\n")}, "", "limit 1"},
		"lines without end":      {[]step{says(acceptor, "220-FTP\r\n"+strings.Repeat("zzcanary\r\n", 1<<16))}, server, "limit 1"},
		"the server calls":       {[]step{says(opener, "220 FTP\r\n"), says(acceptor, "USER zzcanary\r\n")}, "1:ftp-server 2:ftp-client", "parsed 1"},
		"control characters":     {[]step{says(acceptor, "220\x00 \a(vsFTPd 3.0.3)\x1b\r\n")}, server + " " + known, "parsed 1"},
		"behind the last line":   {[]step{says(acceptor, "220 FTP\r\n220 (vsFTPd 3.0.3)\r\n")}, server, "parsed 1"},
		"a number without a end": {[]step{says(acceptor, "220")}, "", "truncated 1"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, size := range []int{1 << 30, 1, 3, 7} {
				r := ftp(t, whole, protocoltest.Fixed(size), c.steps...)
				r.Wants(t, c.facts, c.outcomes)
				if last := c.steps[len(c.steps)-1].From; c.outcomes == "parsed 1" && !r.Done[last] {
					t.Error("it goes on listening")
				}
				if strings.Contains(r.Texts(), "zzcanary") {
					t.Errorf("a canary shows:\n%s", r.Lines())
				}
				if r.Kept > 4*banner.MaxGreeting {
					t.Errorf("a session held %d octets", r.Kept)
				}
			}
		})
	}
}

func TestProbe(t *testing.T) {
	terminals, files := banner.NewTelnet(greetings{}), banner.NewFTP(greetings{})
	for _, c := range []struct {
		says string
		late bool
		t, f protocols.Verdict
	}{
		{asks, false, protocols.Yes, protocols.No},
		{answers, true, protocols.Yes, protocols.No},
		{"\xff", false, protocols.More, protocols.No},
		{"\xff\xfb\x01", false, protocols.More, protocols.No},
		{"\xff\xfb\x01\xff\xfb\x03\r\nWard", false, protocols.Yes, protocols.No},
		{"\xff\xfb\x01\xff\xfa", false, protocols.Yes, protocols.No},
		{"\xff\xfa\x18", false, protocols.No, protocols.No},
		{"\xff\xfb\x00", false, protocols.No, protocols.No}, // binary: a serial line
		{"\xff\xfd\x2c", false, protocols.No, protocols.No}, // COM port
		{"\xff\xfb\x03\xff\xfb\x01\x1bQ", false, protocols.No, protocols.No},
		{"\xff\xfb\x80", false, protocols.No, protocols.No},
		{"\xff\xd8\xff\xe0", false, protocols.No, protocols.No}, // JPEG
		{"\r\n" + welcome, false, protocols.Yes, protocols.No},
		{"\r\n" + welcome, true, protocols.No, protocols.No},
		{"Welcome to the", false, protocols.More, protocols.No},
		{"Welcome to ward 3", false, protocols.No, protocols.No},
		{"login: ", false, protocols.No, protocols.No},
		{"220 (vsFTPd 3.0.3)\r\n", false, protocols.No, protocols.Yes},
		{"220 (vsFTPd 3.0.3)", false, protocols.No, protocols.More},
		{"220-Welcome\r\n220 FTP server\r\n", false, protocols.No, protocols.Yes},
		{"220-FTP\r\nmore\r\n", false, protocols.No, protocols.More},
		{"220 mail.example.org ESMTP\r\n", false, protocols.No, protocols.No},
		{"220 ftp.example.org ESMTP\r\n", false, protocols.No, protocols.No},
		{"220 ready\r\n", false, protocols.No, protocols.No},
		{"2200 FTP\r\n", false, protocols.No, protocols.No},
		{"220 FTP \x01\r\n", false, protocols.No, protocols.No},
		{"227 Entering Passive Mode (192,0,2,1,4,5)\r\n", true, protocols.No, protocols.Yes},
		{"229 Entering Extended Passive Mode (|||1025|)\r\n", true, protocols.No, protocols.Yes},
		{"227 Entering Passive Mode (192,0,2,1,4,5)\r\n", false, protocols.No, protocols.No},
		{"USER anna\r\n", false, protocols.No, protocols.No},
	} {
		o := protocols.Opening{Transport: protocols.TCP, Midstream: c.late, Bytes: []byte(c.says)}
		if v := terminals.Probe(o); v != c.t {
			t.Errorf("telnet: %q: %d, want %d", c.says, v, c.t)
		}
		if v := files.Probe(o); v != c.f {
			t.Errorf("FTP: %q: %d, want %d", c.says, v, c.f)
		}
		o.Transport = protocols.UDP
		if terminals.Probe(o) != protocols.No || files.Probe(o) != protocols.No {
			t.Errorf("%q is recognised over UDP", c.says)
		}
	}
}
