// Package servicenow speaks to ServiceNow's Table API, version 2, with plain
// incidents, field service orders (wm_order) and the tables of scoped
// applications on the same platform. Use it as the remediation.Connector of a
// hospital that runs ServiceNow; it keeps no order state and decides nothing. Do
// not use it for another system that merely looks similar: the care it takes is
// for this one's habits.
//
// Facts of the interface that shape it: there is no idempotency key, so orders
// carry ours in correlation_id and are searched for first; a clause on a column
// that the table does not have is dropped in silence and everybody's records come
// back, so every answer's key is compared; the limit of a page is applied before
// access rules, so a short page is not the last; all values are strings, and
// times are UTC without a zone.
package servicenow
