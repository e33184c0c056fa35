package dicom_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
)

const instance = "1.2.99.55"

func channelName(uid string) string {
	sum := sha256.Sum256([]byte(uid))
	return "procedure " + hex.EncodeToString(sum[:4])
}

func create(uid string, els ...element) step {
	more := []element{}
	if uid != "" {
		more = append(more, el(0x00001000, "UI", uid))
	}
	return says(opener, pdata(pdv(1, lastCommand, dimse(0x0140, mpps, 7, true, -1, more...))),
		pdata(pdv(1, lastData, dataset(implicit, els...))))
}

func set(uid, status string) step {
	return says(opener, pdata(pdv(1, lastCommand, dimse(0x0120, mpps, 8, true, -1, el(0x00001001, "UI", uid)))),
		pdata(pdv(1, lastData, dataset(implicit, el(0x00400252, "CS", status)))))
}

func stepOf(ae, status string) []element {
	return []element{el(0x00080060, "CS", "CT"), el(0x00100010, "PN", "ZZCANARY"), el(0x00400241, "AE", ae),
		el(0x00400242, "SH", "CT-ROOM"), el(0x00400243, "SH", "BASEMENT"), el(0x00400252, "CS", status),
		el(0x00400254, "LO", "ZZCANARY knee"), sequence(0x00400270, true, []element{el(0x00080050, "SH", "ZZCANARY")})}
}

// Lines of the steps below.
const (
	mppsRole    = "opener on speaker: role=dicom-mpps-scu"
	stepFacts   = "station_name=CT-ROOM; ae_title=CT01; modality=CT; location=BASEMENT"
	stepOfOther = "station_name=CT-ROOM; ae_title=CT02; modality=CT; location=BASEMENT; "
)

var (
	busy = channelName(instance) + " in-use examination ended=false"
	over = channelName(instance) + " idle examination ended=true"
)

// stepCase is what is stated behind a settled association of CT01.
type stepCase struct {
	name  string
	steps []step
	want  []string
}

func checkSteps(t *testing.T, cases []stepCase) {
	t.Helper()
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			r, got := after(mpps, implicit, tt.steps...)
			wantLines(t, got, tt.want)
			for _, o := range r.observations {
				if o.Report != nil && o.Speaker.Port == 104 {
					t.Errorf("a report in the name of the server: %+v", o)
				}
			}
		})
	}
}

func TestProcedureStep(t *testing.T) {
	checkSteps(t, []stepCase{
		{"begun", []step{create(instance, stepOf("CT01", "IN PROGRESS")...)}, []string{mppsRole, "opener on speaker: " + stepFacts + "; " + busy}},
		{"begun and completed", []step{create(instance, stepOf("CT01", "IN PROGRESS")...), set(instance, "COMPLETED")},
			[]string{mppsRole, "opener on speaker: " + stepFacts + "; " + busy, "opener on speaker: " + over}},
		{"discontinued, begun elsewhere", []step{set(instance, "DISCONTINUED")}, []string{mppsRole, "opener on speaker: " + over}},
		{"still in progress", []step{set(instance, "IN PROGRESS")}, []string{mppsRole, "opener on speaker: " + busy}},
		{"set without a status", []step{set(instance, "")}, []string{mppsRole}},
		{"set of no instance", []step{set("", "COMPLETED")}, []string{mppsRole}},
		{"no performed station: the sender", []step{create(instance, el(0x00080060, "CS", "CT"), el(0x00400252, "CS", "IN PROGRESS"))},
			[]string{mppsRole, "opener on speaker: modality=CT; " + busy}},
		{"for another station, and its end", []step{create(instance, stepOf("CT02", "IN PROGRESS")...), set(instance, "COMPLETED")},
			[]string{mppsRole, "opener on station CT02: " + stepOfOther + busy, "opener on station CT02: " + over}},
	})
}

