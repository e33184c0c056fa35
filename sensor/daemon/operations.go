package daemon

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/audit"
	"github.com/auscult/auscult/remediation/order"
	"github.com/auscult/auscult/sensor/web"
)

var _ Service = (*House)(nil)

// operation is one thing that a command can ask for.
type operation func(h *House, ctx context.Context, r Request) (Answer, error)

func operations() map[string]operation {
	all := map[string]operation{
		"devices":  (*House).opDevices,
		"device":   (*House).opDevice,
		"fhir":     (*House).opFHIR,
		"findings": func(h *House, _ context.Context, _ Request) (Answer, error) { return answer(h.Findings()) },
		"orders":   func(h *House, _ context.Context, _ Request) (Answer, error) { return answer(h.Orders()) },
		"order":    (*House).opOrder,

		"register.import":  (*House).opImport,
		"register.matches": func(h *House, _ context.Context, _ Request) (Answer, error) { return answer(h.Register().Matches) },
		"register.report":  func(h *House, _ context.Context, _ Request) (Answer, error) { return answer(h.Register().Defects) },

		"feeds.import": (*House).opFeeds,
		"feeds.list":   func(h *House, _ context.Context, _ Request) (Answer, error) { return answer(h.Feeds()) },

		"audit":        (*House).opAudit,
		"audit.verify": (*House).opVerify,
		"cmms.test":    (*House).opConnector,
		"user.list":    (*House).opUsers,
	}
	for _, verb := range []string{"add", "passwd", "token", "remove"} {
		all["user."+verb] = (*House).opUser
	}
	for _, verb := range []string{"send", "attest", "hold", "release", "cancel", "retry"} {
		all["order."+verb] = act("order", verb)
	}
	for _, verb := range []string{"confirm", "reject", "split", "merge"} {
		all["register."+verb] = act("match", verb)
	}
	return all
}

// Do implements Service on the house itself.
func (h *House) Do(ctx context.Context, r Request) (Answer, error) {
	all := operations()
	op, ok := all[r.Op]
	if !ok {
		names := make([]string, 0, len(all))
		for n := range all {
			names = append(names, n)
		}
		slices.Sort(names)
		return Answer{}, usagef("unknown operation %q; the nearest is %q", r.Op, configs.Nearest(r.Op, names))
	}
	return op(h, ctx, r)
}

// act makes an operation of a person's decision.
func act(subject, verb string) operation {
	return func(h *House, ctx context.Context, r Request) (Answer, error) {
		a := web.Action{By: r.By, Subject: subject, Verb: verb, ID: r.Args["id"], Device: r.Args["device"], Reason: r.Args["reason"]}
		if subject == "match" {
			a.ID = r.Args["control"]
		}
		says, err := h.Act(ctx, a)
		if err != nil {
			return Answer{}, err
		}
		return Answer{Says: []string{says}}, nil
	}
}

func (h *House) opDevices(_ context.Context, r Request) (Answer, error) {
	var fit []inventory.Device
	for _, d := range h.Devices() {
		if web.Fits(d, r.Args["q"]) {
			fit = append(fit, d)
		}
	}
	if len(fit) == 0 && r.Args["q"] != "" {
		return Answer{}, nothingf("no device fits %q", r.Args["q"])
	}
	return answer(fit)
}

func (h *House) opFHIR(ctx context.Context, r Request) (Answer, error) {
	var resources []any
	for _, d := range h.Devices() {
		if web.Fits(d, r.Args["q"]) {
			resources = append(resources, web.FHIRDevice(d))
		}
	}
	return answer(resources)
}

func (h *House) opDevice(_ context.Context, r Request) (Answer, error) {
	d, err := h.Device(r.Args["id"])
	if err != nil {
		return Answer{}, notFound(err)
	}
	return answer([]inventory.Device{d})
}

func (h *House) opOrder(_ context.Context, r Request) (Answer, error) {
	o, err := h.desk.Order(r.Args["id"])
	if err != nil {
		return Answer{}, notFound(fmt.Errorf("order %q: %w; auscult orders lists all", r.Args["id"], err))
	}
	return answer([]remediation.WorkOrder{o})
}

func (h *House) opAudit(context.Context, Request) (Answer, error) {
	lines, err := h.Audit(maxAudit)
	if err != nil {
		return Answer{}, err
	}
	return answer(lines)
}

// maxAudit bounds one listing of decisions.
const maxAudit = 10_000

func (h *House) opVerify(context.Context, Request) (Answer, error) {
	n, err := audit.Verify(h.store)
	if err != nil {
		return Answer{}, err
	}
	return Answer{Says: []string{fmt.Sprintf("%d decisions, none altered", n)}}, nil
}

func (h *House) opConnector(ctx context.Context, r Request) (Answer, error) {
	c, err := newConnector(h.config.Load().CMMS)
	if err != nil {
		return Answer{}, err
	}
	if c == nil {
		return Answer{}, usagef("no CMMS is configured; set cmms.system and cmms.url")
	}
	says, err := c.Check(ctx)
	if err != nil {
		return Answer{Says: says}, err
	}
	more, err := h.reopen(r.By)
	return Answer{Says: append(says, more...)}, err
}

// reopen lets orders leave again where the CMMS had refused them and a person has
// just seen that it answers. It does not touch the switch that stops all writing.
func (h *House) reopen(by string) ([]string, error) {
	f, err := h.desk.Flow()
	if err != nil || !f.Paused || f.Stopped {
		return nil, err
	}
	err = h.store.Update(func(tx inventory.Tx) error {
		if err := h.desk.Resume(tx, by, h.now()); err != nil {
			return err
		}
		return audit.Append(tx, audit.Entry{At: h.now(), Who: by, What: audit.OrdersResumed, Subject: "orders", Reasons: []string{"the CMMS answers again"}})
	})
	if err != nil {
		return nil, err
	}
	return []string{"It had refused us before; orders go on."}, nil
}

func (h *House) opUsers(context.Context, Request) (Answer, error) {
	all, err := h.accounts.List()
	if err != nil {
		return Answer{}, err
	}
	return answer(all)
}

func (h *House) opUser(_ context.Context, r Request) (Answer, error) {
	name, verb := r.Args["name"], strings.TrimPrefix(r.Op, "user.")
	var a Answer
	var what audit.Action
	var err error
	switch verb {
	case "add":
		what, err = audit.UserAdded, h.accounts.Add(name, r.Args["password"], roles(r.Args["roles"]), h.now())
	case "passwd":
		what, err = audit.UserPassword, h.accounts.SetPassword(name, r.Args["password"])
	case "remove":
		what, err = audit.UserRemoved, h.accounts.Remove(name)
	case "token":
		var token string
		what = audit.UserPassword
		if token, err = h.accounts.NewToken(name); err == nil {
			err = a.add(map[string]string{"account": name, "token": token})
		}
	}
	if err != nil {
		return Answer{}, err
	}
	a.say("account %s: %s", name, map[string]string{"add": "added", "passwd": "has a new password", "remove": "removed", "token": "has a new bearer token, shown once"}[verb])
	return a, h.record(audit.Entry{Who: r.By, What: what, Subject: name})
}

func roles(list string) []web.Role {
	var all []web.Role
	for _, r := range strings.Split(list, ",") {
		if r = strings.TrimSpace(r); r != "" {
			all = append(all, web.Role(r))
		}
	}
	return all
}

// orders reads all orders; an error is logged, since a page has no other way.
func (h *House) orders() []remediation.WorkOrder {
	all, err := h.desk.Orders(order.Filter{})
	if err != nil {
		h.log.Error("orders cannot be read", "error", err)
	}
	return all
}
