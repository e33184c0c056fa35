package capture_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"
	"time"

	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/capture"
)

// FuzzFile holds that any bytes give the same frames and the same end however they
// are cut into reads; that frames are within bounds; that the end lasts; and that
// a longer file never takes frames back.
func FuzzFile(f *testing.F) {
	for _, file := range flavours(f) {
		if len(file) < 10_000 {
			f.Add(file)
			f.Add(file[:len(file)*2/3])
		}
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		if len(file) > 1<<16 {
			return // longer ones find nothing that shorter ones do not
		}
		whole := dump(bytes.NewReader(file))
		if got := dump(iotest.OneByteReader(bytes.NewReader(file))); got != whole {
			t.Errorf("a byte at a time:\n%s\nwhole:\n%s", got, whole)
		}
		source, err := capture.NewFile(bytes.NewReader(file), "fuzz", tap)
		if err != nil {
			return
		}
		checkFrames(t, source, file)
	})
}

func checkFrames(t *testing.T, source *capture.File, file []byte) {
	t.Helper()
	packed := len(file) > 2 && file[0] == 0x1f
	var frame sensor.Frame
	var sum uint64
	var err error
	for err = source.Next(&frame); err == nil; err = source.Next(&frame) {
		sum += uint64(len(frame.Data))
		switch {
		case len(frame.Data) > 256<<10 || frame.Length < len(frame.Data) || cap(frame.Data) != len(frame.Data):
			t.Fatalf("frame of %d bytes, %d on the wire, room for %d", len(frame.Data), frame.Length, cap(frame.Data))
		case !packed && !bytes.Contains(file, frame.Data):
			t.Fatal("a frame that does not stand in the file")
		}
		if _, err := frame.When.MarshalText(); err != nil || frame.When.Location() != time.UTC {
			t.Fatalf("wire time %v: %v", frame.When, err)
		}
	}
	if !packed && sum > uint64(len(file)) {
		t.Fatalf("%d bytes of frames in a file of %d", sum, len(file))
	}
	if stats := source.Stats(); stats.Bytes != sum {
		t.Fatalf("%d bytes counted, %d given", stats.Bytes, sum)
	}
	if again := source.Next(&frame); again != err {
		t.Fatalf("ended with %v, then %v", err, again)
	}
	if err != io.EOF {
		var damaged *sensor.DamagedError
		if !errors.As(err, &damaged) || damaged.Offset < 0 || (!packed && damaged.Offset > int64(len(file))) {
			t.Fatalf("ended with %v", err)
		}
	}
}
