import type { CompiledQuery, DatabaseConnection, QueryResult, TransactionSettings } from 'kysely';
import { traitsOf } from '../connection/mysql/sql-traits.js';
import { CallError } from '../errors.js';
import type { OpenLease } from '../lanes/lease.js';
import type { CallOptions } from '../plan/call-options.js';
import type { Changes } from '../plan/changes.js';
import type { DialectName } from '../plan/dialect.js';
import { readIsolation } from '../plan/isolation.js';
import type { LeaseOptions } from '../plan/lease.js';
import type { Pool } from '../pool.js';
import { HeldLane, type Span } from './held-lane.js';

// biome-ignore-start lint/suspicious/noExplicitAny: the dialect serves pools of whatever units
/** What of a pool Kysely's driver needs; a lease has none to give. */
export type DialectPool = Pick<Pool<any>, 'run' | 'stream' | 'dialect'> & Partial<Pick<Pool<any>, 'lease'>>;
// biome-ignore-end lint/suspicious/noExplicitAny: the dialect serves pools of whatever units

/** How long a lane may be held. */
export type HoldLimits = Pick<LeaseOptions, 'idleTimeout' | 'totalTimeout'>;

interface Abortable {
  readonly signal?: AbortSignal | undefined;
}

/**
 * What Kysely takes for a connection. It holds a lane only for a transaction, and for what a server keeps in a session; each
 * other query is a plan of its own, for whichever lane fits it.
 */
export class PoolConnection implements DatabaseConnection {
  readonly #pool: DialectPool;
  readonly #limits: HoldLimits;
  #held: HeldLane | undefined;

  constructor(pool: DialectPool, limits: HoldLimits) {
    this.#pool = pool;
    this.#limits = limits;
  }

  async executeQuery<R>(query: CompiledQuery, options?: Abortable): Promise<QueryResult<R>> {
    if (this.#held === undefined && this.#isForSession(query)) await this.hold('session', this.#limits);
    const held = this.#held;
    const runner = held === undefined ? this.#pool : held.lease;
    const answer = (await runner.run(query, toCallOptions(options))) as R[] | Changes;
    await held?.settle();
    return toResult(answer, this.#pool.dialect);
  }

  /** For `inflightQueryAbortStrategy: 'cancel query'` of Kysely 0.29: the signal that went with the query has stopped it. */
  cancelQuery(): Promise<void> {
    return Promise.resolve();
  }

  /** As many rows at once as are asked for. One, which Kysely says where nobody else did, is as they come. */
  async *streamQuery<R>(query: CompiledQuery, size = 1, options?: Abortable): AsyncIterableIterator<QueryResult<R>> {
    const runner = this.#held?.lease ?? this.#pool;
    let rows: R[] = [];
    for await (const chunk of runner.stream(query, { ...toCallOptions(options), chunks: true })) {
      rows = rows.length === 0 ? (chunk as R[]) : rows.concat(chunk as R[]);
      if (size === 1) yield { rows: rows.splice(0) };
      while (rows.length >= size && rows.length > 0) yield { rows: rows.splice(0, size) };
    }
    if (rows.length > 0) yield { rows };
  }

  /** SQL text that sets something in the session of a server: what comes behind it on this connection finds it there. */
  #isForSession({ sql, query }: CompiledQuery): boolean {
    if (this.#pool.dialect !== 'mysql' || this.#pool.lease === undefined) return false;
    if (query.kind !== 'RawNode' && query.kind !== 'CreateTableNode') return false;
    const { marks, controls } = traitsOf(sql);
    // A procedure may have transactions of its own.
    return marks && !controls && !CALL.test(sql);
  }

  // ── Its lane ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** How long it holds its lane, if it does. */
  get span(): Span | undefined {
    return this.#held?.span;
  }
  async hold(span: Span, options: LeaseOptions): Promise<void> {
    if (this.#pool.lease === undefined) throw noLeases();
    // Asked for before anything is awaited: by where that is known, whoever asks is known as its holder.
    const lease = (await this.#pool.lease(options)) as unknown as OpenLease;
    this.#held = new HeldLane(lease, span);
  }
  async letGo(how: 'commit' | 'rollback'): Promise<void> {
    const held = this.#held;
    this.#held = undefined;
    await held?.letGo(how);
  }

  async begin({ isolationLevel, accessMode }: TransactionSettings): Promise<void> {
    const isolation = readIsolation('isolationLevel', isolationLevel);
    const access = accessMode === 'read only' ? 'read' : 'write';
    if (this.#held === undefined) return this.hold('transaction', { ...this.#limits, access, isolation });
    if (access === 'read') throw readsWithin();
    await this.#held.begin(isolation);
  }
  async commit(): Promise<void> {
    const held = this.#held;
    if (held?.span === 'transaction') this.#held = undefined;
    await held?.commit();
  }
  async rollback(): Promise<void> {
    const held = this.#held;
    if (held?.span === 'transaction') this.#held = undefined;
    await held?.rollback();
  }
  async savepoint(name: string): Promise<void> {
    await this.#held?.savepoints.open(name);
  }
  async rollbackToSavepoint(name: string): Promise<void> {
    await this.#held?.savepoints.rollbackTo(name);
  }
  async releaseSavepoint(name: string): Promise<void> {
    await this.#held?.savepoints.release(name);
  }
}

const CALL = /^\s*call\b/i;

const toCallOptions = (options: Abortable | undefined): CallOptions | undefined =>
  options?.signal && { signal: options.signal };

function toResult<R>(answer: R[] | Changes, dialect: DialectName): QueryResult<R> {
  if (Array.isArray(answer)) return { rows: answer };
  const { changes, changedRows } = answer;
  const insertId = answer.insertId === undefined ? {} : { insertId: BigInt(answer.insertId) };
  // Whatever it was that ran, as mysql2 has it.
  const changed = dialect === 'mysql' ? { numChangedRows: BigInt(changedRows ?? 0) } : {};
  return { ...insertId, numAffectedRows: BigInt(changes), ...changed, rows: [] };
}

const noLeases = () =>
  new CallError({
    call: 'Kysely over a lease',
    problem: 'a transaction holds a lane, and a lease is one already',
    wayOut: 'Give the dialect the pool, new OffthreadDialect(pool), or do without the transaction.',
  });
const readsWithin = () =>
  new CallError({
    call: "setAccessMode('read only')",
    problem: 'this connection is held for writing already',
    wayOut: 'Begin the transaction on the Kysely of the whole pool, not in db.connection().',
  });
