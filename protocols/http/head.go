package http

import (
	"bytes"
	"strings"
)

// head is what is kept of the head of one message. Its texts are its own.
type head struct {
	request   bool
	method    string
	path      string // of the target, without its query; "" when it was too long
	wado      bool   // the query says requestType=WADO (PS3.18 section 9.1)
	status    int
	server    string // first product of Server
	agent     string // first product of User-Agent
	upgrade   bool   // Upgrade names HTTP/2 in the clear
	passedOn  bool   // Via, Forwarded, X-Forwarded-For: somebody else made it
	media     string // of Content-Type, in lower case
	boundary  string
	part      string // the type parameter of multipart/related
	coding    string // of Content-Encoding, in lower case
	accepts   accepted
	length    int64 // of Content-Length; unknown when it was not given
	chunked   bool
	encoded   bool // a transfer coding that is not chunked alone
	malformed bool
}

// absolute reports whether a request names a server that is not its receiver's, as
// clients of a proxy do: RFC 9112 section 3.2.2.
func (h *head) absolute() bool {
	return h.request && strings.Contains(h.path, "://") && h.path[0] != '/'
}

const unknown = -1

// accepted says which media types of interest an Accept field names.
type accepted struct{ fhir, dicom bool }

// wanted reports the fields whose values are read. All others, credentials among
// them, are passed over.
func wanted(name []byte) bool {
	switch string(name) {
	case "content-length", "transfer-encoding", "content-type", "content-encoding", "accept", "server", "user-agent", "upgrade",
		"via", "forwarded", "x-forwarded-for":
		return true
	}
	return false
}

// framing reports the fields without which the end of a message is not known.
func framing(name string) bool { return name == "content-length" || name == "transfer-encoding" }

// field takes one field of the allow-list. A value that was cut is not given.
func (h *head) field(name string, value []byte) {
	value = bytes.Trim(value, " \t\r")
	switch name {
	case "content-length":
		h.contentLength(value)
	case "transfer-encoding":
		h.transferEncoding(value)
	case "content-type":
		h.media, h.boundary, h.part = mediaType(value)
	case "content-encoding":
		h.coding = strings.ToLower(string(value))
	case "accept":
		h.accept(value)
	case "upgrade":
		h.upgrade = bytes.EqualFold(value, []byte("h2c"))
	case "server":
		h.server = product(value)
	case "user-agent":
		h.agent = product(value)
	default:
		h.passedOn = true
	}
}

// contentLength reads digits: RFC 9112 section 6.3. Two that differ are an error.
func (h *head) contentLength(value []byte) {
	n := int64(0)
	for _, c := range value {
		if c < '0' || c > '9' || n > maxLength {
			h.malformed = true
			return
		}
		n = n*10 + int64(c-'0')
	}
	if len(value) == 0 || n > maxLength || h.length != unknown && h.length != n {
		h.malformed = true
		return
	}
	h.length = n
}

func (h *head) transferEncoding(value []byte) {
	if h.chunked || h.encoded || !bytes.EqualFold(value, []byte("chunked")) {
		h.encoded, h.chunked = true, false
		return
	}
	h.chunked = true
}

func (h *head) accept(value []byte) {
	value = bytes.ToLower(value)
	h.accepts.fhir = h.accepts.fhir || bytes.Contains(value, []byte("application/fhir+"))
	h.accepts.dicom = h.accepts.dicom || bytes.Contains(value, []byte("application/dicom"))
}

// mediaType reads a Content-Type: RFC 9110 section 8.3.1, and the parameters of
// RFC 2387.
func mediaType(value []byte) (media, boundary, part string) {
	first, rest, _ := strings.Cut(string(value), ";")
	media = strings.ToLower(strings.TrimSpace(first))
	for rest != "" {
		var parameter string
		parameter, rest, _ = cutParameter(rest)
		name, text, _ := strings.Cut(strings.TrimSpace(parameter), "=")
		text = strings.Trim(text, `"`)
		switch {
		case strings.EqualFold(name, "boundary") && len(text) <= maxBoundary:
			boundary = text
		case strings.EqualFold(name, "type"):
			part = strings.ToLower(text)
		}
	}
	return media, boundary, part
}

// cutParameter cuts at the first semicolon that is not quoted.
func cutParameter(s string) (before, after string, found bool) {
	quoted := false
	for i := range len(s) {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == ';' && !quoted:
			return s[:i], s[i+1:], true
		}
	}
	return s, "", false
}

// product reads the first product of a field: a name and a version, both tokens
// (RFC 9110 section 10.1.5). Browsers name products that they are not, and what has
// no version may be anything.
func product(value []byte) string {
	end := bytes.IndexAny(value, " \t(")
	if end < 0 {
		end = len(value)
	}
	name, version, ok := bytes.Cut(value[:end], []byte("/"))
	if !ok || !token(name) || !token(version) || !bytes.ContainsAny(version, "0123456789") || len(value[:end]) > maxProduct {
		return ""
	}
	if bytes.EqualFold(name, []byte("Mozilla")) || bytes.EqualFold(name, []byte("Opera")) {
		return ""
	}
	return string(value[:end])
}

// maxProduct bounds a product that is stated. The longest seen have 40 octets.
const maxProduct = 64

// token reports the characters of a token: RFC 9110 section 5.6.2.
func token(b []byte) bool {
	for _, c := range b {
		alphanumeric := c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
		if !alphanumeric && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return len(b) > 0
}
