package protocols_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"github.com/auscult/auscult/protocols"
)

// TestRolesAreAll: every constant of the type is in the list, once, so that rules can
// name it.
func TestRolesAreAll(t *testing.T) {
	listed := map[string]int{}
	for _, r := range protocols.Roles() {
		listed[string(r)]++
	}
	f, err := parser.ParseFile(token.NewFileSet(), "role.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	declared := 0
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		literal, ok := spec.Values[0].(*ast.BasicLit)
		if !ok {
			return true
		}
		declared++
		if value, err := strconv.Unquote(literal.Value); err != nil || listed[value] != 1 {
			t.Errorf("%s is listed %d times, %v", spec.Names[0], listed[value], err)
		}
		return true
	})
	if declared == 0 || declared != len(protocols.Roles()) {
		t.Errorf("%d roles are declared, %d are listed", declared, len(protocols.Roles()))
	}
}

// TestSinkAs: what is stated and counted under another name is not stated under the
// first one, and each sink keeps its own.
func TestSinkAs(t *testing.T) {
	var stated, counted, refused []protocols.Name
	observe := func(o protocols.Observation) {
		stated = append(stated, o.Protocol)
		if o.Over != protocols.HTTP {
			t.Errorf("%s over %q", o.Protocol, o.Over)
		}
	}
	http := protocols.NewSink(protocols.HTTP, observe,
		func(n protocols.Name, _ protocols.Outcome) { counted = append(counted, n) }, func(n protocols.Name) { refused = append(refused, n) })
	for _, s := range []*protocols.Sink{http.As(protocols.FHIR), http} {
		s.Observe(protocols.Observation{Facts: []protocols.Fact{{Attribute: protocols.Model, Value: "X"}, {Attribute: protocols.Model, Value: "\n"}}})
		s.Outcome(protocols.Parsed)
	}
	for _, got := range [][]protocols.Name{stated, counted, refused} {
		if len(got) != 2 || got[0] != protocols.FHIR || got[1] != protocols.HTTP {
			t.Errorf("names %v", got)
		}
	}
	if http.As(protocols.HTTP) != http {
		t.Error("the same name makes another sink")
	}
	if n := testing.AllocsPerRun(100, func() { http.As(protocols.FHIR) }); n > 1 {
		t.Errorf("%v allocations", n)
	}
}
