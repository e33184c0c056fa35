package fingerprint

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/auscult/auscult/protocols"
)

// greetingRule recognises what a device says first when somebody connects, and what
// it tells. Begins is the beginning of the first line, whatever its case; where it is
// left out, Line must fit. Line and More are regular expressions over a whole line,
// whose named groups become facts of their names; More need not fit.
type greetingRule struct {
	ID           string            `yaml:"id"`
	Source       string            `yaml:"source"`
	Protocol     string            `yaml:"protocol"`
	Begins       string            `yaml:"begins"`
	Line         string            `yaml:"line"`
	More         []string          `yaml:"more"`
	Manufacturer string            `yaml:"manufacturer"`
	Model        string            `yaml:"model"`
	Application  string            `yaml:"application"`
	OS           string            `yaml:"os"`
	Confidence   float64           `yaml:"confidence"`
	Examples     []greetingExample `yaml:"examples"`
	Not          []string          `yaml:"not"`
}

// greetingExample is a greeting and all that is read from it, "attribute=value" each.
type greetingExample struct {
	Says  string   `yaml:"says"`
	Facts []string `yaml:"facts"`
}

// greetingTest is a rule of the section "greetings", ready to be played.
type greetingTest struct {
	protocol protocols.Name
	begins   []byte
	line     *linePattern
	more     []*linePattern
	names    []protocols.Fact // what the rule says by itself
	program  string
	field    string
	sure     float64
}

// linePattern is a regular expression over a whole line, with the text that each line
// that fits begins with: most lines are told apart by that alone.
type linePattern struct {
	*regexp.Regexp
	head string
}

func compileLine(s string) (*linePattern, error) {
	loose, err := regexp.Compile(s)
	if err != nil {
		return nil, err
	}
	whole, err := regexp.Compile("^(?:" + s + ")$")
	head, _ := loose.LiteralPrefix()
	return &linePattern{whole, head}, err
}

func (p *linePattern) fits(line string) bool {
	return strings.HasPrefix(line, p.head) && p.MatchString(line)
}

// find returns the first line that fits, by its groups; nil for none.
func (p *linePattern) find(lines []string) []string {
	if i := slices.IndexFunc(lines, p.fits); i >= 0 {
		return p.FindStringSubmatch(lines[i])
	}
	return nil
}

// leastBeginning is how many octets of a greeting tell it without any negotiation:
// four words that stand together by chance nowhere else.
const leastBeginning = 12

// The named groups of a greeting that become facts. The room that reads greetings
// checks their form once more. version is that of the application.
const groupVersion = "version"

func groups() []string {
	return []string{
		string(protocols.HardwareAddress), string(protocols.SerialNumber), string(protocols.SoftwareVersion),
		string(protocols.FirmwareVersion), string(protocols.HardwareVersion), groupVersion,
	}
}

func (r *greetingRule) whole() bool {
	return r.ID != "" && r.Source != "" && sure(r.Confidence) && r.Begins+r.Line != "" &&
		(r.Protocol == string(protocols.Telnet) || r.Protocol == string(protocols.FTP)) &&
		r.Manufacturer+r.Application+r.OS != "" && (r.Model == "" || r.Manufacturer != "")
}

func sure(confidence float64) bool { return confidence > 0 && confidence <= 1 }

func (b *Base) buildGreetings() error {
	var errs []error
	for i := range b.rules.Greetings {
		r := &b.rules.Greetings[i]
		t, err := b.greeting(r)
		if err != nil {
			errs = append(errs, ruleError("greetings", i, fmt.Errorf("%s: %w", r.ID, err)))
			continue
		}
		b.greetings = append(b.greetings, t)
	}
	return errors.Join(errs...)
}

// greeting prepares one rule.
func (b *Base) greeting(r *greetingRule) (greetingTest, error) {
	t := greetingTest{
		protocol: protocols.Name(r.Protocol), begins: []byte(r.Begins), program: r.Application, sure: r.Confidence,
		field: "greeting, rule " + r.ID,
	}
	if r.Begins != "" && len(r.Begins) < leastBeginning {
		return t, fmt.Errorf("begins %q is shorter than %d letters", r.Begins, leastBeginning)
	}
	if r.Manufacturer != "" && b.makers[words(r.Manufacturer)] != r.Manufacturer {
		return t, fmt.Errorf("manufacturer %q is not a canonical name", r.Manufacturer)
	}
	for _, f := range []protocols.Fact{
		{Attribute: protocols.Manufacturer, Value: r.Manufacturer}, {Attribute: protocols.Model, Value: r.Model},
		{Attribute: protocols.OS, Value: r.OS},
	} {
		if f.Field, f.Confidence = t.field, r.Confidence; f.Value != "" {
			t.names = append(t.names, f)
		}
	}
	err := errors.Join(r.compile(&t), b.unique(r.ID))
	return t, err
}

