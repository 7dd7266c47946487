import { preloadSqlite } from './connection/sqlite-driver.js';
import { NestedPoolError, optionError, PoolClosedError } from './errors.js';
import { Caller, type Shared } from './lanes/caller.js';
import { Dispatcher } from './lanes/dispatcher.js';
import { Journal } from './lanes/journal.js';
import type { Call } from './lanes/lane.js';
import { type OpenLease, takeLease } from './lanes/lease.js';
import { type LeaseSettings, readLeaseOptions } from './lanes/lease-options.js';
import { type CallSettings, type PoolOptions, readPoolOptions } from './lanes/options.js';
import type { PoolStats } from './lanes/pool-stats.js';
import type { Site } from './lanes/sites.js';
import { joinStack } from './lanes/stack.js';
import { statsOf } from './lanes/stats.js';
import { runTransaction } from './lanes/transaction.js';
import type { Lease, LeaseOptions, TransactionOptions } from './plan/lease.js';
import { readTime } from './plan/option.js';
import { nameOf } from './plan/plan.js';
import type { AnyUnits, CallOptions, Runner } from './plan/runner.js';
import { sql } from './plan/sql.js';
import { now } from './wire/clock.js';
import { LANE_THREAD, type UnitEntry } from './wire/message.js';

export type { CallContext, LaneContext, PlanOutline, PoolContext, QueryContext } from './lanes/channels.js';
export type { Times } from './lanes/histogram.js';
export type { Logger } from './lanes/logger.js';
export type { LaneStats } from './lanes/pool-stats.js';
export type { PoolOptions, PoolStats };

/** Runs plain synchronous database code off this thread; the caller only sees promises. */
export interface Pool<U = AnyUnits> extends Runner<U>, AsyncDisposable {
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
  stats(): PoolStats;
  /** Asks a reader and the writer; resolves with the milliseconds that the slower one took. */
  ping(options?: CallOptions): Promise<number>;
  /**
   * Takes no more calls, lets those that were taken finish, and frees every thread, file and connection. What is not
   * done after `timeout` milliseconds (default: none) is cut as by `destroy`.
   */
  close(options?: { readonly timeout?: number }): Promise<void>;
  /** Rejects every call that is left and ends the pool; a statement that cannot be interrupted is not waited for. */
  destroy(): Promise<void>;
}

/**
 * Starts a pool: opens every connection and imports the units, so that what is wrong with them is known at once.
 *
 * @throws TypeError | RangeError for a bad option, DatabaseError, UnitsModuleError, SetupError; NestedPoolError in a unit
 */
export async function createPool<U = AnyUnits>(options: PoolOptions): Promise<Pool<U>> {
  const settings = readPoolOptions(options);
  if (LANE_THREAD in globalThis) throw new NestedPoolError({});
  const { dialect, sites, units, setup, maxRows, classes, execArgv, env, resourceLimits, call, maxQueue } = settings;
  const [{ location }] = sites as readonly [Site];
  const stats = (): PoolStats => statsOf(dispatcher);
  if (dialect === 'sqlite') preloadSqlite();
  const dispatcher: Dispatcher = new Dispatcher(
    {
      sites,
      classes,
      opening: { units, setup, maxRows },
      threads: { execArgv, env, resourceLimits },
      journal: new Journal({ location, logger: settings.logger, slowCall: settings.slowCall, classes, stats }),
    },
    maxQueue,
  );
  let entries: readonly UnitEntry[];
  try {
    entries = await dispatcher.roster.open();
  } catch (error) {
    await dispatcher.end();
    throw joinStack(error);
  }
  const shared: Shared = {
    submit: (call) => dispatcher.submit(call),
    journal: dispatcher.journal,
    entries: new Map(entries.map((entry) => [entry.name, entry])),
    dialect,
    streams: {
      submit: (call) => dispatcher.submitStream(call),
      take: (call: Call) => call.lane?.take(call),
      leave: (call) => dispatcher.leave(call),
    },
    isClosed: false,
  };
  return new OpenPool(dispatcher, shared, call) as unknown as Pool<U>;
}

/** Node takes a longer one for 1 ms. */
const LONGEST_TIMER = 2 ** 31 - 1;

class OpenPool extends Caller {
  readonly #dispatcher: Dispatcher;
  readonly #shared: Shared;
  readonly #settings: CallSettings;
  #closing: Promise<void> | undefined;
  #destroying: Promise<void> | undefined;

  constructor(dispatcher: Dispatcher, shared: Shared, settings: CallSettings) {
    super(shared, settings);
    this.#dispatcher = dispatcher;
    this.#shared = shared;
    this.#settings = settings;
  }

  stats(): PoolStats {
    return statsOf(this.#dispatcher);
  }

  async ping(options?: CallOptions): Promise<number> {
    const start = now();
    const question = sql`select 1`;
    // A list that is not known to read goes to the writer.
    await Promise.all([this.run(question, options), this.run([question], options)]);
    return now() - start;
  }

  lease(options?: LeaseOptions): Promise<OpenLease> {
    try {
      const settings = this.#leaseSettings(options, 'lease');
      return takeLease(this.#dispatcher, this.#shared, settings, 'by hand').then(({ lease }) => lease);
    } catch (error) {
      return Promise.reject(joinStack(error));
    }
  }
  transaction<R>(work: (lease: OpenLease) => R | PromiseLike<R>, options?: TransactionOptions): Promise<R> {
    try {
      if (typeof work !== 'function') throw optionError('type', 'transaction(fn)', work, 'a function of a lease');
      return runTransaction(this.#dispatcher, this.#shared, this.#leaseSettings(options, 'transaction'), work);
    } catch (error) {
      return Promise.reject(joinStack(error));
    }
  }
  #leaseSettings(options: TransactionOptions | undefined, of: 'lease' | 'transaction'): LeaseSettings {
    const settings = readLeaseOptions(options, this.#settings, of);
    if (this.#shared.isClosed) throw new PoolClosedError({ what: nameOf(settings.plan) });
    return settings;
  }

  close({ timeout }: { timeout?: number } = {}): Promise<void> {
    const limit = readTime('timeout', timeout, Number.POSITIVE_INFINITY);
    this.#shared.isClosed = true;
    this.#closing ??= this.#drain(limit);
    return this.#closing;
  }

  async #drain(limit: number): Promise<void> {
    const timer = limit > LONGEST_TIMER ? undefined : setTimeout(() => void this.destroy(), limit);
    await this.#dispatcher.drained();
    clearTimeout(timer);
    await this.destroy();
  }

  destroy(): Promise<void> {
    this.#shared.isClosed = true;
    this.#destroying ??= this.#end();
    return this.#destroying;
  }

  async #end(): Promise<void> {
    this.#dispatcher.cut();
    await this.#dispatcher.drained();
    await this.#dispatcher.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
