package sdc_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
	"github.com/auscult/auscult/protocols/sdc"
)

const (
	uid     = "device_uid=urn:uuid:11111111-2222-3333-4444-555555555555"
	place42 = "location=HOSP1 CU 1 Bed42"
)

func TestDiscovery(t *testing.T) {
	own, other := "https://192.0.2.1:6464/x https://[2001:db8::1]/y", "https://198.51.100.7:6464/x"
	pump := device{sdcTypes, sdcScopes, own}
	proxied := device{sdcTypes, sdcScopes, other}
	pat := sdcScopes + " sdc.ctxt.pat:/sdc.ctxt.pat.detail/" + canary
	printer := device{"dp:Device w:PrintDeviceType", "", own}
	about := func(n string) string {
		return strings.Join([]string{n + ":role=sdc-provider", n + ":device_type=mdc:130535", n + ":" + place42, n + ":" + uid}, "; ")
	}
	for _, c := range []struct{ name, message, want string }{
		{"hello", hello(pump), about("1") + "; parsed 1"},
		{"hello of 2005", older(hello(pump)), about("1") + "; parsed 1"},
		{"hello without addresses", hello(device{sdcTypes, sdcScopes, ""}), about("1") + "; parsed 1"},
		{"hello by a proxy", hello(proxied), about("5") + "; parsed 1"},
		{"matches", probeMatches(pump, proxied), about("1") + "; " + about("5") + "; parsed 1"},
		{"a match without addresses", probeMatches(device{sdcTypes, sdcScopes, ""}), "parsed 1"},
		{"resolved", strings.NewReplacer("ProbeMatch", "ResolveMatch").Replace(probeMatches(pump)), about("1") + "; parsed 1"},
		{"patient", hello(device{sdcTypes, pat, own}), about("1") + "; use=in-use,false; parsed 1"},
		{"types alone", hello(device{sdcTypes, "", own}), "1:role=sdc-provider; 1:" + uid + "; parsed 1"},
		{"scopes alone", hello(device{"dp:Device", sdcScopes, own}), about("1") + "; parsed 1"},
		{"a type of the same name", hello(device{"dp:MedicalDevice", "", own}), "parsed 1"},
		{"another coding system", hello(device{"dp:Device", "sdc.cdc.type:/urn:oid:1.2.3//5 sdc.cdc.type:///x1 sdc.cdc.type:7", own}), "parsed 1"},
		{"the coding system by name", hello(device{"", "sdc.cdc.type:/urn:oid:1.2.840.10004.1.1.1.0.0.1//77", own}), "1:role=sdc-provider; 1:device_type=mdc:77; 1:" + uid + "; parsed 1"},
		{"bye", strings.NewReplacer("Hello", "Bye").Replace(hello(pump)), "parsed 1"},
		{"a search for devices", envelope("<d:Probe><d:Types>md:MedicalDevice</d:Types></d:Probe>"), "1:role=sdc-consumer; parsed 1"},
		{"a search for all", envelope("<d:Probe/>"), "parsed 1"},
		{"resolve", envelope("<d:Resolve><a:EndpointReference><a:Address>urn:uuid:1</a:Address></a:EndpointReference></d:Resolve>"), "parsed 1"},
		{"printer", hello(printer), "parsed 1"},
		{"camera", hello(device{"dn:NetworkVideoTransmitter", "onvif://www.onvif.org/name/" + canary, own}), "parsed 1"},
		{"something else in an envelope", envelope("<q:Other xmlns:q='urn:q'/>"), "unsupported 1"},
		{"no envelope", "<a/>", "unsupported 1"},
		{"cut", hello(pump)[:500], "truncated 1"},
		{"entities", strings.Replace(hello(pump), "<s:Env", `<!DOCTYPE x [<!ENTITY a "b">]><s:Env`, 1), "malformed 1"},
		{"a declaration inside", strings.Replace(hello(pump), "urn:x", "<!ENTITY a SYSTEM 'x'>", 1), "malformed 1"},
		{"an unknown entity", strings.Replace(hello(pump), "urn:x", "&lol;", 1), "malformed 1"},
		{"a processing instruction", strings.Replace(hello(pump), "<s:Env", "<?php 1?><s:Env", 1), "malformed 1"},
		{"wrong nesting", strings.Replace(hello(pump), "</d:Hello></s:Body>", "</s:Body></d:Hello>", 1), "malformed 1"},
		{"two roots", hello(pump) + "<a/>", "malformed 1"},
		{"text behind", hello(pump) + "x", "malformed 1"},
		{"comments and CDATA", strings.Replace(hello(pump), "<d:Types>", "<!-- - - >--><!----><d:Types><![CDATA[x ]] ]]]>  ", 1), about("1") + "; parsed 1"},
		{"too deep", envelope(strings.Repeat("<d:x>", sdc.MaxElements)), "limit 1"},
		{"scopes too long", hello(device{sdcTypes, strings.Repeat("x", sdc.MaxText) + " " + sdcScopes, own}), "1:role=sdc-provider; 1:" + uid + "; parsed 1"},
		{"a name too long", envelope("<" + strings.Repeat("n", 200) + "/>"), "limit 1"},
		{"attributes without end", envelope("<d:x " + strings.Repeat("a='' ", 99) + "/>"), "limit 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			message := c.message
			r := run(t, datagrams(), protocoltest.Whole, says(opener, []byte(message)))
			if r.short() != c.want {
				t.Errorf("says\n%s\nwant\n%s", r.short(), c.want)
			}
			checkNoCanary(t, r)
			// The same over HTTP, octet by octet. A document that goes wrong is given up
			// there at once, with the same outcome.
			if r := run(t, body(), protocoltest.Fixed(1), says(opener, []byte(message))); r.short() != c.want {
				t.Errorf("over HTTP says\n%s\nwant\n%s", r.short(), c.want)
			}
		})
	}
}

func TestManyMatches(t *testing.T) {
	all := make([]device, sdc.MaxMatches+1)
	for i := range all {
		all[i] = device{sdcTypes, "", "http://192.0.2.1/"}
	}
	r := run(t, datagrams(), protocoltest.Whole, says(opener, []byte(probeMatches(all...))))
	if len(r.observations) != sdc.MaxMatches || r.outcomes[protocols.LimitReached] != 1 {
		t.Errorf("%d statements, %v", len(r.observations), r.outcomes)
	}
}

func TestInvariant05DiscoveryByContent(t *testing.T) {
	for _, c := range []struct {
		name, bytes string
		want        protocols.Verdict
	}{
		{"hello", hello(device{})[:512], protocols.Yes},
		{"of 2005", older(hello(device{}))[:512], protocols.Yes},
		{"byte order mark", "\xef\xbb\xbf" + hello(device{})[:400], protocols.Yes},
		{"other markup", "<html><body>Envelope</body></html>", protocols.No},
		{"SSDP", "NOTIFY * HTTP/1.1\r\n", protocols.No},
		{"nothing", "", protocols.No},
	} {
		o := protocols.Opening{Transport: protocols.UDP, Bytes: []byte(c.bytes)}
		if v := sdc.NewDiscovery().Probe(o); v != c.want {
			t.Errorf("%s: verdict %d, want %d", c.name, v, c.want)
		}
		o.Transport = protocols.TCP
		if v := sdc.NewDiscovery().Probe(o); v != protocols.No {
			t.Errorf("%s over TCP: verdict %d", c.name, v)
		}
	}
}
