package store

import "context"

// TakeOverLeases ends every lease at once. It is for a server that knows it is
// the only one on its database: what leases there are belong to one that died,
// and nobody needs to wait until they run out.
func (s *Store) TakeOverLeases(ctx context.Context) error {
	return s.InTx(ctx, func(tx *Tx) error {
		if err := tx.exec(ctx, "take over leases", `UPDATE chunks SET lease_until = 0 WHERE lease_until > 0`); err != nil {
			return err
		}
		if err := tx.exec(ctx, "take over leases", `UPDATE timers SET lease_until = 0 WHERE lease_until > 0`); err != nil {
			return err
		}
		return tx.exec(ctx, "take over leases", `UPDATE due_deliveries SET lease_until = 0 WHERE lease_until > 0`)
	})
}
