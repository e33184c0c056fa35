package fingerprint_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/inventory/fingerprint"
	"github.com/auscult/auscult/protocols"
)

// Every mistake in a greeting or a tell is refused with words that lead to it.
func TestLoadRefusesTells(t *testing.T) {
	const maker = "manufacturers:\n  - {name: X}\n"
	greeting := func(s string) string {
		return maker + "greetings:\n  - {id: g, source: s, protocol: telnet, manufacturer: X, confidence: 0.9, " + s + "}\n"
	}
	tell := func(s string) string {
		return maker + "tells:\n  - {id: t, source: s, note: n, confidence: 0.6, " + s + "}\n"
	}
	for name, c := range map[string]struct {
		yaml string
		says []string
	}{
		"greeting, key misspelt":    {"greetings:\n  - id: g\n    begin: x\n", []string{"rules.yaml:3", `"begins"`}},
		"example, key misspelt":     {"greetings:\n  - id: g\n    examples:\n      - say: x\n", []string{"rules.yaml:4", `"says"`}},
		"tell, key misspelt":        {"tells:\n  - id: t\n    notes: x\n", []string{"rules.yaml:3", `"note"`}},
		"tell names a model":        {"tells:\n  - id: t\n    model: x\n", []string{"rules.yaml:3", `"model"`}},
		"greeting without source":   {"greetings:\n  - {id: g, protocol: telnet, begins: abcdefghijklm, os: x, confidence: 0.9}\n", []string{"rules.yaml", "greetings rule 1", "source"}},
		"greeting of a protocol":    {"greetings:\n  - {id: g, source: s, protocol: smtp, begins: abcdefghijklm, os: x, confidence: 0.9}\n", []string{"telnet or ftp"}},
		"greeting, short":           {greeting("begins: Welcome"), []string{"shorter", "Welcome"}},
		"greeting, bad pattern":     {greeting("line: '('"), []string{"greetings rule 1", "g:"}},
		"greeting, unknown group":   {greeting("line: '(?P<location>.*)'"), []string{`"location"`}},
		"greeting, model in a line": {greeting("line: '(?P<model>.*)'"), []string{`"model"`}},
		"greeting, unknown maker":   {"greetings:\n  - {id: g, source: s, protocol: ftp, line: x, manufacturer: Nobody, confidence: 0.9}\n", []string{`"Nobody"`}},
		"greeting without examples": {greeting("line: x"), []string{"greeting g", "near miss"}},
		"greeting, wrong example":   {greeting("line: x, not: [y], examples: [{says: z, facts: []}]"), []string{"greeting g", `"z"`}},
		"greeting, failing miss":    {greeting("line: x, not: [x], examples: [{says: x, facts: [manufacturer=X]}]"), []string{"must not"}},
		"tell without note":         {"tells:\n  - {id: t, source: s, all: [vendor=X], confidence: 0.6}\n", []string{"rules.yaml", "tells rule 1", "note"}},
		"tell, unknown type":        {tell("type: pasc, all: [vendor=X, calls=tcp/1]"), []string{`"pasc"`, `"pacs"`}},
		"tell, unknown clue":        {tell("all: [vendr=X]"), []string{`"vendor"`}},
		"tell, unknown maker":       {tell("manufacturer: Nobody, all: [vendor=X, calls=tcp/1]"), []string{`"Nobody"`}},
		"tell by a maker alone":     {tell("type: pacs, all: [vendor=X]"), []string{"tells rule 1", "one kind of clue"}},
		"tell by a port alone":      {tell("manufacturer: X, all: [calls=tcp/3613]"), []string{"one kind of clue"}},
		"tell by any maker":         {tell("type: pacs, any: [vendor=X, vendor=Y]"), []string{"one kind of clue"}},
		"tell by a program alone":   {tell("type: pacs, all: [application=x]"), []string{"one kind of clue"}},
		"tell by any network":       {tell("type: pacs, all: [reaches=192.0.2.0/24]"), []string{"one kind of clue"}},
		"hint with a type":          {tell("hint: true, type: pacs, all: [vendor=X, calls=tcp/1]"), []string{"a hint only notes"}},
		"hint that is sure":         {tell("hint: true, all: [vendor=X, calls=tcp/1]"), []string{"a hint only notes"}},
		"tell of other devices":     {tell("all: [hl7-senders>1]"), []string{"about other devices"}},
		"tell, port misspelt":       {tell("all: [vendor=X, calls=tcp]"), []string{`"tcp"`, "tcp/3613"}},
		"tell, caller misspelt":     {tell("all: [called_by=tcp/3613]"), []string{"BD tcp/3613"}},
		"tell, no address":          {tell("all: [reaches=contec]"), []string{"want an address"}},
		"tell without examples":     {tell("all: [vendor=X]"), []string{"tell t", "near miss"}},
		"tell, failing example":     {tell("all: [vendor=X], examples: [[vendor=Y]], not: [[vendor=Z]]"), []string{"does not hold"}},
		"tell, failing miss":        {tell("all: [vendor=X], examples: [[vendor=X]], not: [[vendor=X]]"), []string{"must not hold"}},
		"an id twice":               {tell("all: [vendor=X], examples: [[vendor=X]], not: [[vendor=Z]]") + "  - {id: t, source: s, note: n, confidence: 0.6, all: [vendor=Y]}\n", []string{"stands twice"}},
	} {
		_, err := fingerprint.Load(fstest.MapFS{"rules.yaml": {Data: []byte(c.yaml)}})
		if err == nil {
			t.Errorf("%s: loaded", name)
			continue
		}
		for _, s := range c.says {
			if !strings.Contains(err.Error(), s) {
				t.Errorf("%s: %q does not say %q", name, err, s)
			}
		}
	}
}

