package web

import (
	"net/http"
	"reflect"
	"strings"
)

// object keeps the description below legible.
type object = map[string]any

// openAPI describes the API in OpenAPI 3.1, out of the very list that is served.
func (s *Server) openAPI() object {
	paths, schemas := map[string]object{}, newSchemas()
	for _, e := range s.endpoints() {
		if paths[e.path] == nil {
			paths[e.path] = object{}
		}
		paths[e.path][strings.ToLower(e.method)] = e.describe(schemas)
	}
	return object{
		"openapi":  "3.1.0",
		"info":     object{"title": "auscult", "version": s.o.Version, "summary": "Devices, findings and orders of one hospital site.", "license": object{"name": "Apache-2.0", "identifier": "Apache-2.0"}},
		"servers":  []object{{"url": "/"}},
		"security": []object{{"bearer": []string{}}, {"password": []string{}}, {"session": []string{}}},
		"paths":    paths,
		"components": object{"schemas": schemas.named, "securitySchemes": object{
			"bearer":   object{"type": "http", "scheme": "bearer"},
			"password": object{"type": "http", "scheme": "basic"},
			"session":  object{"type": "apiKey", "in": "cookie", "name": sessionCookie},
		}},
	}
}

func (e endpoint) describe(schemas *schemas) object {
	d := object{"summary": e.summary, "operationId": e.operation(), "responses": e.responses(schemas)}
	if p := e.parameters(); len(p) > 0 {
		d["parameters"] = p
	}
	if e.takes != nil {
		d["requestBody"] = object{"content": object{"application/json": object{"schema": schemas.of(reflect.TypeOf(e.takes))}}}
		d["description"] = "Needs the role " + string(e.needs) + "."
	}
	return d
}

// operation is a name for generated clients: "get devices id" in one word.
func (e endpoint) operation() string {
	name := strings.ToLower(e.method)
	path := strings.TrimSuffix(strings.TrimPrefix(e.path, "/api/v1"), ".json")
	for part := range strings.FieldsFuncSeq(path, func(c rune) bool { return strings.ContainsRune("/{}", c) }) {
		name += strings.ToUpper(part[:1]) + part[1:]
	}
	return name
}

func (e endpoint) parameters() []object {
	var all []object
	if strings.Contains(e.path, "{id}") {
		all = append(all, object{"name": "id", "in": "path", "required": true, "schema": object{"type": "string"}})
	}
	for _, p := range e.query {
		schema := object{"type": "string"}
		if p.number {
			schema = object{"type": "integer", "minimum": 0}
		}
		all = append(all, object{"name": p.name, "in": "query", "description": p.says, "schema": schema})
	}
	return all
}

func (e endpoint) responses(schemas *schemas) object {
	media, schema := "application/json", object{"type": "object"}
	if strings.HasPrefix(e.path, "/fhir/") {
		media = fhirMedia
	}
	if e.answers != nil {
		schema = schemas.of(reflect.TypeOf(e.answers))
	}
	says := map[string]string{"401": "not signed in", "429": "too many wrong passwords; wait as long as Retry-After says"}
	if strings.Contains(e.path, "{id}") {
		says["404"] = "nothing has this id"
	}
	if e.method == http.MethodPost {
		says["400"], says["403"], says["409"], says["415"] = "not the body that is described", "the account lacks the role", "not possible now; detail says what is", "not application/json"
	}
	all := object{"200": object{"description": e.summary, "content": object{media: object{"schema": schema}}}}
	for code, what := range says {
		all[code] = object{"description": what, "content": object{"application/problem+json": object{"schema": schemas.problem()}}}
	}
	return all
}
