package protocols

// The words by which personal devices name themselves after their owner
// ("Marys-iPhone"). In a hospital the owner may be a patient, so a whole name is
// dropped for one of them: a device that is known by less is worth that.
var (
	// glued count anywhere in a name: they stand in no other word.
	glued = [...]string{"iphone", "ipad", "macbook", "kindle", "chromebook", "appletv", "applewatch", "homepod", "airpods"}
	// ending count at the end of a word.
	ending = [...]string{"galaxy", "pixel", "surface", "tablet", "xperia"}
	// personal count as a word beside another.
	personal = [...]string{"ipod", "imac", "watch", "phone", "handy", "oneplus", "redmi", "huawei", "moto", "mbp", "mba", "smartphone"}
	// kinds say what a computer is; behind nothing but words they follow a name.
	kinds = [...]string{"pc", "laptop", "notebook", "desktop", "mac", "air", "macmini", "tab", "book", "lap"}
	// gluedKinds follow a name also without a hyphen ("MARYSPC"); the others end too
	// many other words.
	gluedKinds = [...]string{"pc", "laptop", "notebook", "desktop", "mbp"}
	// brands follow a name as kinds do ("MARY-HP"). In front of a model they name nobody.
	brands = [...]string{"hp", "dell", "lenovo", "acer", "asus", "msi", "medion", "fujitsu", "toshiba", "sony", "samsung", "apple", "xiaomi", "nokia"}
	// series are computers and toys of one person. A word beside them that is no
	// function is taken for the person's.
	series = [...]string{
		"thinkpad", "ideapad", "yoga", "xps", "inspiron", "latitude", "vostro", "alienware", "elitebook", "probook", "pavilion",
		"zenbook", "vivobook", "lifebook", "macmini", "macstudio", "macpro", "macair", "visionpro", "firetv", "firestick",
		"chromecast", "roku", "xbox", "playstation", "fitbit", "fairphone", "ebook", "zfold", "zflip",
	}
	// pairs are series of two words.
	pairs = [...]string{"apple tv", "apple watch", "mac mini", "mac studio", "mac pro", "vision pro", "fire hd", "fire tv", "fire stick", "z fold", "z flip", "tab s", "tab a"}
	// things are owned when they stand behind somebody's ("Marys-Note20"); alone they
	// are words of other names as well.
	things = [...]string{
		"note", "fold", "flip", "fire", "tab", "pad", "tv", "vision", "studio", "pc", "laptop", "notebook", "desktop", "computer",
		"mac", "macmini", "macpro", "macstudio", "visionpro", "air", "book", "phone", "watch", "mobile", "android", "hp", "dell", "lenovo", "acer", "samsung", "thinkpad", "xps",
	}
)

// functions are the departments, rooms, machines and services after which hospitals name
// computers: beside them a kind of computer names nobody ("CCU-PC-2"). What is also a
// person's name is left out (ED, READ, IRIS): then the name is dropped, as for every word
// that is not here.
var functions = [...]string{
	// wards and departments
	"icu", "picu", "nicu", "micu", "sicu", "ccu", "cicu", "imc", "pacu", "er", "or", "ot", "op", "ward", "bed", "bay", "room", "clinic", "triage", "trauma", "emergency", "recovery",
	"rad", "radiology", "radiologie", "cardio", "cardiology", "cath", "cathlab", "neuro", "ortho", "onc", "oncology", "surgery", "theatre", "theater", "anesthesia", "anaesthesia",
	"peds", "maternity", "ob", "obgyn", "nursery", "dental", "derm", "uro", "urology", "gi", "endo", "endoscopy", "dialysis", "renal", "pulm", "sleep", "rehab", "physio",
	"lab", "labo", "labor", "laboratory", "path", "pathology", "blood", "bank", "pharm", "pharmacy", "apotheke", "intensiv", "station", "urgences", "urgencias", "uci",
	// machines
	"ct", "mr", "mri", "us", "pet", "nm", "rt", "xray", "mammo", "angio", "linac", "echo", "ecg", "ekg", "eeg", "emg", "pump", "vent", "ventilator", "monitor", "central", "sn",
	// services and places of work
	"pacs", "ris", "his", "lis", "emr", "ehr", "pdms", "ws", "workstation", "view", "viewer", "reading", "console", "review", "server", "srv", "db", "app", "print", "printer",
	"scan", "scanner", "kiosk", "cart", "gateway", "hub", "nurse", "doctor", "staff", "patient", "reception", "registration", "admission", "billing", "finance", "office", "admin",
	"it", "hr", "security", "scada", "plc", "hmi", "dcs", "bms", "engineering", "kitchen", "supply", "test", "training", "demo", "spare", "loan", "pool", "meeting", "lobby", "desk", "thin", "client", "remote", "mini", "host", "guest",
}
