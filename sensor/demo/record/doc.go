// Package record makes the sample captures of package demo: real partners speak
// DICOM, HL7 and DHCP in network namespaces, and a mirror port is written to
// files. All of it is a test that runs only when it is asked to:
//
//	go test ./sensor/demo/record -record -v -count=1
//
// Use it to change what the sample hospital says; do not use it to play the
// captures, which is package demo's matter.
package record
