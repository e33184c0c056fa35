package main_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

const (
	// imageSide makes a square image of 16-bit pixels of 200 MB: a large radiograph, or
	// a mammogram with its tomosynthesis in one object.
	imageSide = 10240
	// sliceSide makes a slice of 0.5 MB, as computed tomography has them, and
	// seriesLength is how many a series has.
	sliceSide    = 512
	seriesLength = 150
)

// machine is what an image object says of the machine that made it.
type machine struct {
	AE, Manufacturer, Model, Serial, Software, Modality, Class string
}

// The machines of nobody whose images are recorded.
var (
	radiograph = machine{"DR-ROOM-1", "Example Imaging", "Radiograph 9", "SN-0001", "4.2.1", "DX", "DigitalXRayImageStorageForPresentation"}
	tomograph  = machine{"CT-ROOM-2", "Example Imaging", "Tomograph 5", "SN-0002", "7.0", "CT", "CTImageStorage"}
)

// makeImage makes a radiograph of nobody, whose pixels are noise.
func makeImage(t *testing.T, folder string) string {
	t.Helper()
	return radiograph.image(t, filepath.Join(folder, "image"), imageSide, 1)
}

// makeSeries makes the slices of one series.
func makeSeries(t *testing.T, folder string) []string {
	t.Helper()
	var paths []string
	for i := range seriesLength {
		paths = append(paths, tomograph.image(t, filepath.Join(folder, fmt.Sprintf("slice-%03d", i)), sliceSide, i+1))
	}
	return paths
}

// image makes one object and returns its path.
func (m machine) image(t *testing.T, path string, side, number int) string {
	t.Helper()
	noise := make([]byte, side*side*2)
	if _, err := rand.NewChaCha8([32]byte{byte(number)}).Read(noise); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf(`(0008,0016) UI =%[1]s
(0008,0018) UI [1.2.826.0.1.3680043.9.7777.%[2]d.%[3]d]
(0008,0060) CS [%[4]s]
(0008,0070) LO [%[5]s]
(0008,1090) LO [%[6]s]
(0018,1000) LO [%[7]s]
(0018,1020) LO [%[8]s]
(0020,0013) IS [%[3]d]
(0028,0002) US 1
(0028,0004) CS [MONOCHROME2]
(0028,0010) US %[2]d
(0028,0011) US %[2]d
(0028,0100) US 16
(0028,0101) US 16
(0028,0102) US 15
(0028,0103) US 0
(7fe0,0010) OW =%[9]s
`, m.Class, side, number, m.Modality, m.Manufacturer, m.Model, m.Serial, m.Software, path+".pixels")
	if err := errors.Join(os.WriteFile(path+".pixels", noise, 0o600), os.WriteFile(path+".dump", []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("dump2dcm", "--write-xfer-little", path+".dump", path+".dcm").CombinedOutput(); err != nil {
		t.Fatalf("dump2dcm: %v: %s", err, out)
	}
	if err := errors.Join(os.Remove(path+".pixels"), os.Remove(path+".dump")); err != nil {
		t.Fatal(err)
	}
	return path + ".dcm"
}
