package web_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/sensor/web"
)

func ago(d time.Duration) time.Time { return now.Add(-d) }

// therapy are words of the sample that only the role therapy may read: a drug, a
// rate, a hazard and a bed.
func therapy() []string {
	return []string{"CISplatin", "42 mL/h", "cytotoxic", "WINDOWBED", "NORepinephrine", "vasoactive", "7.5 mL/h", "DOORBED"}
}

func record(control, maker, model, serial, department string, more func(*inventory.AssetView)) *inventory.AssetView {
	a := &inventory.AssetView{ControlNumber: control, Manufacturer: maker, Model: model, SerialNumber: serial, Department: department, Unit: department,
		Owner: "St. Vincent Hospital", Status: inventory.Active, Coverage: inventory.InHouse, Risk: "medium", LastPM: "2026-03-14", NextPM: "2027-03-14",
		AsOf: ago(26 * time.Hour), Match: inventory.Match{State: inventory.Matched, Score: 0.97, On: []string{"serial_number"}, By: "register",
			Why: []string{"The serial number is the same.", "Maker and model are the same."}}}
	if more != nil {
		more(a)
	}
	return a
}

func said(attribute, value, protocol, field string, confidence float64) inventory.Evidence {
	return inventory.Evidence{Attribute: attribute, Value: value, Protocol: protocol, Field: field, Confidence: confidence,
		FirstSeen: ago(31 * 24 * time.Hour), LastSeen: ago(4 * time.Minute), Count: 1842}
}

func device(id string, kind inventory.Type, maker, model, serial string, more func(*inventory.Device)) inventory.Device {
	d := inventory.Device{ID: "d-" + id, Site: "stv", Tap: "span0", Presence: inventory.OnNetwork, Connectivity: inventory.Heard, Type: kind,
		Manufacturer: maker, ManufacturerCanonical: maker, Model: model, ModelCanonical: model, SerialNumber: serial,
		Use:       inventory.Use{State: "unknown", Why: "it has not said what it does"},
		FirstSeen: ago(31 * 24 * time.Hour), LastSeen: ago(4 * time.Minute)}
	if more != nil {
		more(&d)
	}
	return d
}

func use(state, activity string, caution inventory.Caution) inventory.Use {
	u := inventory.Use{Caution: caution, Since: ago(47 * time.Minute), ObservedAt: ago(2 * time.Minute), ExpiresAt: now.Add(13 * time.Minute), Source: "hl7 OBX MDC_PUMP_STAT"}
	u.State, u.Activity = useState(state), activityOf(activity)
	return u
}

func network(ip, mac string, vlan uint16) func(*inventory.Device) {
	return func(d *inventory.Device) {
		d.IPs, d.MACs, d.VLANs = []string{ip}, []string{mac}, []uint16{vlan}
		d.Evidence = append(d.Evidence, said("ip", ip, "dhcp", "yiaddr", 0.9), said("model", d.Model, "dicom", "(0008,1090)", 0.9))
	}
}

