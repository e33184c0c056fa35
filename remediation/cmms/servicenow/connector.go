package servicenow

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/auscult/auscult/remediation"
)

const system = "servicenow"

// display stands in correlation_display, so that people see whose key it is.
const display = "Auscult"

// Connector implements remediation.Connector for one table of one instance.
type Connector struct {
	o      Options
	base   *url.URL
	client *http.Client

	mu    sync.Mutex // guards token
	token token
}

var _ remediation.Connector = (*Connector)(nil)

// System implements remediation.Connector.
func (c *Connector) System() string { return system }

// columns are what we ask for of an order. Names that a table does not have are
// left out by the system without a word, and read as empty here.
func (c *Connector) columns() string {
	return strings.Join([]string{"sys_id", "number", "state", c.o.KeyField, c.o.PersonField, c.o.PersonField + "." + c.o.PersonKey,
		"close_notes", "sys_created_on", "sys_updated_on"}, ",")
}

// ask are the parameters of every request: database values, never display values,
// which follow the account's language and time zone.
func ask(columns string) url.Values {
	return url.Values{"sysparm_display_value": {"false"}, "sysparm_exclude_reference_link": {"true"}, "sysparm_fields": {columns}}
}

// equals writes the clause column=value. A value that could end the clause and
// begin another is refused.
func equals(column, value string) (string, error) {
	if value == "" || len(value) > 100 || strings.ContainsAny(value, "^\r\n\x00") || strings.Contains(strings.ToLower(value), "javascript:") {
		return "", fmt.Errorf("a value for column %s cannot stand in a query; it must have 1 to 100 characters and no ^", column)
	}
	return column + "=" + value, nil
}

