package web

// object keeps the description below legible.
type object = map[string]any

// openAPI describes the API in OpenAPI 3.1.
func openAPI(version string) object {
	ok := func(says string) object {
		return object{"200": object{"description": says}, "401": object{"description": "not signed in"}, "404": object{"description": "nothing has this id"}}
	}
	read := func(summary string, parameters ...object) object {
		return object{"get": object{"summary": summary, "parameters": parameters, "responses": ok(summary)}}
	}
	id := object{"name": "id", "in": "path", "required": true, "schema": object{"type": "string"}}
	search := object{"name": "q", "in": "query", "schema": object{"type": "string"},
		"description": "words that must all fit; type:, use:, presence:, match:, unit: and maker: look at one field"}
	return object{
		"openapi":  "3.1.0",
		"info":     object{"title": "auscult", "version": version, "summary": "Devices, findings and orders of one hospital site."},
		"security": []object{{"password": []string{}}, {"bearer": []string{}}},
		"components": object{"securitySchemes": object{
			"password": object{"type": "http", "scheme": "basic"}, "bearer": object{"type": "http", "scheme": "bearer"}}},
		"paths": object{
			"/api/v1/devices":       read("All devices", search),
			"/api/v1/devices/{id}":  read("One device, by id, control number, serial, MAC, IP, AE title or host name", id),
			"/api/v1/findings":      read("All findings"),
			"/api/v1/findings/{id}": read("One finding", id),
			"/api/v1/orders":        read("All orders"),
			"/api/v1/orders/{id}":   read("One order", id),
			"/api/v1/register":      read("The register: ages, match states, proposals, defects"),
			"/api/v1/coverage":      read("What each tap hears, against what was declared"),
			"/api/v1/feeds":         read("Imported advisories and their ages"),
			"/api/v1/audit":         read("The newest decisions"),
			"/fhir/Device":          read("All devices as a FHIR R4 bundle", search),
			"/api/v1/orders/{id}/{verb}": write("A person's decision on an order", []object{id, verb("send", "attest", "hold", "release", "cancel", "retry")},
				object{"reason": object{"type": "string"}, "hours": object{"type": "number", "description": "for attest: how long the device stays free"}}),
			"/api/v1/register/{verb}": write("A person's decision on a match", []object{verb("confirm", "reject")},
				object{"control_number": object{"type": "string"}, "device": object{"type": "string"}, "reason": object{"type": "string"}}),
		},
	}
}

func verb(choices ...string) object {
	return object{"name": "verb", "in": "path", "required": true, "schema": object{"type": "string", "enum": choices}}
}

func write(summary string, parameters []object, fields object) object {
	return object{"post": object{
		"summary": summary, "parameters": parameters,
		"requestBody": object{"content": object{"application/json": object{"schema": object{"type": "object", "properties": fields}}}},
		"responses": object{"200": object{"description": "done; says what became of it"}, "401": object{"description": "not signed in"},
			"403": object{"description": "the account lacks the role act"}, "409": object{"description": "not possible now; detail says what is"}},
	}}
}
