package protocols

// Role is what a host does in a protocol; the value of a RoleOf fact.
type Role string

const (
	RoleDICOMVerifySCU    Role = "dicom-verification-scu"
	RoleDICOMStoreSCU     Role = "dicom-store-scu"
	RoleDICOMStoreSCP     Role = "dicom-store-scp"
	RoleDICOMQuerySCU     Role = "dicom-query-scu"
	RoleDICOMQuerySCP     Role = "dicom-query-scp"
	RoleDICOMMoveSCU      Role = "dicom-move-scu"
	RoleDICOMMoveSCP      Role = "dicom-move-scp"
	RoleDICOMWorklistSCU  Role = "dicom-worklist-scu"
	RoleDICOMWorklistSCP  Role = "dicom-worklist-scp"
	RoleDICOMMPPSSCU      Role = "dicom-mpps-scu"
	RoleDICOMMPPSSCP      Role = "dicom-mpps-scp"
	RoleDICOMCommitSCU    Role = "dicom-commitment-scu"
	RoleDICOMCommitSCP    Role = "dicom-commitment-scp"
	RoleDICOMPrintSCU     Role = "dicom-print-scu"
	RoleDICOMPrintSCP     Role = "dicom-print-scp"
	RoleDICOMForwarder    Role = "dicom-forwarder" // sends images of machines other than itself
	RoleDICOMFetcher      Role = "dicom-fetcher"   // takes images that it asked for itself
	RoleDICOMReceiver     Role = "dicom-receiver"  // takes images that it did not ask for
	RoleDICOMWorkitemSCU  Role = "dicom-ups-scu"   // schedules, performs or watches unified procedure steps
	RoleDICOMWorkitemSCP  Role = "dicom-ups-scp"
	RoleDICOMTLSServer    Role = "dicom-tls-server" // serves TLS on the port of DICOM
	RoleHL7Sender         Role = "hl7-sender"
	RoleHL7Receiver       Role = "hl7-receiver"
	RoleHL7ADTSource      Role = "hl7-adt-source"      // tells of admissions: an EHR
	RoleHL7DeviceGateway  Role = "hl7-device-gateway"  // reports for other devices
	RoleHL7DeviceReporter Role = "hl7-device-reporter" // reports for itself
	RoleHL7ResultSender   Role = "hl7-result-sender"   // laboratory results: an analyser
	RoleHL7ResultReceiver Role = "hl7-result-receiver"
	RoleHL7OrderSource    Role = "hl7-order-source"
	RoleHL7Relay          Role = "hl7-relay"        // sends under the names of several: an engine
	RoleHL7ADTReceiver    Role = "hl7-adt-receiver" // is told of admissions
	RoleDHCPServer        Role = "dhcp-server"
	RoleDHCPClient        Role = "dhcp-client"
	RoleDHCPRelay         Role = "dhcp-relay"
	RoleTLSServer         Role = "tls-server"
	RoleTLSClient         Role = "tls-client"
	RoleSSHServer         Role = "ssh-server"
	RoleSSHClient         Role = "ssh-client"
	RoleTelnetServer      Role = "telnet-server" // remote access in clear
	RoleTelnetClient      Role = "telnet-client"
	RoleFTPServer         Role = "ftp-server" // files and passwords in clear, unless it goes over to TLS
	RoleFTPClient         Role = "ftp-client"

	// HL7 v2: what a host does beyond sending and receiving.
	RoleHL7AlarmSource           Role = "hl7-alarm-source"            // IHE PCD-04
	RoleHL7AlarmReceiver         Role = "hl7-alarm-receiver"          // it tells people of alarms
	RoleHL7InfusionOrderSource   Role = "hl7-infusion-order-source"   // IHE PCD-03: it programs pumps
	RoleHL7InfusionOrderReceiver Role = "hl7-infusion-order-receiver" // a gateway of pumps
	RoleHL7AnalyzerManager       Role = "hl7-analyzer-manager"        // IHE LAW, LAB-27 and -28: a LIS, or middleware
	RoleHL7OrderRequester        Role = "hl7-order-requester"         // LAB-27: it asks what to measure: an analyser
	RoleHL7OrderReceiver         Role = "hl7-order-receiver"          // LAB-28: it is told what to measure: an analyser
	RoleHL7EquipmentController   Role = "hl7-equipment-controller"    // it commands a laboratory's equipment
	RoleHL7PharmacySource        Role = "hl7-pharmacy-source"         // RDE, RDS
	RoleHL7ChargeSource          Role = "hl7-charge-source"           // DFT, BAR
	RoleHL7ScheduleSource        Role = "hl7-schedule-source"         // SIU
	RoleHL7MasterFileSource      Role = "hl7-master-file-source"      // MFN
	RoleHL7DocumentSource        Role = "hl7-document-source"         // MDM
	RoleHL7QueryClient           Role = "hl7-query-client"
	RoleHL7QueryServer           Role = "hl7-query-server"

	// ASTM: what a host does with a laboratory's orders and results.
	RoleASTMResultSender   Role = "astm-result-sender"   // it has measured, or passes on what others have
	RoleASTMResultReceiver Role = "astm-result-receiver" // a laboratory system, or middleware
	RoleASTMOrderSource    Role = "astm-order-source"    // it tells an instrument what to measure
	RoleASTMOrderRequester Role = "astm-order-requester" // it asks what to measure: an instrument
	RoleASTMRelay          Role = "astm-relay"           // it sends under the names of several

	// POCT1-A.
	RolePOCT1ADevice  Role = "poct1a-device"  // a point-of-care device that speaks for itself
	RolePOCT1AClient  Role = "poct1a-client"  // it connects for a device: the device, or its base station
	RolePOCT1ARelay   Role = "poct1a-relay"   // a base station: it connects for several
	RolePOCT1AManager Role = "poct1a-manager" // it takes observations and sends directives

	// Philips Data Export.
	RoleIntelliVueMonitor   Role = "intellivue-monitor"
	RoleIntelliVueCollector Role = "intellivue-collector"
	RoleIntelliVueCalled    Role = "intellivue-called" // taken for a monitor, which need not have answered

	// The Unity network of GE.
	RoleCARESCAPEMonitor Role = "carescape-monitor" // it measures, raises alarms or has a patient's bed
	RoleCARESCAPENode    Role = "carescape-node"    // it announces itself: a monitor, a central station, a gateway
	RoleCARESCAPEViewer  Role = "carescape-viewer"  // it asks for data: a central station, or another monitor
	RoleCARESCAPECalled  Role = "carescape-called"  // taken for a monitor, which need not have answered
	RoleCARESCAPEServer  Role = "carescape-server"  // it announces several beds: a telemetry server or a gateway

	// The ends of a MEDIBUS line. Both are hosts; neither is the device.
	RoleMEDIBUSCarrier   Role = "medibus-carrier"
	RoleMEDIBUSCollector Role = "medibus-collector"

	// IEEE 11073: SDC, and 20601.
	RoleSDCProvider Role = "sdc-provider" // a device
	RoleSDCConsumer Role = "sdc-consumer" // looks for devices
	RolePHDAgent    Role = "phd-agent"    // a device
	RolePHDManager  Role = "phd-manager"

	// What a host announces by DNS service discovery.
	RoleOffersDICOM       Role = "offers-dicom"
	RoleOffersHTTP        Role = "offers-http"
	RoleOffersSSH         Role = "offers-ssh"
	RoleOffersFiles       Role = "offers-files"
	RoleOffersPrinter     Role = "offers-printer"     // it is one
	RoleOffersPrintQueue  Role = "offers-print-queue" // of a printer that is another device
	RoleOffersScanner     Role = "offers-scanner"
	RoleOffersWorkstation Role = "offers-workstation" // a host with a user's interface, by its own word
	RoleOffersDisplay     Role = "offers-display"     // it shows what is sent to it: a television, a speaker

	// Windows networks.
	RoleSMBServer        Role = "smb-server"
	RoleSMBClient        Role = "smb-client"
	RoleDomainController Role = "domain-controller"
	RoleMasterBrowser    Role = "netbios-master-browser" // it keeps the list of its workgroup's hosts

	RoleSNMPAgent   Role = "snmp-agent"    // it answers, or tells of itself
	RoleSNMPManager Role = "snmp-manager"  // it asks
	RoleSNMPSink    Role = "snmp-receiver" // it takes notifications, and confirms them
	// RoleSNMPClear: it takes or gives a community in clear text (versions 1 and 2c).
	RoleSNMPClear Role = "snmp-clear-text-community"
	RoleSNMPv3    Role = "snmp-v3"

	// What a device says that it does on its network, in LLDP or CDP.
	RoleBridge      Role = "bridge"
	RoleRouter      Role = "router"
	RoleTelephone   Role = "telephone"
	RoleAccessPoint Role = "wlan-access-point"
	RoleStation     Role = "station" // it does nothing for others

	RoleHTTPClient Role = "http-client"
	RoleHTTPServer Role = "http-server"
	RoleFHIRClient Role = "fhir-client"
	RoleFHIRServer Role = "fhir-server"

	// DICOMweb: PS3.18 sections 10.6 (query), 9 and 10.4 (retrieve), 10.5 (store)
	// and 11 (worklist).
	RoleDICOMwebServer         Role = "dicomweb-server" // of what, was not seen
	RoleDICOMwebQueryClient    Role = "dicomweb-query-client"
	RoleDICOMwebQueryServer    Role = "dicomweb-query-server"
	RoleDICOMwebRetrieveClient Role = "dicomweb-retrieve-client"
	RoleDICOMwebRetrieveServer Role = "dicomweb-retrieve-server"
	RoleDICOMwebStoreClient    Role = "dicomweb-store-client"
	RoleDICOMwebStoreServer    Role = "dicomweb-store-server"
	RoleDICOMwebWorklistClient Role = "dicomweb-worklist-client"
	RoleDICOMwebWorklistServer Role = "dicomweb-worklist-server"
)

