# make demo   a sample hospital on this machine, with the page open
# make test   everything that must hold, from a clean clone
GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unreleased)
COMMIT  ?= $(shell git rev-parse --short HEAD 2>/dev/null || echo none)
LDFLAGS  = -s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT)

# A C compiler for the race detector; the partners that the tests speak with.
BUILD_PACKAGES = git ca-certificates
TEST_PACKAGES  = gcc libc6-dev iproute2 dcmtk orthanc orthanc-dicomweb curl dnsmasq-base isc-dhcp-client snmp snmpd rsyslog \
                 rsyslog-gnutls openssl prometheus chromium dpkg-dev ethtool mmdebstrap lintian wsdd python3-hl7
BENCH_PACKAGES = gcc libc6-dev iproute2 ethtool dcmtk libndpi-bin p0f prads tcpdump tcpreplay tshark dnsmasq-base openssl
# Where the program and the package go.
BUILD         ?= build
FUZZ_TIME     ?= 30s

.PHONY: build demo test lint fuzz bench campaign deb clean packages

# Without C, and so without a compiler: the program runs on any distribution. The
# kernel program is compiled already (go generate ./bpf makes it anew).
build:
	@.ci/packages $(BUILD_PACKAGES)
	CGO_ENABLED=0 $(GO) build -trimpath -tags osusergo,netgo -ldflags '$(LDFLAGS)' -o $(BUILD)/auscult ./cmd/auscult

demo: build
	@.ci/packages iproute2
	./build/auscult demo

test: packages build lint
	$(GO) test -race -timeout 12m ./...

packages:
	@.ci/packages $(TEST_PACKAGES)
	@command -v npm >/dev/null || .ci/packages nodejs npm
	@.ci/partner browser sensor/web/browser
	@.ci/partner dimse protocols/dicom/testdata/dimse
	@.ci/partner hl7 protocols/hl7/partner

lint:
	@test -z "$$(gofmt -l cmd sensor protocols inventory remediation bpf configs image)" || \
	    { echo "lint: these files want gofmt:"; gofmt -l cmd sensor protocols inventory remediation bpf configs image; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck -checks all ./...
	$(GO) tool errcheck -ignoretests ./...
	@.ci/generated $(GO)
	@.ci/vulnerabilities $(GO)

# Every fuzz target of every package, FUZZ_TIME each.
fuzz:
	@GO='$(GO)' FUZZ_TIME='$(FUZZ_TIME)' .ci/fuzz

bench: build
	@.ci/packages $(BENCH_PACKAGES)
	@GO='$(GO)' .ci/bench

# Long runs: the fuzzers for minutes each, and every test ten times.
campaign:
	$(MAKE) fuzz FUZZ_TIME=3m
	$(GO) test -race -count=10 -timeout 60m ./...

deb: build
	@.ci/packages dpkg-dev
	@GO='$(GO)' image/deb '$(VERSION)' '$(BUILD)'

clean:
	rm -rf build .cache
