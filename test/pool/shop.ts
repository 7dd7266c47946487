import type { Database } from 'better-sqlite3';
import { type AnyUnits, createPool, type Pool, type PoolOptions } from 'offthread';
import { Scratch } from '../scratch.js';

const SCHEMA = `
  create table user (
    id integer primary key,
    name text not null check (name <> ''),
    email text unique,
    tags text not null default '[]',
    photo blob,
    joined text,
    coins integer
  );
  create table address (id integer primary key, user_id integer not null references user, street text not null);
  insert into user (id, name, email) values (1, 'Ada', 'ada@example.org'), (2, 'Grace', null);
  insert into address (id, user_id, street) values (1, 1, 'St James Square'), (2, 1, 'Ockham Park');
`;

/** A database with two users, and the pools that a test opens on it: `await using shop = new Shop()`. */
export class Shop {
  readonly #scratch = new Scratch();
  readonly #pools: AsyncDisposable[] = [];
  readonly file = this.#scratch.file();
  /** A connection beside those of the pools, as another process would have it. */
  readonly outside: Database;

  constructor(schema = SCHEMA) {
    this.outside = this.#scratch.writer(schema);
  }

  /** A path beside the database, for another one. */
  path(name: string): string {
    return this.#scratch.file(name);
  }

  /** A pool on the database; with one lane unless the test says otherwise, since each lane is a thread to start. */
  async open<U = AnyUnits>(options: Partial<PoolOptions> = {}): Promise<Pool<U>> {
    const pool = await createPool<U>({ database: `sqlite:${this.file}`, threads: 1, ...options });
    this.#pools.push(pool);
    return pool;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pool of this.#pools) await pool[Symbol.asyncDispose]();
    this.#scratch.remove();
  }
}
