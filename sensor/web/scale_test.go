package web_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/sensor/web"
)

// bigHouse is a hospital of n devices with what the wire says of them.
func bigHouse(n int) *house {
	h := &house{coverage: sampleCoverage(), register: sampleRegister()}
	kinds := inventory.Types()
	for i := range n {
		d := device(fmt.Sprintf("%016x", i), kinds[i%len(kinds)], "Fresenius Kabi", "Agilia VP MC", fmt.Sprintf("SN-%07d", i), func(d *inventory.Device) {
			d.IPs, d.MACs = []string{fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255)}, []string{fmt.Sprintf("00:13:38:%02x:%02x:%02x", i>>16, i>>8&255, i&255)}
			d.Hostnames, d.Location = []string{fmt.Sprintf("host-%06d.stv.example", i)}, fmt.Sprintf("W%d 0407 B", i%40)
			d.Asset = record(fmt.Sprintf("%06d", i), "Fresenius", "Agilia", fmt.Sprintf("SN-%07d", i), fmt.Sprintf("Ward %d", i%40), nil)
			for _, a := range []string{"model", "manufacturer", "serial_number", "software_version", "ip", "mac", "hostname", "location"} {
				d.Evidence = append(d.Evidence, said(a, "W0 0407 B", "hl7", "PV1-3", 0.9))
			}
		})
		if i%5 == 0 {
			f := finding(fmt.Sprint(i), fmt.Sprintf("%016x", i), remediation.ConfirmedFinding, "Something is wrong", "ICSMA-21-355-01", 9.8, nil)
			h.findings = append(h.findings, f)
			d.Findings = []string{f.ID}
		}
		if i%40 == 0 {
			h.orders = append(h.orders, order(fmt.Sprint(i), fmt.Sprintf("%016x", i), "1", fmt.Sprint(i), "P2", "Mend it", remediation.StateHeld, nil))
		}
		h.devices = append(h.devices, d)
	}
	return h
}

// BenchmarkTwentyThousandDevices measures the pages and lists of a large hospital,
// for an account without the role therapy, for which each device is also veiled.
func BenchmarkTwentyThousandDevices(b *testing.B) {
	store := newMemory()
	accounts := web.NewAccounts(store)
	if err := accounts.Add("reader", password, nil, now); err != nil {
		b.Fatal(err)
	}
	server, err := web.New(web.Options{House: bigHouse(20_000), Accounts: accounts, Session: time.Hour, Now: newClock().Now})
	if err != nil {
		b.Fatal(err)
	}
	token, err := accounts.NewToken("reader")
	if err != nil {
		b.Fatal(err)
	}
	cookie := benchSession(b, server)
	for _, path := range []string{"/", "/devices", "/devices?q=sn-0012345", "/devices?use=unknown&page=150", "/devices/d-0000000000000100", "/findings", "/orders", "/api/v1/devices?limit=100", "/api/v1/devices", "/fhir/Device"} {
		b.Run(path, func(b *testing.B) {
			for b.Loop() {
				r := httptest.NewRequest("GET", path, nil)
				r.Header.Set("Authorization", "Bearer "+token)
				r.AddCookie(cookie)
				w := &discard{header: http.Header{}}
				server.ServeHTTP(w, r)
				if w.status != http.StatusOK && w.status != 0 {
					b.Fatalf("%s: %d", path, w.status)
				}
			}
		})
	}
}

func benchSession(b *testing.B, server http.Handler) *http.Cookie {
	form := httptest.NewRecorder()
	server.ServeHTTP(form, httptest.NewRequest("GET", "/login", nil))
	r := httptest.NewRequest("POST", "/login", nil)
	r.AddCookie(form.Result().Cookies()[0])
	r.PostForm = map[string][]string{"account": {"reader"}, "password": {password}, "token": {hidden(form.Body.String(), "token")}}
	r.Form = r.PostForm
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.Name == "__Host-auscult" {
			return c
		}
	}
	b.Fatalf("sign in: %d", w.Code)
	return nil
}

// discard counts nothing and keeps nothing.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(p []byte) (int, error) { return io.Discard.Write(p) }
