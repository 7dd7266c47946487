import type { CallOptions } from './call-options.js';
import type { Runner } from './runner.js';

/** What may be said of a lease; what is left out comes from the pool. Times are in milliseconds, `Infinity` is no limit. */
export interface LeaseOptions extends Omit<CallOptions, 'retries' | 'transaction'> {
  /**
   * What it is for. `'write'`, the default, has the lock for writing from its begin on SQLite, where nobody else writes as
   * long as it is open. `'read'` sees one snapshot, beside all others, and refuses to write.
   */
  readonly access?: 'read' | 'write' | undefined;
  /** How long nothing may be asked of it before it is rolled back; default 30,000. */
  readonly idleTimeout?: number | undefined;
  /** How long it may be held before it is rolled back; default 60,000. */
  readonly totalTimeout?: number | undefined;
  /** Of each call in it, not of the whole; what was stopped so is undone, and the lease goes on. */
  readonly timeout?: number | undefined;
  /** How long it may wait for a lane. */
  readonly queueTimeout?: number | undefined;
  /** Rolls it back, and rejects what is under way with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

/** The same for `pool.transaction(fn)`. */
export interface TransactionOptions extends LeaseOptions {
  /**
   * How often the function may run again from its start, after the database rolled its transaction back because of others: a
   * deadlock, a stale snapshot, a busy file. Default 0, since whatever else it does is done again too.
   */
  readonly retries?: number | undefined;
}

/**
 * One lane and one open transaction for one caller. What it runs is done in order, sees what was done before it, and is
 * committed by `commit()` alone. A call that fails undoes only itself, unless the database has ended the whole transaction;
 * nothing is run again by itself.
 */
export interface Lease<U> extends Runner<U>, AsyncDisposable {
  /**
   * Runs a function whose work is undone, and nothing else, if it throws. It gets the lease as it is within; what is asked of
   * the lease from elsewhere meanwhile waits until the function has ended. Savepoints nest.
   */
  savepoint<R>(work: (lease: Lease<U>) => R | PromiseLike<R>): Promise<R>;
  /**
   * Commits what was done, and lets the lane go: the lease has ended then, whatever came of it.
   *
   * @throws DatabaseError where the database refuses; what was done is rolled back then, unless the error's `outcome` is `'unknown'`
   */
  commit(): Promise<void>;
  /** Undoes what was done, and lets the lane go. Where the lease has ended uncommitted before, there is nothing to do. */
  rollback(): Promise<void>;
  /** As `rollback()`, and nothing after `commit()`: for `await using lease = await pool.lease()`. */
  [Symbol.asyncDispose](): Promise<void>;
}
