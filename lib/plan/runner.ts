import type {
  Compilable,
  CompiledQuery,
  DeleteResult,
  InsertResult,
  MergeResult,
  RawBuilder,
  UpdateResult,
} from 'kysely';
import type {
  AnyClass,
  AnyFunction,
  AnyMapped,
  Carried,
  Detached,
  IsAny,
  Refused,
  Sendable,
  UnitSession,
} from './detached.js';
import type { DialectName } from './dialect.js';
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

/**
 * Rows that are read as they are taken, for one consumer: `for await (const row of pool.stream(query))`. It begins with the
 * first `next()`, and ends early with `break`, `return()` or `await using`.
 */
export interface Stream<T> extends AsyncDisposable {
  next(): Promise<IteratorResult<T, undefined>>;
  /** Ends it: resolves when its statement is closed and its lane is free. */
  return(): Promise<IteratorResult<T, undefined>>;
  /** Ends it, and rejects with this error. */
  throw(error: unknown): Promise<IteratorResult<T, undefined>>;
  [Symbol.asyncIterator](): Stream<T>;
}
/** The same, of a single `run`. */
export interface RunOptions<R extends boolean = false> extends CallOptions {
  /** `true` answers with `{ result, report }`, in which the report says what the call took. */
  readonly report?: R | undefined;
}

/** What a call took. Milliseconds, and counts over all attempts. */
export interface CallReport {
  /** From its submission until a lane began it. */
  readonly wait: number;
  /** From then until it was done, its COMMIT included. */
  readonly run: number;
  /** From its submission until its answer was here. */
  readonly duration: number;
  /** How often it was run: more than once where the database, or the loss of a lane, undid it. */
  readonly attempts: number;
  /** Statements. BEGIN, COMMIT and savepoints, which may be shared, are none. */
  readonly queries: number;
  /** Relations that were loaded by a touch: each that is not a query found what it needed in the session. */
  readonly lazyLoads: number;
  /** Rows that the statements have read. */
  readonly rows: number;
  /** Which lane ran it, as in `pool.stats()`. */
  readonly lane: { readonly id: number; readonly role: 'writer' | 'reader' | 'both' };
}
/** What `run` answers, with a report where one was asked for. */
export type Reported<A, R extends boolean> = R extends true ? { result: A; report: CallReport } : A;

/** What a query answers that returns no rows. */
export interface Changes {
  /** Rows inserted, updated or deleted. */
  readonly changes: number;
  /** The key of the last row inserted, on MySQL of the first; undefined where nothing was. */
  readonly insertId: number | bigint | undefined;
  /** On MySQL, of an UPDATE: how many of the rows that it found had other values before. Absent else. */
  readonly changedRows?: number;
}
/** What a query answers: rows, or what it changed. */
export type RowsOf<O> = O extends InsertResult | UpdateResult | DeleteResult | MergeResult ? Changes : O[];

// biome-ignore-start lint/suspicious/noExplicitAny: only `any` matches a function of whatever arguments, and a query of whatever rows
/** Exports that are units: functions that take a session first. Constants, classes and helpers drop out, namespaces nest. */
export type UnitName<U, Prefix extends string = ''> =
  IsAny<U> extends true
    ? string
    : {
        [K in keyof U & string]: U[K] extends AnyClass
          ? never
          : U[K] extends (session: any, ...args: any[]) => any
            ? IsUnit<U[K]> extends true
              ? `${Prefix}${K}`
              : never
            : U[K] extends object
              ? U[K] extends readonly unknown[] | Carried
                ? never
                : UnitName<U[K], `${Prefix}${K}.`>
              : never;
      }[keyof U & string];
/** A function whose first parameter a session can fill (or that has none). */
type IsUnit<F> = F extends (session: infer S, ...args: any[]) => any
  ? unknown extends S
    ? true
    : S extends UnitSession
      ? true
      : UnitSession extends S
        ? true
        : false
  : false;
