package web

import (
	"reflect"
	"strings"
	"time"
)

// schemas collects JSON Schemas (draft 2020-12) of the answers, read from the Go
// types that are encoded, so that they cannot drift apart.
type schemas struct {
	named object
}

func newSchemas() *schemas { return &schemas{named: object{}} }

// of returns the schema of a type, a struct as a reference to its named one.
func (s *schemas) of(t reflect.Type) object {
	switch t.Kind() {
	case reflect.Pointer:
		return s.of(t.Elem())
	case reflect.Slice, reflect.Array:
		return object{"type": "array", "items": s.of(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": s.of(t.Elem())}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Float32, reflect.Float64:
		return object{"type": "number"}
	case reflect.Int, reflect.Int64, reflect.Uint64, reflect.Uint32, reflect.Uint16:
		return object{"type": "integer"}
	case reflect.Struct:
		if t == reflect.TypeFor[time.Time]() {
			return object{"type": "string", "format": "date-time"}
		}
		return s.reference(t)
	}
	return object{"type": "string"}
}

func (s *schemas) reference(t reflect.Type) object {
	name := strings.ToUpper(t.Name()[:1]) + t.Name()[1:]
	if _, known := s.named[name]; !known {
		properties := object{}
		s.named[name] = object{"type": "object", "properties": properties}
		s.fields(t, properties)
	}
	return object{"$ref": "#/components/schemas/" + name}
}

// fields adds a struct's fields by their names in JSON; those of an embedded
// struct stand beside the others.
func (s *schemas) fields(t reflect.Type, into object) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-" || !f.IsExported():
		case f.Anonymous && name == "":
			s.fields(f.Type, into)
		case name != "":
			into[name] = s.of(f.Type)
		}
	}
}

func (s *schemas) problem() object {
	s.named["Problem"] = object{"type": "object", "properties": object{
		"title": object{"type": "string"}, "status": object{"type": "integer"}, "detail": object{"type": "string"}}}
	return object{"$ref": "#/components/schemas/Problem"}
}
