import type { Isolation } from './isolation.js';

/** What may be said of a single call; what is left out comes from the pool. Times are in milliseconds, `Infinity` is no limit. */
export interface CallOptions {
  /** Rejects with `signal.reason`; a call that waits is dropped, one that runs is stopped and rolled back. */
  readonly signal?: AbortSignal | undefined;
  /** How long it may run, from its claim by a lane, over all attempts. */
  readonly timeout?: number | undefined;
  /** How long it may wait for a lane. */
  readonly queueTimeout?: number | undefined;
  /** How often it may run again after the database rolled it back whole. */
  readonly retries?: number | undefined;
  /**
   * What its transaction may see of others. On MySQL without it: as the server is set, `'repeatable read'` unless somebody
   * changed that. SQLite has one level, `'serializable'`, which keeps what the others promise.
   */
  readonly isolation?: Isolation | undefined;
  /** `false` runs it alone and outside of a transaction (VACUUM and its kind); it is then never run again. */
  readonly transaction?: false | undefined;
}

/** What may be said of a single `run`. */
export interface RunOptions<R extends boolean = false> extends CallOptions {
  /** `true` answers with `{ result, report }`, in which the report says what the call took. */
  readonly report?: R | undefined;
}

/** What may be said of a stream; what is left out comes from the pool, but for `timeout`, which a stream has only where it is given. */
export interface StreamOptions extends Pick<CallOptions, 'signal' | 'queueTimeout' | 'isolation'> {
  /**
   * How long the whole of it may take, from its claim by a lane, with the time that its consumer takes; default none. One
   * that is set by `with` counts too.
   */
  readonly timeout?: number | undefined;
  /**
   * How long its consumer may take nothing of what is ready; then it ends with a StreamIdleError, and its lane is free. Default
   * 30,000. On MySQL the server hangs up by itself after its `net_write_timeout`, 60 seconds unless it is set otherwise.
   */
  readonly idleTimeout?: number | undefined;
  /** `true` yields arrays of rows as they have come, at most 256 or about 64 KB, instead of one after the other. */
  readonly chunks?: boolean | undefined;
}
