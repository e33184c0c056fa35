package dhcp_test

import (
	"strings"
	"testing"
)

// TestInvariant02NoFreeTextInVendorClasses: whoever sets up a host may write into option
// 60 whose it is. Only what has the form of a vendor class is read of it.
func TestInvariant02NoFreeTextInVendorClasses(t *testing.T) {
	for sent, want := range map[string]string{
		"MSFT 5.0": "MSFT 5.0", "MSFT 98": "MSFT 98", "VxWorks": "VxWorks", "QNX": "QNX", "ThreadX": "ThreadX", "Microsoft Windows CE": "Microsoft Windows CE",
		"udhcp 1.19.4": "udhcp 1.19.4", "udhcpc1.20.2": "udhcpc1.20.2", "android-dhcp-9": "android-dhcp-9", "dhcpcd-5.5.6:Linux-3.0.35": "dhcpcd-5.5.6:Linux-3.0.35",
		"dhcpcd-9.4.1:Linux-5.10.0-19-amd64:x86_64:GenuineIntel": "dhcpcd-9.4.1:Linux-5.10.0-19-amd64:x86_64:GenuineIntel", "dhcpcd-6.8.2:Linux-4.1:armv7l:BCM2709": "dhcpcd-6.8.2:Linux-4.1:armv7l:BCM2709",
		"PXEClient:Arch:00007:UNDI:003016": "PXEClient:Arch:00007:UNDI:003016", "Hewlett-Packard JetDirect": "Hewlett-Packard JetDirect", "Cisco Systems, Inc. IP Phone CP-7942G": "Cisco Systems, Inc. IP Phone CP-7942G",
		"Cisco AP c1240": "Cisco AP c1240", "Polycom-VVX400": "Polycom-VVX400", "alcatel.noe.0": "alcatel.noe.0", "ccp.avaya.com": "ccp.avaya.com", "docsis3.0:": "docsis3.0:", "Mfg=HP;Typ=Printer;Mod=HP LaserJet 400 M401n;": "Mfg=HP;Typ=Printer;Mod=HP LaserJet 400 M401n;",
		"ZZCANARY JOHN": "", "ZZCANARY": "", "Zzcanary1": "", "JD 040444": "", "zzcanary@example.org": "", " MSFT 5.0": "MSFT 5.0", "-zzcanary": "", "(MSFT)": "(MSFT)", "(JD 040444)": "", "-JD-12": "", "1.2": "",
		"MSFT 5.0 ZZCANARY JOHN": "MSFT 5.0", "MSFT-zzcanary": "MSFT", "Cisco AP zzcanary c1240": "Cisco AP", "dhcpcd-5.5.6:Linux-3.0.35:armv7l:Zzcanary board": "dhcpcd-5.5.6:Linux-3.0.35:armv7l",
		"MSFT 19440404": "MSFT", "MSFT 1944-04-04": "", "MSFT 04.04.1944": "", "Linux MRN 1234567": "Linux", "udhcp 1.19.4 \x01zz": "", "MSFT \xc3\xa9": "", "": "",
	} {
		h := datagram{options: join(option(53, 1), text(60, sent))}.listen()
		line := asSelf
		if want != "" {
			line += " vendor_class=" + want + "(option 60)"
		}
		if got := h.String(); got != line || strings.Contains(strings.ToLower(got), "zzcanary") {
			t.Errorf("%q: states\n%s\nwant\n%s", sent, got, line)
		}
	}
}