// sampleDevices is a small hospital: imaging, pumps behind a gateway, a
// laboratory, an archive, and what only the register knows.
func sampleDevices() []inventory.Device {
	all := []inventory.Device{
		device("ct01", "ct", "GE HealthCare", "Revolution CT", "CT-88213", func(d *inventory.Device) {
			network("10.1.20.11", "00:19:95:3a:01:11", 20)(d)
			d.AETitles, d.SoftwareVersions, d.Hostnames = []string{"GE_REV_CT1"}, []string{"revo_ct_22bc.50"}, []string{"revct1"}
			d.Use, d.Roles = use("idle", "", "normal"), []string{"dicom-store-scu", "dicom-worklist-scu"}
			d.Asset = record("010201", "GE HealthCare", "Revolution CT", "CT-88213", "Radiology", func(a *inventory.AssetView) {
				a.Coverage, a.Contract, a.ServiceProvider, a.Location = inventory.OEMFullService, "GE-2024-118", "GE HealthCare Service", "B1 R104"
			})
			d.Findings, d.Orders = []string{"f-ct-1"}, []string{"o-ct-1"}
			d.Peers = []inventory.Peer{{ID: "d-pacs01", Protocol: "dicom", Port: 104, Role: "client", Bytes: 88_412_331_008, LastSeen: ago(9 * time.Minute)}}
		}),
		device("mr01", "mr", "SIEMENS", "MAGNETOM Vida", "176204", func(d *inventory.Device) {
			network("10.1.20.21", "08:00:06:77:1b:02", 20)(d)
			d.ManufacturerCanonical, d.AETitles, d.SoftwareVersions = "Siemens Healthineers", []string{"MRC35019"}, []string{"syngo MR XA31"}
			d.Use = use("in-use", "examination", "normal")
			d.Use.Source = "dicom MPPS IN PROGRESS"
			d.Asset = record("010305", "Siemens Healthineers", "MAGNETOM Vida", "176204", "Radiology", func(a *inventory.AssetView) {
				a.Coverage = inventory.OEMExclusive
				a.ServiceProvider = "Siemens Healthineers"
			})
			d.Findings, d.Orders = []string{"f-mr-1"}, []string{"o-mr-1"}
			d.Peers = []inventory.Peer{{ID: "d-pacs01", Protocol: "dicom", Port: 104, Role: "client", Bytes: 41_200_331_008, LastSeen: ago(time.Minute)}, {ID: "d-ris01", Protocol: "dicom", Port: 104, Role: "client", Bytes: 182_000, LastSeen: ago(3 * time.Hour)}}
		}),
		device("us01", "ultrasound", "Philips", "EPIQ 7C", "US5190B2417", network("10.1.20.41", "00:09:5c:10:aa:01", 20)),
		device("xr01", "xray", "Agfa", "DR 600", "A5300217", network("10.1.20.51", "00:90:fb:3e:20:10", 20)),
		device("pacs01", "pacs", "Sectra", "PACS", "", network("10.1.20.5", "00:50:56:9a:10:05", 20)),
		device("ris01", "ris", "Epic", "Radiant", "", network("10.1.20.6", "00:50:56:9a:10:06", 20)),
		device("ehr01", "ehr", "Epic", "Bridges", "", network("10.1.10.4", "00:50:56:9a:20:04", 10)),
		device("gw01", "infusion-gateway", "Fresenius Kabi", "Vigilant Centerium", "", network("10.1.30.2", "00:50:56:9a:30:02", 30)),
		device("mon01", "patient-monitor", "Philips", "IntelliVue MX750", "DE44817733", func(d *inventory.Device) {
			network("10.1.30.61", "00:09:fb:2c:61:01", 30)(d)
			d.Use, d.SoftwareVersions = use("in-use", "monitoring", "normal"), []string{"P.01.30"}
			d.Asset = record("020110", "Philips", "IntelliVue MX750", "DE44817733", "ICU", nil)
			d.Findings, d.Orders = []string{"f-mon-1"}, []string{"o-mon-1"}
		}),
		device("mon02", "patient-monitor", "Philips", "IntelliVue MX750", "DE44817734", func(d *inventory.Device) {
			network("10.1.30.62", "00:09:fb:2c:61:02", 30)(d)
			d.Use, d.SoftwareVersions = use("standby", "", "normal"), []string{"P.01.41"}
			d.Asset = record("020111", "Philips", "IntelliVue MX750", "DE44817734", "ICU", nil)
		}),
		device("cen01", "central-station", "Philips", "PIC iX", "PIX-3301", network("10.1.30.9", "00:09:fb:2c:00:09", 30)),
		device("lab01", "lab-analyzer", "Roche", "cobas 6000", "1417-22", func(d *inventory.Device) {
			network("10.1.40.11", "00:1b:eb:41:00:11", 40)(d)
			d.Use = use("in-use", "analysing", "normal")
			d.Asset = record("040012", "Roche Diagnostics", "cobas 6000", "1417-22", "Laboratory", nil)
			d.Findings, d.Orders = []string{"f-lab-1"}, []string{"o-lab-1"}
		}),
		device("bga01", "point-of-care-analyzer", "Radiometer", "ABL90 FLEX", "393-092R0138N0021", network("10.1.40.21", "00:0b:ab:77:40:21", 40)),
		device("lis01", "lis", "Clinisys", "WinPath", "", network("10.1.40.4", "00:50:56:9a:40:04", 40)),
		device("anae01", "anesthesia", "Dräger", "Perseus A500", "ASKL-0042", func(d *inventory.Device) {
			network("10.1.50.12", "00:30:1f:50:00:12", 50)(d)
			d.Use = use("off", "", "normal")
			d.Asset = record("050077", "Dräger", "Perseus A500", "ASKL-0042", "Theatre 2", func(a *inventory.AssetView) { a.LifeSupport, a.Risk = true, "high" })
			d.Findings, d.Orders = []string{"f-anae-1"}, []string{"o-anae-1"}
		}),
		device("dia01", "dialysis", "Fresenius Medical Care", "5008S", "8VEA1297", func(d *inventory.Device) {
			network("10.1.50.31", "00:13:38:50:00:31", 50)(d)
			d.Asset = record("050102", "Fresenius", "5008", "8VEA1279", "Dialysis", func(a *inventory.AssetView) {
				a.Match = inventory.Match{State: inventory.Ambiguous, Score: 0.61, On: []string{"model"}, By: "register", Others: []string{"050103"},
					Why: []string{"Maker and model are the same.", "Two digits of the serial number are exchanged: 8VEA1279 in the record, 8VEA1297 on the device.", "The record 050103 fits nearly as well."}}
			})
			d.Conflicts = []inventory.Conflict{{Code: "serial_differs", Attribute: "serial_number", Values: []string{"8VEA1297", "8VEA1279"}, Says: "The device and the record name different serial numbers."}}
			d.Findings, d.Orders = []string{"f-dia-1"}, []string{"o-dia-1"}
		}),
		device("bed01", "hospital-bed", "Hill-Rom", "Progressa", "Q031AM7713", network("10.1.60.31", "00:22:32:60:00:31", 60)),
		device("cam01", "ip-camera", "Axis", "P3245-V", "ACCC8EF31200", network("10.1.70.8", "ac:cc:8e:f3:12:00", 70)),
		device("ups01", "ups", "APC", "Smart-UPS 3000", "AS2104130221", network("10.1.70.9", "00:c0:b7:21:04:13", 70)),
		device("odd01", "unknown", "", "", "", func(d *inventory.Device) {
			network("10.1.30.203", "f4:8e:38:11:22:33", 30)(d)
			d.Hostnames = []string{"DESKTOP-7Q2KD"}
		}),
		device("long01", "imaging-workstation", "A maker with a rather long name that somebody typed in full, GmbH & Co. KG", "Workstation for the reading of images, second generation, with options", "SERIAL-NUMBER-THAT-GOES-ON-AND-ON-WITHOUT-ANY-PLACE-TO-BREAK-0123456789", func(d *inventory.Device) {
			network("fd00:1234:5678:9abc:def0:1234:5678:9abc", "00:50:56:9a:77:01", 20)(d)
			d.Hostnames = []string{strings.Repeat("averylonghostname", 8) + ".radiology.st-vincent.example"}
			for i := range 12 {
				d.IPs = append(d.IPs, fmt.Sprintf("10.1.20.%d", 100+i))
			}
			d.Findings = []string{"f-long-1"}
		}),
		device("vent01", "ventilator", "Hamilton Medical", "C6", "", func(d *inventory.Device) {
			d.Presence, d.Connectivity, d.LastSeen, d.FirstSeen, d.Evidence = inventory.RegisterOnly, inventory.NeverConnected, time.Time{}, time.Time{}, nil
			d.Use = inventory.Use{State: "unknown", Why: "it was never heard"}
			d.Asset = record("030044", "Hamilton Medical", "C6", "21874", "ICU", func(a *inventory.AssetView) {
				a.LifeSupport, a.Risk, a.Match = true, "high", inventory.Match{}
				a.History = []inventory.Work{{Order: "WO-19321", Type: "preventive", Completed: "2026-03-14", Problem: "Yearly maintenance", Action: "Filters changed, electrical safety measured", Technician: "J. Weber", AsLeft: "1.2.4"},
					{Order: "WO-18110", Type: "corrective", Completed: "2025-09-02", Problem: "Alarm 'O2 cell defective'", Action: "Oxygen cell changed", Technician: "M. Okafor", AsLeft: "1.2.3"}}
			})
			d.Findings, d.Orders = []string{"f-vent-1"}, []string{"o-vent-1"}
		}),
	}
	return append(all, samplePumps()...)
}

