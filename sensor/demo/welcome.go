package demo

import (
	"fmt"
	"net"

	"github.com/auscult/auscult/sensor/web"
)

// welcome tells what is here and what to do.
func (h *hospital) welcome(page string) error {
	password, err := h.firstPassword()
	if err != nil {
		return err
	}
	traffic := "Its traffic goes over a wire inside this program, into the capture path of a real mirror port."
	if h.wire == nil {
		traffic = "Its traffic is read from files, with now as wire time, into the same pipeline."
		if h.wireless != nil {
			traffic = "This account may not lay a wire; root may. " + traffic
		}
	}
	h.say.line("")
	h.say.line("  A sample hospital: makers, people and weaknesses are made up.")
	h.say.line("  %s", traffic)
	h.say.line("")
	h.say.line("  The page       https://%s/", browsable(page))
	h.say.line("                 account %s, password %s", web.FirstAccount, password)
	h.say.line("                 The browser warns: the certificate was made a moment ago. Go on.")
	h.say.line("  The CMMS       http://%s/   (a stand-in; orders arrive here)", h.cmmsAt.Addr())
	h.say.line("")
	h.say.line("  Try:  on the page, open pump 040211: who may touch it, and why not now.")
	h.say.line("        Under Register, say which record the analyser is: its order leaves.")
	h.say.line("        In the CMMS, set the order on 040212 to Resolved: the afternoon begins, and the wire shows whether it is true.")
	h.say.line("")
	h.say.line("  Ctrl-C ends it and removes everything.")
	h.say.line("")
	return nil
}

// browsable is an address that a browser on this machine opens.
func browsable(page string) string {
	host, port, err := net.SplitHostPort(page)
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		return fmt.Sprintf("localhost:%s", port)
	}
	return page
}
