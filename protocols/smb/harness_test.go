package smb_test

import (
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
	"github.com/auscult/auscult/protocols/smb"
)

const (
	opener   = protocols.FromOpener
	acceptor = protocols.FromAcceptor
)

type step = protocoltest.Step

func says(d protocols.Direction, parts ...[]byte) step { return protocoltest.Says(d, parts...) }

// run plays steps to a new session in segments of sizes.
func run(t testing.TB, c protocols.Context, size func() int, steps ...step) *protocoltest.Heeded {
	t.Helper()
	return protocoltest.Opening{Protocol: smb.New(), Kept: smb.KeptBytes}.Play(t, c, size, steps...)
}

// play runs a conversation that was seen from its beginning.
func play(t testing.TB, steps ...step) *protocoltest.Heeded {
	t.Helper()
	return run(t, protocols.Context{OpenerKnown: true}, protocoltest.Whole, steps...)
}

func probe(b []byte, midstream bool) protocols.Verdict {
	return smb.New().Probe(protocols.Opening{Transport: protocols.TCP, Midstream: midstream, Bytes: b[:min(len(b), protocols.ProbeLimit)]})
}
