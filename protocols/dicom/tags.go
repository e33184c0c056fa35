package dicom

import (
	"slices"

	"github.com/auscult/auscult/protocols"
)

// tag is a group and an element number: PS3.5 section 7.1.
type tag uint32

// The elements that steer reading or are stated: PS3.6 table 6-1, and PS3.7
// annex E for group 0000.
const (
	tagAffectedClass     tag = 0x0000_0002
	tagRequestedClass    tag = 0x0000_0003
	tagCommandField      tag = 0x0000_0100
	tagMessageID         tag = 0x0000_0110
	tagRespondedTo       tag = 0x0000_0120
	tagMoveDestination   tag = 0x0000_0600
	tagDataSetType       tag = 0x0000_0800
	tagStatus            tag = 0x0000_0900
	tagAffectedInstance  tag = 0x0000_1000
	tagRequestedInstance tag = 0x0000_1001
	tagActionType        tag = 0x0000_1008
	tagMoveOriginator    tag = 0x0000_1030

	tagCharacterSet tag = 0x0008_0005
	tagSOPClass     tag = 0x0008_0016
	tagRetrieveAE   tag = 0x0008_0054
	tagStationAE    tag = 0x0008_0055
	tagModality     tag = 0x0008_0060
	tagConversion   tag = 0x0008_0064
	tagManufacturer tag = 0x0008_0070
	tagInstitution  tag = 0x0008_0080
	tagStationName  tag = 0x0008_1010
	tagDepartment   tag = 0x0008_1040
	tagModel        tag = 0x0008_1090
	tagSerial       tag = 0x0018_1000
	tagDeviceUID    tag = 0x0018_1002
	tagDeviceID     tag = 0x0018_1003
	tagUDI          tag = 0x0018_1009
	tagUDISequence  tag = 0x0018_100A
	tagGrabberMaker tag = 0x0018_1016
	tagGrabberModel tag = 0x0018_1018
	tagGrabberSoft  tag = 0x0018_1019
	tagSoftware     tag = 0x0018_1020
	tagCalibrated   tag = 0x0018_1200

	tagScheduledAE      tag = 0x0040_0001
	tagScheduledStation tag = 0x0040_0010
	tagScheduledStep    tag = 0x0040_0100
	tagPerformedAE      tag = 0x0040_0241
	tagPerformedStation tag = 0x0040_0242
	tagPerformedPlace   tag = 0x0040_0243
	tagPerformedStatus  tag = 0x0040_0252
	tagWorkitemState    tag = 0x0074_1000
	tagPrinterName      tag = 0x2110_0030

	tagItem         tag = 0xFFFE_E000
	tagItemEnd      tag = 0xFFFE_E00D
	tagSequenceEnd  tag = 0xFFFE_E0DD
	undefined           = 0xFFFF_FFFF // a length that is told by a delimiter
	noDataSet           = 0x0101      // (0000,0800) of a message without a data set
	commandFieldRSP     = 0x8000      // set in the command field of a response
)

// place says where an element stands: its tag, and the sequence of the top level
// whose item holds it, or 0.
type place uint64

func at(t tag) place        { return place(t) }
func in(seq, t tag) place   { return place(seq)<<32 | place(t) }
func (p place) tag() tag    { return tag(p & 0xFFFF_FFFF) }
func (p place) parent() tag { return tag(p >> 32) }

// selection is the list of elements that are wanted of one kind of data set.
// Reading stops behind the last of them. What is not listed is never copied.
type selection struct {
	places []place // sorted
	last   tag     // at the top level
}

func choose(places ...place) selection {
	slices.Sort(places)
	s := selection{places: places}
	for _, p := range places {
		top := p.parent()
		if top == 0 {
			top = p.tag()
		}
		s.last = max(s.last, top)
	}
	return s
}

// wants reports whether the element is listed.
func (s *selection) wants(p place) bool {
	_, found := slices.BinarySearch(s.places, p)
	return found
}

// enters reports whether a sequence of the top level holds something listed.
func (s *selection) enters(t tag) bool {
	i, _ := slices.BinarySearch(s.places, in(t, 0))
	return t != 0 && i < len(s.places) && s.places[i].parent() == t
}