// Roles returns every role that a RoleOf fact may carry. The caller owns the slice.
func Roles() []Role {
	return []Role{
		RoleDICOMVerifySCU, RoleDICOMStoreSCU, RoleDICOMStoreSCP, RoleDICOMQuerySCU, RoleDICOMQuerySCP, RoleDICOMMoveSCU,
		RoleDICOMMoveSCP, RoleDICOMWorklistSCU, RoleDICOMWorklistSCP, RoleDICOMMPPSSCU, RoleDICOMMPPSSCP,
		RoleDICOMCommitSCU, RoleDICOMCommitSCP, RoleDICOMPrintSCU, RoleDICOMPrintSCP, RoleDICOMForwarder,
		RoleDICOMFetcher, RoleDICOMReceiver, RoleDICOMWorkitemSCU, RoleDICOMWorkitemSCP, RoleDICOMTLSServer,
		RoleDICOMwebServer, RoleDICOMwebQueryClient, RoleDICOMwebQueryServer, RoleDICOMwebRetrieveClient,
		RoleDICOMwebRetrieveServer, RoleDICOMwebStoreClient, RoleDICOMwebStoreServer, RoleDICOMwebWorklistClient,
		RoleDICOMwebWorklistServer,
		RoleHL7Sender, RoleHL7Receiver, RoleHL7ADTSource, RoleHL7DeviceGateway, RoleHL7DeviceReporter, RoleHL7ResultSender,
		RoleHL7ResultReceiver, RoleHL7OrderSource, RoleHL7Relay, RoleHL7ADTReceiver, RoleHL7AlarmSource, RoleHL7AlarmReceiver,
		RoleHL7InfusionOrderSource, RoleHL7InfusionOrderReceiver, RoleHL7AnalyzerManager, RoleHL7OrderRequester,
		RoleHL7OrderReceiver, RoleHL7EquipmentController, RoleHL7PharmacySource, RoleHL7ChargeSource, RoleHL7ScheduleSource,
		RoleHL7MasterFileSource, RoleHL7DocumentSource, RoleHL7QueryClient, RoleHL7QueryServer, RoleASTMResultSender, RoleASTMResultReceiver, RoleASTMOrderSource,
		RoleASTMOrderRequester, RoleASTMRelay, RolePOCT1ADevice, RolePOCT1AClient, RolePOCT1ARelay, RolePOCT1AManager,
		RoleIntelliVueMonitor, RoleIntelliVueCollector, RoleIntelliVueCalled, RoleCARESCAPEMonitor, RoleCARESCAPENode,
		RoleCARESCAPEViewer, RoleCARESCAPECalled, RoleCARESCAPEServer, RoleMEDIBUSCarrier, RoleMEDIBUSCollector,
		RoleSDCProvider, RoleSDCConsumer, RolePHDAgent, RolePHDManager,
		RoleDHCPServer, RoleDHCPClient, RoleDHCPRelay, RoleTLSServer, RoleTLSClient, RoleSSHServer, RoleSSHClient,
		RoleTelnetServer, RoleTelnetClient, RoleFTPServer, RoleFTPClient,
		RoleHTTPClient, RoleHTTPServer, RoleFHIRClient, RoleFHIRServer,
		RoleOffersDICOM, RoleOffersHTTP, RoleOffersSSH, RoleOffersFiles, RoleOffersPrinter, RoleOffersPrintQueue, RoleOffersScanner,
		RoleOffersWorkstation, RoleOffersDisplay, RoleSMBServer, RoleSMBClient, RoleDomainController, RoleMasterBrowser,
		RoleSNMPAgent, RoleSNMPManager, RoleSNMPSink, RoleSNMPClear, RoleSNMPv3,
		RoleBridge, RoleRouter, RoleTelephone, RoleAccessPoint, RoleStation,
	}
}
