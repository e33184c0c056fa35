package register

import "github.com/auscult/auscult/inventory"

// statusOf reads a status column. A word in no list is unknown, and said: policy
// then tells nobody before a person has looked.
func statusOf(s string) (status inventory.Status, known bool) {
	switch wordKey(s) {
	case "":
		return inventory.StatusUnknown, true
	case "active", "in service", "inservice", "in use", "in operation", "operational", "deployed", "installed", "available", "ready",
		"operating", "loaner", "on loan", "loan", "rental", "rented", "leased", "lease", "demo", "demonstration", "trial", "down", "in repair",
		"under repair", "in maintenance", "out for repair", "active in service", "active loaner":
		return inventory.Active, true
	case "storage", "in storage", "stored", "spare", "in stock", "stock", "standby", "backup", "not in use", "inactive", "out of use", "idle",
		"out of service":
		return inventory.Storage, true
	case "missing", "cnl", "could not locate", "cannot locate", "can not locate", "unable to locate", "utl", "not found", "lost", "not located",
		"stolen", "whereabouts unknown", "missing cnl":
		return inventory.Missing, true
	case "retired", "disposed", "disposed of", "decommissioned", "scrapped", "scrap", "sold", "traded in", "trade in", "returned",
		"returned to vendor", "removed", "removed from service", "written off", "donated", "salvage", "salvaged", "deleted", "obsolete":
		return inventory.Retired, true
	case "pending", "on order", "ordered", "received", "pending install", "pending installation", "incoming", "awaiting inspection",
		"incoming inspection", "new", "not yet installed", "to be installed", "planned", "pending acceptance":
		return inventory.Pending, true
	case "unknown", "n a", "na":
		return inventory.StatusUnknown, true
	}
	if retiredWords(plainWords(s)) {
		return inventory.Retired, true
	}
	return inventory.StatusUnknown, false
}

// retiredWords reports a text that says that the device is gone, and nothing
// that speaks against it: what is only planned, denied or also in use is for a
// person to judge.
func retiredWords(text string) bool {
	gone := hasWords(text, "retired", "disposed", "disposal", "condemned", "scrapped", "scrap", "decommissioned", "deinstalled", "de installed", "sold",
		"destroyed", "junked", "auctioned", "recycled", "donated", "salvaged", "salvage", "written off", "write off", "traded in", "trade in",
		"removed from service", "permanently removed", "returned to vendor", "returned to manufacturer", "returned to oem", "returned to lessor",
		"returned to owner", "returned to supplier")
	against := hasWords(text, "not", "no", "never", "non", "un", "to be", "will", "for", "pending", "planned", "scheduled", "awaiting", "proposed", "candidate",
		"candidates", "until", "before", "unless", "maybe", "possibly", "active", "in service", "in use", "reactivated", "reinstated", "back", "spare", "except")
	return gone && !against
}
