import Database from 'better-sqlite3';
import { type Generated, Kysely, type KyselyConfig, MysqlDialect, SqliteDialect, sql } from 'kysely';
import { createPool as createMysqlPool } from 'mysql2';
import { createPool, type Pool, type PoolOptions } from 'offthread';
import { type DialectOptions, OffthreadDialect } from 'offthread/kysely';
import type { Dialect } from '../lanes/dialects.js';
import { sharedServer } from '../mysql/server.js';
import { Scratch } from '../scratch.js';

export interface Tables {
  book: { id: Generated<number>; title: string; pages: number | null };
}

/** A database with one table of books, a pool on it, and Kysely over the pool. */
export interface Shelf {
  readonly url: string;
  readonly pool: Pool;
  readonly db: Kysely<Tables>;
  /** Kysely over the same database by its own dialect, on connections of its own. */
  readonly own: Kysely<Tables>;
  /** Kysely over another pool on the database; closed with the shelf. */
  open(options?: Partial<PoolOptions>, dialect?: DialectOptions): Promise<Kysely<Tables> & { readonly pool: Pool }>;
  with(config: Omit<KyselyConfig, 'dialect'>): Kysely<Tables>;
  /** The titles that are committed, in their order. */
  titles(): Promise<string[]>;
  remove(): Promise<void>;
}

let shelves = 0;

export async function newShelf(dialect: Dialect, options: Partial<PoolOptions> = {}): Promise<Shelf> {
  const place = await (dialect === 'sqlite' ? inFile() : onServer(`shelf_${++shelves}`));
  const { url, own } = place;
  await own.schema
    .createTable('book')
    .addColumn('id', 'integer', (column) => (dialect === 'sqlite' ? column : column.autoIncrement()).primaryKey())
    .addColumn('title', 'varchar(100)', (column) => column.notNull().unique())
    .addColumn('pages', 'integer')
    .execute();
  const pools: Pool[] = [];
  const open = async (more: Partial<PoolOptions> = {}, held?: DialectOptions) => {
    const pool = await createPool({ database: url, threads: 2, ...more });
    pools.push(pool);
    return Object.assign(new Kysely<Tables>({ dialect: new OffthreadDialect(pool, held) }), { pool });
  };
  const db = await open(options);
  return {
    url,
    pool: db.pool,
    db,
    own,
    open,
    with: (config) => new Kysely<Tables>({ ...config, dialect: new OffthreadDialect(db.pool) }),
    titles: async () =>
      (await own.selectFrom('book').select('title').orderBy('id').execute()).map(({ title }) => title),
    remove: async () => {
      await Promise.all(pools.map((pool) => pool.destroy()));
      await place.remove();
    },
  };
}

interface Place {
  readonly url: string;
  readonly own: Kysely<Tables>;
  readonly remove: () => Promise<void>;
}

function inFile(): Place {
  const scratch = new Scratch();
  const database = new Database(scratch.file());
  database.pragma('journal_mode = wal');
  const own = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
  const remove = async () => {
    await own.destroy();
    scratch.remove();
  };
  return { url: `sqlite:${scratch.file()}`, own, remove };
}

async function onServer(name: string): Promise<Place> {
  const server = await sharedServer();
  await server.makeDatabase(name);
  const { host, port, user, password } = server;
  const own = new Kysely<Tables>({
    dialect: new MysqlDialect({ pool: createMysqlPool({ host, port, user, password, database: name }) }),
  });
  const remove = async () => {
    await sql`drop database ${sql.id(name)}`.execute(own);
    await own.destroy();
  };
  return { url: server.url(name), own, remove };
}

/** The same tests on either database, each on a shelf of its own that is empty before each of them. */
export function onEach(
  title: string,
  describeOn: (shelf: () => Shelf, dialect: Dialect) => void,
  options: Partial<PoolOptions> = {},
): void {
  for (const dialect of ['sqlite', 'mysql'] as const)
    describe(`${title} (${dialect === 'sqlite' ? 'SQLite' : 'MySQL'})`, () => {
      let shelf: Shelf;
      before(async () => {
        shelf = await newShelf(dialect, options);
      });
      beforeEach(() => shelf.own.deleteFrom('book').execute());
      after(() => shelf.remove());
      describeOn(() => shelf, dialect);
    });
}

/** Where nobody needs two at once: each lane is a thread to start. */
export const onOneLane = (title: string, describeOn: Parameters<typeof onEach>[1]): void =>
  onEach(title, describeOn, { threads: 1 });

/** How many lanes are held. */
export const heldLanes = (pool: Pool): number => pool.stats().lanes.filter(({ state }) => state === 'held').length;

/** Resolves when none is held any more: a lane says so a moment after whoever held it has had his answer. */
export async function noneHeld(pool: Pool): Promise<void> {
  for (let turn = 0; heldLanes(pool) > 0; turn++) {
    if (turn === 1_000) throw new Error(`${heldLanes(pool)} lanes are still held.`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