// samplePumps stand behind a gateway; one gives chemotherapy, another keeps up a
// blood pressure.
func samplePumps() []inventory.Device {
	pump := func(n int, control string, more func(*inventory.Device)) inventory.Device {
		return device(fmt.Sprintf("pump%02d", n), "infusion-pump", "Fresenius Kabi", "Agilia VP", fmt.Sprintf("2047110%d", n), func(d *inventory.Device) {
			d.Presence, d.Via, d.SoftwareVersions = inventory.Behind, "d-gw01", []string{"D25"}
			d.Use = use("idle", "", "normal")
			d.Asset = record(control, "Fresenius Kabi", "Agilia VP MC", fmt.Sprintf("2047110%d", n), "Oncology day ward", nil)
			d.Evidence = []inventory.Evidence{said("model", "Agilia VP", "hl7", "MDC_ID_MODEL_NUMBER", 0.95), said("serial_number", d.SerialNumber, "hl7", "MDC_ID_SERIAL_NUMBER", 0.98)}
			more(d)
		})
	}
	at := func(d *inventory.Device, location string) {
		d.Location, d.Evidence = location, append(d.Evidence, said("location", location, "hl7", "PV1-3", 0.6))
		d.Conflicts = append(d.Conflicts, inventory.Conflict{Code: "moved", Attribute: "location", Values: []string{location, "W4 0408 WINDOWBED"}, Says: "Two places were told within an hour: " + location + " and W4 0408 WINDOWBED."})
	}
	return []inventory.Device{
		pump(1, "030501", func(d *inventory.Device) {
			d.Use = use("in-use", "infusing", inventory.CautionHigh)
			d.Use.Agent, d.Use.Hazard = "CISplatin", inventory.HazardCytotoxic
			d.Use.Channels = []inventory.ChannelUse{{Name: "A", State: "idle"}, {Name: "B", State: "in-use", Activity: "infusing", Agent: "CISplatin", Rate: "42 mL/h", Hazard: inventory.HazardCytotoxic}}
			at(d, "W4 0407 WINDOWBED")
			d.Findings, d.Orders = []string{"f-pump-1", "f-pump-1b"}, []string{"o-pump-1"}
			d.Risk = &inventory.Risk{Score: 74, Likelihood: 7, Impact: 9, Why: []string{"A flaw that is known to be exploited.", "It gives what asks for great care."}}
			d.Peers = []inventory.Peer{{ID: "d-gw01", Protocol: "hl7", Port: 2575, Role: "client", Bytes: 812_441, LastSeen: ago(time.Minute)}}
		}),
		pump(2, "030502", func(d *inventory.Device) {
			d.Use = use("in-use", "infusing", inventory.CautionHigh)
			d.Use.Agent, d.Use.Hazard = "NORepinephrine", inventory.HazardVasoactive
			d.Use.Channels = []inventory.ChannelUse{{Name: "A", State: "in-use", Activity: "infusing", Agent: "NORepinephrine", Rate: "7.5 mL/h", Hazard: inventory.HazardVasoactive},
				{Name: "B", State: "standby", Agent: "Xyzumab", Hazard: inventory.HazardUnknown}, {Name: "C", State: "standby", Agent: "NaCl 0.9%", Hazard: inventory.HazardPlainFluid}}
			at(d, "ICU 12 DOORBED")
			d.Findings, d.Orders = []string{"f-pump-2"}, []string{"o-pump-2"}
		}),
		pump(3, "030503", func(d *inventory.Device) {
			d.Findings, d.Orders = []string{"f-pump-3"}, []string{"o-pump-3"}
			at(d, "W4 0409 DOORBED")
		}),
		pump(4, "030504", func(d *inventory.Device) {
			d.Use = use("in-use", "infusing", "normal") // said long ago: it counts no more
			d.Use.Agent, d.Use.Hazard = "NaCl 0.9%", inventory.HazardPlainFluid
			d.Use.ObservedAt, d.Use.ExpiresAt = ago(50*time.Minute), ago(35*time.Minute)
			d.Findings = []string{"f-pump-4"}
		}),
	}
}