// TestHintsOnlyNote: what nobody could confirm makes neither a type nor a maker, and
// the maker of a converter's interface is nobody's maker.
func TestHintsOnlyNote(t *testing.T) {
	b := shipped(t)
	for _, vendor := range []string{"Silex", "Digi", "Lantronix", "Moxa"} {
		told := b.Tells(inventory.Clues{Presence: inventory.OnNetwork, Vendor: vendor})
		if len(told) != 1 || told[0].Manufacturer != "" || told[0].Confidence >= 0.5 {
			t.Errorf("%s: %+v", vendor, told)
		}
	}
	pump := inventory.Clues{Presence: inventory.OnNetwork, Vendor: "Digi", Facts: []inventory.Clue{say(inventory.Calls, "tcp/51243", 9)}}
	if got := b.Classify(pump); got.Type != inventory.UnknownType {
		t.Errorf("a port that is a hint makes a %s", got.Type)
	}
}

func TestContacts(t *testing.T) {
	b := shipped(t)
	end := func(a string, port uint16) protocols.Endpoint {
		return protocols.Endpoint{Addr: netip.MustParseAddr(a), Port: port}
	}
	for name, c := range map[string]struct {
		on       protocols.Transport
		protocol protocols.Name
		to       protocols.Endpoint
		caller   string
		server   string
	}{
		"a pump's server":    {protocols.TCP, "", end("10.0.0.9", 3613), "calls=tcp/3613", "called_by=BD tcp/3613"},
		"another transport":  {protocols.UDP, "", end("10.0.0.9", 3613), "", ""},
		"another port":       {protocols.TCP, "", end("10.0.0.9", 3614), "", ""},
		"firmware":           {protocols.TCP, "", end("202.114.4.119", 2049), "reaches=202.114.4.119 reaches=202.114.4.0/24", ""},
		"mapped":             {protocols.UDP, "", end("::ffff:202.114.4.120", 2049), "reaches=202.114.4.120 reaches=202.114.4.0/24", ""},
		"the network":        {protocols.UDP, "", end("202.114.4.7", 53), "reaches=202.114.4.0/24", ""},
		"a neighbour":        {protocols.UDP, "", end("202.114.5.119", 53), "", ""},
		"a printer":          {protocols.TCP, "", end("10.0.0.9", 515), "", ""},
		"HL7 to a printer":   {protocols.TCP, protocols.HL7, end("10.0.0.9", 515), "calls=hl7/515", ""},
		"HL7 where it lives": {protocols.TCP, protocols.HL7, end("10.0.0.9", 6661), "", ""},
	} {
		said := func(of protocols.Direction) string {
			var all []string
			for _, i := range b.Contacts(protocols.Conversation{Transport: c.on, Protocol: c.protocol, Opener: end("10.0.0.5", 40000), Acceptor: c.to}, of, protocols.FromAcceptor) {
				all = append(all, string(i.Attribute)+"="+i.Value)
			}
			slices.Sort(all)
			slices.Reverse(all)
			return strings.Join(all, " ")
		}
		want := strings.Fields(c.caller)
		slices.Sort(want)
		slices.Reverse(want)
		if got := said(protocols.FromOpener); got != strings.Join(want, " ") {
			t.Errorf("%s: the caller shows %q, want %q", name, got, c.caller)
		}
		if got := said(protocols.FromAcceptor); got != c.server {
			t.Errorf("%s: the server shows %q, want %q", name, got, c.server)
		}
	}
	quiet := protocols.Conversation{Transport: protocols.TCP, Opener: end("10.0.0.5", 40000), Acceptor: end("10.0.0.9", 443)}
	if n := testing.AllocsPerRun(100, func() { b.Contacts(quiet, protocols.FromOpener, protocols.FromAcceptor) }); n != 0 {
		t.Errorf("a conversation that no rule asks for allocates %v times", n)
	}
}

