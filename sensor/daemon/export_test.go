package daemon

import (
	"context"
	"errors"
	"time"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/inventory/boltstore"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/order"
)

// Carry lets the courier carry what waits in a state file to a CMMS, and read back
// what its people did, as of a moment: a replay has no courier, and the running
// daemon has today's clock.
func Carry(ctx context.Context, path string, c configs.Config, connector remediation.Connector, now time.Time) (err error) {
	store, err := boltstore.Open(path, boltstore.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	h, err := openHouse(store, houseOptions{config: c, now: func() time.Time { return now }})
	if err != nil {
		return err
	}
	courier, err := h.courier(connector, order.CourierOptions{Seed: 1, PollEvery: time.Second})
	if err != nil {
		return err
	}
	for range 200 {
		did, _, err := courier.Step(ctx, now)
		if err != nil {
			return err
		}
		if !did {
			return nil
		}
	}
	return errors.New("the courier does not come to rest")
}
