package smb_test

import (
	"testing"

	"github.com/auscult/auscult/protocols/protocoltest"
	"github.com/auscult/auscult/protocols/smb"
)

// TestPublicCaptures counts conversations against tshark, which sees a negotiation or a
// session setup in so many (4.0.17, filter smb.cmd==0x72 || smb.cmd==0x73 ||
// smb2.cmd==0 || smb2.cmd==1).
func TestPublicCaptures(t *testing.T) { protocoltest.Recognised(t, smb.New(), publicCounts()) }

// publicCounts is by the file of a public capture.
func publicCounts() map[string]int {
	return map[string]int{
		"ICS-Security-Tools__pcaps__IEC61850__Sample_File_MMS_and_GOOSE.pcap":            4,
		"arkime__tests__pcap__arkime_synthetic.pcap":                                     3,
		"arkime__tests__pcap__ntlm_synthetic.pcap":                                       3,
		"arkime__tests__pcap__smb-smb1-ascii.pcap":                                       1,
		"arkime__tests__pcap__wireshark-smb-on-windows10.pcap":                           8,
		"nDPI__tests__cfgs__default__pcap__smb_frags.pcap":                               1,
		"suricata-verify__tests__bug-5162__input.pcap":                                   2,
		"suricata-verify__tests__output-eve-smb-01__input.pcap":                          1,
		"suricata-verify__tests__smb-eicar-padding__smb1_eicar_andx_write_padding2.pcap": 1,
		"suricata-verify__tests__smb2-named-pipe-unicode__input.pcap":                    2,
		"tapirxl__tests__fixtures__synthetic_philips_demo.pcap":                          2,
		"zeek__testing__btest__Traces__smb__raw_ntlm_in_smb.pcap":                        1,
		"zeek__testing__btest__Traces__smb__smb_v2_only_non_zero_reserved1.pcap":         4,
	}
}
