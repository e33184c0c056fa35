package dicom_test

import (
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
)

// workitemAction is an N-ACTION of a type on a workitem, in the state that it sets.
func workitemAction(kind uint16, uid, state string) step {
	more := []element{el(0x00001008, "US", us(kind))}
	if uid != "" {
		more = append(more, el(0x00001001, "UI", uid))
	}
	data := dataset(implicit, el(0x00081195, "UI", "1.2.99.77"), el(0x00741000, "CS", state), el(0x00741204, "LO", "ZZCANARY breast boost"))
	return says(opener, pdata(pdv(1, lastCommand, dimse(0x0130, workitem+".1", 7, true, -1, more...))), pdata(pdv(1, lastData, data)))
}

// TestWorkitem: who takes a workitem in hand is busy until it says that it is done,
// with the care of a performed procedure step: no other word ends anything.
func TestWorkitem(t *testing.T) {
	const role = "opener on speaker: role=dicom-ups-scu"
	for _, tt := range []struct {
		name string
		step step
		want []string
	}{
		{"taken in hand", workitemAction(1, instance, "IN PROGRESS"), []string{role, "opener on speaker: " + busy}},
		{"done", workitemAction(1, instance, "COMPLETED"), []string{role, "opener on speaker: " + over}},
		{"given up", workitemAction(1, instance, "CANCELED"), []string{role, "opener on speaker: " + over}},
		{"the word of a performed step", workitemAction(1, instance, "DISCONTINUED"), []string{role}},
		{"scheduled", workitemAction(1, instance, "SCHEDULED"), []string{role}},
		{"no word", workitemAction(1, instance, ""), []string{role}},
		{"no instance", workitemAction(1, "", "IN PROGRESS"), []string{role}},
		{"asked of somebody to cancel", workitemAction(2, instance, "CANCELED"), []string{role}},
		{"subscribed", workitemAction(3, instance, "IN PROGRESS"), []string{role}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, got := after(workitem+".1", implicit, tt.step)
			wantLines(t, got, tt.want)
			wantOutcome(t, r, protocols.Parsed, 3)
			if found := canaries(t, r); len(found) > 0 {
				t.Errorf("a patient left in %s", found[0])
			}
		})
	}
	r := play(append(associated(workitem+".1", implicit), workitemAction(1, instance, "IN PROGRESS"))...)
	if got := r.observations[3].Report; got.Complete || got.Valid != 4*time.Hour || got.Source != "dicom UPS (0074,1000)" {
		t.Errorf("report %+v", got)
	}
}

// TestWorkitemRefused: what the server did not consent to is not known, be it that a
// workitem was taken in hand or that it is over.
func TestWorkitemRefused(t *testing.T) {
	answer := func(id uint16, status int) step {
		return says(acceptor, pdata(pdv(1, lastCommand, dimse(0x8130, workitem+".1", id, false, status))))
	}
	const role, server = "opener on speaker: role=dicom-ups-scu", "acceptor on speaker: role=dicom-ups-scp"
	unknown := "opener on speaker: " + channelName(instance) + " unknown examination ended=false"
	taken, done := workitemAction(1, instance, "IN PROGRESS"), workitemAction(1, instance, "COMPLETED")
	for _, tt := range []struct {
		name  string
		steps []step
		want  []string
	}{
		{"somebody else has it", []step{taken, answer(7, 0xC302)}, []string{role, "opener on speaker: " + busy, unknown}},
		{"not yet done", []step{done, answer(7, 0xC304)}, []string{role, "opener on speaker: " + over, unknown}},
		{"with a warning", []step{done, answer(7, 0xB304)}, []string{role, "opener on speaker: " + over, server}},
		{"answered once", []step{taken, answer(7, 0), answer(7, 0xC302)}, []string{role, "opener on speaker: " + busy, server}},
		{"answer to another request", []step{taken, answer(8, 0xC302)}, []string{role, "opener on speaker: " + busy}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, got := after(workitem+".1", implicit, tt.steps...)
			wantLines(t, got, tt.want)
		})
	}
}

// TestStepWordsStayApart: a performed step that is canceled, which none can be, ends
// nothing.
func TestStepWordsStayApart(t *testing.T) {
	_, got := after(mpps, implicit, set(instance, "CANCELED"))
	wantLines(t, got, []string{mppsRole})
}

// TestWorkitemsAreNotTold: workitems that are scheduled, found, reported and fetched
// hold a patient's treatment, and nothing of them is read.
func TestWorkitemsAreNotTold(t *testing.T) {
	data := func(d protocols.Direction, field uint16, status int) step {
		set := dataset(implicit, el(0x00100010, "PN", "ZZCANARY^A"), el(0x00404025, "LO", "ZZCANARY"), el(0x00741000, "CS", "IN PROGRESS"), el(0x00741204, "LO", "ZZCANARY"))
		c := dimse(field, workitem+".1", 7, true, status, el(0x00001000, "UI", instance))
		return says(d, pdata(pdv(1, lastCommand, c)), pdata(pdv(1, lastData, set)))
	}
	r, got := after(workitem+".1", implicit, data(opener, 0x0140, -1), data(opener, 0x0120, -1), data(acceptor, 0x8110, 0),
		data(acceptor, 0x8020, 0xFF00), data(acceptor, 0x0100, -1))
	wantLines(t, got, []string{"opener on speaker: role=dicom-ups-scu", "acceptor on speaker: role=dicom-ups-scp"})
	wantOutcome(t, r, protocols.Parsed, 7)
}
