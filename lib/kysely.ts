/** `offthread/kysely`: a pool as a dialect of Kysely, and the tables of entities as Kysely's types. Runs on the caller's thread. */
import {
  type CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  MysqlAdapter,
  MysqlIntrospector,
  MysqlQueryCompiler,
  type QueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { NotSupportedError } from './errors.js';
import type { DialectName } from './plan/dialect.js';
import type { Changes } from './plan/runner.js';
import type { Pool } from './pool.js';

export type { Tables } from './orm/mapping/tables.js';

/**
 * Kysely over a pool: `new Kysely<Tables<typeof entities>>({ dialect: new OffthreadDialect(pool) })`.
 *
 * Each query is a plan of its own, served by whichever lane fits it. Transactions and streams come in a later version;
 * until then a list of plans or a unit is one transaction, and Kysely's migrator takes no lock: let one process migrate. `db.destroy()` leaves the pool open: it is not Kysely's.
 */
export class OffthreadDialect implements Dialect {
  readonly #pool: Runs;
  readonly #parts: Parts;

  constructor(pool: Runs) {
    this.#pool = pool;
    this.#parts = parts[pool.dialect];
  }
  createDriver(): Driver {
    return new PoolDriver(this.#pool);
  }
  createQueryCompiler(): QueryCompiler {
    return this.#parts.compiler();
  }
  createAdapter(): DialectAdapter {
    return this.#parts.adapter();
  }
  // biome-ignore lint/suspicious/noExplicitAny: as Kysely declares it
  createIntrospector(db: Kysely<any>): DatabaseIntrospector {
    return this.#parts.introspector(db);
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the dialect serves pools of whatever units
type Runs = Pick<Pool<any>, 'run' | 'dialect'>;

/** What Kysely has for a database, by its name. */
interface Parts {
  readonly compiler: () => QueryCompiler;
  readonly adapter: () => DialectAdapter;
  // biome-ignore lint/suspicious/noExplicitAny: as Kysely declares it
  readonly introspector: (db: Kysely<any>) => DatabaseIntrospector;
}
const parts: Readonly<Record<DialectName, Parts>> = {
  sqlite: {
    compiler: () => new SqliteQueryCompiler(),
    adapter: () => new SqlitePoolAdapter(),
    introspector: (db) => new SqliteIntrospector(db),
  },
  mysql: {
    compiler: () => new MysqlQueryCompiler(),
    adapter: () => new MysqlPoolAdapter(),
    introspector: (db) => new MysqlIntrospector(db),
  },
};

class SqlitePoolAdapter extends SqliteAdapter {
  /** Without this, Kysely would let one query wait for the other. */
  get supportsMultipleConnections(): boolean {
    return true;
  }
}

class MysqlPoolAdapter extends MysqlAdapter {
  // Its lock belongs to a session, and each query has one of its own: it would be gone before the first migration.
  override acquireMigrationLock(): Promise<void> {
    return Promise.resolve();
  }
  override releaseMigrationLock(): Promise<void> {
    return Promise.resolve();
  }
}

const later = (what: string) =>
  Promise.reject(
    new NotSupportedError({
      what,
      wayOut: 'Until then a unit, or a list of plans given to pool.run, is one transaction.',
    }),
  );

class PoolDriver implements Driver {
  readonly #connection: DatabaseConnection;

  constructor(pool: Runs) {
    this.#connection = {
      executeQuery: async <R>(query: CompiledQuery, options?: { signal?: AbortSignal }): Promise<QueryResult<R>> => {
        const answer = (await pool.run(query, { signal: options?.signal })) as R[] | Changes;
        if (Array.isArray(answer)) return { rows: answer };
        const insertId = answer.insertId === undefined ? {} : { insertId: BigInt(answer.insertId) };
        return { rows: [], numAffectedRows: BigInt(answer.changes), ...insertId };
      },
      // biome-ignore lint/correctness/useYield: a stream that says that there is none yet
      streamQuery: async function* () {
        await later('Streaming through Kysely');
      },
    };
  }
  init(): Promise<void> {
    return Promise.resolve();
  }
  acquireConnection(): Promise<DatabaseConnection> {
    // Kysely wraps the methods of what it gets: an object of its own for each.
    return Promise.resolve({ ...this.#connection });
  }
  beginTransaction(): Promise<void> {
    return later('A transaction through Kysely');
  }
  commitTransaction(): Promise<void> {
    return later('A transaction through Kysely');
  }
  rollbackTransaction(): Promise<void> {
    return Promise.resolve();
  }
  releaseConnection(): Promise<void> {
    return Promise.resolve();
  }
  destroy(): Promise<void> {
    return Promise.resolve();
  }
}