// sampleHouse is the sample hospital with everything that it has to do.
func sampleHouse() *house {
	return &house{devices: sampleDevices(), findings: sampleFindings(), orders: sampleOrders(), register: sampleRegister(), coverage: sampleCoverage(),
		feeds: []web.Feed{{Name: "CSAF of cisa-medical", Count: 144, AsOf: ago(4 * 24 * time.Hour), Imported: ago(26 * time.Hour)}, {Name: "KEV of cisa", Count: 1402, AsOf: ago(2 * 24 * time.Hour), Imported: ago(26 * time.Hour)}},
		audit: sampleAudit()}
}

func sampleAudit() []web.AuditLine {
	var all []web.AuditLine
	for n := uint64(431); n > 0; n-- {
		all = append(all, web.AuditLine{Seq: n, At: ago(time.Duration(431-n) * 37 * time.Minute), Who: "auscult", What: "order.changed", Subject: "o-pump-1", Says: "draft to held. The match is not confirmed."})
	}
	all[0] = web.AuditLine{Seq: 431, At: ago(12 * time.Minute), Who: "j.weber", What: "match.confirmed", Subject: "050077", Says: "Serial plate read at the device."}
	return all
}

func sampleRegister() web.Register {
	return web.Register{AsOf: map[string]time.Time{"assets": ago(26 * time.Hour), "engineers": ago(26 * time.Hour), "history": ago(26 * time.Hour)}, Assets: 1284, Grants: 96,
		Matches: []web.Match{{ControlNumber: "050102", Device: "d-dia01", Says: "Record: Fresenius 5008 8VEA1279 Dialysis. Heard: Fresenius Medical Care 5008S 8VEA1297 10.1.50.31.",
			Match: inventory.Match{State: inventory.Ambiguous, Score: 0.61, On: []string{"model"}, Others: []string{"050103"}, Why: []string{"Maker and model are the same.", "Two digits of the serial number are exchanged."}}}},
		Defects: []web.Defect{{Code: "placeholder_serial", Row: 212, Says: "The serial number “N/A” says nothing; 2 records share it."}, {Code: "placeholder_serial", Row: 907, Says: "The serial number “See notes” says nothing."}, {Code: "duplicate", Row: 88, Says: "030501 stands in two rows."}},
		ByState: map[string]int{"matched": 9, "ambiguous": 1, "only-heard": 13, "only-registered": 1}}
}

