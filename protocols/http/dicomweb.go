package http

import (
	"strings"

	"github.com/auscult/auscult/protocols"
)

// service is what a DICOMweb request asks for: PS3.18 sections 9 to 11.
type service uint8

const (
	noService service = iota
	querying
	retrieving
	storing
	working
)

func (v service) client() protocols.Role {
	return [...]protocols.Role{"", protocols.RoleDICOMwebQueryClient, protocols.RoleDICOMwebRetrieveClient, protocols.RoleDICOMwebStoreClient, protocols.RoleDICOMwebWorklistClient}[v]
}

func (v service) server() protocols.Role {
	return [...]protocols.Role{"", protocols.RoleDICOMwebQueryServer, protocols.RoleDICOMwebRetrieveServer, protocols.RoleDICOMwebStoreServer, protocols.RoleDICOMwebWorklistServer}[v]
}

// dicomFile is the media type of a DICOM file: PS3.18 section 8.7.3.1.
const dicomFile = "application/dicom"

// dicomMedia reports the media types of DICOM: PS3.18 section 8.7.
func dicomMedia(media string) bool {
	return media == dicomFile || strings.HasPrefix(media, "application/dicom+")
}

// serviceOf tells what a request asks for, by its target together with a media
// type of DICOM. A target alone decides nothing: other services have studies, too.
func serviceOf(h *head) service {
	sends := dicomMedia(h.media) || h.media == "multipart/related" && dicomMedia(h.part)
	last, in, ok := resource(h.path)
	switch {
	case h.wado && h.method == "GET":
		return retrieving
	case !ok || !h.accepts.dicom && !sends:
		return noService
	case in == "workitems":
		return working
	case h.method == "POST" && sends && in == "studies":
		return storing
	case h.method != "GET":
		return noService
	case last == "studies" || last == "series" || last == "instances":
		return querying
	case in == "studies":
		return retrieving
	}
	return noService
}

// resource finds the resource that a path names, and its last segment: PS3.18
// sections 10.1 and 11.1.
func resource(path string) (last, in string, ok bool) {
	path = strings.TrimSuffix(path, "/")
	for segment := range strings.SplitSeq(path, "/") {
		last = segment
		switch segment {
		case "studies", "series", "instances", "workitems":
			if in == "" {
				in = segment
			}
		}
	}
	return last, in, in != ""
}

// titleOf returns the AE title in a path of the form .../aets/TITLE/rs/..., which
// dcm4chee-arc uses.
func titleOf(path string) string {
	_, rest, ok := strings.Cut(path, "/aets/")
	if !ok {
		return ""
	}
	title, _, ok := strings.Cut(rest, "/")
	if !ok || len(title) > maxTitle || strings.ContainsAny(title, "%\\") {
		return ""
	}
	return title
}

// maxTitle bounds an AE title: PS3.5 table 6.2-1.
const maxTitle = 16
