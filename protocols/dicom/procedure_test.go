package dicom_test

import (
	"crypto/sha256"
	"encoding/hex"
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

func TestProcedureStep(t *testing.T) {
	busy := channelName(instance) + " in-use examination ended=false"
	over := channelName(instance) + " idle examination ended=true"
	const (
		role  = "opener on speaker: role=dicom-mpps-scu"
		facts = "station_name=CT-ROOM; ae_title=CT01; modality=CT; location=BASEMENT; "
		other = "station_name=CT-ROOM; ae_title=CT02; modality=CT; location=BASEMENT; "
	)
	named := says(acceptor, pdata(pdv(1, lastCommand, dimse(0x8140, mpps, 7, false, 0, el(0x00001000, "UI", instance)))))
	refused := says(acceptor, pdata(pdv(1, lastCommand, dimse(0x8140, mpps, 7, false, 0x0110))))
	for _, tt := range []struct {
		name  string
		steps []step
		want  []string
	}{
		{"begun", []step{create(instance, stepOf("CT01", "IN PROGRESS")...)}, []string{role, "opener on speaker: " + facts + busy}},
		{"begun and completed", []step{create(instance, stepOf("CT01", "IN PROGRESS")...), set(instance, "COMPLETED")},
			[]string{role, "opener on speaker: " + facts + busy, "opener on speaker: " + over}},
		{"discontinued, begun elsewhere", []step{set(instance, "DISCONTINUED")}, []string{role, "opener on speaker: " + over}},
		{"still in progress", []step{set(instance, "IN PROGRESS")}, []string{role, "opener on speaker: " + busy}},
		{"set without a status", []step{set(instance, "")}, []string{role}},
		{"set of no instance", []step{set("", "COMPLETED")}, []string{role}},
		{"no performed station: the sender", []step{create(instance, el(0x00080060, "CS", "CT"), el(0x00400252, "CS", "IN PROGRESS"))},
			[]string{role, "opener on speaker: modality=CT; " + busy}},
		{"for another station, and its end", []step{create(instance, stepOf("CT02", "IN PROGRESS")...), set(instance, "COMPLETED")},
			[]string{role, "opener on station CT02: " + other + busy, "opener on station CT02: " + over}},
		{"named by the server", []step{create("", stepOf("CT01", "IN PROGRESS")...), named, set(instance, "COMPLETED")},
			[]string{role, "opener on speaker: station_name=CT-ROOM; ae_title=CT01; modality=CT; location=BASEMENT",
				"acceptor on speaker: role=dicom-mpps-scp", "opener on speaker: " + busy, "opener on speaker: " + over}},
		{"not named: the server refused", []step{create("", stepOf("CT01", "IN PROGRESS")...), refused},
			[]string{role, "opener on speaker: station_name=CT-ROOM; ae_title=CT01; modality=CT; location=BASEMENT"}},
		{"refused, and in progress all the same", []step{create(instance, stepOf("CT01", "IN PROGRESS")...), refused},
			[]string{role, "opener on speaker: " + facts + busy}},
		{"answer to another request", []step{create("", stepOf("CT01", "IN PROGRESS")...),
			says(acceptor, pdata(pdv(1, lastCommand, dimse(0x8140, mpps, 9, false, 0, el(0x00001000, "UI", instance)))))},
			[]string{role, "opener on speaker: station_name=CT-ROOM; ae_title=CT01; modality=CT; location=BASEMENT", "acceptor on speaker: role=dicom-mpps-scp"}},
		{"equipment of the station", []step{create(instance, el(0x00080070, "LO", "ACME"), el(0x00081090, "LO", "Scan 9"), el(0x00181000, "LO", "4711"),
			el(0x00400241, "AE", "CT02"), el(0x00400252, "CS", "IN PROGRESS"))},
			[]string{role, "opener on station CT02: manufacturer=ACME; model=Scan 9; serial_number=4711; ae_title=CT02; " + busy}},
	} {
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
	t.Run("sender's title unknown: the station of that title", func(t *testing.T) {
		r := play(create(instance, stepOf("CT01", "IN PROGRESS")...))
		wantLines(t, r.lines(), []string{role, "opener on station CT01: " + facts + busy})
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