// TestProcedureStepNamed has a server that names the instance, or refuses.
func TestProcedureStepNamed(t *testing.T) {
	answer := func(id uint16, status int, more ...element) step {
		return says(acceptor, pdata(pdv(1, lastCommand, dimse(0x8140, mpps, id, false, status, more...))))
	}
	named, refused := answer(7, 0, el(0x00001000, "UI", instance)), answer(7, 0x0110)
	checkSteps(t, []stepCase{
		{"named by the server", []step{create("", stepOf("CT01", "IN PROGRESS")...), named, set(instance, "COMPLETED")},
			[]string{mppsRole, "opener on speaker: " + stepFacts,
				"acceptor on speaker: role=dicom-mpps-scp", "opener on speaker: " + busy, "opener on speaker: " + over}},
		{"not named: the server refused", []step{create("", stepOf("CT01", "IN PROGRESS")...), refused},
			[]string{mppsRole, "opener on speaker: " + stepFacts}},
		{"refused, and in progress all the same", []step{create(instance, stepOf("CT01", "IN PROGRESS")...), refused},
			[]string{mppsRole, "opener on speaker: " + stepFacts + "; " + busy}},
		{"answer to another request", []step{create("", stepOf("CT01", "IN PROGRESS")...),
			answer(9, 0, el(0x00001000, "UI", instance))},
			[]string{mppsRole, "opener on speaker: " + stepFacts, "acceptor on speaker: role=dicom-mpps-scp"}},
		{"equipment of the station", []step{create(instance, el(0x00080070, "LO", "ACME"), el(0x00081090, "LO", "Scan 9"), el(0x00181000, "LO", "4711"),
			el(0x00400241, "AE", "CT02"), el(0x00400252, "CS", "IN PROGRESS"))},
			[]string{mppsRole, "opener on station CT02: manufacturer=ACME; model=Scan 9; serial_number=4711; ae_title=CT02; " + busy}},
	})
}

func TestProcedureStepSubject(t *testing.T) {
	t.Run("from the acceptor, by its own title", func(t *testing.T) {
		st := create(instance, stepOf("ARCHIVE", "IN PROGRESS")...)
		st.from = acceptor
		_, got := after(mpps, implicit, st, st)
		if len(only(got, "acceptor on speaker: station_name=CT-ROOM; ae_title=ARCHIVE")) != 2 {
			t.Errorf("stated %q", got)
		}
	})
	t.Run("many steps in one conversation", func(t *testing.T) {
		var steps []step
		for i := range 20 {
			steps = append(steps, create(fmt.Sprint("1.2.99.", i), stepOf("CT02", "IN PROGRESS")...))
		}
		_, got := after(mpps, implicit, append(steps, set("1.2.99.19", "COMPLETED"), set("1.2.99.0", "COMPLETED"))...)
		wantLines(t, got[21:], []string{"opener on station CT02: " + channelName("1.2.99.19") + " idle examination ended=true",
			"opener on speaker: " + channelName("1.2.99.0") + " idle examination ended=true"})
	})
	t.Run("sender's title unknown: the station of that title", func(t *testing.T) {
		r := play(create(instance, stepOf("CT01", "IN PROGRESS")...))
		wantLines(t, r.lines(), []string{mppsRole, "opener on station CT01: " + stepFacts + "; " + busy})
	})
}

func TestProcedureReport(t *testing.T) {
	r := play(append(associated(mpps, implicit), create(instance, stepOf("CT01", "IN PROGRESS")...), set(instance, "COMPLETED"))...)
	begun, ended := r.observations[3].Report, r.observations[4].Report
	if begun.Complete || begun.Valid != 4*time.Hour || begun.Source != "dicom MPPS (0040,0252)" {
		t.Errorf("begun: %+v", begun)
	}
	if ended.Complete || ended.Valid <= 0 || ended.Valid > time.Hour || ended.Channels[0].State != protocols.Idle {
		t.Errorf("ended: %+v", ended)
	}
}
