import type {
  Compilable,
  CompiledQuery,
  DeleteResult,
  InsertResult,
  MergeResult,
  RawBuilder,
  UpdateResult,
} from 'kysely';
import type { CallOptions, RunOptions, StreamOptions } from './call-options.js';
import type { Reported } from './call-report.js';
import type { Changes, RowsOf } from './changes.js';
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
import type { Stream } from './stream.js';

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
type UnitAt<U, N> = string extends keyof U
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
