import { preloadSqlite } from './connection/sqlite-driver.js';
import { NestedPoolError, PoolClosedError } from './errors.js';
import { type Backup, type BackupOptions, type BackupProgress, Backups } from './lanes/backups.js';
import type { CallSettings } from './lanes/call-settings.js';
import type { Shared } from './lanes/caller.js';
import { Dispatcher } from './lanes/dispatcher.js';
import { Journal } from './lanes/journal.js';
import type { Call } from './lanes/lane.js';
import { type ModulePoolOptions, type PoolOptions, readPoolOptions } from './lanes/options.js';
import { PoolCaller } from './lanes/pool-caller.js';
import type { PoolStats } from './lanes/pool-stats.js';
import { joinStack } from './lanes/stack.js';
import { statsOf } from './lanes/stats.js';
import { Wraps } from './lanes/wrap/wraps.js';
import type { CallOptions } from './plan/call-options.js';
import type { Reported } from './plan/call-report.js';
import type { DatabaseLocation } from './plan/database.js';
import { readObject, readTime } from './plan/option.js';
import type { PoolWith } from './plan/pool-with.js';
import type { Answer, AnyUnits, Checked, Runnable, RunRest, UnitName } from './plan/runner.js';
import { sql } from './plan/sql.js';
import type { Proxied, WrapOptions, Wrapped } from './plan/wrapped.js';
import { now } from './wire/clock.js';
import { LANE_THREAD, type UnitEntry } from './wire/message.js';
import { mark } from './wire/remote/comlink.js';

export type { CallContext, LaneContext, PlanOutline, PoolContext, QueryContext } from './lanes/channels.js';
export type { Times } from './lanes/histogram.js';
export type { Logger } from './lanes/logger.js';
export type { LaneStats } from './lanes/pool-stats.js';
export type { Backup, BackupOptions, BackupProgress, ModulePoolOptions, PoolOptions, PoolStats };

/** Runs plain synchronous database code off this thread; the caller only sees promises. */
export interface Pool<U = AnyUnits> extends PoolWith<U>, AsyncDisposable {
  /**
   * An existing synchronous module, unchanged, on a thread of its own: its functions answer by promises, its classes are
   * constructed by `await new`, and what they return is copied unless it has methods. Without transactions, retries and
   * time limits unless asked for. The thread is started by the first call; a module that exports `close` has that called
   * when the pool is closed. Wrapped again, a module is the same one, by other options.
   *
   * @param module a file URL or an absolute path
   * @throws TypeError | RangeError for a bad option, WrappedModuleError where there is no such file, PoolClosedError; what
   * fails in the import, calls reject with
   */
  // biome-ignore lint/suspicious/noExplicitAny: without a type of the module, anything can be asked of it
  wrap<M = any>(module: URL | string, options?: WrapOptions): Wrapped<M>;
  stats(): PoolStats;
  /** Asks a reader and the writer; resolves with the milliseconds that the slower one took. */
  ping(options?: CallOptions): Promise<number>;
  /**
   * Runs a unit, a query or a list once on every lane, each in a transaction of its own, and answers with their results, the
   * writer's first: for what belongs to a connection, such as a cache that is to be warm, or to each of MySQL's sessions. What
   * writes runs on the lanes that can write: on SQLite that is one.
   *
   * It waits for lanes that are busy or held, and for those that are being opened. Where a lane was lost before it had run there,
   * the one that was opened in its place runs it. Lanes that are opened later have not run it: what every connection needs
   * belongs into `setup`. Where one fails, it rejects with that error when all have ended; what the others did stays.
   */
  broadcast<const W extends UnitName<U> | Runnable | readonly Runnable[], R extends boolean = false>(
    what: W & Checked<U, W>,
    ...rest: RunRest<U, W, R>
  ): Promise<Reported<Answer<U, W>, R>[]>;
  /**
   * Writes a copy of a SQLite database to another file, while readers and writers go on: what was committed when it began,
   * on a thread of its own, in slices. The file is there whole or not at all. A database in memory is copied by its lane, which
   * does nothing else meanwhile. Databases that were attached are not copied.
   *
   * @param path of the copy, which must not be there; its directory must
   * @throws CallError for a place where it cannot stand, DatabaseError, TimeoutError; NotSupportedError on MySQL
   */
  backup(path: string | URL, options?: BackupOptions): Promise<Backup>;
  /**
   * Takes no more calls, lets those that were taken finish, and frees every thread, file and connection. What is not
   * done after `timeout` milliseconds (default: none) is cut as by `destroy`. Rejects with what the `close` of a wrapped
   * module throws, when all is freed.
   */
  close(options?: { readonly timeout?: number }): Promise<void>;
  /** Rejects every call that is left and ends the pool; a statement that cannot be interrupted is not waited for. */
  destroy(): Promise<void>;
}

