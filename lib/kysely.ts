/** `offthread/kysely`: a pool as a dialect of Kysely, and the tables of entities as Kysely's types. Runs on the caller's thread. */
import {
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  MysqlIntrospector,
  MysqlQueryCompiler,
  type QueryCompiler,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { MysqlPoolAdapter, SqlitePoolAdapter } from './kysely/adapters.js';
import type { DialectPool, HoldLimits } from './kysely/connection.js';
import { PoolDriver } from './kysely/driver.js';
import type { DialectName } from './plan/dialect.js';
import { readObject, readTime } from './plan/option.js';

export type { Tables } from './orm/mapping/tables.js';

/** What may be said of the dialect. Times are in milliseconds, `Infinity` is no limit. */
export interface DialectOptions {
  /** How long nothing may be asked of a transaction before it is rolled back; default 30,000. */
  readonly idleTimeout?: number | undefined;
  /** How long a transaction may last before it is rolled back; default 60,000. */
  readonly totalTimeout?: number | undefined;
}

/**
 * Kysely over a pool: `new Kysely<Tables<typeof entities>>({ dialect: new OffthreadDialect(pool) })`.
 *
 * Each query is a plan of its own, served by whichever lane fits it, also in `db.connection()`. A transaction is a lease: it
 * holds a lane from its begin to its end, on SQLite the one that writes, unless its access mode is `'read only'`. On MySQL SQL
 * text that changes its session (`SET`, `GET_LOCK`, temporary tables) holds one too, until the connection is released.
 *
 * Kysely's migrator has a real lock: of two processes that migrate at the same time, one waits for the other.
 *
 * `db.destroy()` leaves the pool open: it is not Kysely's.
 *
 * @throws TypeError | RangeError for a bad option
 */
export class OffthreadDialect implements Dialect {
  readonly #pool: DialectPool;
  readonly #limits: HoldLimits;
  readonly #parts: Parts;

  constructor(pool: DialectPool, options: DialectOptions = {}) {
    const { idleTimeout, totalTimeout } = readObject('OffthreadDialect', options, ['idleTimeout', 'totalTimeout']);
    this.#pool = pool;
    this.#limits = {
      idleTimeout: readTime('idleTimeout', idleTimeout, 30_000),
      totalTimeout: readTime('totalTimeout', totalTimeout, 60_000),
    };
    this.#parts = parts[pool.dialect];
  }
  createDriver(): Driver {
    return new PoolDriver(this.#pool, this.#limits) as Driver;
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