func sampleCoverage() web.Coverage {
	return web.Coverage{Mode: string(remediation.Draft), Started: ago(9 * 24 * time.Hour),
		Taps: []web.Tap{{Name: "span0", Where: "core switch A", Interface: "enp3s0", State: "hears", Says: "span0 hears traffic.", DeclaredVLANs: []uint16{10, 20, 30, 40, 50}, HeardVLANs: []uint16{10, 20, 30, 50, 60},
			Frames: 1_884_201_331, Bytes: 1_402_003_221_004, Lost: 18_221, Drops: []web.Drop{{Cause: "kernel", Frames: 18_221}},
			Shunt: "auto", Kernel: "driver", ShuntedFrames: 1_402_118_442, ShuntedBytes: 1_310_448_000_000, FrameRate: 31_204, UsualRate: 28_000, BitRate: 412_000_000, Speed: 10_000_000_000,
			LostBefore: web.Estimate{Known: true, Share: 0.0004, Low: 0.0002, High: 0.0007, Segments: 91_022, Needed: 2000, Says: "about 0.04 % (0.02 % to 0.07 %)"},
			Duplicates: web.Share{Known: true, Value: 0.5},
			VLANs: []web.VLAN{{ID: 0, State: "heard", Frames: 40_113, Bytes: 9_311_008, FrameRate: 1.2, LastHeard: ago(time.Second)},
				{ID: 10, Declared: true, State: "heard", Frames: 882_113, Bytes: 212_118_334, FrameRate: 412, UsualRate: 400, LastHeard: ago(time.Second), Shunted: web.Share{Known: true, Value: 0.02},
					LostBefore: web.Estimate{Segments: 112, Needed: 2000, Says: "not enough seen to say (112 of 2000 TCP segments)"}, OneSided: web.Share{Known: true}},
				{ID: 20, Declared: true, State: "heard", Frames: 1_782_331_221, Bytes: 1_391_332_118_334, FrameRate: 30_412, UsualRate: 27_000, LastHeard: ago(time.Second), Shunted: web.Share{Known: true, Value: 0.78},
					LostBefore: web.Estimate{Known: true, High: 0.00002, Segments: 88_120, Needed: 2000, Says: "no hole in 88120 TCP segments; less than 0.1 %"}},
				{ID: 40, Declared: true, State: "missing"}, {ID: 60, State: "not-declared", Frames: 1200, Bytes: 88_000, LastHeard: ago(time.Minute)},
				{ID: 50, Declared: true, State: "waiting"}, {ID: 911, State: "not-declared", Frames: 99, Bytes: 6000, LastHeard: ago(time.Minute)}, {ID: 912, State: "not-declared", Frames: 1, Bytes: 64, LastHeard: ago(time.Hour)}},
			Sessions: []web.MirrorSession{{ID: 11, By: "erspan", Declared: true, State: "heard", Frames: 1_000_221, LastHeard: ago(time.Second)}, {ID: 12, Declared: true, State: "missing"}},
			Troubles: []web.MirrorTrouble{{Code: "vlan-missing", VLAN: 40, Severity: "warning", Since: ago(3 * time.Hour), Says: "VLAN 40 is declared and not heard.",
				Check: "Is VLAN 40 among the sources of the mirror session (show monitor session)?"},
				{Code: "duplicates", Severity: "notice", Since: ago(5 * time.Hour), Says: "Each frame comes twice.", Check: "Mirror one direction only (monitor session 1 source interface ... rx)."}},
			Gaps: 312, OneSided: 1210, Conversations: 81_022, LastHeard: ago(time.Second), Refused: 2},
			{Name: "span1", Where: "theatre switch", Interface: "enp4s0", State: "silent", Says: "span1 has been silent for 41 minutes. Every use under it is unknown. Check the mirror session and the cable.", DeclaredVLANs: []uint16{70}, LastHeard: ago(41 * time.Minute), Frames: 99_120, Bytes: 12_003_221,
				LostBefore: web.Estimate{Segments: 1204, Needed: 2000, Says: "not enough seen to say (1204 of 2000 TCP segments)"},
				Shunt:      "auto", Kernel: "generic", Notes: []string{"interface enp4s0: the kernel program was not attached as driver XDP: operation not supported; it needs Linux 5.9, CAP_NET_ADMIN and a driver with XDP for this MTU and these queues; the next best is tried"},
				Speed: 1_000_000_000, Disputed: 1, Troubles: []web.MirrorTrouble{{Code: "tap-silent", Severity: "warning", Since: ago(41 * time.Minute), Says: "span1 has been quiet since 41 minutes.", Check: "The mirror session: is it enabled?"}}},
			{Name: "span2", Where: "ward switch", Interface: "enp5s0", State: "waiting", Says: "span2 listens and has heard nothing yet.", LostBefore: web.Estimate{Needed: 2000, Says: "not enough seen to say (0 of 2000 TCP segments)"}, Shunt: "off", Kernel: "none"}},
		Encrypted: []web.EncryptedShare{{Type: "infusion-pump", Conversations: 44, Known: true, Share: 0.91, Says: "91 % of the conversations are encrypted: with whom they are is known; what is said there is not."},
			{Type: "ct", Conversations: 3, Says: "Too few conversations to say: 3 of 20."}},
		Holes:     []string{"span0: VLAN 40 is declared and not heard. Check: Is VLAN 40 among the sources of the mirror session (show monitor session)?", "VLAN 70 is declared on span1 and is not heard."},
		Protocols: []web.ProtocolCount{{Protocol: "dicom", Outcome: "parsed", Count: 88_120}, {Protocol: "dicom", Outcome: "malformed", Count: 3}, {Protocol: "hl7", Outcome: "parsed", Count: 1_204_331}}}
}