/**
 * Marks a function, or an object with methods, as an argument for a wrapped module: there it is called by messages, and what
 * it answers is a promise. Synchronous code can call it and go on: a long import tells its progress so, while it runs.
 */
export const proxy: <T extends object>(value: T) => T & Proxied = mark as never;

/**
 * Starts a pool: opens every connection and imports the units, so that what is wrong with them is known at once.
 *
 * @throws TypeError | RangeError for a bad option, DatabaseError, UnitsModuleError, SetupError; NestedPoolError in a unit
 */
export async function createPool<U = AnyUnits>(options: PoolOptions | ModulePoolOptions): Promise<Pool<U>> {
  const settings = readPoolOptions(options);
  if (LANE_THREAD in globalThis) throw new NestedPoolError({});
  const { dialect, sites, units, setup, maxRows, classes, execArgv, env, resourceLimits, call, maxQueue } = settings;
  const wraps = new Wraps(settings);
  const stats = (): PoolStats => statsOf(dispatcher, wraps);
  const location = sites[0]?.location;
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
  return new OpenPool(dispatcher, wraps, shared, call, location) as unknown as Pool<U>;
}

/** Node takes a longer one for 1 ms. */
const LONGEST_TIMER = 2 ** 31 - 1;

class OpenPool extends PoolCaller {
  readonly #dispatcher: Dispatcher;
  readonly #wraps: Wraps;
  readonly #shared: Shared;
  readonly #backups: Backups;
  #closing: Promise<void> | undefined;
  #destroying: Promise<void> | undefined;

  constructor(
    dispatcher: Dispatcher,
    wraps: Wraps,
    shared: Shared,
    settings: CallSettings,
    location: DatabaseLocation | undefined,
  ) {
    super(dispatcher, shared, settings);
    this.#dispatcher = dispatcher;
    this.#wraps = wraps;
    this.#shared = shared;
    // No snapshot of a lane's own memory can be held while that lane goes on writing.
    const vacuum = (copy: string, signal: AbortSignal) =>
      this.run(sql`vacuum into ${copy}`, { signal, transaction: false, timeout: Number.POSITIVE_INFINITY });
    this.#backups = new Backups(location, vacuum);
  }

  wrap(module: URL | string, options?: WrapOptions): never {
    return this.#wraps.wrap(module, options) as never;
  }

  stats(): PoolStats {
    return statsOf(this.#dispatcher, this.#wraps);
  }

  async ping(options?: CallOptions): Promise<number> {
    const start = now();
    const question = sql`select 1`;
    // A list that is not known to read goes to the writer.
    await Promise.all([this.run(question, options), this.run([question], options)]);
    return now() - start;
  }

  async broadcast(what: unknown, args?: unknown, more?: unknown): Promise<unknown[]> {
    let signal: AbortSignal | undefined;
    try {
      const { plan, settings } = this.prepare(what, args, more);
      ({ signal } = settings);
      signal?.throwIfAborted();
      return await this.#dispatcher.broadcast(plan, settings);
    } catch (error) {
      throw joinUnlessReason(error, signal);
    }
  }

  async backup(path: unknown, options?: BackupOptions): Promise<Backup> {
    try {
      if (this.#shared.isClosed) throw new PoolClosedError({ what: 'the backup' });
      return await this.#backups.run(path, options);
    } catch (error) {
      throw joinUnlessReason(error, options?.signal);
    }
  }

  close(options: { timeout?: number } = {}): Promise<void> {
    const { timeout } = readObject('close()', options, ['timeout']);
    const limit = readTime('timeout', timeout, Number.POSITIVE_INFINITY);
    this.#refuse();
    this.#closing ??= this.#drain(limit);
    return this.#closing;
  }

  #refuse(): void {
    this.#shared.isClosed = true;
    this.#wraps.refuse();
  }

  async #drain(limit: number): Promise<void> {
    const timer = limit > LONGEST_TIMER ? undefined : setTimeout(() => void this.destroy(), limit);
    await Promise.all([this.#drained(), this.#wraps.drained()]);
    try {
      if (this.#destroying === undefined) await this.#wraps.close();
    } finally {
      clearTimeout(timer);
      await this.destroy();
    }
  }

  destroy(): Promise<void> {
    this.#refuse();
    this.#destroying ??= this.#end();
    return this.#destroying;
  }

  async #end(): Promise<void> {
    this.#dispatcher.cut();
    this.#wraps.cut();
    this.#backups.cut();
    await this.#drained();
    await Promise.all([this.#dispatcher.end(), this.#wraps.end()]);
  }

  async #drained(): Promise<void> {
    await Promise.all([this.#dispatcher.drained(), this.#backups.settled()]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** The reason of an abort is the caller's own, and told as it is. */
const joinUnlessReason = (error: unknown, signal: AbortSignal | undefined): unknown =>
  signal?.aborted && signal.reason === error ? error : joinStack(error);
