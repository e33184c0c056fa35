package register

import "strings"

// column is a canonical column with the headers that mean it, in the normal form
// of headerKey, the most telling first.
type column struct {
	name     string
	required bool
	headers  []string
}

// columnsOf returns the canonical columns of a kind. The headers are those of
// common CMMS exports.
func columnsOf(k Kind) []column {
	switch k {
	case Assets:
		return append(identityColumns(), assetColumns()...)
	case History:
		return historyColumns()
	case Engineers:
		return engineerColumns()
	}
	return nil
}

func words(s string) []string { return strings.Fields(s) }

const controlHeaders = "controlnumber control controlno assettag tagnumber tagno tag assetid assetnumber assetno assetnum equipid equipmentid " +
	"equipmentnumber equipmentno equipno ce ceno cenumber ceid inventorynumber inventoryno deviceid inventarnummer"

func identityColumns() []column {
	return []column{
		{"control_number", true, words(controlHeaders + " number")},
		{"description", false, words("description equipmentdescription assetdescription devicedescription nomenclature devicetype equipmenttype category umdnsname umdns bezeichnung")},
		{"manufacturer", true, words("manufacturer manufacturername assetmanufacturer mfr mfg manuf maker make brand hersteller")},
		{"model", true, words("model modelnumber modelno modelname assetmodel modell")},
		{"serial_number", false, words("serialnumber serial serialno serialnum sn seriennummer")},
		{"ip", false, words("ip ipaddress ipaddr ipv4 ipv4address")},
		{"mac", false, words("mac macaddress macaddr macs macaddresses ethernetaddress hardwareaddress")},
		{"ae_title", false, words("aetitle ae aet dicomaetitle dicomae")},
		{"hostname", false, words("hostname host computername networkname dnsname fqdn")},
		{"software", false, words("softwareversion softwarerevision softwarerev swrev swversion software sw firmwareversion firmware")},
	}
}

func assetColumns() []column {
	return []column{
		{"facility", false, words("facility facilityname hospital site campus")},
		{"building", false, words("building bldg")},
		{"room", false, words("room roomnumber roomno location place area")},
		{"department", false, words("department departmentname dept unit usingdepartment")},
		{"cost_center", false, words("costcenter costcentre costcode cc glaccount gl account kostenstelle")},
		{"owner", false, words("owner assetowner businessowner ownedby")},
		{"status", false, words("status assetstatus equipmentstatus installstatus state")},
		{"risk", false, words("risk risklevel riskclass riskscore criticality")},
		{"life_support", false, words("lifesupport lifesupportyn lifesupporting")},
		{"coverage", false, words("coverage servicecoverage coveragetype contracttype maintenancetype")},
		{"contract", false, words("contract contractnumber contractno contractid")},
		{"service_provider", false, words("serviceprovider provider servicevendor responsibleshop shop serviceteam supportgroup servicedby")},
		{"warranty_expires", false, words("warrantyexpires warrantyexp warrantyexpiration warrantyexpirationdate warrantyend warrantydate warranty")},
		{"pm_months", false, words("pmfreqmo pmfreqmonths pmfrequencymonths pmmonths pmfreq pmfrequency pminterval")},
		{"last_pm", false, words("lastpm lastpmdate lastpmcompleted pmlast")},
		{"next_pm", false, words("nextpm nextpmdate nextpmdue pmduedate pmdue")},
		{"installed", false, words("installdate installed installationdate acceptdate acceptancedate inservicedate datereceived")},
		{"notes", false, words("notes note comments comment remarks")},
	}
}

func historyColumns() []column {
	return []column{
		{"order", true, words("workorder workordernumber workorderno wonumber wono wonum wo order ordernumber orderno ticket number")},
		{"control_number", true, words(controlHeaders)},
		{"type", false, words("type worktype wotype workordertype ordertype")},
		{"opened", false, words("opened dateopened openeddate openedat requested requestdate reported created startdate")},
		{"completed", false, words("completed datecompleted completeddate completiondate closed dateclosed closedat finished")},
		{"problem", false, words("problem problemdescription complaint symptom request shortdescription description")},
		{"action", false, words("actiontaken action resolution workperformed closenotes")},
		{"technician", false, words("technician tech engineer performedby assignedto worker")},
		{"hours", false, words("hours laborhours labourhours hrs")},
		{"as_left", false, words("asleftsw asleftsoftware asleftversion asleft softwareafter swafter")},
	}
}

func engineerColumns() []column {
	return []column{
		{"person", true, words("engineer person technician employee name user badge")},
		{"team", false, words("team shop group department")},
		{"manufacturer", true, words("manufacturer mfr mfg maker make")},
		{"model", true, words("model modelnumber modelno modelname")},
		{"activity", true, words("activity task work")},
		{"certificate", true, words("certificate certificatenumber certificateno cert certification evidence training")},
		{"valid_from", true, words("validfrom from start issued issuedate effective")},
		{"valid_to", true, words("validto validuntil to until expires expiry expiration expirationdate")},
	}
}

// headerKey is a header without case, blanks and punctuation: "Serial #" and
// "SERIAL" are one.
func headerKey(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return -1
	}, s)
}

// recognise pairs headers with canonical columns. It returns the index of the
// header for each column that was found, and the columns that two headers claim
// (the first by the order of the dictionary wins).
func recognise(cols []column, header []string) (found map[string]int, twice map[int]string) {
	at := make(map[string]int, len(header))
	for i := len(header) - 1; i >= 0; i-- {
		at[headerKey(header[i])] = i
	}
	found, twice = map[string]int{}, map[int]string{}
	for _, c := range cols {
		for _, h := range c.headers {
			i, ok := at[h]
			if !ok {
				continue
			}
			if _, taken := found[c.name]; taken {
				twice[i] = c.name
				continue
			}
			found[c.name] = i
		}
	}
	return found, twice
}
