import { Kysely } from 'kysely';
import { createPool, type Pool } from 'offthread';
import { OffthreadDialect, type Tables } from 'offthread/kysely';
import { Scratch } from '../scratch.js';
import type * as entities from './entities.js';

const SCHEMA = `
  create table author (id integer primary key, name text not null, pen_name text, born integer not null default 1900);
  create table book (
    id integer primary key,
    author_id integer not null references author,
    title text not null unique,
    pages integer
  );
  insert into author values (1, 'Ursula', null, 1929), (2, 'Samuel', 'Mark', 1835);
  insert into book values (1, 1, 'The Dispossessed', 387), (2, 1, 'The Lathe', 184), (3, 2, 'The Innocents', null);
`;

/** A library of books on a file, a pool with a writer and two readers, and Kysely over it. */
export class Library {
  readonly #scratch: Scratch;
  readonly outside: ReturnType<Scratch['writer']>;
  readonly pool: Pool;
  readonly db: Kysely<Tables<typeof entities>>;

  private constructor(scratch: Scratch, outside: ReturnType<Scratch['writer']>, pool: Pool) {
    this.#scratch = scratch;
    this.outside = outside;
    this.pool = pool;
    this.db = new Kysely<Tables<typeof entities>>({ dialect: new OffthreadDialect(pool) });
  }

  static async open(): Promise<Library> {
    const scratch = new Scratch();
    const outside = scratch.writer(SCHEMA);
    return new Library(scratch, outside, await createPool({ database: `sqlite:${scratch.file()}`, threads: 3 }));
  }

  async close(): Promise<void> {
    await this.db.destroy();
    await this.pool.close();
    this.#scratch.remove();
  }
}
