import { createPool, type Pool, type PoolOptions } from 'offthread';
import { createTables, openSession } from 'offthread/orm';
import { sharedServer } from '../mysql/server.js';
import { Scratch } from '../scratch.js';
import type * as units from './units.js';
import * as entities from './units.js';

type Library = Pool<typeof units>;

/** A database of two authors with two books each, and a pool on it. */
export interface Stage {
  readonly url: string;
  /** What its contexts call it. */
  readonly name: string;
  readonly pool: Library;
  readonly port: number | undefined;
  readonly system: 'sqlite' | 'mariadb' | 'mysql';
  remove(): Promise<void>;
}

/** For tests that need no entities: see there. */
export const plainUnits = new URL('./plain-units.js', import.meta.url);

let stages = 0;

export const newStage = (dialect: 'sqlite' | 'mysql', options: Partial<PoolOptions> = {}): Promise<Stage> =>
  dialect === 'sqlite' ? sqliteStage(options) : mysqlStage(options);

async function sqliteStage(options: Partial<PoolOptions>): Promise<Stage> {
  const scratch = new Scratch();
  const name = scratch.file('library.db');
  const url = `sqlite:${name}`;
  const pool = await openPool(url, options);
  return {
    ...{ url, pool, name, port: undefined, system: 'sqlite' },
    async remove() {
      await pool.destroy();
      scratch.remove();
    },
  };
}

async function mysqlStage(options: Partial<PoolOptions>): Promise<Stage> {
  const server = await sharedServer();
  const name = `observe_${process.pid}_${stages++}`;
  await server.makeDatabase(name);
  const pool = await openPool(server.url(name), options);
  return {
    ...{ url: server.url(name), pool, name: `${server.host}:${server.port}/${name}` },
    ...{ port: server.port, system: server.system },
    async remove() {
      await pool.destroy();
      const connection = await server.connect(name);
      await connection.query(`drop database ${name}`);
      connection.destroy();
    },
  };
}

function openPool(database: string, options: Partial<PoolOptions>): Promise<Library> {
  using session = openSession(database);
  session.transaction((within) => {
    createTables(within, [entities.Author, entities.Book]);
    entities.library(within);
  });
  return createPool<typeof units>({
    database,
    units: new URL('./units.js', import.meta.url),
    threads: 2,
    ...options,
  });
}

/** The same tests on either database. */
export function onEach(title: string, describeOn: (dialect: 'sqlite' | 'mysql') => void): void {
  describe(`${title} (SQLite)`, () => describeOn('sqlite'));
  describe(`${title} (MySQL)`, () => describeOn('mysql'));
}