export type UnitAt<U, N> = string extends keyof U
  ? U[string & keyof U]
  : N extends `${infer H}.${infer T}`
    ? H extends keyof U
      ? UnitAt<U[H], T>
      : never
    : N extends keyof U
      ? U[N]
      : never;

type Tail<F> = F extends (session: any, ...args: infer A) => any ? A : never;
type Result<F> = F extends (...args: any[]) => infer R ? R : never;
type SendableEach<A extends readonly unknown[]> = { [I in keyof A]: Sendable<A[I]> };
type Args<F> = SendableEach<Tail<F>>;
/** A sentence for units that cannot be called so; never when there is nothing to say. */
type Objection<R> =
  IsAny<R> extends true
    ? never
    : [R] extends [never]
      ? never
      : [R] extends [Iterator<any, any, any>]
        ? Refused<'this unit is a generator: use stream(name, args), or return an array'>
        : Extract<R, PromiseLike<any>> extends never
          ? never
          : Refused<'this unit returns a promise: units are synchronous'>;
type Rest<A extends readonly unknown[], R extends boolean> = [] extends A
  ? [args?: A, options?: RunOptions<R>]
  : [args: A, options?: RunOptions<R>];
/** The name itself, or the sentence that says why this unit cannot be called so. */
export type Checked<U, W> = W extends string
  ? [Objection<Result<UnitAt<U, W>>>] extends [never]
    ? W
    : Objection<Result<UnitAt<U, W>>>
  : W;

declare const answer: unique symbol;
/** A unit call as data, for lists: `pool.run([pool.plan('rename', [7, 'Ada']), insert])`. */
export interface Plan<R = unknown> {
  readonly [answer]: R;
}
export type Runnable = Plan | Compilable<any> | CompiledQuery<any> | RawBuilder<any>;
type PlanAnswer<P> =
  P extends Plan<infer R>
    ? R
    : P extends RawBuilder<infer O>
      ? unknown extends O
        ? Record<string, unknown>[] | Changes
        : (O extends AnyMapped ? Detached<O> : O)[]
      : P extends Compilable<infer O>
        ? RowsOf<O>
        : P extends CompiledQuery<infer O>
          ? RowsOf<O>
          : never;
export type Answer<U, W> = W extends string
  ? Detached<Result<UnitAt<U, W>>>
  : W extends readonly unknown[]
    ? { -readonly [I in keyof W]: PlanAnswer<W[I]> }
    : PlanAnswer<W>;
export type RunRest<U, W, R extends boolean = false> = W extends string
  ? Rest<Args<UnitAt<U, W>>, R>
  : [options?: RunOptions<R>];

export type UnitCalls<U> = {
  readonly [K in keyof U & string as U[K] extends AnyClass
    ? never
    : U[K] extends AnyFunction
      ? IsUnit<U[K]> extends true
        ? K
        : never
      : U[K] extends object
        ? [UnitName<U[K]>] extends [never]
          ? never
          : K
        : never]: U[K] extends AnyFunction ? UnitCall<U[K], Result<U[K]>> : UnitCalls<U[K]>;
};
type UnitCall<F, R> =
  IsIterator<R> extends true
    ? (...args: Args<F>) => Stream<Yielded<R>>
    : [Objection<R>] extends [never]
      ? (...args: Args<F>) => Promise<Detached<R>>
      : Objection<R>;

type IsIterator<R> =
  IsAny<R> extends true ? false : [R] extends [never] ? false : [R] extends [Iterator<any, any, any>] ? true : false;
type Yielded<R> = IsAny<R> extends true ? any : R extends Iterator<infer Y, any, any> ? Detached<Y> : never;
/** Units that are generators, by name. */
export type StreamName<U> =
  string extends UnitName<U>
    ? string
    : { [N in UnitName<U>]: IsIterator<Result<UnitAt<U, N>>> extends true ? N : never }[UnitName<U>];
