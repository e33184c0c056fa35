package standin

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"sync"
	"time"
)

// Options are the stand-in's settings; zero values mean the defaults.
type Options struct {
	Tables []string // order tables; default incident and wm_order
	// Accounts. An empty User and ClientID let everybody in.
	User, Password         string
	ClientID, ClientSecret string
	// Groups and People are the names in sys_user_group and sys_user.
	Groups, People []string
	// TokenLife is how long a token is good; default 1799 s.
	TokenLife time.Duration
	// Lag is how long a new record cannot be found by a query.
	Lag time.Duration
	// Now is the clock; default time.Now.
	Now func() time.Time
	// Quirks to begin with.
	Quirks Quirks
}

// Quirks are ways in which a real instance misbehaves.
type Quirks struct {
	UnknownColumns []string      // columns that the order tables lack: not stored, and their clauses dropped
	NoRowsOnBad    bool          // a query with an unknown column finds nothing, as a site may configure it
	HiddenEvery    int           // every nth record is hidden by access rules after the page was cut: short pages
	PageSize       int           // a page's most records, below what was asked for; 0: as asked
	RateEvery      int           // every nth request is refused with 429
	RetryAfter     int           // seconds; 0 sends no such header
	LoseCreates    int           // this many creates are done and their answer is lost
	Delay          time.Duration // before each answer
	LoginPage      bool          // a web page with 200 in place of everything
	Unavailable    bool          // 503 in place of everything
	References     bool          // references come as {"link","value"} although that was excluded
	NoAccess       bool          // 403 on the order tables
}

// bounds of what the stand-in keeps and reads.
const (
	maxRecords = 10_000  // a demo or a test never has more; the oldest goes
	maxBody    = 1 << 20 // bytes of one request
	maxLimit   = 10_000  // the documented default page
)

// Server is the stand-in. It is an http.Handler, and safe for concurrent use.
type Server struct {
	o       Options
	mux     *http.ServeMux
	mu      sync.Mutex // guards all below
	quirks  Quirks
	tables  map[string]*table
	tokens  map[string]time.Time
	serial  int // of sys_ids
	counted int // requests
	creates int // that were done
}

// table is one table's records, oldest first.
type table struct {
	name    string
	columns []string
	next    int // number of the next record
	records []*record
}

// record is one row; all its values are strings, as the interface gives them.
type record struct {
	values map[string]string
	seen   time.Time // from when on a query finds it
}

// Order is one order as the stand-in holds it.
type Order struct {
	Table, SysID, Number, State, Assignee, Group, Key, Title, Description string
	Notes                                                                 []string
	Created, Updated                                                      time.Time
}

// taskColumns are the columns of every order table.
func taskColumns() []string {
	return []string{"sys_id", "number", "state", "short_description", "description", "correlation_id", "correlation_display",
		"assigned_to", "assignment_group", "priority", "impact", "urgency", "work_notes", "close_notes", "close_code", "category",
		"sys_created_on", "sys_updated_on", "sys_class_name", "u_control_number", "u_serial_number"}
}

// New returns a stand-in.
func New(o Options) *Server {
	if len(o.Tables) == 0 {
		o.Tables = []string{"incident", "wm_order"}
	}
	if o.TokenLife <= 0 {
		o.TokenLife = 1799 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{o: o, quirks: o.Quirks, tables: map[string]*table{}, tokens: map[string]time.Time{}}
	for _, name := range o.Tables {
		s.tables[name] = &table{name: name, columns: taskColumns(), next: 1}
	}
	s.directory("sys_user", "user_name", o.People)
	s.directory("sys_user_group", "name", o.Groups)
	s.choices()
	s.routes()
	return s
}

func (s *Server) directory(name, column string, entries []string) {
	t := &table{name: name, columns: []string{"sys_id", column}}
	for _, e := range entries {
		t.records = append(t.records, &record{values: map[string]string{"sys_id": s.newID(), column: e}})
	}
	s.tables[name] = t
}

// choices fills sys_choice with the states of incident.
func (s *Server) choices() {
	t := &table{name: "sys_choice", columns: []string{"sys_id", "name", "element", "value", "label"}}
	for _, c := range states() {
		t.records = append(t.records, &record{values: map[string]string{"sys_id": s.newID(), "name": "incident", "element": "state", "value": c.value, "label": c.label}})
	}
	s.tables["sys_choice"] = t
}

// newID makes a sys_id: 32 hexadecimal digits, the same in every run.
func (s *Server) newID() string {
	s.serial++
	sum := sha256.Sum256([]byte("stand-in " + strconv.Itoa(s.serial)))
	return hex.EncodeToString(sum[:16])
}

// SetQuirks changes how the stand-in misbehaves.
func (s *Server) SetQuirks(q Quirks) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quirks = q
}

