package banner_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/banner"
	"github.com/auscult/auscult/protocols/protocoltest"
)

const (
	opener   = protocols.FromOpener
	acceptor = protocols.FromAcceptor
)

type step = protocoltest.Step

func says(d protocols.Direction, text string) step { return protocoltest.Says(d, []byte(text)) }

// greetings is a small knowledge: enough to see that the room asks it, and hands on
// only what has a form.
type greetings struct{}

const welcome = "Welcome to the SIGMA Spectrum Diagnostic Terminal"

var (
	serial  = regexp.MustCompile(`(?m)^Sigma Spectrum SN: (\S+) SW: (\S+)$`)
	address = regexp.MustCompile(`(?m)^MAC Address: (\S+) SW: (.+)$`)
	program = regexp.MustCompile(`(?m)^\(vsFTPd (\S+)\)`)
)

func (greetings) Begins(text []byte) protocols.Verdict {
	text = bytes.TrimLeft(text, "\r\n")
	n := min(len(text), len(welcome))
	switch {
	case string(text[:n]) != welcome[:n]:
		return protocols.No
	case n < len(welcome):
		return protocols.More
	}
	return protocols.Yes
}

func (greetings) Greets(p protocols.Name, lines string) (out []protocols.Fact) {
	add := func(a protocols.Attribute, v string) {
		out = append(out, protocols.Fact{Attribute: a, Value: v, Field: "greeting, rule test", Confidence: 0.9})
	}
	if m := program.FindStringSubmatch(lines); p == protocols.FTP && m != nil {
		add(protocols.Application, "vsFTPd/"+m[1])
	}
	if p != protocols.Telnet || !strings.HasPrefix(lines, welcome) {
		return out
	}
	add(protocols.Manufacturer, "Baxter")
	if m := serial.FindStringSubmatch(lines); m != nil {
		add(protocols.SerialNumber, m[1])
		add(protocols.SoftwareVersion, m[2])
	}
	if m := address.FindStringSubmatch(lines); m != nil {
		add(protocols.HardwareAddress, m[1])
		add(protocols.FirmwareVersion, m[2])
	}
	return out
}

const (
	asks    = "\xff\xfd\x18\xff\xfd\x20\xff\xfd\x23\xff\xfd\x27" // DO terminal type, speed, display, environment
	answers = "\xff\xfb\x18\xff\xfc\x20\xff\xfc\x23\xff\xfb\x27"
	pump    = "\r\n" + welcome + "\r\nWireless Battery Module (802.11a/b/g/n)\r\n" +
		"MAC Address: 00-40-9d-00-53-01 SW: 20 D29\r\nSigma Spectrum SN: 1000001 SW: v8.00.01\r\n"
	told = "2:Baxter 2:Baxter 2:00:40:9d:00:53:01 2:20 D29 " +
		"2:Baxter 2:1000001 2:v8.00.01 2:00:40:9d:00:53:01 2:20 D29"
)

// telnet plays steps to a new session in segments of sizes.
func telnet(t testing.TB, c protocols.Context, size func() int, steps ...step) *protocoltest.Heeded {
	t.Helper()
	return protocoltest.Opening{Protocol: banner.NewTelnet(greetings{}), Kept: banner.KeptBytes}.Play(t, c, size, steps...)
}

func ftp(t testing.TB, c protocols.Context, size func() int, steps ...step) *protocoltest.Heeded {
	t.Helper()
	return protocoltest.Opening{Protocol: banner.NewFTP(greetings{}), Kept: banner.KeptBytes}.Play(t, c, size, steps...)
}

var whole = protocols.Context{OpenerKnown: true}
