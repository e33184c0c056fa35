package banner_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/banner"
	"github.com/auscult/auscult/protocols/protocoltest"
)

const (
	servers = "2:telnet-server"
	clients = "1:telnet-client"
)

func TestTelnet(t *testing.T) {
	late := protocols.Context{OpenerKnown: true, Midstream: true}
	for name, c := range map[string]struct {
		in       protocols.Context
		steps    []step
		facts    string
		outcomes string
	}{
		"a pump without negotiation": {whole, []step{says(acceptor, pump)}, servers + " " + told, "parsed 1"},
		"a pump behind negotiation": {
			whole, []step{says(acceptor, asks), says(opener, answers), says(acceptor, pump+"login: ")},
			servers + " " + clients + " " + told, "parsed 1",
		},
		"commands between the letters": {
			whole, []step{says(acceptor, strings.ReplaceAll(pump, "S", "S\xff\xf1"))}, servers + " " + told, "parsed 1",
		},
		"contents of an option are no text": {
			whole, []step{says(acceptor, asks), says(opener, answers+"\xff\xfa\x27\x00\x00USER\x01zzcanary\xff\xff\xff\xf0"), says(acceptor, pump+"login: ")},
			servers + " " + clients + " " + told, "parsed 1",
		},
		"colours and bells":         {whole, []step{says(acceptor, "\x1b[2J\x1b[1;31m\a"+pump)}, servers + " " + told, "parsed 1"},
		"a greeting nobody knows":   {whole, []step{says(acceptor, asks+"\r\nWard 3, zzcanary\r\nlogin: ")}, servers, "parsed 1"},
		"nobody saw who opened":     {protocols.Context{}, []step{says(acceptor, pump)}, servers + " " + told, "parsed 1"},
		"the server calls":          {protocols.Context{}, []step{says(opener, "\xff\xfb\x01\xff\xfb\x03login: "), says(acceptor, "\xff\xfb\x1f")}, "1:telnet-server 2:telnet-client", "parsed 1"},
		"only the client was heard": {whole, []step{says(opener, answers), says(opener, "zzcanary\r\n")}, clients, "parsed 1"},
		"joined late":               {late, []step{says(acceptor, "\xff\xfd\x18"), says(acceptor, pump)}, servers, "unsupported 1"},
		"typed before the end": {
			whole, []step{says(acceptor, asks+"\r\n"+welcome+"\r\nSigma Spec"), says(opener, "z"), says(acceptor, "trum SN: 1000001 SW: v8.00.01\r\n")},
			servers + " 2:Baxter " + clients, "parsed 1",
		},
		"a name that is no prompt": {whole, []step{says(acceptor, welcome+"\r\nModel name: X\r\nSigma Spectrum SN: 1000001 SW: 1.0\r\n")}, servers + " 2:Baxter 2:Baxter 2:1000001 2:1.0", "parsed 1"},
		"a key was pressed": {
			whole, []step{says(acceptor, welcome+"\r\n"), says(opener, "\r"), says(acceptor, "Sigma Spectrum SN: 1000001 SW: v8.00.01\r\n")},
			servers + " 2:Baxter " + clients, "parsed 1",
		},
		"a serial number that is a name": {
			whole, []step{says(acceptor, welcome+"\r\nSigma Spectrum SN: zzcanary SW: v8.00.01\r\n")}, servers + " 2:Baxter 2:Baxter 2:v8.00.01", "parsed 1",
		},
		"behind the prompt": {
			whole, []step{says(acceptor, welcome+"\r\npump login: Sigma\r\nSigma Spectrum SN: 1000001 SW: v8.00.01\r\n")},
			servers + " 2:Baxter", "parsed 1",
		},
		"a hole": {
			whole, []step{says(acceptor, welcome+"\r\nSigma Spec"), {From: acceptor, Hole: true}, says(acceptor, "trum SN: 1000001 SW: 1.0\r\n")},
			servers + " 2:Baxter", "truncated 1",
		},
		"cut inside a number":     {whole, []step{says(acceptor, strings.TrimSuffix(pump, "1\r\n"))}, servers + " 2:Baxter 2:Baxter 2:00:40:9d:00:53:01 2:20 D29", "parsed 1"},
		"a command that is none":  {whole, []step{says(acceptor, "\xff\xfd\x18\xff\x07")}, servers, "malformed 1"},
		"a line of a megabyte":    {whole, []step{says(acceptor, asks+strings.Repeat("x", 1<<20)+"\r\n"+pump)}, servers, "limit 1"},
		"lines without end":       {whole, []step{says(acceptor, asks+strings.Repeat("zzcanary\r\n", 1<<16))}, servers, "limit 1"},
		"an option without end":   {whole, []step{says(acceptor, asks+"\xff\xfa\x18"+strings.Repeat("x", 1<<16))}, servers, "limit 1"},
		"a sequence without end":  {whole, []step{says(acceptor, asks+"\x1b["+strings.Repeat("1;", 1<<16))}, servers, "limit 1"},
		"negotiation without end": {whole, []step{says(acceptor, strings.Repeat("\xff\xfb\x01", 1<<16))}, servers, "limit 1"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, size := range []int{1 << 30, 1, 3, 7} {
				r := telnet(t, c.in, protocoltest.Fixed(size), c.steps...)
				r.Wants(t, c.facts, c.outcomes)
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

// TestPasswordAfterTheGreeting: what is typed, and what a server echoes of it, is never
// read, also where only the server is heard.
func TestPasswordAfterTheGreeting(t *testing.T) {
	login := []step{
		says(acceptor, asks+"\r\nWard 3\r\nlogin: "), says(opener, "zzcanary\r\n"), says(acceptor, "zzcanary\r\nPassword: "),
		says(opener, "zzcanary-password\r\n"), says(acceptor, "\r\nLast login: zzcanary\r\n"+pump),
	}
	half := []step{login[0], login[2], login[4]}
	for name, steps := range map[string][]step{"both": login, "server": half, "client": {login[1], login[3]}} {
		for _, size := range []int{1 << 30, 1, 5} {
			r := telnet(t, whole, protocoltest.Fixed(size), steps...)
			if text := r.Texts(); strings.Contains(text, "zzcanary") || strings.Contains(text, "1000001") {
				t.Errorf("%s in pieces of %d:\n%s", name, size, r.Lines())
			}
		}
	}
}

// TestFormed: what a rule takes out of a greeting leaves the room only in a form that no
// name has.
func TestFormed(t *testing.T) {
	for _, c := range []struct {
		a    protocols.Attribute
		v    string
		want bool
	}{
		{protocols.SerialNumber, "1000001", true},
		{protocols.SerialNumber, "Anna Smith", false},
		{protocols.SerialNumber, "12", false},
		{protocols.SoftwareVersion, "v8.00.01", true},
		{protocols.FirmwareVersion, "20 D29", true},
		{protocols.FirmwareVersion, "2.2 Smith 1", false},
		{protocols.SoftwareVersion, "Smith", false},
		{protocols.SoftwareVersion, strings.Repeat("1", 40), false},
		{protocols.HardwareAddress, "00-40-9d-00-53-01", true},
		{protocols.HardwareAddress, "ff:ff:ff:ff:ff:ff", false},
		{protocols.HardwareAddress, "Anna", false},
		{protocols.Application, "vsFTPd/3.0.3", true},
		{protocols.Application, "vsFTPd/Smith", false},
		{protocols.Hostname, "anna-pc", false},
		{protocols.Location, "Ward 3", false},
	} {
		if _, ok := banner.Formed(protocols.Fact{Attribute: c.a, Value: c.v}); ok != c.want {
			t.Errorf("%s %q leaves the room: %v", c.a, c.v, ok)
		}
	}
}

// TestWithoutKnowledge: roles are told without any.
func TestWithoutKnowledge(t *testing.T) {
	r := protocoltest.Opening{Protocol: banner.NewTelnet(nil), Kept: banner.KeptBytes}.Play(t, whole, protocoltest.Whole, says(acceptor, asks+pump))
	r.Wants(t, servers, "parsed 1")
	r = protocoltest.Opening{Protocol: banner.NewFTP(nil), Kept: banner.KeptBytes}.Play(t, whole, protocoltest.Whole, says(acceptor, "220 FTP\r\n"))
	r.Wants(t, "2:ftp-server", "parsed 1")
}
