package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/auscult/auscult/sensor/web"
)

func auditRow(l web.AuditLine) []string {
	return []string{strconv.FormatUint(l.Seq, 10), l.At.UTC().Format(time.RFC3339), l.Who, l.What, l.Subject, l.Says}
}

func matchRow(m web.Match) []string {
	return []string{m.ControlNumber, string(m.Match.State), fmt.Sprintf("%.2f", m.Match.Score), m.Device, strings.Join(m.Match.On, " "), m.Says}
}

func defectRow(d web.Defect) []string {
	row := ""
	if d.Row > 0 {
		row = strconv.Itoa(d.Row)
	}
	return []string{d.Code, row, d.Says}
}

func feedRow(f web.Feed) []string {
	return []string{f.Name, strconv.Itoa(f.Count), f.AsOf.Format(time.DateOnly), f.Imported.Format(time.RFC3339)}
}

func accountRow(a web.Account) []string {
	roles := make([]string, len(a.Roles))
	for i, r := range a.Roles {
		roles[i] = string(r)
	}
	return []string{a.Name, strings.Join(roles, " "), a.Created.Format(time.RFC3339)}
}
