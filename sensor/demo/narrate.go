package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/sensor/daemon"
)

// narrator tells each notable thing once, as it happens. It asks the daemon as the
// reading commands do, and says nothing of therapy.
type narrator struct {
	say   *voice
	house daemon.Service
	told  map[string]bool
	last  map[string]string // what would be told, of the look before
}

func newNarrator(say *voice, house daemon.Service) *narrator {
	return &narrator{say: say, house: house, told: map[string]bool{}, last: map[string]string{}}
}

// look is how often the daemon is asked.
const look = time.Second

// tell looks until ctx ends.
func (n *narrator) tell(ctx context.Context) error {
	for sleep(ctx, look) == nil {
		if err := n.once(ctx); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

func (n *narrator) once(ctx context.Context) error {
	devices, err := list[inventory.Device](ctx, n.house, "devices")
	if err != nil {
		return err
	}
	findings, err := list[remediation.Finding](ctx, n.house, "findings")
	if err != nil {
		return err
	}
	orders, err := list[remediation.WorkOrder](ctx, n.house, "orders")
	if err != nil {
		return err
	}
	byID := map[string]inventory.Device{}
	for _, d := range devices {
		byID[d.ID] = d
		if d.Presence != inventory.RegisterOnly && d.Type != inventory.UnknownType {
			n.settled("device "+d.ID, "heard", heard(d))
		}
	}
	for _, f := range findings {
		if f.Kind == remediation.Vulnerability && f.Basis == remediation.OnWire && f.Open() {
			n.settled("finding "+f.Device+" "+f.Cause+" "+string(f.Status), "vulnerable", weakness(f, byID[f.Device]))
		}
	}
	for _, o := range orders {
		word, says := orderStory(o, byID[o.Device])
		n.settled("order "+o.ID+" "+word, word, says)
	}
	return nil
}

// list asks the daemon for all of one noun.
func list[T any](ctx context.Context, house daemon.Service, op string) ([]T, error) {
	a, err := house.Do(ctx, daemon.Request{Op: op})
	if err != nil {
		return nil, fmt.Errorf("demo: %s: %w", op, err)
	}
	all := make([]T, len(a.Objects))
	for i, raw := range a.Objects {
		if err := json.Unmarshal(raw, &all[i]); err != nil {
			return nil, fmt.Errorf("demo: %s: %w", op, err)
		}
	}
	return all, nil
}

// settled tells something that has read the same in two looks, once: a device is
// put together from many messages.
func (n *narrator) settled(key, word, says string) {
	if n.told[key] || says == "" {
		return
	}
	if n.last[key] != says {
		n.last[key] = says
		return
	}
	n.told[key] = true
	delete(n.last, key)
	n.say.event(word, "%s", says)
}

// heard says what a device is and whether the register knows it.
func heard(d inventory.Device) string {
	parts := []string{strings.TrimSpace(kind(d.Type) + " " + name(d))}
	if d.Presence == inventory.Behind {
		parts = append(parts, "behind a gateway")
	} else if len(d.IPs) > 0 {
		parts = append(parts, d.IPs[0])
	}
	switch a := d.Asset; {
	case a == nil:
		parts = append(parts, "not in the register")
	case a.Match.Decisive():
		keys := strings.NewReplacer("ip", "IP", "mac", "MAC", "ae_title", "AE title", "_", " ").Replace(strings.Join(a.Match.On, " and "))
		parts = append(parts, "in the register by "+keys)
	default:
		parts = append(parts, "a person must say which record it is")
	}
	return strings.Join(parts, ", ")
}

// kind writes a device type as people do.
func kind(t inventory.Type) string {
	switch t {
	case "ct", "mr", "pet", "pacs", "ris", "lis", "ecg", "eeg", "ehr", "ups", "plc":
		return strings.ToUpper(string(t))
	}
	return strings.ReplaceAll(string(t), "-", " ")
}

// name is what a person calls a device: its control number, where it is known,
// and its model or its name in the network.
func name(d inventory.Device) string {
	var parts []string
	if d.Asset != nil && d.Asset.Match.Decisive() {
		parts = append(parts, d.Asset.ControlNumber)
	}
	if d.Model != "" {
		parts = append(parts, strings.TrimSpace(d.Manufacturer+" "+d.Model))
	} else if names := slices.Concat(d.AETitles, d.Hostnames); len(names) > 0 {
		parts = append(parts, names[0])
	}
	return strings.Join(parts, " ")
}

// weakness says how sure it is that a device is affected.
func weakness(f remediation.Finding, d inventory.Device) string {
	switch f.Status {
	case remediation.UnknownVersion:
		return fmt.Sprintf("%s may be affected by %s; it does not say its version", name(d), f.Cause)
	case remediation.Potential:
		return fmt.Sprintf("%s may be affected by %s; a person must say", name(d), f.Cause)
	}
	return fmt.Sprintf("%s is affected by %s", name(d), f.Cause)
}

// orderStory says where an order stands, in the words of its gates.
func orderStory(o remediation.WorkOrder, d inventory.Device) (word, says string) {
	switch {
	case o.State == remediation.StateVerified:
		return "seen", fmt.Sprintf("%s: the wire shows that the work is done; the order is closed", name(d))
	case o.State == remediation.StateVerifyFailed:
		return "not seen", fmt.Sprintf("%s: reported done, and the wire still shows the cause; the order goes back", name(d))
	case o.State == remediation.StateHeld:
		lines := []string{name(d) + ": no order leaves"}
		for _, hold := range o.Tell.Holds {
			lines = append(lines, hold.Says)
		}
		return "held", strings.Join(append(lines, refusals(o.Refused)...), continued)
	case o.CMMS.Number == "" || o.State.Final():
		return "order", ""
	}
	to := o.Assignee.Person
	if to == "" {
		to = "the queue of " + o.Assignee.Queue
	}
	lines := []string{fmt.Sprintf("%s: %s goes to %s", name(d), o.CMMS.Number, to)}
	for _, hold := range o.Start.Holds {
		lines = append(lines, "Not yet: "+hold.Says)
	}
	return "order", strings.Join(append(lines, refusals(o.Refused)...), continued)
}

// refusals groups those who may not do the work by the reason.
func refusals(all []remediation.Refusal) []string {
	var reasons []string
	who := map[string][]string{}
	for _, r := range all {
		if who[r.Why] == nil {
			reasons = append(reasons, r.Why)
		}
		who[r.Why] = append(who[r.Why], r.Person)
	}
	for i, why := range reasons {
		reasons[i] = fmt.Sprintf("Refused: %s, because %s.", strings.Join(who[why], " and "), why)
	}
	return reasons
}
