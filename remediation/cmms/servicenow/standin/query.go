package standin

import (
	"slices"
	"sort"
	"strings"
)

// query is a parsed sysparm_query.
type query struct {
	clauses []clause
	order   []ordering
	bad     bool // it names a column that the table does not have
}

type clause struct{ column, operator, value string }

type ordering struct {
	column     string
	descending bool
}

// operators, the longer first where one begins another.
func operators() []string { return []string{"!=", ">=", "<=", "STARTSWITH", "LIKE", "="} }

// parseQuery reads the parts of an encoded query that the documentation names and
// a connector needs. A clause on a column that is not there is dropped, and the
// rest is executed: that is what the real one does.
func parseQuery(s string, columns []string) query {
	var q query
	for _, part := range strings.Split(s, "^") {
		if part == "" {
			continue
		}
		if column, found := strings.CutPrefix(part, "ORDERBYDESC"); found {
			q.order = append(q.order, ordering{column, true})
			continue
		}
		if column, found := strings.CutPrefix(part, "ORDERBY"); found {
			q.order = append(q.order, ordering{column, false})
			continue
		}
		c, ok := parseClause(part)
		if !ok || !slices.Contains(columns, c.column) {
			q.bad = true
			continue
		}
		q.clauses = append(q.clauses, c)
	}
	return q
}

func parseClause(part string) (clause, bool) {
	end := strings.IndexFunc(part, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' && r != '.' })
	if end <= 0 {
		return clause{}, false
	}
	for _, op := range operators() {
		if value, found := strings.CutPrefix(part[end:], op); found {
			return clause{part[:end], op, value}, true
		}
	}
	return clause{}, false
}

func (c clause) holds(v string) bool {
	switch c.operator {
	case "=":
		return v == c.value
	case "!=":
		return v != c.value
	case ">=":
		return v >= c.value
	case "<=":
		return v <= c.value
	case "STARTSWITH":
		return strings.HasPrefix(v, c.value)
	}
	return strings.Contains(v, c.value) // LIKE
}

// run returns the records that fit, in order.
func (q query) run(records []*record) []*record {
	var out []*record
	for _, r := range records {
		fits := true
		for _, c := range q.clauses {
			fits = fits && c.holds(r.values[c.column])
		}
		if fits {
			out = append(out, r)
		}
	}
	sort.SliceStable(out, func(i, j int) bool {
		for _, o := range q.order {
			a, b := out[i].values[o.column], out[j].values[o.column]
			if a != b {
				return (a < b) != o.descending
			}
		}
		return false
	})
	return out
}