func TestBegins(t *testing.T) {
	b := shipped(t)
	const first = "Welcome to the SIGMA Spectrum Diagnostic Terminal"
	for n := range len(first) {
		if v := b.Begins([]byte("\r\n" + first[:n])); v != protocols.More {
			t.Fatalf("after %q: %d", first[:n], v)
		}
	}
	for said, want := range map[string]protocols.Verdict{
		first: protocols.Yes, strings.ToLower(first) + "\r\nmore": protocols.Yes, "Welcome to ward 3": protocols.No,
		"login: ": protocols.No, "Debian GNU/Linux 12": protocols.No, "(vsFTPd 3.0.3)": protocols.No,
	} {
		if v := b.Begins([]byte(said)); v != want {
			t.Errorf("%q: %d, want %d", said, v, want)
		}
	}
	text := []byte(first)
	if n := testing.AllocsPerRun(100, func() { b.Begins(text) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzGreets: nothing but what stands in a rule, or what a group took, is read from a
// greeting.
func FuzzGreets(f *testing.F) {
	f.Add("Welcome to the SIGMA Spectrum Diagnostic Terminal\nSigma Spectrum SN: 1000001 SW: v8.00.01\nMAC Address: 00-40-9d-00-53-01 SW: 20 D29")
	f.Add("(vsFTPd 3.0.3)\nzzcanary")
	b := shipped(f)
	f.Fuzz(func(t *testing.T, greeting string) {
		for _, p := range []protocols.Name{protocols.Telnet, protocols.FTP} {
			for _, fact := range b.Greets(p, greeting+"\n") {
				if fact.Value == "" || !strings.HasPrefix(fact.Field, "greeting, rule ") || fact.Confidence <= 0 || fact.Confidence > 1 {
					t.Errorf("fact %+v", fact)
				}
			}
		}
	})
}

func BenchmarkGreets(b *testing.B) {
	base := shipped(b)
	for name, text := range map[string]string{
		"pump":   "Welcome to the SIGMA Spectrum Diagnostic Terminal\nWireless Battery Module (802.11a/b/g/n)\nMAC Address: 00-40-9d-00-53-01 SW: 20 D29\nSigma Spectrum SN: 1000001 SW: v8.00.01\n",
		"notice": strings.Repeat("Unauthorised access to this system is forbidden and will be told\n", 31),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				base.Greets(protocols.Telnet, text)
			}
		})
	}
}

func BenchmarkTells(b *testing.B) {
	base := shipped(b)
	c := inventory.Clues{Presence: inventory.OnNetwork, Vendor: "BD", Facts: []inventory.Clue{say(inventory.Calls, "tcp/3613", 1), say(protocols.RoleOf, "http-server", 1), say(protocols.Application, "lighttpd/1.4", 1)}}
	b.ReportAllocs()
	for b.Loop() {
		base.Tells(c)
	}
}

func BenchmarkContacts(b *testing.B) {
	base := shipped(b)
	c := protocols.Conversation{
		Transport: protocols.TCP, Opener: protocols.Endpoint{Addr: netip.MustParseAddr("10.0.0.5"), Port: 40000},
		Acceptor: protocols.Endpoint{Addr: netip.MustParseAddr("10.0.0.9"), Port: 443},
	}
	b.ReportAllocs()
	for b.Loop() {
		base.Contacts(c, protocols.FromOpener, protocols.FromAcceptor)
	}
}