// Find implements remediation.Connector: the orders that carry the key, oldest
// first. When anybody else's comes back, the column is not known there, and the
// error says so.
func (c *Connector) Find(ctx context.Context, key string) ([]remediation.RemoteOrder, error) {
	if !keyForm.MatchString(key) {
		return nil, fail("find", remediation.Refused, 0, errors.New("the key has characters that cannot stand in a query; use letters, digits and hyphens"))
	}
	clause, err := equals(c.o.KeyField, key)
	if err != nil {
		return nil, fail("find", remediation.Refused, 0, err)
	}
	records, err := c.list(ctx, "find", c.o.Table, clause+"^ORDERBYsys_created_on^ORDERBYsys_id", c.columns(), func(f fields) error {
		if string(f[c.o.KeyField]) != key {
			return c.unknownColumn()
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	found := make([]remediation.RemoteOrder, 0, len(records))
	for _, f := range records {
		o, err := c.order(f)
		if err != nil {
			return nil, fail("find", remediation.Refused, http.StatusOK, err)
		}
		found = append(found, o)
	}
	return found, nil
}

func (c *Connector) unknownColumn() error {
	return fmt.Errorf("a search by our key brought orders of others: table %s has no column %s that can be searched, and the system ignores what it "+
		"does not know; name another column", c.o.Table, c.o.KeyField)
}

// list reads all pages of a query. A page may be short or empty although more
// follow, so only a missing link to the next one ends it.
func (c *Connector) list(ctx context.Context, operation, table, query, columns string, check func(fields) error) ([]fields, error) {
	q := ask(columns)
	q.Set("sysparm_query", query)
	q.Set("sysparm_limit", strconv.Itoa(pageSize))
	next := c.table(table, "", q)
	var all []fields
	for page := 0; next != nil; page++ {
		if page == maxPages {
			return nil, fail(operation, remediation.Refused, http.StatusOK, fmt.Errorf("it has more than %d pages for one search; check the column %s", maxPages, c.o.KeyField))
		}
		a, err := c.do(ctx, call{operation: operation, method: http.MethodGet, url: next})
		if err != nil {
			return nil, err
		}
		records, err := parseList(a.body)
		if err != nil {
			return nil, fail(operation, remediation.Refused, a.code, err)
		}
		for _, f := range records {
			if err := check(f); err != nil {
				return nil, fail(operation, remediation.Refused, a.code, err)
			}
		}
		all = append(all, records...)
		if next, err = c.nextPage(a.header); err != nil {
			return nil, fail(operation, remediation.Refused, a.code, err)
		}
	}
	return all, nil
}

// Create implements remediation.Connector. It looks up person and group first; one
// that is not there is left out, since the text names both.
func (c *Connector) Create(ctx context.Context, t remediation.Ticket) (remediation.RemoteOrder, error) {
	var none remediation.RemoteOrder
	if !keyForm.MatchString(t.Key) {
		return none, fail("create", remediation.Refused, 0, errors.New("the key has characters that cannot stand in a query; use letters, digits and hyphens"))
	}
	record, err := c.record(ctx, t)
	if err != nil {
		return none, err
	}
	body, err := encode(record)
	if err != nil {
		return none, fail("create", remediation.Refused, 0, err)
	}
	a, err := c.do(ctx, call{operation: "create", method: http.MethodPost, url: c.table(c.o.Table, "", ask(c.columns())), body: body, creates: true})
	if err != nil {
		return none, err
	}
	f, err := parseOne(a.body)
	if err != nil {
		return none, fail("create", remediation.Lost, a.code, fmt.Errorf("it was made, but the answer cannot be read: %w", err))
	}
	o, err := c.order(f)
	if err != nil {
		return none, fail("create", remediation.Lost, a.code, fmt.Errorf("it was made, but the answer cannot be read: %w", err))
	}
	return o, nil
}

// record is the order as the table takes it.
func (c *Connector) record(ctx context.Context, t remediation.Ticket) (map[string]string, error) {
	r := map[string]string{}
	for k, v := range c.o.Fixed {
		r[k] = v
	}
	for k, v := range c.o.Priority[t.Priority] {
		r[k] = v
	}
	r["short_description"], r["description"] = t.Title, t.Description
	r[c.o.KeyField], r["correlation_display"] = t.Key, display
	if c.o.ControlField != "" {
		r[c.o.ControlField] = t.ControlNumber
	}
	if c.o.SerialField != "" {
		r[c.o.SerialField] = t.SerialNumber
	}
	for _, x := range []struct{ field, table, key, name string }{
		{c.o.GroupField, "sys_user_group", c.o.GroupKey, t.Queue},
		{c.o.PersonField, "sys_user", c.o.PersonKey, t.Person},
	} {
		id, err := c.lookUp(ctx, x.table, x.key, x.name)
		if err != nil {
			return nil, err
		}
		if id != "" {
			r[x.field] = id
		}
	}
	return r, nil
}

// lookUp returns the sys_id of the one record with that name, or "" when there is
// none, or more than one, or our account may not look.
func (c *Connector) lookUp(ctx context.Context, table, column, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	clause, err := equals(column, name)
	if err != nil {
		return "", nil // such a name is in no directory
	}
	records, err := c.list(ctx, "lookup", table, clause, "sys_id,"+column, func(f fields) error {
		if string(f[column]) != name {
			return errors.New("the directory brought somebody else")
		}
		return nil
	})
	var known *remediation.ConnectorError
	if errors.As(err, &known) && (known.Kind == remediation.Refused || known.Code == http.StatusForbidden) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if len(records) != 1 || !sysID.MatchString(records[0].get("sys_id")) {
		return "", nil
	}
	return records[0].get("sys_id"), nil
}

// Read implements remediation.Connector.
func (c *Connector) Read(ctx context.Context, id string) (remediation.RemoteOrder, error) {
	var none remediation.RemoteOrder
	if !sysID.MatchString(id) {
		return none, fail("read", remediation.Refused, 0, errors.New("the order's id is no sys_id; look at how it came into the state file"))
	}
	a, err := c.do(ctx, call{operation: "read", method: http.MethodGet, url: c.table(c.o.Table, id, ask(c.columns())), one: true})
	if err != nil {
		return none, err
	}
	f, err := parseOne(a.body)
	if err != nil {
		return none, fail("read", remediation.Transient, a.code, err)
	}
	o, err := c.order(f)
	if err == nil && o.ID != id {
		err = errors.New("it answered with another order")
	}
	if err != nil {
		return none, fail("read", remediation.Transient, a.code, err)
	}
	return o, nil
}

// Note implements remediation.Connector: an internal note, which the requester
// does not see.
func (c *Connector) Note(ctx context.Context, id, text string) error {
	if !sysID.MatchString(id) {
		return fail("note", remediation.Refused, 0, errors.New("the order's id is no sys_id; look at how it came into the state file"))
	}
	body, err := encode(map[string]string{c.o.NoteField: text})
	if err != nil {
		return fail("note", remediation.Refused, 0, err)
	}
	_, err = c.do(ctx, call{operation: "note", method: http.MethodPatch, url: c.table(c.o.Table, id, ask("sys_id")), body: body, one: true})
	return err
}

// nobodysKey is a key that no order has: a search for it must find nothing.
const nobodysKey = "auscult-check-00000000-0000-0000-0000-000000000000"

// Check implements remediation.Connector. It creates nothing.
func (c *Connector) Check(ctx context.Context) ([]string, error) {
	says := []string{fmt.Sprintf("address %s, table %s, sign-in %s", c.base, c.o.Table, c.o.Auth.Kind)}
	q := ask(c.columns())
	q.Set("sysparm_limit", "1")
	a, err := c.do(ctx, call{operation: "check", method: http.MethodGet, url: c.table(c.o.Table, "", q)})
	if err != nil {
		return says, err
	}
	if _, err := parseList(a.body); err != nil {
		return says, fail("check", remediation.Refused, a.code, err)
	}
	says = append(says, "the credentials are good, and table "+c.o.Table+" can be read")
	if found, err := c.Find(ctx, nobodysKey); err != nil {
		return says, err
	} else if len(found) > 0 {
		return says, fail("check", remediation.Refused, a.code, c.unknownColumn())
	}
	says = append(says, "column "+c.o.KeyField+" can be searched, so no order is made twice")
	return append(says, c.checkStates(ctx)), nil
}

// checkStates compares the table's states with the map. Reading the list needs a
// right that not every account has.
func (c *Connector) checkStates(ctx context.Context) string {
	records, err := c.list(ctx, "check", "sys_choice", "name="+c.o.Table+"^element=state", "name,element,value,label", func(f fields) error {
		if string(f["name"]) != c.o.Table || string(f["element"]) != "state" {
			return errors.New("the list of states brought others")
		}
		return nil
	})
	if err != nil || len(records) == 0 {
		return "the list of its states cannot be read; compare the state map with the system by hand"
	}
	var missing []string
	for _, f := range records {
		if _, ok := c.o.States[f.get("value")]; !ok {
			missing = append(missing, f.get("value")+" ("+f.get("label")+")")
		}
	}
	if len(missing) == 0 {
		return "all of its states are known"
	}
	sort.Strings(missing)
	return "states that are not in the state map, and will be reported and not followed: " + strings.Join(missing, ", ")
}