// The kinds of data sets that are read. They are written once, here.
var (
	commandSet = choose(at(tagAffectedClass), at(tagRequestedClass), at(tagCommandField), at(tagMessageID),
		at(tagRespondedTo), at(tagMoveDestination), at(tagDataSetType), at(tagStatus), at(tagAffectedInstance),
		at(tagRequestedInstance), at(tagActionType), at(tagMoveOriginator))
	imageSet = choose(at(tagCharacterSet), at(tagSOPClass), at(tagStationAE), at(tagModality), at(tagConversion), at(tagManufacturer),
		at(tagInstitution), at(tagStationName), at(tagDepartment), at(tagModel), at(tagSerial), at(tagDeviceUID),
		at(tagDeviceID), in(tagUDISequence, tagUDI), at(tagGrabberMaker), at(tagGrabberModel), at(tagGrabberSoft), at(tagSoftware),
		at(tagCalibrated))
	stepSet = choose(at(tagCharacterSet), at(tagModality), at(tagManufacturer), at(tagInstitution), at(tagDepartment),
		at(tagModel), at(tagSerial), at(tagDeviceUID), in(tagUDISequence, tagUDI), at(tagSoftware),
		at(tagPerformedAE), at(tagPerformedStation), at(tagPerformedPlace), at(tagPerformedStatus))
	stepEndSet  = choose(at(tagPerformedStatus))
	workitemSet = choose(at(tagWorkitemState))
	commitSet   = choose(at(tagRetrieveAE))
	querySet    = choose(at(tagCharacterSet), in(tagScheduledStep, tagModality), in(tagScheduledStep, tagScheduledAE),
		in(tagScheduledStep, tagScheduledStation))
	printerSet = choose(at(tagCharacterSet), at(tagManufacturer), at(tagModel), at(tagSerial), at(tagSoftware),
		at(tagCalibrated), at(tagPrinterName))
)

// source says what an element is stated as.
type source struct {
	where      place
	field      string
	attribute  protocols.Attribute
	form       form
	confidence float64
}

// form is how the value of an element becomes the text of facts.
type form uint8

const (
	text     form = iota // in the data set's character set; the first value
	texts                // the same; one fact a value
	aeTitle              // AE
	code                 // a defined term: CS without spaces
	uid                  // digits and dots
	lastDate             // DA; the last of several
)

// sources is in the order in which facts are stated.
var sources = []source{
	{at(tagManufacturer), "(0008,0070)", protocols.Manufacturer, text, declared},
	{at(tagModel), "(0008,1090)", protocols.Model, text, declared},
	{at(tagSerial), "(0018,1000)", protocols.SerialNumber, text, declared},
	{at(tagSoftware), "(0018,1020)", protocols.SoftwareVersion, texts, declared},
	{in(tagUDISequence, tagUDI), "(0018,100A)/(0018,1009)", protocols.UDI, texts, declared},
	{at(tagDeviceUID), "(0018,1002)", protocols.DeviceUID, uid, declared},
	{at(tagStationName), "(0008,1010)", protocols.StationName, text, declaredName},
	{at(tagPerformedStation), "(0040,0242)", protocols.StationName, text, declaredName},
	{at(tagStationAE), "(0008,0055)", protocols.AETitle, aeTitle, declaredName},
	{at(tagPerformedAE), "(0040,0241)", protocols.AETitle, aeTitle, declaredName},
	{at(tagModality), "(0008,0060)", protocols.Modality, code, declared},
	{at(tagDeviceID), "(0018,1003)", protocols.DeviceLabel, text, declaredByPeople},
	{at(tagPrinterName), "(2110,0030)", protocols.DeviceLabel, text, declaredByPeople},
	{at(tagPerformedPlace), "(0040,0243)", protocols.Location, text, declaredByPeople},
	{at(tagDepartment), "(0008,1040)", protocols.Department, text, declaredByPeople},
	{at(tagInstitution), "(0008,0080)", protocols.Institution, text, declaredByPeople},
	{at(tagCalibrated), "(0018,1200)", protocols.Calibrated, lastDate, declared},
	{at(tagGrabberMaker), "(0018,1016)", protocols.SecondaryMaker, text, declaredName},
	{at(tagGrabberModel), "(0018,1018)", protocols.SecondaryModel, text, declaredName},
	{at(tagGrabberSoft), "(0018,1019)", protocols.SecondarySystem, text, declaredName},
}
