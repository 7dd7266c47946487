import { type TracingChannel, tracingChannel } from 'node:diagnostics_channel';
import type { DialectName } from '../plan/dialect.js';
import type { Isolation } from '../plan/isolation.js';
import type { Trace } from '../wire/record.js';
import type { PoolStats } from './pool-stats.js';

/** A pool, in what is published about it. One object a pool. */
export interface PoolContext {
  /** Its database: `/data/shop.db`, `db.example:3306/shop`. Never a user or a password. */
  readonly name: string;
  /** Undefined where a pool only wraps modules. */
  readonly dialect: DialectName | undefined;
  stats(): PoolStats;
}

/** A lane's life, published on `tracing:offthread:lane:*`. One object a lane, whose `event` says how far it has come. */
export interface LaneContext {
  readonly pool: PoolContext;
  readonly id: number;
  readonly role: 'writer' | 'reader' | 'both';
  /** MariaDB is told from MySQL when the lane is open. */
  readonly system: 'sqlite' | 'mysql' | 'mariadb';
  /** The database's name on its server; on SQLite the path of its file. */
  readonly namespace: string | undefined;
  /** The server's name, or the path of its socket; missing on SQLite. */
  readonly address: string | undefined;
  readonly port: number | undefined;
  readonly event: 'opening' | 'opened' | 'failed' | 'retired' | 'returned' | 'lost' | 'closed';
  /** When it began to open, in milliseconds since 1970. */
  readonly start: number;
  /** Milliseconds from then until it was open. */
  readonly openedAfter?: number;
  /** Why it failed to open, was lost, or was retired. */
  readonly error?: unknown;
}

/** A plan without its values. */
export type PlanOutline =
  | { readonly kind: 'unit'; readonly name: string }
  | { readonly kind: 'query'; readonly sql: string }
  | { readonly kind: 'list'; readonly plans: readonly PlanOutline[] }
  | { readonly kind: 'stream'; readonly source: PlanOutline }
  | { readonly kind: 'lease'; readonly access: 'read' | 'write' };

/** A call of a pool, published on `tracing:offthread:call:*`. One object a call, from its submission until it is settled. */
export interface CallContext {
  readonly pool: PoolContext;
  /** As errors call it: `the unit 'rename'`. */
  readonly what: string;
  readonly kind: PlanOutline['kind'];
  /** The unit's name, or the query's text, also of a stream; `'list'`, `'lease'`. */
  readonly name: string;
  readonly plan: PlanOutline;
  /** As they hold for this call, those of the pool included. Milliseconds. */
  readonly options: {
    readonly timeout: number;
    readonly queueTimeout: number;
    readonly retries: number;
    readonly isolation: Isolation | undefined;
    readonly transaction: boolean;
  };
  /** When it was submitted, in milliseconds since 1970. */
  readonly start: number;
  /** A subscriber to `start` may set it: it goes to the unit, as `session.trace`. Names and values are texts. */
  trace?: Trace | undefined;
  /** Which lane ran it last; missing where none has begun it. */
  readonly lane?: LaneContext;
  /** Milliseconds from its submission until that lane began it. */
  readonly wait?: number;
  /** Milliseconds from then until it was done, its COMMIT included. */
  readonly run?: number;
  /** Milliseconds from its submission until it was settled. */
  readonly duration?: number;
  /** How often it was run: more than once where the database, or the loss of a lane, undid it. */
  readonly attempts?: number;
  /** Statements over all attempts, the rows that they read, and relations that were loaded by a touch. */
  readonly queries?: number;
  readonly rows?: number;
  readonly lazyLoads?: number;
  /** What the caller gets. */
  readonly result?: unknown;
  readonly error?: unknown;
}

/** A statement, published on `tracing:offthread:query:*` when its call's answer has come: `start` and `end`, one behind the other. */
export interface QueryContext {
  readonly call: CallContext;
  readonly lane: LaneContext;
  readonly sql: string;
  /** How many values were bound. */
  readonly parameters: number;
  /** When the lane began it, in milliseconds since 1970, on the same clock as the call's `start`. */
  readonly start: number;
  /** Milliseconds. */
  readonly duration: number;
  readonly rows: number;
  /** Rows that it changed; undefined where it answered with rows. */
  readonly changes: number | undefined;
  readonly error?: unknown;
}

export const callChannel: TracingChannel<CallContext, CallContext> = tracingChannel('offthread:call');
export const queryChannel: TracingChannel<QueryContext, QueryContext> = tracingChannel('offthread:query');
export const laneChannel: TracingChannel<LaneContext, LaneContext> = tracingChannel('offthread:lane');

/** Whether anybody wants to know of calls. */
export const areCallsHeard = (): boolean => callChannel.hasSubscribers || queryChannel.hasSubscribers;

/** What is read by others is written by us. */
export type Written<T> = { -readonly [K in keyof T]: T[K] };
