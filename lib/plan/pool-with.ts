import type { CallOptions } from './call-options.js';
import type { Lease, LeaseOptions, TransactionOptions } from './lease.js';
import type { Runner } from './runner.js';

/** A pool for one caller with options of his own, as `pool.with(options)` makes it: whatever has to do with calls, and nothing else. */
export interface PoolWith<U> extends Runner<U> {
  /**
   * The same with these call options as defaults, also of streams, leases and transactions: `pool.with({ signal }).units.userPage(7)`.
   * A lease takes no `retries` and no `transaction` from them.
   */
  with(options: CallOptions): PoolWith<U>;
  /**
   * Takes a lane for this caller alone, with an open transaction: for work that has to await something else between its
   * statements. `await using lease = await pool.lease()` rolls back unless `lease.commit()` was called.
   *
   * On SQLite a lease for writing is the only one that writes: everybody else who wants to write waits until it ends. What can
   * be one unit or one list of plans is quicker and in nobody's way.
   *
   * An open lease keeps the process alive until its limits are over.
   *
   * @throws TypeError | RangeError for a bad option, QueueTimeoutError where no lane was free in time, DatabaseError
   */
  lease(options?: LeaseOptions): Promise<Lease<U>>;
  /**
   * Runs a function on a lease of its own: committed when the function fulfils, rolled back when it throws. The function is
   * given the lease, and does its work there: `pool.transaction(async (tx) => { await tx.run(…); })`.
   *
   * Rejects with what the function threw; with the reason of the end where the lease has ended before it did: see `LeaseOptions`.
   *
   * @throws TypeError | RangeError for a bad option, QueueTimeoutError where no lane was free in time, DatabaseError
   */
  transaction<R>(work: (tx: Lease<U>) => R | PromiseLike<R>, options?: TransactionOptions): Promise<R>;
}
