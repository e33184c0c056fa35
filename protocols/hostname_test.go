package protocols_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
)

// TestInvariant02HostNameAndDomainName: what other rooms hand over is judged as
// DHCP's names are; see the table there.
func TestInvariant02HostNameAndDomainName(t *testing.T) {
	for _, c := range []struct{ said, host, domain string }{
		{"CT01\x00\x00", "CT01", "CT01"}, {"CT01           ", "CT01", "CT01"}, {"ct01.rad.example.org", "ct01", "ct01.rad.example.org"},
		{"WORK_GROUP", "WORK_GROUP", "WORK_GROUP"}, {"Canarys-iPhone", "", "Canarys-iPhone"}, {"Canarys-Mac-mini", "", "Canarys-Mac-mini"}, {"Canary-PC-2", "", "Canary-PC-2"}, {"MAC-LAB-2", "MAC-LAB-2", "MAC-LAB-2"}, {"PC-2", "PC-2", "PC-2"}, {"WPAD", "", "WPAD"}, {"localhost", "", "localhost"},
		{"", "", ""}, {"..", "", ""}, {"a..b", "a", ""}, {"-_", "", ""}, {"<script>", "", ""}, {"ct\u202e01", "", ""}, {"ct 01", "", ""}, {"ct01\x07", "", ""},
		{strings.Repeat("a", 64), "", ""}, {strings.Repeat("abcdefg.", 17), "abcdefg", ""},
	} {
		if host, domain := protocols.HostName([]byte(c.said)), protocols.DomainName([]byte(c.said)); host != c.host || domain != c.domain {
			t.Errorf("%q: host %q, domain %q, want %q and %q", c.said, host, domain, c.host, c.domain)
		}
	}
}

func TestPrivateAddresses(t *testing.T) {
	for text, private := range map[string]bool{
		"00:12:21:00:00:01": false, "da:a1:19:00:00:01": true, "52:54:00:00:00:01": false, "52:54:01:00:00:01": true,
	} {
		m, err := protocols.ParseMAC(text)
		if err != nil || m.IsPrivate() != private {
			t.Errorf("%s: private %v, %v", text, m.IsPrivate(), err)
		}
	}
}