/** The query itself, or the sentence that says why it cannot be streamed. */
type Streamed<W> = W extends Compilable<infer O> | CompiledQuery<infer O>
  ? IsAny<O> extends true
    ? W
    : [O] extends [InsertResult | UpdateResult | DeleteResult | MergeResult]
      ? Refused<'this query writes, and a stream only reads: give it to run()'>
      : W
  : W;
type RowOf<O> = unknown extends O ? Record<string, unknown> : O extends AnyMapped ? Detached<O> : O;
type ItemOf<U, W> = W extends string
  ? Yielded<Result<UnitAt<U, W>>>
  : W extends RawBuilder<infer O>
    ? RowOf<O>
    : W extends Compilable<infer O> | CompiledQuery<infer O>
      ? O
      : never;
type StreamRest<U, W> = W extends string
  ? [] extends Args<UnitAt<U, W>>
    ? [args?: Args<UnitAt<U, W>>, options?: StreamOptions]
    : [args: Args<UnitAt<U, W>>, options?: StreamOptions]
  : [options?: StreamOptions];
type InChunks<R extends readonly unknown[]> = R extends readonly [...unknown[], { readonly chunks: true }]
  ? true
  : false;

/** One generic signature, not overloads: the compiler then names the wrong unit or argument instead of "no overload matches". */
export interface Runner<U> {
  /**
   * Runs a unit by its name, a query, or a list of plans in one transaction, off this thread.
   *
   * Fulfilled means committed; rejected means not committed, unless the error's `outcome` is `'unknown'`. A unit may run
   * again from its start when the database rolled it back whole, so it must have no effects outside of the database.
   */
  run<const W extends UnitName<U> | Runnable | readonly Runnable[], R extends boolean = false>(
    what: W & Checked<U, W>,
    ...rest: RunRest<U, W, R>
  ): Promise<Reported<Answer<U, W>, R>>;
  /**
   * The rows of a query, or what a generator unit yields, one after the other, in one transaction that only reads. Rows are read
   * as they are taken: no more than a few chunks of them are on their way. Until its end a stream holds a lane.
   *
   * Streams leave one lane to all other calls. A pool that has only one (`threads: 1`, a database in memory) keeps them waiting until
   * the stream has ended: whoever awaits one of them between two rows waits for himself, until the call's `queueTimeout` or the
   * stream's `idleTimeout`. He collects first, or asks for more behind the loop.
   *
   * Nothing is begun before the first `next()`. An error in the middle comes behind the rows before it. `maxRows` does not count.
   *
   * @throws UnknownUnitError, NotStreamableError, PoolClosedError, TypeError | RangeError at once where it cannot be begun
   */
  stream<
    const W extends StreamName<U> | Compilable<any> | CompiledQuery<any> | RawBuilder<any>,
    R extends StreamRest<U, W>,
  >(what: W & Streamed<W>, ...rest: R): Stream<InChunks<R> extends true ? ItemOf<U, W>[] : ItemOf<U, W>>;
  /** A unit call as data, for a list. The arguments are copied now. */
  plan<const N extends UnitName<U>>(
    name: N & Checked<U, N>,
    ...args: [] extends Args<UnitAt<U, N>> ? [args?: Args<UnitAt<U, N>>] : [args: Args<UnitAt<U, N>>]
  ): Plan<Detached<Result<UnitAt<U, N>>>>;
  /** Whose SQL the database speaks; MariaDB's is 'mysql' too. */
  readonly dialect: DialectName;
  /** Every unit as a function of its arguments, a generator as one that answers with a stream; an object without a prototype, nested as the module is. */
  readonly units: UnitCalls<U>;
  /** The same with these call options as defaults. */
  with(options: CallOptions): Runner<U>;
}
/** What `typeof units` stands for where it is not given: any name, any arguments. */
export type AnyUnits = Record<string, (session: any, ...args: any[]) => any>;
// biome-ignore-end lint/suspicious/noExplicitAny: see above
