package servicenow

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/auscult/auscult/remediation"
)

// AuthKind says how the program proves who it is.
type AuthKind string

const (
	Basic             AuthKind = "basic"
	ClientCredentials AuthKind = "client_credentials" // OAuth 2.0, RFC 6749 section 4.4
	Password          AuthKind = "password"           // OAuth 2.0, RFC 6749 section 4.3
)

// Auth is the program's account there. Give it the least: create and read on the
// order table, write on its notes, read on people and groups.
type Auth struct {
	Kind         AuthKind // default Basic
	User         string   // for Basic and Password
	Password     Secret
	ClientID     string // for ClientCredentials and Password
	ClientSecret Secret
}

// Options are the connector's settings; zero values mean the defaults.
type Options struct {
	URL   string // https://NAME.service-now.com; http only for this machine itself
	Table string // default "incident"
	Auth  Auth
	// States maps the table's state values, as strings, to canonical states. It is
	// added to the defaults of incident, task and wm_order; other tables have no
	// defaults, and Check lists their values.
	States map[string]remediation.OrderState
	// Priority says which columns express P1 to P4; nil means impact and urgency on
	// incident, whose priority column is computed, and priority elsewhere.
	Priority map[string]map[string]string
	// Column names of the order table.
	KeyField     string // default "correlation_id"; it must hold 36 characters
	GroupField   string // default "assignment_group"
	PersonField  string // default "assigned_to"
	NoteField    string // default "work_notes"
	ControlField string // for the control number; default none: it stands in the text
	SerialField  string // for the serial number; default none
	// Fixed are columns that every order gets as they stand: a category, a company.
	Fixed map[string]string
	// PersonKey and GroupKey are the columns of sys_user and sys_user_group by which
	// our people and queues are named; default "user_name" and "name".
	PersonKey string
	GroupKey  string
	// Timeout bounds one request; default and most 30 s.
	Timeout time.Duration
	// Now is the clock for the token's life; default time.Now.
	Now func() time.Time
}

// Bounds of one answer.
const (
	// maxResponse is an answer's most bytes: a page of 100 orders with the columns
	// we ask for has about 100 kB; the rest is for sites that add to it.
	maxResponse = 4 << 20
	// pageSize and maxPages bound a search by key. One order has one key; a search
	// that finds a thousand is not about ours.
	pageSize = 100
	maxPages = 10
	// defaultTimeout is the courier's own limit: a longer one would never be used.
	defaultTimeout = 30 * time.Second
)

var (
	columnName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,79}$`)
	keyForm    = regexp.MustCompile(`^[A-Za-z0-9-]{1,100}$`)
	sysID      = regexp.MustCompile(`^[0-9a-f]{32}$`)
)

// New checks the options and returns the connector; nothing is sent. client gives
// the transport (proxy, own certificate authority); nil means the default.
// Redirects are never followed, and a transport that does not verify certificates
// is refused.
func New(o Options, client *http.Client) (*Connector, error) {
	o = o.withDefaults()
	base, err := o.check()
	if err != nil {
		return nil, err
	}
	if client == nil {
		client = &http.Client{}
	}
	if t, ok := client.Transport.(*http.Transport); ok && t.TLSClientConfig != nil && t.TLSClientConfig.InsecureSkipVerify {
		return nil, errors.New("servicenow: the transport does not verify certificates; add the site's certificate authority instead")
	}
	own := *client
	own.Timeout = o.Timeout
	own.Jar = nil // a session cookie would outlive the credentials that were checked
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Connector{o: o, base: base, client: &own}, nil
}

func (o Options) withDefaults() Options {
	set := func(s *string, value string) {
		if *s == "" {
			*s = value
		}
	}
	set(&o.Table, "incident")
	set((*string)(&o.Auth.Kind), string(Basic))
	set(&o.KeyField, "correlation_id")
	set(&o.GroupField, "assignment_group")
	set(&o.PersonField, "assigned_to")
	set(&o.NoteField, "work_notes")
	set(&o.PersonKey, "user_name")
	set(&o.GroupKey, "name")
	if o.Timeout <= 0 || o.Timeout > defaultTimeout {
		o.Timeout = defaultTimeout
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Priority == nil {
		o.Priority = defaultPriority(o.Table)
	}
	states := defaultStates(o.Table)
	maps.Copy(states, o.States)
	o.States = states
	return o
}

// check validates, and returns the address that everything is below.
func (o Options) check() (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(o.URL, "/"))
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("servicenow: the address is not usable; write it like https://NAME.service-now.com, without a user")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return nil, fmt.Errorf("servicenow: %s would send credentials in clear; use https", u.Scheme)
	}
	columns := []string{o.Table, o.KeyField, o.GroupField, o.PersonField, o.NoteField, o.PersonKey, o.GroupKey}
	for _, optional := range []string{o.ControlField, o.SerialField} {
		if optional != "" {
			columns = append(columns, optional)
		}
	}
	for c := range o.Fixed {
		columns = append(columns, c)
	}
	for _, c := range columns {
		if !columnName.MatchString(c) {
			return nil, fmt.Errorf("servicenow: %q is no name of a table or column; use small letters, digits and underscores", c)
		}
	}
	if err := o.checkStates(); err != nil {
		return nil, err
	}
	return u, o.Auth.check()
}

func (o Options) checkStates() error {
	for raw, s := range o.States {
		if !canonical(s) {
			return fmt.Errorf("servicenow: state %q is mapped to %q, which a CMMS cannot report; use submitted, acknowledged, scheduled, "+
				"in_progress, waiting, work_done, rejected or cancelled", raw, s)
		}
	}
	return nil
}

func (a Auth) check() error {
	switch a.Kind {
	case Basic:
		if a.User == "" || a.Password.Empty() {
			return errors.New("servicenow: basic authentication needs a user and a password; give both")
		}
	case ClientCredentials:
		if a.ClientID == "" || a.ClientSecret.Empty() {
			return errors.New("servicenow: client credentials need a client id and a client secret; give both")
		}
	case Password:
		if a.User == "" || a.Password.Empty() || a.ClientID == "" || a.ClientSecret.Empty() {
			return errors.New("servicenow: the password grant needs user, password, client id and client secret; give all four")
		}
	default:
		return fmt.Errorf("servicenow: %q is no way to sign in; use basic, client_credentials or password", a.Kind)
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