// Requests returns how many requests came to the interface, and how many creates
// were done, whether or not their answer arrived.
func (s *Server) Requests() (all, creates int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counted, s.creates
}

// ExpireTokens ends every token's life.
func (s *Server) ExpireTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

// Orders returns all orders, by table and number.
func (s *Server) Orders() []Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Order
	for _, name := range s.o.Tables {
		for _, r := range s.tables[name].records {
			out = append(out, s.view(name, r))
		}
	}
	sort.SliceStable(out, func(i, j int) bool {
		return out[i].Table < out[j].Table || out[i].Table == out[j].Table && out[i].Number < out[j].Number
	})
	return out
}

func (s *Server) view(name string, r *record) Order {
	o := Order{Table: name, SysID: r.values["sys_id"], Number: r.values["number"], State: r.values["state"], Key: r.values["correlation_id"],
		Title: r.values["short_description"], Description: r.values["description"],
		Assignee: s.nameOf("sys_user", "user_name", r.values["assigned_to"]), Group: s.nameOf("sys_user_group", "name", r.values["assignment_group"]),
		Created: readTime(r.values["sys_created_on"]), Updated: readTime(r.values["sys_updated_on"])}
	if n := r.values["work_notes"]; n != "" {
		o.Notes = splitNotes(n)
	}
	return o
}

func (s *Server) nameOf(directory, column, id string) string {
	for _, r := range s.tables[directory].records {
		if r.values["sys_id"] == id {
			return r.values[column]
		}
	}
	return ""
}

// find returns the order with that number or sys_id.
func (s *Server) find(name string) (*table, int) {
	for _, tn := range s.o.Tables {
		t := s.tables[tn]
		i := slices.IndexFunc(t.records, func(r *record) bool { return r.values["number"] == name || r.values["sys_id"] == name })
		if i >= 0 {
			return t, i
		}
	}
	return nil, -1
}

// edit lets a person change an order.
func (s *Server) edit(name string, change map[string]string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, i := s.find(name)
	if t == nil {
		return fmt.Errorf("stand-in: there is no order %q", name)
	}
	for k, v := range change {
		t.records[i].values[k] = v
	}
	t.records[i].values["sys_updated_on"] = writeTime(s.o.Now())
	return nil
}

// SetState lets a person put an order, by number or sys_id, into a state value.
func (s *Server) SetState(name, state string) error {
	return s.edit(name, map[string]string{"state": state})
}

// Close lets a person close an order with a state value and close notes.
func (s *Server) Close(name, state, notes string) error {
	return s.edit(name, map[string]string{"state": state, "close_notes": notes})
}

// Assign lets a dispatcher give an order to a person; a new name is added to the
// directory.
func (s *Server) Assign(name, person string) error {
	s.mu.Lock()
	id := ""
	for _, r := range s.tables["sys_user"].records {
		if r.values["user_name"] == person {
			id = r.values["sys_id"]
		}
	}
	if id == "" && person != "" {
		id = s.newID()
		t := s.tables["sys_user"]
		t.records = append(t.records, &record{values: map[string]string{"sys_id": id, "user_name": person}})
	}
	s.mu.Unlock()
	return s.edit(name, map[string]string{"assigned_to": id})
}

// Delete lets an administrator delete an order.
func (s *Server) Delete(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, i := s.find(name)
	if t == nil {
		return fmt.Errorf("stand-in: there is no order %q", name)
	}
	t.records = slices.Delete(t.records, i, i+1)
	return nil
}

// Add makes an order as a person or another program would, past the interface: a
// duplicate, say. It returns its number.
func (s *Server) Add(tableName string, values map[string]string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tables[tableName]
	if t == nil || !slices.Contains(s.o.Tables, tableName) {
		return "", fmt.Errorf("stand-in: there is no order table %q", tableName)
	}
	return s.insert(t, values).values["number"], nil
}
