package inventory_test

import (
	"testing"

	"github.com/auscult/auscult/inventory"
)

func TestHazardsAreRanked(t *testing.T) {
	last := len(inventory.Hazards()) + 1
	for _, h := range inventory.Hazards() {
		if h.Rank() <= 0 || h.Rank() >= last {
			t.Errorf("%s has rank %d after %d", h, h.Rank(), last)
		}
		last = h.Rank()
	}
	for _, h := range []inventory.Hazard{inventory.HazardNone, "toxic"} {
		if h.Rank() != 0 {
			t.Errorf("%q has rank %d, want 0", h, h.Rank())
		}
	}
}