func (r *greetingRule) compile(t *greetingTest) error {
	var errs []error
	for i, s := range append([]string{r.Line}, r.More...) {
		if s == "" {
			continue
		}
		pattern, err := compileLine(s)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, name := range pattern.SubexpNames()[1:] {
			if name != "" && !slices.Contains(groups(), name) {
				errs = append(errs, fmt.Errorf("unknown group %q, did you mean %q", name, nearest(name, groups())))
			}
		}
		if i == 0 {
			t.line = pattern
		} else {
			t.more = append(t.more, pattern)
		}
	}
	return errors.Join(errs...)
}

// Begins judges whether text is the beginning of what a terminal says in a greeting
// that a rule knows by its first words. Line ends before it are passed over. It does
// not allocate.
func (b *Base) Begins(text []byte) protocols.Verdict {
	text = bytes.TrimLeft(text, "\r\n\x00 ")
	if len(text) == 0 {
		return protocols.More
	}
	verdict := protocols.No
	for i := range b.greetings {
		t := &b.greetings[i]
		n := min(len(text), len(t.begins))
		switch {
		case t.protocol != protocols.Telnet || n == 0 || !bytes.EqualFold(text[:n], t.begins[:n]):
		case n == len(t.begins):
			return protocols.Yes
		default:
			verdict = protocols.More
		}
	}
	return verdict
}

// Greets reads whole lines of a greeting by the first rule that fits. The caller owns
// the facts.
func (b *Base) Greets(p protocols.Name, greeting string) []protocols.Fact {
	lines := strings.FieldsFunc(greeting, func(r rune) bool { return r == '\n' })
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	lines = slices.DeleteFunc(lines, func(s string) bool { return s == "" })
	for i := range b.greetings {
		if t := &b.greetings[i]; t.protocol == p && t.fits(lines) {
			return t.facts(lines)
		}
	}
	return nil
}

func (t *greetingTest) fits(lines []string) bool {
	n := len(t.begins)
	if len(lines) == 0 || n > 0 && (len(lines[0]) < n || !strings.EqualFold(lines[0][:n], string(t.begins))) {
		return false
	}
	return t.line == nil || slices.ContainsFunc(lines, t.line.fits)
}

// facts are what the rule names and what stands in its groups, each once.
func (t *greetingTest) facts(lines []string) []protocols.Fact {
	out := slices.Clone(t.names)
	program := t.program
	for _, pattern := range slices.Concat([]*linePattern{t.line}, t.more) {
		if pattern == nil {
			continue
		}
		for i, found := range pattern.find(lines) {
			switch name := pattern.SubexpNames()[i]; {
			case name == "" || found == "":
			case name == groupVersion:
				program = t.program + "/" + found
			default:
				out = append(out, protocols.Fact{Attribute: protocols.Attribute(name), Value: found, Field: t.field, Confidence: t.sure})
			}
		}
	}
	if program != "" {
		out = append(out, protocols.Fact{Attribute: protocols.Application, Value: program, Field: t.field, Confidence: t.sure})
	}
	return out
}

func (b *Base) testGreetings() error {
	var d disagreements
	for i := range b.rules.Greetings {
		r := &b.rules.Greetings[i]
		says := func(greeting string) (facts []string, own bool) {
			for _, f := range b.Greets(protocols.Name(r.Protocol), greeting) {
				facts = append(facts, string(f.Attribute)+"="+f.Value)
				own = own || f.Field == b.greetings[i].field
			}
			return facts, own
		}
		d.expect(len(r.Examples) > 0 && len(r.Not) > 0, "greeting %s needs an example and a near miss; add both", r.ID)
		for _, e := range r.Examples {
			facts, own := says(e.Says)
			d.expect(own && slices.Equal(facts, e.Facts), "greeting %s: %q says %q, want %q", r.ID, e.Says, facts, e.Facts)
		}
		for _, e := range r.Not {
			facts, own := says(e)
			d.expect(!own, "greeting %s must not fit %q, and reads %q", r.ID, e, facts)
		}
	}
	return d.join()
}
