package demo

import (
	"bytes"
	"testing"
	"time"
)

func TestRedate(t *testing.T) {
	recorded := time.Date(2026, 11, 23, 17, 13, 0, 0, time.UTC)
	frame := []byte("MSH|20261123171312||P202611231713121|19440412000000|2026112317131|")
	redate(frame, recorded, 48*time.Hour)
	want := "MSH|20261125171312||P202611251713121|19440412000000|2026112317131|"
	if string(frame) != want {
		t.Errorf("got  %s\nwant %s", frame, want)
	}
}

// The sample is played on other days than its own: no stamp of the recording may
// be left in any frame, or its pumps would speak of the past.
func TestSampleSpeaksOfNow(t *testing.T) {
	for _, act := range Acts() {
		shots, err := reel(act)
		if err != nil {
			t.Fatal(err)
		}
		day := []byte(shots[0].recorded.Format("20060102"))
		moved := 0
		for _, s := range shots {
			had := bytes.Count(s.data, day)
			redate(s.data, s.recorded, 100*24*time.Hour)
			moved += had
			if left := bytes.Count(s.data, append(day, '1', '7')); left > 0 {
				t.Errorf("%s: %d stamps of the recording are left in a frame", act, left)
			}
		}
		if moved == 0 {
			t.Errorf("%s holds no stamp: the test looks for the wrong day", act)
		}
	}
}
